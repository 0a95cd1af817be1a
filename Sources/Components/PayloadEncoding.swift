// SPDX-License-Identifier: Apache-2.0

import Records

/// A text encoding that payloads may be written in.
public struct PayloadEncoding: Sendable, Equatable {
  enum Reading: Sendable, Equatable {
    case utf8
    /// Either byte order, told by the byte order mark; without one, little-endian as Windows writes it.
    case utf16
    /// A name that iconv knows.
    case system(String)
    case legacy(LegacyEncoding)
  }

  /// The name for files and messages, in lower case.
  public let name: String
  let reading: Reading

  public static let utf8 = PayloadEncoding(name: "utf-8", reading: .utf8)

  /// Every encoding, by the name that documentation uses.
  public static let all: [PayloadEncoding] = [
    utf8,
    PayloadEncoding(name: "utf-16", reading: .utf16),
    PayloadEncoding(name: "utf-16le", reading: .system("UTF-16LE")),
    PayloadEncoding(name: "utf-16be", reading: .system("UTF-16BE")),
    PayloadEncoding(name: "windows-1258", reading: .system("CP1258")),
    PayloadEncoding(name: "windows-1252", reading: .system("CP1252")),
    PayloadEncoding(name: "iso-8859-1", reading: .system("ISO-8859-1")),
    PayloadEncoding(name: "tcvn3", reading: .legacy(.tcvn3)),
    PayloadEncoding(name: "viscii", reading: .legacy(.viscii)),
    PayloadEncoding(name: "vni", reading: .legacy(.vni)),
  ]

  /// The names a file may use, for messages and the JSON Schema.
  public static var names: [String] { all.map(\.name) }

  /// Finds an encoding by name, in any case; common aliases are known (`cp1258`, `latin1`, `tcvn5712-1`).
  public static func named(_ name: String) -> PayloadEncoding? {
    let key = name.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " && $0 != ":" }
    let canonical =
      switch key {
      case "utf8", "usascii", "ascii": "utf-8"
      case "utf16", "ucs2": "utf-16"
      case "utf16le", "ucs2le": "utf-16le"
      case "utf16be", "ucs2be": "utf-16be"
      case "windows1258", "cp1258": "windows-1258"
      case "windows1252", "cp1252": "windows-1252"
      case "iso88591", "latin1": "iso-8859-1"
      case "tcvn3", "tcvn", "abc", "tcvn5712", "tcvn57121", "tcvn571211993", "csiso319tcvn": "tcvn3"
      case "viscii", "viscii1.11": "viscii"
      case "vni", "vniwindows": "vni"
      default: key
      }
    return all.first { $0.name == canonical }
  }

  /// What a payload is written in when nobody declares it: UTF-16 if it begins like it, else UTF-8.
  ///
  /// No text of XML, JSON or CSV has a zero byte among its first two in UTF-8, and the first character of XML
  /// and JSON is ASCII, so UTF-16 without a mark is told by its zero byte.
  public static func detected(head: UnsafeBufferPointer<UInt8>) -> PayloadEncoding {
    guard head.count >= 2 else { return utf8 }
    let name =
      switch (head[0], head[1]) {
      case (0xFF, 0xFE), (0xFE, 0xFF): "utf-16"
      case (1..., 0): "utf-16le"
      case (0, 1...): "utf-16be"
      default: "utf-8"
      }
    return named(name) ?? utf8
  }
}
