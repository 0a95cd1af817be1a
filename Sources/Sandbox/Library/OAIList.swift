// SPDX-License-Identifier: Apache-2.0

/// A list as it was asked for, and how far it was given: all that a resumption token says.
struct OAIList: Equatable, Sendable {
  var format: String
  var set: String?
  /// Seconds since 1970.
  var from: Int64?
  var until: Int64?
  /// The day of the repository's clock on which the list was begun. Changes of later days do not show in it.
  var day: Int
  /// Records of the whole list.
  var size = 0
  /// Records before this page.
  var cursor = 0
  /// Where this page begins.
  var ordinal = 0

  /// As DSpace has it: the arguments, with slashes between them.
  var token: String {
    [
      format, set ?? "", from.map(String.init) ?? "", until.map(String.init) ?? "", String(day), String(size),
      String(cursor), String(ordinal),
    ].joined(separator: "/")
  }

  init(format: String, set: String?, from: Int64?, until: Int64?, day: Int) {
    (self.format, self.set, self.from, self.until, self.day) = (format, set, from, until, day)
  }

  /// Nil for what is no token of ours.
  init?(token: String) {
    let parts = token.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 8, let day = Int(parts[4]), let size = Int(parts[5]), let cursor = Int(parts[6]),
      let ordinal = Int(parts[7]), parts[2].isEmpty || Int64(parts[2]) != nil,
      parts[3].isEmpty || Int64(parts[3]) != nil, cursor > 0, ordinal >= 0, cursor < size
    else { return nil }
    self.init(
      format: parts[0], set: parts[1].isEmpty ? nil : parts[1], from: Int64(parts[2]), until: Int64(parts[3]),
      day: day)
    (self.size, self.cursor, self.ordinal) = (size, cursor, ordinal)
  }
}
