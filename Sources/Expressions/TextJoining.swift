// SPDX-License-Identifier: Apache-2.0

import Records

/// Putting texts one behind the other.
enum TextJoining {
  /// Appends NFC text. Where it begins with a combining mark the seam is composed, so that the whole stays NFC.
  static func append(_ bytes: UnsafeBufferPointer<UInt8>, to out: inout GrowableBuffer<UInt8>) {
    // Combining marks that compose in Latin text are U+0300…U+036F: CC 80…CD AF.
    guard let first = bytes.first, first == 0xCC || first == 0xCD, out.count > 0 else {
      out.append(contentsOf: bytes)
      return
    }
    var start = out.count - 1
    while start > 0, out[start] & 0xC0 == 0x80 { start -= 1 }
    var seam = Array(UnsafeBufferPointer(start: out.base + start, count: out.count - start))
    seam.append(contentsOf: bytes)
    out.count = start
    var text = ComposedText.string(String(decoding: seam, as: UTF8.self))
    text.withUTF8 { out.append(contentsOf: $0) }
  }
}

extension GrowableBuffer<UInt8> {
  mutating func append(contentsOf bytes: UnsafeBufferPointer<UInt8>) {
    if let base = bytes.baseAddress { append(base, count: bytes.count) }
  }
}
