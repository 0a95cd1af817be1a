// SPDX-License-Identifier: Apache-2.0

/// The words for yes and no, in any case: `true 1 yes y có x đúng` and `false 0 no n không sai`.
enum TruthWords {
  private static let yes = ["true", "1", "yes", "y", "có", "x", "đúng"].map(packed)
  private static let no = ["false", "0", "no", "n", "không", "sai"].map(packed)

  /// - Parameter text: NFC.
  static func read(_ text: UnsafeBufferPointer<UInt8>) -> UInt8? {
    guard !text.isEmpty, text.count <= 8 else { return nil }
    let word = packed(text)
    if yes.contains(word) { return 1 }
    return no.contains(word) ? 0 : nil
  }

  private static func packed(_ word: String) -> UInt64 {
    var word = word
    return word.withUTF8 { packed($0) }
  }

  /// Up to eight bytes of small letters in one number.
  private static func packed(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var packed: UInt64 = 0
    var previous: UInt8 = 0
    for byte in text {
      var small = byte
      if byte >= 0x41, byte <= 0x5A { small = byte + 0x20 }
      // U+00C0…U+00DE and Đ, the capitals of the words above.
      if previous == 0xC3, byte >= 0x80, byte <= 0x9E { small = byte + 0x20 }
      if previous == 0xC4, byte == 0x90 { small = 0x91 }
      packed = packed << 8 | UInt64(small)
      previous = byte
    }
    return packed
  }
}
