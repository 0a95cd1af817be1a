// SPDX-License-Identifier: Apache-2.0

import Records

/// What a decimal column can hold: 38 digits in 128 bits.
enum DecimalLimits {
  static let digits = 38
  /// 10^38 − 1
  static let largest: Int128 = {
    var value: Int128 = 0
    for _ in 0..<38 { value = value * 10 + 9 }
    return value
  }()

  static let largestMagnitude = largest.magnitude

  /// Powers of ten by exponent, 0…38.
  static let powers: [Int128] = (0...38).map { ExactDecimal.powerOfTen($0) ?? 0 }

  static func digitCount(_ value: Int128) -> Int {
    var rest = value.magnitude
    var count = 0
    while rest > 0 {
      rest /= 10
      count += 1
    }
    return count
  }

  /// 10^`exponent`; 0…38 only.
  static func power(_ exponent: Int) -> Int128 { powers[min(max(exponent, 0), 38)] }

  /// The quotient rounded half away from zero, as money is rounded; the divisor is not 0.
  @inline(__always)
  static func dividedHalfUp(_ dividend: Int128, by divisor: Int128) -> Int128 {
    if let left = Int64(exactly: dividend), let right = Int64(exactly: divisor), right != -1 {
      let (quotient, remainder) = left.quotientAndRemainder(dividingBy: right)
      let isUp = remainder.magnitude >= right.magnitude - remainder.magnitude
      return Int128(quotient) + (isUp ? ((left < 0) == (right < 0) ? 1 : -1) : 0)
    }
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    guard remainder != 0 else { return quotient }
    let isUp = remainder.magnitude >= divisor.magnitude - remainder.magnitude
    return isUp ? quotient + ((dividend < 0) == (divisor < 0) ? 1 : -1) : quotient
  }
}
