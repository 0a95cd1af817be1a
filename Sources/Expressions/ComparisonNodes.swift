// SPDX-License-Identifier: Apache-2.0

import Glibc
import Records

/// How two cells are brought to an order.
enum ComparisonDomain: Sendable {
  case integers
  /// Unscaled values with the factors that bring both to one scale; either side may be an integer column.
  case decimals(leftIsInteger: Bool, leftFactor: Int128, rightIsInteger: Bool, rightFactor: Int128)
  case truths
  case dates
  /// A timestamp and a date compare by the day the timestamp falls on at UTC+7.
  case instantAndDate
  case dateAndInstant
  /// By UTF-8 bytes, which is the order of scalars.
  case texts
}

struct ComparisonNode: ExpressionNode {
  let comparison: ComparisonOperator
  let domain: ComparisonDomain
  let left: any ExpressionNode
  let right: any ExpressionNode
  var type: FieldType { .boolean }

  func evaluate(_ run: Evaluation) -> Operand {
    let first = left.evaluate(run)
    let second = right.evaluate(run)
    let result = TruthColumn(rows: run.rows)
    withExtendedLifetime((first, second)) {
      compare(first.cells, second.cells, run.rows, into: result)
    }
    return Operand(.boolean(result))
  }

  private func compare(_ left: Cells, _ right: Cells, _ rows: Int, into result: TruthColumn) {
    switch domain {
    case .integers: each(left, right, rows, result) { order(left.integer($0), right.integer($0)) }
    case .truths:
      each(left, right, rows, result) {
        order(left.element($0, as: UInt8.self), right.element($0, as: UInt8.self))
      }
    case .dates:
      each(left, right, rows, result) {
        order(left.element($0, as: Int32.self), right.element($0, as: Int32.self))
      }
    case .instantAndDate:
      each(left, right, rows, result) {
        order(MomentText.localDays(left.integer($0)), right.element($0, as: Int32.self))
      }
    case .dateAndInstant:
      each(left, right, rows, result) {
        order(left.element($0, as: Int32.self), MomentText.localDays(right.integer($0)))
      }
    case .texts: each(left, right, rows, result) { textOrder(left.text($0), right.text($0)) }
    case .decimals(false, 1, false, 1):
      each(left, right, rows, result) { order(left.decimal($0), right.decimal($0)) }
    case .decimals(let leftIsInteger, let leftFactor, let rightIsInteger, let rightFactor):
      each(left, right, rows, result) { row in
        let first = leftIsInteger ? Int128(left.integer(row)) : left.decimal(row)
        let second = rightIsInteger ? Int128(right.integer(row)) : right.decimal(row)
        return decimalOrder(first, leftFactor, second, rightFactor)
      }
    }
  }

  @inline(__always)
  private func each(
    _ left: Cells, _ right: Cells, _ rows: Int, _ result: TruthColumn, _ order: (Int) -> Int
  ) {
    for row in 0..<rows {
      if left.hasValue(row), right.hasValue(row) {
        result.append(comparison.holds(order(row)) ? 1 : 0)
      } else {
        result.appendEmpty(.null, filler: 0)
      }
    }
  }
}

@inline(__always)
func order<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
  left < right ? -1 : left == right ? 0 : 1
}

@inline(__always)
func textOrder(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
  let common = min(left.count, right.count)
  if common > 0, let first = left.baseAddress, let second = right.baseAddress {
    let difference = memcmp(first, second, common)
    if difference != 0 { return difference < 0 ? -1 : 1 }
  }
  return order(left.count, right.count)
}

/// Orders `left × leftFactor` and `right × rightFactor`, of which one factor is 1. A product too large for 128 bits
/// lies beyond anything the other side can hold, so its sign decides.
@inline(__always)
func decimalOrder(_ left: Int128, _ leftFactor: Int128, _ right: Int128, _ rightFactor: Int128) -> Int {
  let (first, firstOverflows) = left.multipliedReportingOverflow(by: leftFactor)
  if firstOverflows { return left < 0 ? -1 : 1 }
  let (second, secondOverflows) = right.multipliedReportingOverflow(by: rightFactor)
  if secondOverflows { return right < 0 ? 1 : -1 }
  return order(first, second)
}

/// `x IN (…)` as `x = a OR x = b …`, evaluating x once: true if one is equal, else unknown if one is null, else false.
struct MembershipNode: ExpressionNode {
  let subject: any ExpressionNode
  let items: [(domain: ComparisonDomain, node: any ExpressionNode)]
  let isNegated: Bool
  var type: FieldType { .boolean }

  func evaluate(_ run: Evaluation) -> Operand {
    let operand = HeldNode(type: subject.type, operand: subject.evaluate(run))
    var verdicts = [UInt8](repeating: 0, count: run.rows)
    for item in items {
      let equal = ComparisonNode(comparison: .equal, domain: item.domain, left: operand, right: item.node)
        .evaluate(run)
      withExtendedLifetime(equal) {
        let cells = equal.cells
        for row in 0..<run.rows where verdicts[row] != 2 {
          if !cells.hasValue(row) { verdicts[row] = 1 } else if cells.truth(row) { verdicts[row] = 2 }
        }
      }
    }
    let result = TruthColumn(rows: run.rows)
    for verdict in verdicts {
      switch verdict {
      case 2: result.append(isNegated ? 0 : 1)
      case 1: result.appendEmpty(.null, filler: 0)
      default: result.append(isNegated ? 1 : 0)
      }
    }
    return Operand(.boolean(result))
  }
}

/// A value computed already. Lives within one evaluation, on its thread.
struct HeldNode: ExpressionNode, @unchecked Sendable {
  let type: FieldType
  let operand: Operand

  func evaluate(_ run: Evaluation) -> Operand { operand }
}
