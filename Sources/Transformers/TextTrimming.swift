// SPDX-License-Identifier: Apache-2.0

import Records

/// White space around a text: ASCII's, the no-break spaces and the other blanks of Unicode.
enum TextTrimming {
  /// Moves `start` and `end` past the white space at both sides.
  @inline(__always)
  static func trim(_ base: UnsafePointer<UInt8>, _ start: inout Int, _ end: inout Int) {
    while start < end {
      let byte = base[start]
      // Only four bytes above ASCII begin a blank; nearly every text leaves here at once.
      if byte > 0x20, byte != 0xC2, byte & 0xFC != 0xE0 { break }
      let length = blank(base + start, end - start)
      if length == 0 { break }
      start += length
    }
    while start < end {
      let byte = base[end - 1]
      if byte > 0x20, byte < 0x80 || byte > 0xAF { break }
      let length = blankBefore(base, start, end)
      if length == 0 { break }
      end -= length
    }
  }

  static func trimmed(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    guard let base = text.baseAddress else { return text }
    var start = 0
    var end = text.count
    trim(base, &start, &end)
    return UnsafeBufferPointer(start: base + start, count: end - start)
  }

  /// Bytes of the blank that begins at a place; 0 when none does.
  static func blank(at place: Int, of text: UnsafeBufferPointer<UInt8>) -> Int {
    text.baseAddress.map { blank($0 + place, text.count - place) } ?? 0
  }

  /// Bytes of the blank that begins here; 0 when none does.
  private static func blank(_ at: UnsafePointer<UInt8>, _ count: Int) -> Int {
    switch at[0] {
    case 0x20, 0x09...0x0D: return 1
    case 0xC2: return count >= 2 && (at[1] == 0xA0 || at[1] == 0x85) ? 2 : 0
    case 0xE1: return count >= 3 && at[1] == 0x9A && at[2] == 0x80 ? 3 : 0
    case 0xE2:
      guard count >= 3 else { return 0 }
      switch (at[1], at[2]) {
      case (0x80, 0x80...0x8A), (0x80, 0xA8), (0x80, 0xA9), (0x80, 0xAF), (0x81, 0x9F): return 3
      default: return 0
      }
    case 0xE3: return count >= 3 && at[1] == 0x80 && at[2] == 0x80 ? 3 : 0
    default: return 0
    }
  }

  private static func blankBefore(_ base: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    for length in 1...3 where start + length <= end {
      if blank(base + (end - length), length) == length { return length }
    }
    return 0
  }
}
