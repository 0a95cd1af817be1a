// SPDX-License-Identifier: Apache-2.0

import Records

/// Numbers of books and serials, with their check digits. Hyphens and blanks may stand anywhere in them.
enum PublicationNumbers {
  /// 10 or 13 digits; the last of 10 may be X. 13 digits begin with 978 or 979.
  static func isISBN(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var count = 0
    var tenSum = 0
    var thirteenSum = 0
    var hasTen = false
    for byte in bytes where !isSeparator(byte) {
      guard let value = digit(byte, mayBeTen: count == 9), count < 13 else { return false }
      if count < 10 { tenSum += (10 - count) * value }
      thirteenSum += weight(count) * value
      hasTen = hasTen || value == 10
      count += 1
    }
    if count == 10 { return tenSum % 11 == 0 }
    guard count == 13, !hasTen, thirteenSum % 10 == 0 else { return false }
    let digits = bytes.filter { $0 >= 48 && $0 <= 57 }.prefix(3)
    return digits.elementsEqual("978".utf8) || digits.elementsEqual("979".utf8)
  }

  /// Appends the 13 digits of an ISBN and answers true, or answers false where the text is none.
  static func appendISBN13(_ bytes: UnsafeBufferPointer<UInt8>, to out: inout GrowableBuffer<UInt8>) -> Bool {
    guard isISBN(bytes) else { return false }
    let characters = bytes.filter { !isSeparator($0) }
    let digits = characters.count == 13 ? characters[...] : Array("978".utf8) + characters.dropLast()
    for byte in digits { out.append(byte) }
    if characters.count == 10 {
      let sum = digits.enumerated().reduce(0) { $0 + weight($1.offset) * (Int($1.element) - 48) }
      out.append(48 + UInt8((10 - sum % 10) % 10))
    }
    return true
  }

  /// 7 digits with the weights 8 to 2, and a check digit, which may be X.
  static func isISSN(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var count = 0
    var sum = 0
    for byte in bytes where !isSeparator(byte) {
      guard let value = digit(byte, mayBeTen: count == 7), count < 8 else { return false }
      sum += (8 - count) * value
      count += 1
    }
    return count == 8 && sum % 11 == 0
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "-") || byte == UInt8(ascii: " ")
  }

  private static func digit(_ byte: UInt8, mayBeTen: Bool) -> Int? {
    if byte >= 48 && byte <= 57 { return Int(byte) - 48 }
    return mayBeTen && (byte == UInt8(ascii: "X") || byte == UInt8(ascii: "x")) ? 10 : nil
  }

  private static func weight(_ place: Int) -> Int { place % 2 == 0 ? 1 : 3 }
}
