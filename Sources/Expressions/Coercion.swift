// SPDX-License-Identifier: Apache-2.0

import Records

/// Turning a value into the type that is wanted, where that loses nothing.
///
/// | from | to | |
/// |---|---|---|
/// | integer, decimal | decimal, integer | exact; a row that would lose digits or does not fit fails |
/// | text, code | text, code | as it is |
/// | text | partial_date | the row fails unless the text is `yyyy`, `yyyy-MM` or `yyyy-MM-dd` |
/// | partial_date | text | as it is |
/// | date | timestamp | the day's start at UTC+7 |
/// | date | partial_date | the whole day |
///
/// Anything else is a type error.
enum Coercion {
  static func coerced(_ node: any ExpressionNode, to target: FieldType) -> (any ExpressionNode)? {
    if node is NullNode { return ConstantNode.null(target) }
    if node.type == target { return node }
    switch (node.type, target) {
    case (.text, .code), (.code, .text), (.code, .code), (.partialDate, .text), (.partialDate, .code):
      return RetypedNode(inner: node, type: target)
    case (.text, .partialDate), (.code, .partialDate): return partialDate(node)
    case (.date, .partialDate): return TextOfNode.make(node, type: .partialDate)
    case (.date, .timestamp):
      return RowNode.timestamps([node]) { cells, row, _ in MomentText.start(ofDay: cells[0].date(row).days) }
    case (.integer, .decimal(let precision, let scale)):
      return RescaleNode(inner: node, from: 0, scale: scale, precision: precision)
    case (.decimal(_, let from), .decimal(let precision, let scale)):
      return RescaleNode(inner: node, from: from, scale: scale, precision: precision)
    case (.decimal(_, let from), .integer): return integer(node, from: from)
    default: return nil
    }
  }

  private static func partialDate(_ node: any ExpressionNode) -> any ExpressionNode {
    RowNode.texts([node], type: .partialDate) { cells, row, run, out in
      let bytes = cells[0].text(row)
      guard PartialDateText(bytes) != nil, let base = bytes.baseAddress else {
        run.fail(row, "the text is no yyyy, yyyy-MM or yyyy-MM-dd")
        return false
      }
      out.append(base, count: bytes.count)
      return true
    }
  }

  static func integer(_ node: any ExpressionNode, from scale: Int) -> any ExpressionNode {
    let divisor = DecimalLimits.power(scale)
    return RowNode.integers([node]) { cells, row, run in
      let (quotient, remainder) = cells[0].decimal(row).quotientAndRemainder(dividingBy: divisor)
      guard remainder == 0 else {
        run.fail(row, "the number is not whole; use round(x), floor(x) or ceil(x)")
        return nil
      }
      guard let integer = Int64(exactly: quotient) else {
        run.fail(row, ArithmeticWording.integerOverflow)
        return nil
      }
      return integer
    }
  }

  /// The type that values of both types have in common, or nil.
  static func common(_ left: FieldType, _ right: FieldType) -> FieldType? {
    switch (left, right) {
    case _ where left == right: left
    case (.integer, .decimal(let precision, let scale)), (.decimal(let precision, let scale), .integer):
      .decimal(precision: min(38, max(19, precision - scale) + scale), scale: scale)
    case (.decimal(let leftPrecision, let leftScale), .decimal(let rightPrecision, let rightScale)):
      .decimal(
        precision: min(
          38, max(leftPrecision - leftScale, rightPrecision - rightScale) + max(leftScale, rightScale)),
        scale: max(leftScale, rightScale))
    case _ where left.isTextual && right.isTextual: .text
    case (.date, .timestamp), (.timestamp, .date): .timestamp
    default: nil
    }
  }
}

/// The literal NULL, which takes the type its surroundings want.
struct NullNode: ExpressionNode {
  var type: FieldType { .text }
  func evaluate(_ run: Evaluation) -> Operand { ConstantNode.null(.text).evaluate(run) }
}

/// The same cells under another type of the same column.
struct RetypedNode: ExpressionNode {
  let inner: any ExpressionNode
  let type: FieldType
  func evaluate(_ run: Evaluation) -> Operand { inner.evaluate(run) }
}

/// A number at a given scale, exact: digits are added, or dropped where they are 0.
struct RescaleNode: ExpressionNode {
  let inner: any ExpressionNode
  let from: Int
  let scale: Int
  let precision: Int
  var type: FieldType { .decimal(precision: precision, scale: scale) }

  func evaluate(_ run: Evaluation) -> Operand {
    let operand = inner.evaluate(run)
    let result = FixedColumn<Int128>(rows: run.rows)
    let isInteger = inner.type == .integer
    let factor = DecimalLimits.power(max(0, scale - from))
    let divisor = DecimalLimits.power(max(0, from - scale))
    let bound = precision >= 38 ? DecimalLimits.largest : DecimalLimits.power(precision) - 1
    withExtendedLifetime(operand) {
      let cells = operand.cells
      for row in 0..<run.rows {
        guard cells.hasValue(row) else {
          result.appendEmpty(.null, filler: 0)
          continue
        }
        let value = isInteger ? Int128(cells.integer(row)) : cells.decimal(row)
        let (scaled, overflow) = value.multipliedReportingOverflow(by: factor)
        let (quotient, remainder) =
          divisor == 1 ? (scaled, 0) : scaled.quotientAndRemainder(dividingBy: divisor)
        if overflow || remainder != 0 || quotient > bound || quotient < -bound {
          run.fail(row, sentence(hasRemainder: !overflow && remainder != 0))
          result.appendEmpty(.null, filler: 0)
        } else {
          result.append(quotient)
        }
      }
    }
    return Operand(.decimal(result, scale: scale))
  }

  private func sentence(hasRemainder: Bool) -> String {
    hasRemainder
      ? "the number has more than \(scale) digits after the point; use round(x, \(scale))"
      : "the number does not fit decimal(\(precision),\(scale))"
  }
}

extension FieldType {
  /// Kept in text columns and read as text.
  var isTextual: Bool {
    switch self {
    case .text, .code, .partialDate: true
    default: false
    }
  }

  var isNumeric: Bool {
    switch self {
    case .integer, .decimal: true
    default: false
    }
  }

  /// Digits after the point of a number, 0 for anything else.
  var numberScale: Int { if case .decimal(_, let scale) = self { scale } else { 0 } }

  /// Digits of a number.
  var numberPrecision: Int { if case .decimal(let precision, _) = self { precision } else { 19 } }
}
