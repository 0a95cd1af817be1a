// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Testing

@Suite("Payload text conversion")
struct PayloadTextConverterTests {
  static func convert(_ bytes: [UInt8], from name: String, pieces size: Int) throws -> String {
    let encoding = try #require(PayloadEncoding.named(name))
    let converter = try PayloadTextConverter(encoding)
    var text: [UInt8] = []
    var at = 0
    while at < bytes.count {
      let piece = Array(bytes[at..<min(at + size, bytes.count)])
      try piece.withUnsafeBufferPointer { try converter.convert($0) { text += Array($0) } }
      at += piece.count
    }
    try converter.finish { text += Array($0) }
    return String(decoding: text, as: UTF8.self)
  }

  /// `Đồng Văn, Hà Giang` ending in a letter that a mark could still follow.
  static let samples: [(String, [UInt8], String)] = [
    ("utf-16le", [0x10, 0x01, 0xD3, 0x1E, 0x6E, 0x00, 0x3D, 0xD8, 0x00, 0xDE], "Đồn😀"),
    ("utf-16be", [0x01, 0x10, 0x1E, 0xD3, 0x00, 0x6E, 0xD8, 0x3D, 0xDE, 0x00], "Đồn😀"),
    ("utf-16", [0xFF, 0xFE, 0x10, 0x01, 0xD3, 0x1E], "Đồ"),
    ("utf-16", [0xFE, 0xFF, 0x01, 0x10, 0x1E, 0xD3], "Đồ"),
    ("utf-16", [0x10, 0x01, 0xD3, 0x1E], "Đồ"),
    ("utf-16le", [0xFF, 0xFE, 0x41, 0x00], "A"),
    ("windows-1258", [0xD0, 0xF4, 0xCC, 0x6E, 0x67, 0x20, 0x61, 0xCC], "Đồng à"),
    ("windows-1252", [0x93, 0x48, 0xE0, 0x94, 0x80], "“Hà”€"),
    ("iso-8859-1", [0x48, 0xE0], "Hà"),
    ("tcvn3", [0xA7, 0xE5, 0x6E, 0x67, 0x20, 0x56, 0xA8, 0x6E], "Đồng Văn"),
    ("viscii", [0xD0, 0xB0, 0x6E, 0x67, 0x20, 0x56, 0xE5, 0x6E], "Đồng Văn"),
    ("vni", [0xD1, 0x6F, 0xE0, 0x6E, 0x67, 0x93, 0x56, 0x61, 0xEA, 0x6E, 0xF4], "Đồng“Vănơ"),
    ("utf-8", [0xC4, 0x90, 0xE1, 0xBB, 0x93], "Đồ"),
  ]

  @Test("converts every encoding the same in pieces of any size", arguments: samples)
  func converts(name: String, bytes: [UInt8], text: String) throws {
    for size in 1...bytes.count {
      #expect(try Self.convert(bytes, from: name, pieces: size) == text, "pieces of \(size)")
    }
  }

  @Test("hands on UTF-8 with its byte order mark, so that offsets stay the file's own")
  func keepsUTF8Mark() throws {
    #expect(try Self.convert([0xEF, 0xBB, 0xBF, 0x41], from: "utf-8", pieces: 2) == "\u{FEFF}A")
  }

  @Test("names offset and line of the first byte that is no text", arguments: [1, 2, 3, 64])
  func namesPlace(size: Int) {
    let bytes = Array("một\nhai\nba".utf8) + [0xC3, 0x28] + Array("\n".utf8)
    #expect {
      _ = try Self.convert(bytes, from: "utf-8", pieces: size)
    } throws: { error in
      let failure = error as? StageFailure
      return failure?.id == "decode.invalid-utf8" && failure?.place == "line 3 (offset 12)"
        && failure?.exit == .data
    }
  }

  @Test("refuses half a surrogate pair in UTF-16", arguments: [1, 2, 6])
  func refusesLoneSurrogate(size: Int) {
    #expect {
      _ = try Self.convert([0x41, 0, 0x0A, 0, 0x00, 0xDC, 0x41, 0], from: "utf-16le", pieces: size)
    } throws: { error in
      (error as? StageFailure)?.id == "decode.invalid-text"
        && (error as? StageFailure)?.place == "line 2 (offset 4)"
    }
  }

  @Test(
    "refuses a payload that ends within a character",
    arguments: [("utf-8", [0x41, 0xE1, 0xBB]), ("utf-16le", [0x41, 0, 0x42]), ("utf-16", [0xFF])]
      as [(String, [UInt8])])
  func refusesCut(name: String, bytes: [UInt8]) {
    for size in 1...bytes.count {
      #expect { _ = try Self.convert(bytes, from: name, pieces: size) } throws: { error in
        (error as? StageFailure)?.message.hasPrefix("the payload ends within a character") == true
      }
    }
  }

  @Test("every encoding it names exists on this system", arguments: PayloadEncoding.all)
  func everyNameWorks(encoding: PayloadEncoding) throws {
    _ = try PayloadTextConverter(encoding)
    #expect(PayloadEncoding.named(encoding.name.uppercased()) == encoding)
  }

  @Test(
    "finds encodings by their common aliases, and no others",
    arguments: [
      ("UTF8", "utf-8"), ("Latin1", "iso-8859-1"), ("CP1258", "windows-1258"), ("TCVN5712-1", "tcvn3"),
      ("ebcdic", nil),
    ] as [(String, String?)])
  func findsAliases(alias: String, name: String?) {
    #expect(PayloadEncoding.named(alias)?.name == name)
  }

  @Test(
    "tells UTF-16 by its mark or its zero byte when nothing is declared",
    arguments: [
      ([0xFF, 0xFE], "utf-16"), ([0xFE, 0xFF], "utf-16"), ([0x7B, 0x00], "utf-16le"),
      ([0x00, 0x3C], "utf-16be"),
      ([0x7B, 0x22], "utf-8"), ([0xEF, 0xBB, 0xBF], "utf-8"), ([], "utf-8"),
    ] as [([UInt8], String)])
  func detects(head: [UInt8], name: String) {
    #expect(head.withUnsafeBufferPointer { PayloadEncoding.detected(head: $0) }.name == name)
  }
}
