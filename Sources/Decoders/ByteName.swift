// SPDX-License-Identifier: Apache-2.0

/// How messages call a byte.
enum ByteName {
  static func of(_ byte: UInt8) -> String {
    switch byte {
    case 0x0A: "a line feed"
    case 0x09: "a tab"
    case 0x0D: "a carriage return"
    case 0x21...0x7E: "'\(Character(Unicode.Scalar(byte)))'"
    case 0x20: "a space"
    case 0..<0x20, 0x7F: "control character \(byte)"
    default: "a character beyond ASCII"
    }
  }
}
