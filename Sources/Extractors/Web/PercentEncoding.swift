// SPDX-License-Identifier: Apache-2.0

/// Percent-encoding of RFC 3986.
enum PercentEncoding {
  /// Encodes everything but letters, digits and `-._~`.
  static func encode(_ text: String) -> String { encode(text, keeping: "-._~") }

  /// Encodes what cannot stand in a path and leaves its structure and what is encoded already.
  static func encodePath(_ text: String) -> String { encode(text, keeping: "-._~/:@!$&'()*+,;=%") }

  /// Encodes what cannot stand in a whole address, as a source may give one.
  static func encodeAddress(_ text: String) -> String { encode(text, keeping: "-._~/:@!$&'()*+,;=%?#[]") }

  /// The text that ``encode(_:)`` made this of; what is no encoding stays as it is.
  static func decode(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == 37, rest.count >= 2,
        let decoded = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(decoded)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Encodes everything but letters, digits and what is named.
  static func encode(_ text: String, keeping kept: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    let kept = Array(kept.utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      let isAlphanumeric =
        (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
      if isAlphanumeric || kept.contains(byte) {
        bytes.append(byte)
      } else {
        bytes += [37, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
