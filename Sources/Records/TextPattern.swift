// SPDX-License-Identifier: Apache-2.0

/// A regular expression that is matched in time linear in the text, whatever the pattern and the text.
///
/// | syntax | matches |
/// |---|---|
/// | `a`, `ệ` | itself; the pattern is composed (NFC), as values are |
/// | `.` | any character but a line feed |
/// | `[A-Z0-9.]`, `[^…]` | one of these, none of these; escapes hold inside |
/// | `\d` `\w` `\s` | 0-9; letters, marks, digits, `_`; white space; `\D` `\W` `\S` the others |
/// | `\p{L}` `\p{Lu}` `\p{Ll}` `\p{N}` `\p{Nd}` | letters, capitals, small letters, numbers, digits |
/// | `\t` `\n` `\r` `\f` `\v` `\x41` `\u1EC7` `\.` | one character |
/// | `^` `$` | begin and end of the text |
/// | `( )` `(?: )` `|` | groups and alternatives |
/// | `*` `+` `?` `{n}` `{n,}` `{n,m}` | repetition; a `?` behind them changes nothing |
///
/// A character is a Unicode scalar; but for `\d`, classes know those of every script. There are no
/// back-references and no looking around: they are what makes other matchers take exponential time.
/// Immutable once made, so that any number of threads may share one.
public struct TextPattern: Sendable {
  /// As written.
  public let text: String
  let program: PatternProgram
  /// Tables for the whole value and for a search, or nil where they would be too large.
  private let whole: PatternAutomaton?
  private let search: PatternAutomaton?

  /// - Throws: the first thing that cannot be meant or is not supported.
  public init(parsing text: String) throws(TextPatternError) {
    try self.init(parsing: text, tableBudget: 200_000)
  }

  /// - Parameter tableBudget: elementary steps that may be spent on the tables.
  init(parsing text: String, tableBudget: Int) throws(TextPatternError) {
    self.text = text
    var parser = PatternParser(text)
    program = try PatternProgram(try parser.parse())
    whole = PatternAutomaton(program, isSearch: false, budget: tableBudget)
    search = PatternAutomaton(program, isSearch: true, budget: tableBudget)
  }

  /// Whether the pattern describes the whole text.
  ///
  /// - Parameter bytes: UTF-8; a malformed byte counts as U+FFFD.
  public func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if let whole { return whole.run(bytes, program.classes) }
    var steps = 0
    return program.simulate(bytes, isSearch: false, steps: &steps)
  }

  /// Whether the pattern describes some part of the text.
  ///
  /// - Parameter bytes: UTF-8; a malformed byte counts as U+FFFD.
  public func occurs(in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if let search { return search.run(bytes, program.classes) }
    var steps = 0
    return program.simulate(bytes, isSearch: true, steps: &steps)
  }

  /// Whether matching the whole value needs one table look-up a character.
  var hasTable: Bool { whole != nil }
}

/// Why a text is no pattern: the character at fault, the fact, and what to write instead.
public struct TextPatternError: Error, Sendable, Equatable {
  /// Characters from the start of the pattern, from 0.
  public var offset: Int
  public var message: String
  public var help: String

  public init(offset: Int, message: String, help: String) {
    self.offset = offset
    self.message = message
    self.help = help
  }
}
