// SPDX-License-Identifier: Apache-2.0

/// A regular expression over whole texts, matched in time linear in the text whatever the pattern: for `pattern` in
/// a schema and `matches(text, '…')`.
///
/// | written | means |
/// |---|---|
/// | `.` | any character but a line feed |
/// | `[a-z]` `[^a-z]` | one of these, none of these |
/// | `\d \w \s` `\D \W \S` | ASCII digit; letter, digit or `_`; white space; and their opposites |
/// | `\p{L} \p{Lu} \p{Ll} \p{N}` `\P{…}` | letters of any script, capitals, small letters, digits; and their opposites |
/// | `* + ? {n} {n,} {n,m}` | repetition (a `?` behind it changes nothing: the whole text must match) |
/// | `(…)` `(?:…)` `a|b` | group, alternatives |
/// | `^ $` | beginning and end of the text; not needed |
/// | `\t \n \r \u{1EA1}` `\.` | characters; any punctuation by its backslash |
///
/// Back-references, look-around and word boundaries are refused: they have no linear-time matcher.
public struct Pattern: Sendable {
  /// As written.
  public let text: String
  private let automaton: Automaton

  /// - Throws: what is wrong, and where in the pattern.
  public init(_ text: String) throws(PatternError) {
    self.text = text
    let tree = try PatternParser.parse(canonicalText(text))
    automaton = try Automaton(PatternProgram(tree))
  }

  /// Whether the whole of a valid UTF-8 text matches.
  public func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool { automaton.matches(bytes) }

  /// Whether the whole of a text matches.
  public func matches(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { automaton.matches($0) }
  }
}

extension Pattern: Equatable {
  public static func == (left: Pattern, right: Pattern) -> Bool { left.text == right.text }
}

/// Why a text is no pattern.
public struct PatternError: Error, Sendable, Equatable {
  /// Unicode scalars from the start of the pattern, from 0.
  public var offset: Int
  public var message: String
  public var help: String
}
