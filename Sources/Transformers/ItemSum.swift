// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// `take: sum`: adds up the numbers of one list, exactly.
struct ItemSum {
  private let numbers: DecimalText
  private let point: String
  private var unscaled: Int128 = 0
  private var scale = 0

  init(_ format: NumberFormat) {
    numbers = DecimalText(group: format.group, decimal: format.decimal)
    point = String(format.decimal)
  }

  mutating func start() {
    unscaled = 0
    scale = 0
  }

  enum Outcome { case added, notANumber, tooLong }

  /// - Returns: `tooLong` where the sum would need more than 38 digits.
  mutating func add(_ text: UnsafeBufferPointer<UInt8>) -> Outcome {
    guard let reading = numbers.read(text) else { return .notANumber }
    guard reading.rest == .none else { return .tooLong }
    let wanted = max(scale, -reading.exponent)
    guard let units = reading.units(scale: wanted), units.rest == .none,
      let factor = ExactDecimal.powerOfTen(wanted - scale)
    else { return .tooLong }
    let (aligned, isTooLarge) = unscaled.multipliedReportingOverflow(by: factor)
    let part = reading.isNegative ? -Int128(units.whole) : Int128(units.whole)
    let (sum, overflow) = aligned.addingReportingOverflow(part)
    if isTooLarge || overflow { return .tooLong }
    unscaled = sum
    scale = wanted
    return .added
  }

  /// The sum as the source would write it.
  var text: String {
    let plain = ExactDecimal(unscaled: unscaled, scale: scale).description
    return point == "." ? plain : plain.replacing(".", with: point)
  }
}
