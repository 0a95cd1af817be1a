// SPDX-License-Identifier: Apache-2.0

/// A place in a text file that a person wrote. Lines and columns count from 1; columns count characters.
public struct FilePosition: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var file: String
  public var line: Int
  public var column: Int

  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  public var description: String { "\(file):\(line):\(column)" }

  public static func < (left: FilePosition, right: FilePosition) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}

/// Something a file of ours says that it cannot mean. Gathered, never thrown one at a time (except where a
/// single value is read), and shown all together, sorted by position.
public struct Diagnostic: Error, Sendable, Equatable {
  public enum Severity: String, Sendable { case error, warning }

  public var severity: Severity
  /// `area.kebab-fact`, as `setting.unknown`.
  public var id: String
  /// A sentence that states the fact with the offending value.
  public var message: String
  public var position: FilePosition?
  /// How many characters from `position` the caret line underlines.
  public var length: Int
  /// What to do next. Every diagnostic has one.
  public var help: String

  public init(
    _ severity: Severity = .error, id: String, _ message: String, at position: FilePosition?,
    length: Int = 1, help: String
  ) {
    self.severity = severity
    self.id = id
    self.message = Redaction.redacted(message)
    self.position = position
    self.length = length
    self.help = Redaction.redacted(help)
  }
}
