// SPDX-License-Identifier: Apache-2.0

@_spi(_Unicode) import Swift

/// Composes text to Unicode normalisation form C, in three tiers: a scan that finds nothing to do (nearly
/// always), a table of the Vietnamese letters, and the standard library for the rest.
public enum ComposedText {
  /// Whether bytes of valid UTF-8 hold only characters that composition never changes: everything below
  /// U+0300, U+1E80…U+1EFF, and U+2002…U+20BF. False means that a closer look is needed, not that something
  /// is wrong.
  public static func isPlain(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let base = text.baseAddress else { return true }
    var at = 0
    // 64 bytes at a time; the byte behind the last block is looked at too.
    while at + 65 <= text.count {
      let found =
        suspects(base + at) | suspects(base + at + 16) | suspects(base + at + 32) | suspects(base + at + 48)
      if found[0] | found[1] != 0 {
        guard isPlain(base, from: at, to: at + 64, end: text.count) else { return false }
      }
      at += 64
    }
    return isPlain(base, from: at, to: text.count, end: text.count)
  }

  /// Not zero when one of 16 bytes begins a character beyond U+02FF, unless it is a Vietnamese letter (E1 BA,
  /// E1 BB).
  ///
  /// Bytes are compared eight to a word, each answering in its highest bit: the compiler makes much slower
  /// code of comparisons between vectors of bytes.
  @inline(__always)
  private static func suspects(_ base: UnsafePointer<UInt8>) -> SIMD2<UInt64> {
    let low = SIMD2<UInt64>(repeating: 0x7F7F_7F7F_7F7F_7F7F)
    let here = UnsafeRawPointer(base).loadUnaligned(as: SIMD2<UInt64>.self)
    let next = UnsafeRawPointer(base + 1).loadUnaligned(as: SIMD2<UInt64>.self)
    // At least 0xCC: the low seven bits plus 0x34 carry into the highest, and that was set.
    let isHigh = ((here & low) &+ SIMD2(repeating: 0x3434_3434_3434_3434)) & here
    // Zero in both words where here is E1 and next is BA or BB.
    let other =
      (here ^ SIMD2(repeating: 0xE1E1_E1E1_E1E1_E1E1))
      | ((next ^ SIMD2(repeating: 0xBABA_BABA_BABA_BABA)) & SIMD2(repeating: 0xFEFE_FEFE_FEFE_FEFE))
    let isOther = ((other & low) &+ low) | other
    return isHigh & isOther & SIMD2(repeating: 0x8080_8080_8080_8080)
  }

  private static func isPlain(_ base: UnsafePointer<UInt8>, from: Int, to: Int, end: Int) -> Bool {
    for at in from..<to where base[at] >= 0xCC {
      guard at + 2 < end else { return false }
      switch (base[at], base[at + 1]) {
      case (0xE1, 0xBA), (0xE1, 0xBB), (0xE2, 0x81), (0xE2, 0x82): continue
      // U+2000 and U+2001 become other blanks.
      case (0xE2, 0x80) where base[at + 2] > 0x81: continue
      default: return false
      }
    }
    return true
  }

  /// Appends the text in form C.
  public static func append(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout GrowableBuffer<UInt8>) {
    let start = bytes.count
    if isPlain(text) {
      if let base = text.baseAddress { bytes.append(base, count: text.count) }
      return
    }
    if VietnameseLetters.appendComposed(text, to: &bytes) { return }
    bytes.count = start
    for scalar in String(decoding: text, as: UTF8.self)._nfc {
      for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { bytes.append(unit) }
    }
  }

  /// The text in form C.
  public static func string(_ text: String) -> String {
    var text = text
    return text.withUTF8 { source in
      if isPlain(source) { return String(decoding: source, as: UTF8.self) }
      var bytes = GrowableBuffer<UInt8>(capacity: source.count)
      defer { bytes.deallocate() }
      append(source, to: &bytes)
      return String(decoding: UnsafeBufferPointer(start: bytes.base, count: bytes.count), as: UTF8.self)
    }
  }
}
