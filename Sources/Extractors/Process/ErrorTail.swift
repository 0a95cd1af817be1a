// SPDX-License-Identifier: Apache-2.0

/// The end of what a program says on standard error, without secrets.
struct ErrorTail {
  /// Bytes kept.
  static let kept = 8 << 10

  private let redactor: Redactor
  private var bytes: [UInt8] = []
  private var isCut = false

  init(_ redactor: Redactor) { self.redactor = redactor }

  mutating func take(_ piece: UnsafeRawBufferPointer) {
    bytes += piece
    // A secret that the cut divides is taken off with its first half: see `text`.
    let most = Self.kept + redactor.longest
    guard bytes.count > most else { return }
    bytes.removeFirst(bytes.count - most)
    isCut = true
  }

  /// Its lines, without control characters.
  var text: String {
    var rest = redactor.redact(bytes)[...]
    if isCut { rest = rest.dropFirst(redactor.longest) }
    let text = String(decoding: rest, as: UTF8.self)
    return String(String.UnicodeScalarView(text.unicodeScalars.filter { Self.isShown($0) }))
  }

  /// The last of its lines, for a sentence; nil when it said nothing.
  var summary: String? {
    let lines = text.split(separator: "\n").map { $0.trimmingSpaces }.filter { !$0.isEmpty }
    guard !lines.isEmpty else { return nil }
    let end = lines.suffix(4).joined(separator: " | ")
    return end.count <= 400 ? end : "…" + end.suffix(400)
  }

  /// What the ledger keeps of it.
  var fact: String { String(text.suffix(2000)).trimmingSpaces }

  /// Terminals act on control characters, also on those of Unicode that turn text round.
  private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "\n" || scalar == "\t" { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: return false
    default: return true
    }
  }
}

extension StringProtocol {
  fileprivate var trimmingSpaces: String {
    let begun = drop(while: \.isWhitespace)
    return String(begun.prefix(begun.count - begun.reversed().prefix(while: \.isWhitespace).count))
  }
}
