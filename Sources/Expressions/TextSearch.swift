// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Finding texts within texts.
enum TextSearch {
  /// Where a part begins, at or after an offset; an empty part is found at once.
  static func find(_ part: UnsafeBufferPointer<UInt8>, in bytes: UnsafeBufferPointer<UInt8>, from: Int)
    -> Int?
  {
    guard let needle = part.baseAddress, part.count > 0 else { return from }
    guard let base = bytes.baseAddress else { return nil }
    var at = from
    while bytes.count - at >= part.count {
      guard let candidate = memchr(base + at, Int32(needle[0]), bytes.count - at - part.count + 1) else {
        return nil
      }
      at = UnsafeRawPointer(candidate) - UnsafeRawPointer(base)
      if memcmp(base + at, needle, part.count) == 0 { return at }
      at += 1
    }
    return nil
  }

  /// The n-th part from 1, or from the end if negative.
  static func part(
    _ number: Int64, of bytes: UnsafeBufferPointer<UInt8>, by separator: UnsafeBufferPointer<UInt8>
  ) -> UnsafeBufferPointer<UInt8>? {
    guard number != 0 else { return nil }
    var wanted = number
    if number < 0 {
      var parts: Int64 = 1
      var at = 0
      while !separator.isEmpty, let found = find(separator, in: bytes, from: at) {
        parts += 1
        at = found + separator.count
      }
      guard number != .min else { return nil }
      wanted = parts + number + 1
    }
    guard wanted > 0 else { return nil }
    var start = 0
    var index: Int64 = 1
    while true {
      let end = separator.isEmpty ? nil : find(separator, in: bytes, from: start)
      if index == wanted { return UnsafeBufferPointer(rebasing: bytes[start..<(end ?? bytes.count)]) }
      guard let end else { return nil }
      start = end + separator.count
      index += 1
    }
  }
}
