// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@Suite("UTF-8 validation")
struct UTF8ValidatorTests {
  /// Offset of the first malformed sequence when fed in pieces of `size`; a cut end counts as malformed there.
  static func firstFault(_ bytes: [UInt8], pieces size: Int) -> Int? {
    var validator = UTF8Validator()
    var at = 0
    while at < bytes.count {
      let piece = Array(bytes[at..<min(at + size, bytes.count)])
      if let fault = piece.withUnsafeBufferPointer({ validator.check($0) }) { return at + fault }
      at += piece.count
    }
    return validator.pendingBytes > 0 ? bytes.count - validator.pendingBytes : nil
  }

  /// The standard library's judgement.
  static func expectedFault(_ bytes: [UInt8]) -> Int? {
    var good = 0
    while good < bytes.count {
      guard
        let length = (1...4).first(where: {
          good + $0 <= bytes.count && String(validating: bytes[good..<good + $0], as: UTF8.self) != nil
        })
      else { return good }
      good += length
    }
    return nil
  }

  static let malformed: [(String, [UInt8])] = [
    ("a continuation alone", [0x80]), ("an overlong slash", [0xC0, 0xAF]), ("an overlong C1", [0xC1, 0xBF]),
    ("an overlong of three", [0xE0, 0x9F, 0xBF]), ("a surrogate", [0xED, 0xA0, 0x80]),
    ("an overlong of four", [0xF0, 0x8F, 0xBF, 0xBF]), ("beyond U+10FFFF", [0xF4, 0x90, 0x80, 0x80]),
    ("F5", [0xF5, 0x80, 0x80, 0x80]), ("FE", [0xFE]), ("FF", [0xFF]), ("a cut pair", [0xC3, 0x28]),
    ("a cut three", [0xE1, 0xBB, 0x28]), ("a cut four", [0xF0, 0x9F, 0x98, 0x28]),
    ("a letter and a continuation too many", [0xC3, 0xA1, 0xA1]),
  ]

  @Test("finds each malformed sequence at any place in a block, in pieces of any size", arguments: malformed)
  func findsMalformed(name: String, sequence: [UInt8]) {
    for filler in ["a", "đ", "ế", "😀"] {
      for before in [0, 1, 2, 3, 14, 15, 16, 17, 31, 33] {
        for after in [0, 1, 20] {
          let head = Array(String(repeating: filler, count: before).utf8)
          let bytes = head + sequence + Array(String(repeating: "b", count: after).utf8)
          let expected = Self.expectedFault(bytes)
          #expect(expected != nil)
          for size in [1, 3, bytes.count] {
            #expect(
              Self.firstFault(bytes, pieces: size) == expected,
              "\(name) after \(before) of \(filler), before \(after), pieces of \(size)")
          }
        }
      }
    }
  }

  @Test("passes well-formed text in pieces of any size")
  func passesWellFormed() {
    let text =
      "Ủy ban nhân dân xã Đồng Văn 😀 \u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF} và thôn bản"
    let bytes = Array((text + String(repeating: " ", count: 40) + text).utf8)
    for size in 1...bytes.count { #expect(Self.firstFault(bytes, pieces: size) == nil, "pieces of \(size)") }
  }

  @Test("agrees with the standard library on random bytes", arguments: [UInt64(1), 2, 3])
  func agreesOnRandomBytes(seed: UInt64) {
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let parts: [[UInt8]] =
      ["a", "é", "ế", "😀", "plain text of ASCII"].map { Array($0.utf8) } + [[0xE1], [0x80], [0xF0, 0x9F]]
    for round in 0..<60 {
      var bytes: [UInt8] = []
      for _ in 0..<next(30) { bytes += parts[next(round < 30 ? 5 : 8)] }
      #expect(
        Self.firstFault(bytes, pieces: 1 + next(20)) == Self.expectedFault(bytes),
        "seed \(seed), round \(round)")
    }
  }

  @Test("counts line feeds")
  func countsLineFeeds() {
    for count in [0, 1, 15, 16, 17, 300, 5000] {
      let bytes = (0..<count).map { UInt8($0 % 7 == 0 ? 0x0A : 0x61) }
      let expected = bytes.count { $0 == 0x0A }
      #expect(
        bytes.withUnsafeBufferPointer { $0.baseAddress.map { NewlineCounter.count($0, count) } ?? 0 }
          == expected)
    }
  }
}
