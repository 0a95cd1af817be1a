// SPDX-License-Identifier: Apache-2.0

import Records

extension TypeChecker {
  func negate(_ inner: Syntax) -> (any ExpressionNode)? {
    guard let node = argument(inner, .number, "'-'") else { return nil }
    if node.type == .integer {
      return IntegerArithmeticNode(operation: .subtract, left: ConstantNode.integer(0), right: node)
    }
    let scale = node.type.numberScale
    return DecimalArithmeticNode(
      .subtract, ConstantNode.integer(0), node, leftScale: 0, rightScale: scale, scale: scale,
      precision: node.type.numberPrecision)
  }

  func arithmetic(
    _ operation: ArithmeticOperator, _ left: Syntax, _ right: Syntax, _ span: Span
  ) -> (any ExpressionNode)? {
    guard let parts = all([left, right]) else { return nil }
    // A null literal takes the other side's type, so that `x + null` is null.
    let first = parts[0].isNull ? (parts[1].isNull ? .integer : parts[1].type) : parts[0].type
    let second = parts[1].isNull ? (first == .date ? .integer : first) : parts[1].type
    guard let leftNode = Coercion.coerced(parts[0].node, to: first),
      let rightNode = Coercion.coerced(parts[1].node, to: second)
    else { return nil }
    switch (operation, first, second) {
    case (.subtract, .date, .date):
      return RowNode.integers([leftNode, rightNode]) { cells, row, _ in
        Int64(cells[0].date(row).days) - Int64(cells[1].date(row).days)
      }
    case (.add, .date, .integer), (.subtract, .date, .integer):
      return DateShiftNode(date: leftNode, days: rightNode, isBackwards: operation == .subtract)
    case (.add, .integer, .date): return DateShiftNode(date: rightNode, days: leftNode, isBackwards: false)
    case (_, .integer, .integer) where operation != .divide:
      return IntegerArithmeticNode(operation: .init(operation), left: leftNode, right: rightNode)
    case _ where first.isNumeric && second.isNumeric:
      return decimalArithmetic(operation, leftNode, rightNode, span)
    default:
      report(
        span, "wrong-type",
        "'\(operation.rawValue)' cannot work on \(first.withArticle) and \(second.withArticle)",
        help: TypeAdvice.arithmetic(operation, first, second))
      return nil
    }
  }

  private func decimalArithmetic(
    _ operation: ArithmeticOperator, _ left: any ExpressionNode, _ right: any ExpressionNode, _ span: Span
  ) -> (any ExpressionNode)? {
    let leftScale = left.type.numberScale
    let rightScale = right.type.numberScale
    guard let scale = DecimalArithmeticNode.scale(operation, leftScale, rightScale) else {
      report(
        span, "scale-too-large",
        "'\(operation.rawValue)' of \(leftScale) and \(rightScale) digits after the point needs more than 38 digits",
        help: "round one side first, as round(x, 6)")
      return nil
    }
    let wholeDigits = max(left.type.numberPrecision - leftScale, right.type.numberPrecision - rightScale)
    let precision =
      switch operation {
      case .add, .subtract: wholeDigits + scale + 1
      case .remainder: wholeDigits + scale
      case .multiply: left.type.numberPrecision + right.type.numberPrecision
      case .divide: 38
      }
    return DecimalArithmeticNode(
      operation, left, right, leftScale: leftScale, rightScale: rightScale, scale: scale,
      precision: min(38, precision))
  }

  /// `a || b`: null where one is null.
  func join(_ parts: [Syntax]) -> (any ExpressionNode)? {
    let nodes = parts.map { argument($0, .text, "'||'") }
    let sound = nodes.compactMap { $0 }
    guard sound.count == parts.count else { return nil }
    let count = sound.count
    return RowNode.texts(sound) { cells, row, _, out in
      for index in 0..<count { TextJoining.append(cells[index].text(row), to: &out) }
      return true
    }
  }
}

extension IntegerArithmeticNode.Operation {
  init(_ operation: ArithmeticOperator) {
    self =
      switch operation {
      case .add: .add
      case .subtract: .subtract
      case .multiply: .multiply
      case .divide: .quotient
      case .remainder: .remainder
      }
  }
}
