// SPDX-License-Identifier: Apache-2.0

/// Texts as JSON writes them.
enum JSONText {
  private static let hexadecimal = Array("0123456789abcdef".utf8)

  /// The text in quotes, with what must be escaped escaped.
  static func quoted(_ text: String) -> String {
    var bytes: [UInt8] = [34]
    for byte in text.utf8 {
      switch byte {
      case 34, 92: bytes += [92, byte]
      case 10: bytes += [92, 110]
      case 0..<32: bytes += Array("\\u00".utf8) + [hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes + [34], as: UTF8.self)
  }

  /// Whether a text is a number as JSON writes one: `079` and `.5` are none.
  static func isNumber(_ text: String) -> Bool {
    var rest = text.utf8[...]
    func digits() -> Int {
      let digits = rest.prefix { $0 >= 48 && $0 <= 57 }.count
      rest = rest.dropFirst(digits)
      return digits
    }
    if rest.first == 45 { rest.removeFirst() }
    let hasZero = rest.first == 48
    let whole = digits()
    guard whole > 0, !hasZero || whole == 1 else { return false }
    if rest.first == 46 {
      rest.removeFirst()
      guard digits() > 0 else { return false }
    }
    if rest.first == 69 || rest.first == 101 {
      rest.removeFirst()
      if rest.first == 43 || rest.first == 45 { rest.removeFirst() }
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }

  /// What stands between quotes, escapes undone; a broken escape or a lone surrogate becomes U+FFFD.
  static func unescaped(_ bytes: some Sequence<UInt8>) -> String {
    let bytes = Array(bytes)
    guard bytes.contains(92) else { return String(decoding: bytes, as: UTF8.self) }
    var units: [UInt16] = []
    var text = ""
    var plain: [UInt8] = []
    func flush() {
      text += String(decoding: plain, as: UTF8.self) + String(decoding: units, as: UTF16.self)
      (plain, units) = ([], [])
    }
    var at = 0
    while at < bytes.count {
      guard bytes[at] == 92, at + 1 < bytes.count else {
        if !units.isEmpty { flush() }
        plain.append(bytes[at])
        at += 1
        continue
      }
      let escape = bytes[at + 1]
      if escape == 117 {
        if !plain.isEmpty { flush() }
        let digits = bytes[min(at + 2, bytes.count)..<min(at + 6, bytes.count)]
        units.append(UInt16(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0xFFFD)
        at += 6
        continue
      }
      if !units.isEmpty { flush() }
      plain.append([98: 8, 102: 12, 110: 10, 114: 13, 116: 9][escape] ?? escape)
      at += 2
    }
    flush()
    return text
  }
}
