// SPDX-License-Identifier: Apache-2.0

import Records

/// `+ - * %` and `div` over 64-bit integers; past them the row fails.
struct IntegerArithmeticNode: ExpressionNode {
  enum Operation: Sendable { case add, subtract, multiply, quotient, remainder }

  let operation: Operation
  let left: any ExpressionNode
  let right: any ExpressionNode
  var type: FieldType { .integer }

  func evaluate(_ run: Evaluation) -> Operand {
    let first = left.evaluate(run)
    let second = right.evaluate(run)
    let result = FixedColumn<Int64>(rows: run.rows)
    withExtendedLifetime((first, second)) {
      let left = first.cells
      let right = second.cells
      switch operation {
      case .add:
        each(run, left, right, result) { $0.addingReportingOverflow($1) }
      case .subtract:
        each(run, left, right, result) { $0.subtractingReportingOverflow($1) }
      case .multiply:
        each(run, left, right, result) { $0.multipliedReportingOverflow(by: $1) }
      case .quotient:
        each(run, left, right, result) { $0.dividedReportingOverflow(by: $1) }
      case .remainder:
        each(run, left, right, result) {
          $1 == -1 ? (0, false) : $0.remainderReportingOverflow(dividingBy: $1)
        }
      }
    }
    return Operand(.integer(result))
  }

  @inline(__always)
  private func each(
    _ run: Evaluation, _ left: Cells, _ right: Cells, _ result: FixedColumn<Int64>,
    _ compute: (Int64, Int64) -> (partialValue: Int64, overflow: Bool)
  ) {
    for row in 0..<run.rows {
      guard left.hasValue(row), right.hasValue(row) else {
        result.appendEmpty(.null, filler: 0)
        continue
      }
      let (value, overflow) = compute(left.integer(row), right.integer(row))
      if overflow {
        run.fail(row, sentence(divisor: right.integer(row)))
        result.appendEmpty(.null, filler: 0)
      } else {
        result.append(value)
      }
    }
  }

  private func sentence(divisor: Int64) -> String {
    switch operation {
    case .quotient where divisor == 0, .remainder where divisor == 0: ArithmeticWording.divisionByZero
    default: ArithmeticWording.integerOverflow
    }
  }
}

enum ArithmeticWording {
  static let divisionByZero = "the divisor is 0"
  static let integerOverflow = "the result does not fit a 64-bit integer"
  static let decimalOverflow = "the result has more than 38 digits"
  static let dateOverflow = "the resulting day is not within the years 1 to 9999"
}
