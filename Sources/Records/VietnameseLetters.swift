// SPDX-License-Identifier: Apache-2.0

/// The letters that Vietnamese is written with, and how they are composed of a vowel, a shape and a tone.
enum VietnameseLetters {
  /// Twelve vowels with six tones each: none, grave, acute, hook above, tilde, dot below.
  private static let vowels = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ"
  private static let capitals = "AÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬEÈÉẺẼẸÊỀẾỂỄỆIÌÍỈĨỊOÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢUÙÚỦŨỤƯỪỨỬỮỰYỲÝỶỸỴ"
  /// `vowel * 6 + tone`, small letters then capitals.
  private static let letters: [UInt32] = (vowels + capitals).unicodeScalars.map(\.value)

  /// For U+0000…U+01FF and U+1E80…U+1EFF: index into ``letters``, or 255.
  private static let indexes: [UInt8] = {
    var indexes = [UInt8](repeating: 255, count: 0x280)
    for (index, letter) in letters.enumerated() {
      if let slot = slot(letter) { indexes[slot] = UInt8(index) }
    }
    return indexes
  }()

  private static func slot(_ scalar: UInt32) -> Int? {
    if scalar < 0x200 { return Int(scalar) }
    return scalar >= 0x1E80 && scalar < 0x1F00 ? Int(scalar) - 0x1E80 + 0x200 : nil
  }

  private static func index(_ scalar: UInt32) -> Int? {
    guard let slot = slot(scalar), indexes[slot] != 255 else { return nil }
    return Int(indexes[slot])
  }

  private enum Mark {
    /// Tone 1…5.
    case tone(Int)
    case circumflex, breve, horn

    init?(_ scalar: UInt32) {
      switch scalar {
      case 0x300: self = .tone(1)
      case 0x301: self = .tone(2)
      case 0x309: self = .tone(3)
      case 0x303: self = .tone(4)
      case 0x323: self = .tone(5)
      case 0x302: self = .circumflex
      case 0x306: self = .breve
      case 0x31B: self = .horn
      default: return nil
      }
    }
  }

  /// The letter with one more mark, or nil where the result is no Vietnamese letter, or the order of the
  /// marks has a meaning of its own (two marks above a letter: the later stands over the earlier).
  private static func adding(_ mark: Mark, to index: Int) -> Int? {
    let tone = index % 6
    let vowel = index / 6
    switch mark {
    case .tone(let added): return tone == 0 ? index + added : nil
    case .circumflex, .breve:
      guard tone == 0 || tone == 5 else { return nil }
      return shaped(vowel, mark).map { $0 * 6 + tone }
    case .horn: return shaped(vowel, mark).map { $0 * 6 + tone }
    }
  }

  /// a ă â e ê i o ô ơ u ư y, then the same as capitals.
  private static func shaped(_ vowel: Int, _ mark: Mark) -> Int? {
    let isCapital = vowel >= 12
    let shaped: Int? =
      switch (isCapital ? vowel - 12 : vowel, mark) {
      case (0, .breve): 1
      case (0, .circumflex): 2
      case (3, .circumflex): 4
      case (6, .circumflex): 7
      case (6, .horn): 8
      case (9, .horn): 10
      default: nil
      }
    return shaped.map { isCapital ? $0 + 12 : $0 }
  }

  /// Appends valid UTF-8 text composed, or answers false (with part of it appended) when it holds anything
  /// whose composition this table does not know for certain.
  static func appendComposed(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout GrowableBuffer<UInt8>)
    -> Bool
  {
    guard let base = text.baseAddress else { return true }
    var at = 0
    /// Where the last letter begins in `bytes`, and its index; nil when no mark may follow.
    var letter: (start: Int, index: Int)?
    while at < text.count {
      guard let (scalar, length) = decode(base, at, text.count) else { return false }
      if let mark = Mark(scalar) {
        guard let last = letter, let composed = adding(mark, to: last.index) else { return false }
        bytes.count = last.start
        append(letters[composed], to: &bytes)
        letter = (last.start, composed)
      } else {
        guard isStable(scalar) else { return false }
        letter = index(scalar).map { (bytes.count, $0) }
        bytes.append(base + at, count: length)
      }
      at += length
    }
    return true
  }

  private static func isStable(_ scalar: UInt32) -> Bool {
    scalar < 0x300 || (0x1E80...0x1EFF).contains(scalar) || (0x2002...0x20BF).contains(scalar)
  }

  /// The scalar at this place, of at most three bytes; longer ones are nobody's in this table.
  private static func decode(_ base: UnsafePointer<UInt8>, _ at: Int, _ end: Int) -> (UInt32, Int)? {
    let lead = UInt32(base[at])
    if lead < 0x80 { return (lead, 1) }
    if lead < 0xE0 {
      guard at + 1 < end else { return nil }
      return ((lead & 0x1F) << 6 | UInt32(base[at + 1] & 0x3F), 2)
    }
    guard lead < 0xF0, at + 2 < end else { return nil }
    return ((lead & 0x0F) << 12 | UInt32(base[at + 1] & 0x3F) << 6 | UInt32(base[at + 2] & 0x3F), 3)
  }

  private static func append(_ scalar: UInt32, to bytes: inout GrowableBuffer<UInt8>) {
    if scalar < 0x80 {
      bytes.append(UInt8(scalar))
    } else if scalar < 0x800 {
      bytes.append(UInt8(0xC0 | scalar >> 6))
      bytes.append(UInt8(0x80 | scalar & 0x3F))
    } else {
      bytes.append(UInt8(0xE0 | scalar >> 12))
      bytes.append(UInt8(0x80 | scalar >> 6 & 0x3F))
      bytes.append(UInt8(0x80 | scalar & 0x3F))
    }
  }
}
