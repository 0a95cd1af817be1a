// SPDX-License-Identifier: Apache-2.0

import Records
@_spi(_Unicode) import Swift

/// Vietnamese spelling: letters without their marks, and where the tone stands.
enum VietnameseText {
  /// Base letters of U+0000…U+1EFF: the first scalar of the canonical decomposition, đ as d, 0 for combining marks.
  private static let bases: [UInt32] = (UInt32(0)..<0x1F00).map { value in
    switch value {
    case 0x0110: return 0x44
    case 0x0111: return 0x64
    case 0x0300...0x036F: return 0
    default: break
    }
    guard value >= 0x80, let scalar = Unicode.Scalar(value) else { return value }
    return String(Character(scalar))._nfd.first(where: { _ in true })?.value ?? value
  }

  static func appendWithoutAccents(_ bytes: UnsafeBufferPointer<UInt8>, to out: inout GrowableBuffer<UInt8>) {
    var at = 0
    while at < bytes.count {
      let (scalar, width) = UTF8Scalar.read(bytes, at)
      if scalar < 0x80 {
        out.append(bytes[at])
      } else if scalar < 0x1F00 {
        let base = bases[Int(scalar)]
        if base != 0 { UTF8Scalar.append(base, to: &out) }
      } else {
        out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[at..<at + width]))
      }
      at += width
    }
  }

  /// Second vowel with a tone → the letters it stands behind (small, then capital), with that tone, and the vowel bare.
  private struct Shift {
    let first: [UInt32: UInt32]
    let bare: UInt32
  }

  private static let shifts: [UInt32: Shift] = {
    func row(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }
    let (tonedO, tonedU) = (row("òóỏõọÒÓỎÕỌ"), row("ùúủũụÙÚỦŨỤ"))
    var shifts: [UInt32: Shift] = [:]
    for (vowels, bares, letters, toned) in [
      ("àáảãạÀÁẢÃẠ", "aA", "oO", tonedO), ("èéẻẽẹÈÉẺẼẸ", "eE", "oO", tonedO),
      ("ỳýỷỹỵỲÝỶỸỴ", "yY", "uU", tonedU),
    ] {
      let (bare, letter) = (row(bares), row(letters))
      for (index, vowel) in row(vowels).enumerated() {
        let tone = index % 5
        shifts[vowel] = Shift(
          first: [letter[0]: toned[tone], letter[1]: toned[tone + 5]], bare: bare[index / 5])
      }
    }
    return shifts
  }()

  static func appendToneFolded(_ bytes: UnsafeBufferPointer<UInt8>, to out: inout GrowableBuffer<UInt8>) {
    var at = 0
    var before: UInt32 = 0
    var beforeThat: UInt32 = 0
    while at < bytes.count {
      let (scalar, width) = UTF8Scalar.read(bytes, at)
      at += width
      if scalar >= 0xC0, let shift = shifts[scalar], let toned = shift.first[before], endsSyllable(bytes, at),
        // In "quý" the u belongs to the consonant.
        !((beforeThat == 0x71 || beforeThat == 0x51) && (before == 0x75 || before == 0x55))
      {
        out.count -= 1
        UTF8Scalar.append(toned, to: &out)
        UTF8Scalar.append(shift.bare, to: &out)
      } else {
        out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[at - width..<at]))
      }
      (beforeThat, before) = (before, scalar)
    }
  }

  /// Whether no letter follows.
  private static func endsSyllable(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Bool {
    guard at < bytes.count else { return true }
    let (scalar, _) = UTF8Scalar.read(bytes, at)
    return Unicode.Scalar(scalar).map { !$0.properties.isAlphabetic } ?? true
  }
}
