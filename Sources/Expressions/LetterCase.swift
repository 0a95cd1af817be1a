// SPDX-License-Identifier: Apache-2.0

import Records

/// Capitals and small letters, Vietnamese ones without going through `String`.
enum LetterCase {
  static func append(_ bytes: UnsafeBufferPointer<UInt8>, isUpper: Bool, to out: inout GrowableBuffer<UInt8>)
  {
    var at = 0
    while at < bytes.count {
      let byte = bytes[at]
      if byte < 0x80 {
        let isLetter = isUpper ? byte >= 0x61 && byte <= 0x7A : byte >= 0x41 && byte <= 0x5A
        out.append(isLetter ? byte ^ 0x20 : byte)
        at += 1
        continue
      }
      let (scalar, width) = UTF8Scalar.read(bytes, at)
      at += width
      let mapped = isUpper ? tables.upper : tables.lower
      if scalar < UInt32(mapped.count), mapped[Int(scalar)] != 0 {
        UTF8Scalar.append(mapped[Int(scalar)], to: &out)
      } else if let unicode = Unicode.Scalar(scalar) {
        var text = isUpper ? unicode.properties.uppercaseMapping : unicode.properties.lowercaseMapping
        text.withUTF8 { out.append(contentsOf: $0) }
      }
    }
  }

  /// Single-scalar mappings of U+0000…U+1EFF, which hold every Vietnamese letter; 0 where Unicode maps to several.
  private static let tables: (upper: [UInt32], lower: [UInt32]) = {
    func table(_ map: (Unicode.Scalar) -> String) -> [UInt32] {
      (UInt32(0)..<0x1F00).map { value in
        guard let scalar = Unicode.Scalar(value) else { return 0 }
        let mapped = map(scalar).unicodeScalars
        return mapped.count == 1 ? mapped.first?.value ?? 0 : 0
      }
    }
    return (table(\.properties.uppercaseMapping), table(\.properties.lowercaseMapping))
  }()
}

/// Single scalars of valid UTF-8.
enum UTF8Scalar {
  /// The scalar at an offset and its bytes. Text is valid UTF-8; a broken end reads as one byte.
  @inline(__always)
  static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> (value: UInt32, width: Int) {
    let first = UInt32(bytes[at])
    if first < 0x80 { return (first, 1) }
    let width = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard at + width <= bytes.count else { return (0xFFFD, bytes.count - at) }
    var value = first & (width == 2 ? 0x1F : width == 3 ? 0x0F : 0x07)
    for index in 1..<width { value = value << 6 | UInt32(bytes[at + index] & 0x3F) }
    return (value, width)
  }

  @inline(__always)
  static func append(_ value: UInt32, to out: inout GrowableBuffer<UInt8>) {
    if value < 0x80 {
      out.append(UInt8(truncatingIfNeeded: value))
    } else if value < 0x800 {
      out.append(UInt8(truncatingIfNeeded: 0xC0 | value >> 6))
      out.append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
    } else {
      if value < 0x10000 {
        out.append(UInt8(truncatingIfNeeded: 0xE0 | value >> 12))
      } else {
        out.append(UInt8(truncatingIfNeeded: 0xF0 | value >> 18))
        out.append(UInt8(truncatingIfNeeded: 0x80 | value >> 12 & 0x3F))
      }
      out.append(UInt8(truncatingIfNeeded: 0x80 | value >> 6 & 0x3F))
      out.append(UInt8(truncatingIfNeeded: 0x80 | value & 0x3F))
    }
  }
}
