// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// A decimal field's size and rounding: where numbers become its unscaled values, exactly or not at all.
struct DecimalTarget {
  enum Outcome: Equatable {
    case value(Int128)
    /// More digits after the point than the field has, and rounding is refused.
    case tooFine
    /// More digits than the field has.
    case tooLarge
  }

  let precision: Int
  let scale: Int
  private let rounding: ValuePlan.Rounding
  /// 10^precision.
  private let limit: UInt128

  init(precision: Int, scale: Int, rounding: ValuePlan.Rounding) {
    self.precision = precision
    self.scale = scale
    self.rounding = rounding
    limit = UInt128(ExactDecimal.powerOfTen(min(max(precision, 1), 38)) ?? 1)
  }

  /// - Parameter exponent: power of ten that a unit multiplies the number by.
  @inline(__always)
  func place(_ reading: DecimalReading, exponent: Int) -> Outcome {
    guard let units = reading.units(scale: scale + exponent) else { return .tooLarge }
    return place(isNegative: reading.isNegative, units.whole, units.rest)
  }

  func place(_ unscaled: Int128, scale from: Int) -> Outcome {
    place(
      DecimalReading(isNegative: unscaled < 0, magnitude: unscaled.magnitude, exponent: -from), exponent: 0)
  }

  /// `up` goes away from zero ("cộng thêm 01 vào phần số nguyên"), as does `half_up` from the half on.
  @inline(__always)
  private func place(isNegative: Bool, _ whole: UInt128, _ rest: DecimalRemainder) -> Outcome {
    var whole = whole
    if rest != .none {
      switch rounding {
      case .refuse: return .tooFine
      case .up: whole += 1
      case .halfUp: if rest != .belowHalf { whole += 1 }
      }
    }
    guard whole < limit else { return .tooLarge }
    return .value(isNegative ? -Int128(whole) : Int128(whole))
  }
}
