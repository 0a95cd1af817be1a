// SPDX-License-Identifier: Apache-2.0

/// A parsed path of the one path language for XML, JSON and CSV: steps joined by `/`.
///
/// The text form, and what each step means per format, is in `docs/reference/paths.md`.
public struct RecordPath: Sendable, Hashable {
  public enum Origin: Sendable, Hashable {
    /// `/a/b`: counts from the document.
    case document
    /// `a/b`: counts from the record.
    case record
  }

  public enum Step: Sendable, Hashable {
    /// A child element, key or column header, perhaps with predicates.
    case child(Name, [Predicate])
    /// `*`: any child.
    case any([Predicate])
    /// `..`
    case parent
    /// `@name`: last step only.
    case attribute(Name)
    /// `text()`: own text, or a scalar item's value; last step only.
    case text
    /// `name()`: element name or key; last step only.
    case name
    /// `position()`: ordinal among the records of its parent; last step only.
    case position
    /// `list()`: a JSON array itself as a record, its items not entered; last step of a record path only.
    case list
  }

  /// A name as written. In XML the part before `:` is a declared prefix; in JSON and CSV `:` is part of the name.
  public struct Name: Sendable, Hashable {
    public var written: String
    public init(_ written: String) { self.written = written }
  }

  public indirect enum Predicate: Sendable, Hashable {
    /// `[n]`, from 1.
    case index(Int)
    /// `[p='v'|'w']`
    case equals(RecordPath, [String])
    /// `[p!='v']`
    case differs(RecordPath, [String])
    /// `[p]`
    case has(RecordPath)
    /// `[!p]`
    case hasNot(RecordPath)
  }

  public var origin: Origin
  public var steps: [Step]
  /// As the user wrote it.
  public var text: String

  public init(origin: Origin, steps: [Step], text: String) {
    self.origin = origin
    self.steps = steps
    self.text = text
  }

  public static func == (left: RecordPath, right: RecordPath) -> Bool {
    left.origin == right.origin && left.steps == right.steps
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(origin)
    hasher.combine(steps)
  }
}

/// Why a text is not a path: the character offset within it, the fact, and what to write instead.
public struct RecordPathError: Error, Sendable, Equatable {
  public var offset: Int
  public var message: String
  public var help: String

  public init(offset: Int, message: String, help: String) {
    self.offset = offset
    self.message = message
    self.help = help
  }
}
