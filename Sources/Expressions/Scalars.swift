// SPDX-License-Identifier: Apache-2.0

import Records

/// Counting and cutting UTF-8 by Unicode scalars.
enum Scalars {
  static func count(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var count = 0
    for byte in bytes where byte & 0xC0 != 0x80 { count += 1 }
    return count
  }

  /// Byte offset of the scalar with an index from 0, or of the end.
  static func offset(of index: Int64, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    if index >= Int64(bytes.count) { return bytes.count }
    var left = index
    for (at, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 {
      if left == 0 { return at }
      left -= 1
    }
    return bytes.count
  }

  /// Without ASCII blanks and controls, U+00A0, U+200B, U+3000 and U+FEFF at both ends, and without the scalars
  /// of a set, however these and blanks alternate.
  static func trimmed(
    _ bytes: UnsafeBufferPointer<UInt8>, of set: UnsafeBufferPointer<UInt8>? = nil
  ) -> UnsafeBufferPointer<UInt8> {
    func width(_ at: Int, _ end: Int) -> Int {
      let width = blank(bytes, at, end)
      return width > 0 ? width : set.map { member(bytes, at, end, of: $0) } ?? 0
    }
    var start = 0
    var end = bytes.count
    while start < end, case let width = width(start, end), width > 0 { start += width }
    while end > start {
      var at = end - 1
      while at > start, bytes[at] & 0xC0 == 0x80 { at -= 1 }
      guard width(at, end) == end - at else { break }
      end = at
    }
    return UnsafeBufferPointer(rebasing: bytes[start..<end])
  }

  /// Appends the text without blanks at both ends and with one blank for each run of them.
  static func appendSpaced(_ bytes: UnsafeBufferPointer<UInt8>, to out: inout GrowableBuffer<UInt8>) {
    let text = trimmed(bytes)
    var at = 0
    while at < text.count {
      let width = blank(text, at, text.count)
      guard width > 0 else {
        out.append(text[at])
        at += 1
        continue
      }
      if blank(text, at + width, text.count) == 0 { out.append(UInt8(ascii: " ")) }
      at += width
    }
  }

  /// Bytes of the scalar that begins here, if it is one of the set; else 0.
  private static func member(
    _ bytes: UnsafeBufferPointer<UInt8>, _ at: Int, _ end: Int, of set: UnsafeBufferPointer<UInt8>
  ) -> Int {
    var length = 1
    while at + length < end, bytes[at + length] & 0xC0 == 0x80 { length += 1 }
    let scalar = UnsafeBufferPointer(rebasing: bytes[at..<at + length])
    return TextSearch.find(scalar, in: set, from: 0) == nil ? 0 : length
  }

  /// Bytes of the blank that begins here, or 0.
  private static func blank(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int, _ end: Int) -> Int {
    let first = bytes[at]
    if first == 0x20 || (first >= 0x09 && first <= 0x0D) { return 1 }
    if first == 0xC2, at + 1 < end, bytes[at + 1] == 0xA0 { return 2 }
    guard at + 2 < end else { return 0 }
    switch (first, bytes[at + 1], bytes[at + 2]) {
    case (0xE2, 0x80, 0x8B), (0xE3, 0x80, 0x80), (0xEF, 0xBB, 0xBF): return 3
    default: return 0
    }
  }
}
