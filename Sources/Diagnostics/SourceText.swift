// SPDX-License-Identifier: Apache-2.0

/// A text file that a person wrote, kept for the snippets under diagnostics.
public struct SourceText: Sendable, Equatable {
  /// As diagnostics name it.
  public var file: String
  public var text: String

  public init(file: String, text: String) {
    self.file = file
    self.text = text
  }

  /// The lines without their ends, broken where YAML breaks them.
  public func lines() -> [Substring] {
    let scalars = text.unicodeScalars
    var lines: [Substring] = []
    var start = scalars.startIndex
    var index = start
    while index < scalars.endIndex {
      let scalar = scalars[index]
      let end = index
      index = scalars.index(after: index)
      guard scalar.isLineBreak else { continue }
      if scalar == "\r", index < scalars.endIndex, scalars[index] == "\n" {
        index = scalars.index(after: index)
      }
      lines.append(Substring(scalars[start..<end]))
      start = index
    }
    lines.append(Substring(scalars[start...]))
    return lines
  }
}

extension Unicode.Scalar {
  /// YAML 1.1's line breaks.
  var isLineBreak: Bool {
    switch self {
    case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
    default: false
    }
  }
}
