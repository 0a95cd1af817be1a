// SPDX-License-Identifier: Apache-2.0

import Records

/// The 12-digit personal identification number: 3 digits province, 1 digit century and sex, 2 digits year, 6 digits.
struct PersonalNumber {
  let birthYear: Int
  let isFemale: Bool

  /// Provinces as they were numbered when cards began; mergers did not renumber cards.
  private static let provinces: Set<Int> = [
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42,
    44,
    45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86,
    87, 89,
    91, 92, 93, 94, 95, 96,
  ]

  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count == 12, MomentText.number(bytes, 0..<12) != nil,
      let province = MomentText.number(bytes, 0..<3), PersonalNumber.provinces.contains(province),
      let century = MomentText.number(bytes, 3..<4), century <= 3, let year = MomentText.number(bytes, 4..<6)
    else { return nil }
    birthYear = 1900 + century / 2 * 100 + year
    isFemale = century % 2 == 1
  }
}

enum CodeChecks {
  /// `NNNNNNNNNC`, `NNNNNNNNNC-BBB`, `NNNNNNNNNCBBB`, or a personal number, which serves persons since 2025-07-01.
  static func isTaxCode(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    switch bytes.count {
    case 10: return hasTaxCheckDigit(bytes)
    case 12: return PersonalNumber(bytes) != nil
    case 13: return hasTaxCheckDigit(bytes) && (MomentText.number(bytes, 10..<13) ?? 0) > 0
    case 14:
      return hasTaxCheckDigit(bytes) && bytes[10] == UInt8(ascii: "-")
        && (MomentText.number(bytes, 11..<14) ?? 0) > 0
    default: return false
    }
  }

  /// Weights 31 29 23 19 17 13 7 5 3; check digit 10 − (sum mod 11), and remainder 0 means that no such serial exists.
  private static func hasTaxCheckDigit(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard MomentText.number(bytes, 0..<10) != nil else { return false }
    let sum =
      31 * digit(bytes[0]) + 29 * digit(bytes[1]) + 23 * digit(bytes[2]) + 19 * digit(bytes[3])
      + 17 * digit(bytes[4]) + 13 * digit(bytes[5]) + 7 * digit(bytes[6]) + 5 * digit(bytes[7]) + 3
      * digit(bytes[8])
    return digit(bytes[9]) == 10 - sum % 11
  }

  @inline(__always)
  private static func digit(_ byte: UInt8) -> Int { Int(byte) - 48 }

  static func isBudgetUnit(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count == 7, MomentText.number(bytes, 0..<7) != nil else { return false }
    return [1, 2, 3, 7, 8].contains(digit(bytes[0]))
  }

  /// Appends the normal form and answers true, or answers false where the text is no agency code.
  static func appendAgencyCode(_ bytes: UnsafeBufferPointer<UInt8>, to out: inout GrowableBuffer<UInt8>)
    -> Bool
  {
    guard bytes.count >= 3, bytes.count <= 35 else { return false }
    var groups: [Range<Int>] = []
    var start = 0
    for at in 0...bytes.count where at == bytes.count || bytes[at] == UInt8(ascii: ".") {
      if at == start { return false }
      groups.append(start..<at)
      start = at + 1
    }
    for byte in bytes where !isCodeByte(byte) { return false }
    if isHead(bytes, groups[0]) {
      // Already in today's order.
    } else if isHead(bytes, groups[groups.count - 1]) {
      groups.reverse()
    } else {
      return false
    }
    var isFirst = true
    for group in groups where bytes[group].contains(where: { $0 != UInt8(ascii: "0") }) {
      if !isFirst { out.append(UInt8(ascii: ".")) }
      isFirst = false
      out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[group]))
    }
    return true
  }

  private static func isCodeByte(_ byte: UInt8) -> Bool {
    (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || byte == UInt8(ascii: ".")
  }

  /// `MX1X2`, M from A to Z (Z: bodies outside the state's tree).
  private static func isHead(_ bytes: UnsafeBufferPointer<UInt8>, _ group: Range<Int>) -> Bool {
    group.count == 3 && bytes[group.lowerBound] >= 65 && bytes[group.lowerBound] <= 90
      && MomentText.number(bytes, group.lowerBound + 1..<group.upperBound) != nil
  }
}
