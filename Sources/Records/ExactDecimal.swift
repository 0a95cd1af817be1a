// SPDX-License-Identifier: Apache-2.0

/// An exact decimal number: `unscaled` × 10^−`scale`. Never a binary float.
public struct ExactDecimal: Hashable, Sendable, CustomStringConvertible {
  public var unscaled: Int128
  public var scale: Int

  public init(unscaled: Int128, scale: Int) {
    self.unscaled = unscaled
    self.scale = scale
  }

  /// The number with exactly `scale` digits after the point, as `-0.05` or `1234`.
  public var description: String {
    guard scale > 0 else { return String(unscaled) }
    var digits = String(unscaled.magnitude)
    if digits.utf8.count <= scale {
      digits = String(repeating: "0", count: scale + 1 - digits.utf8.count) + digits
    }
    let point = digits.index(digits.endIndex, offsetBy: -scale)
    return (unscaled < 0 ? "-" : "") + digits[..<point] + "." + digits[point...]
  }

  /// 10^`exponent`, or nil past the 38 digits that 128 bits hold.
  @inlinable
  public static func powerOfTen(_ exponent: Int) -> Int128? {
    guard exponent >= 0, exponent <= 38 else { return nil }
    var power: Int128 = 1
    for _ in 0..<exponent { power *= 10 }
    return power
  }
}
