// SPDX-License-Identifier: Apache-2.0

/// What is left of a number behind the last digit that is kept, compared with half of that digit's unit.
public enum DecimalRemainder: UInt8, Sendable {
  case none, belowHalf, half, aboveHalf
}

/// A number as it was read from text: `magnitude` × 10^`exponent`, and a remainder behind it where the text
/// has more than 38 significant digits.
public struct DecimalReading: Sendable, Equatable {
  /// Never true of zero.
  public var isNegative: Bool
  /// At most 38 digits.
  public var magnitude: UInt128
  public var exponent: Int
  public var rest: DecimalRemainder

  public init(isNegative: Bool, magnitude: UInt128, exponent: Int, rest: DecimalRemainder = .none) {
    self.isNegative = isNegative
    self.magnitude = magnitude
    self.exponent = exponent
    self.rest = rest
  }

  /// 10^0 … 10^38.
  static let powers: [UInt128] = (0...38).map { exponent in
    (0..<exponent).reduce(UInt128(1)) { power, _ in power * 10 }
  }

  /// The magnitude in whole units of 10^−`scale`, and what is left over; exact.
  ///
  /// - Returns: nil when the whole units have more than 38 digits.
  public func units(scale: Int) -> (whole: UInt128, rest: DecimalRemainder)? {
    let shift = exponent + scale
    if shift == 0 { return (magnitude, rest) }
    if magnitude == 0 { return (0, rest == .none ? .none : .belowHalf) }
    if shift > 0 {
      guard rest == .none, shift <= 38 else { return nil }
      let (product, overflow) = magnitude.multipliedReportingOverflow(by: Self.powers[shift])
      return overflow || product >= Self.powers[38] ? nil : (product, .none)
    }
    guard shift >= -38 else { return (0, .belowHalf) }
    return Self.divided(magnitude, by: -shift, rest: rest)
  }

  /// Divides by a power of ten, keeping what is left.
  ///
  /// - Parameter exponent: 1…38.
  public static func divided(
    _ magnitude: UInt128, by exponent: Int, rest: DecimalRemainder = .none
  ) -> (whole: UInt128, rest: DecimalRemainder) {
    let divisor = powers[exponent]
    let whole: UInt128
    let left: UInt128
    // The 128-bit division is a slow library call; nearly every amount fits a machine word.
    if let small = UInt64(exactly: magnitude), let by = UInt64(exactly: divisor) {
      let (quotient, remainder) = small.quotientAndRemainder(dividingBy: by)
      (whole, left) = (UInt128(quotient), UInt128(remainder))
    } else {
      (whole, left) = magnitude.quotientAndRemainder(dividingBy: divisor)
    }
    let half = divisor / 2
    if left > half || (left == half && rest != .none) { return (whole, .aboveHalf) }
    if left == half { return (whole, .half) }
    return (whole, left == 0 && rest == .none ? .none : .belowHalf)
  }
}
