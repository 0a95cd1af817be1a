// SPDX-License-Identifier: Apache-2.0

/// Base64 of RFC 4648.
public enum Base64Text {
  private static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// With padding.
  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    var text: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let group = Array(rest.prefix(3))
      rest = rest.dropFirst(3)
      let bits = group.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << (16 - 8 * $1.offset) }
      for place in 0..<4 {
        text.append(
          place <= group.count ? standard[Int(bits >> (18 - 6 * place)) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The letters that some bytes give wherever they stand in a longer text: one form for each place in a group of three.
  static func innerForms(_ bytes: [UInt8]) -> [String] {
    (0..<3).map { offset in
      let text = encode([UInt8](repeating: 0, count: offset) + bytes)
      // Letters that also hold bits of what stands before or behind are left out.
      return String(text.prefix((offset + bytes.count) * 8 / 6).dropFirst((offset * 8 + 5) / 6))
    }
  }
}
