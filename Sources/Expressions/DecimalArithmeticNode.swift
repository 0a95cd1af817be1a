// SPDX-License-Identifier: Apache-2.0

import Records

/// `+ - * / %` where at least one side is a decimal, and `/` of integers. Exact but for `/`, which rounds half up.
struct DecimalArithmeticNode: ExpressionNode {
  let operation: ArithmeticOperator
  let left: any ExpressionNode
  let right: any ExpressionNode
  let type: FieldType
  /// Powers of ten that bring each side to the scale the operation works at.
  let leftFactor: Int128
  let rightFactor: Int128

  /// | operation | scale of the result |
  /// |---|---|
  /// | `+ - %` | the larger of the two |
  /// | `*` | their sum |
  /// | `/` | the left one, at least 6 |
  ///
  /// Nil where the operation would need more than 38 digits after the point.
  static func scale(_ operation: ArithmeticOperator, _ left: Int, _ right: Int) -> Int? {
    switch operation {
    case .add, .subtract, .remainder: max(left, right)
    case .multiply: left + right > DecimalLimits.digits ? nil : left + right
    case .divide: max(6, left) + right - left > DecimalLimits.digits ? nil : max(6, left)
    }
  }

  init(
    _ operation: ArithmeticOperator, _ left: any ExpressionNode, _ right: any ExpressionNode,
    leftScale: Int, rightScale: Int, scale: Int, precision: Int
  ) {
    self.operation = operation
    self.left = left
    self.right = right
    type = .decimal(precision: precision, scale: scale)
    switch operation {
    case .add, .subtract, .remainder:
      leftFactor = DecimalLimits.power(scale - leftScale)
      rightFactor = DecimalLimits.power(scale - rightScale)
    case .multiply:
      leftFactor = 1
      rightFactor = 1
    case .divide:
      // The quotient at the result's scale is left × 10^(scale + rightScale − leftScale) over right.
      leftFactor = DecimalLimits.power(scale + rightScale - leftScale)
      rightFactor = 1
    }
  }

  func evaluate(_ run: Evaluation) -> Operand {
    let first = left.evaluate(run)
    let second = right.evaluate(run)
    let result = FixedColumn<Int128>(rows: run.rows)
    withExtendedLifetime((first, second)) {
      switch (left.type, right.type) {
      case (.integer, .integer): fill(run, first.cells, second.cells, result, Int64.self, Int64.self)
      case (.integer, _): fill(run, first.cells, second.cells, result, Int64.self, Int128.self)
      case (_, .integer): fill(run, first.cells, second.cells, result, Int128.self, Int64.self)
      default: fill(run, first.cells, second.cells, result, Int128.self, Int128.self)
      }
    }
    guard case .decimal(_, let scale) = type else { return Operand(.decimal(result, scale: 0)) }
    return Operand(.decimal(result, scale: scale))
  }

  private func fill<Left: FixedWidthInteger & BitwiseCopyable, Right: FixedWidthInteger & BitwiseCopyable>(
    _ run: Evaluation, _ left: Cells, _ right: Cells, _ result: FixedColumn<Int128>, _: Left.Type,
    _: Right.Type
  ) {
    for row in 0..<run.rows {
      guard left.hasValue(row), right.hasValue(row) else {
        result.appendEmpty(.null, filler: 0)
        continue
      }
      let first = Int128(left.element(row, as: Left.self))
      let second = Int128(right.element(row, as: Right.self))
      if let value = compute(first, second) {
        result.append(value)
      } else {
        let isZeroDivision = (operation == .divide || operation == .remainder) && second == 0
        run.fail(row, isZeroDivision ? ArithmeticWording.divisionByZero : ArithmeticWording.decimalOverflow)
        result.appendEmpty(.null, filler: 0)
      }
    }
  }

  @inline(__always)
  private func compute(_ left: Int128, _ right: Int128) -> Int128? {
    switch operation {
    case .add, .subtract:
      guard let first = scaled(left, leftFactor), let second = scaled(right, rightFactor) else { return nil }
      let (value, overflow) =
        operation == .add
        ? first.addingReportingOverflow(second) : first.subtractingReportingOverflow(second)
      return overflow || value.magnitude > DecimalLimits.largestMagnitude ? nil : value
    case .multiply:
      if let first = Int64(exactly: left), let second = Int64(exactly: right) {
        let (high, low) = first.multipliedFullWidth(by: second)
        return Int128(high) << 64 | Int128(low)
      }
      let (value, overflow) = left.multipliedReportingOverflow(by: right)
      return overflow || value.magnitude > DecimalLimits.largestMagnitude ? nil : value
    case .divide: return quotient(left, right)
    case .remainder:
      guard let first = scaled(left, leftFactor), let second = scaled(right, rightFactor), second != 0 else {
        return nil
      }
      return first % second
    }
  }

  @inline(__always)
  private func scaled(_ value: Int128, _ factor: Int128) -> Int128? {
    if factor == 1 { return value }
    let (product, overflow) = value.multipliedReportingOverflow(by: factor)
    return overflow ? nil : product
  }

  @inline(__always)
  private func quotient(_ left: Int128, _ right: Int128) -> Int128? {
    guard right != 0 else { return nil }
    let (dividend, overflow) = left.multipliedReportingOverflow(by: leftFactor)
    if !overflow {
      let value = DecimalLimits.dividedHalfUp(dividend, by: right)
      return value.magnitude > DecimalLimits.largestMagnitude ? nil : value
    }
    return wideQuotient(left, right)
  }

  /// Division whose dividend needs more than 128 bits although its quotient may not.
  @inline(never)
  private func wideQuotient(_ left: Int128, _ right: Int128) -> Int128? {
    guard left != 0 else { return 0 }
    let divisor = right.magnitude
    let product = left.magnitude.multipliedFullWidth(by: leftFactor.magnitude)
    guard product.high < divisor else { return nil }
    let (quotient, remainder) = divisor.dividingFullWidth(product)
    let isUp = remainder >= divisor - remainder
    let magnitude = quotient + (isUp ? 1 : 0)
    guard magnitude <= DecimalLimits.largestMagnitude else { return nil }
    return (left < 0) == (right < 0) ? Int128(magnitude) : -Int128(magnitude)
  }
}
