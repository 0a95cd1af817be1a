// SPDX-License-Identifier: Apache-2.0

import Records

let numberFunctions: [FunctionEntry] = [
  FunctionEntry(
    "abs", [Parameter("number", .number)], "number", "The number without its sign.",
    example: "abs(-2.50) → 2.50"
  ) { _, call in
    let node = call.arguments[0].node
    if node.type == .integer {
      return RowNode.integers([node]) { cells, row, run in
        let value = cells[0].integer(row)
        if value == .min { run.fail(row, ArithmeticWording.integerOverflow) }
        return value == .min ? nil : abs(value)
      }
    }
    return RowNode.decimals([node], precision: node.type.numberPrecision, scale: node.type.numberScale) {
      cells, row, _ in abs(cells[0].decimal(row))
    }
  },
  FunctionEntry(
    "round", [Parameter("number", .number), Parameter("places", .integerLiteral, isOptional: true)], "number",
    "The number with at most so many digits after the point (0 if not given), half away from zero.",
    example: "round(2.345, 2) → 2.35"
  ) { checker, call in rounded(checker, call, RoundingRule.halfUp) },
  FunctionEntry(
    "floor", [Parameter("number", .number)], "number", "The largest whole number that is not larger.",
    example: "floor(-1.5) → -2"
  ) { checker, call in rounded(checker, call, RoundingRule.down) },
  FunctionEntry(
    "ceil", [Parameter("number", .number)], "number",
    "The smallest whole number that is not smaller: values of assets are rounded up to whole đồng.",
    example: "ceil(1.2) → 2", source: "TT 48/2023/TT-BTC"
  ) { checker, call in rounded(checker, call, RoundingRule.up) },
  FunctionEntry(
    "div", [Parameter("dividend", .integer), Parameter("divisor", .integer)], "integer",
    "Integer division, the fraction cut off. '/' gives a decimal with 6 digits instead.",
    example: "div(7, 2) → 3"
  ) { _, call in
    IntegerArithmeticNode(operation: .quotient, left: call.arguments[0].node, right: call.arguments[1].node)
  },
]

private enum RoundingRule { case halfUp, down, up }

private func rounded(_ checker: TypeChecker, _ call: FunctionCall, _ rule: RoundingRule) -> (
  any ExpressionNode
)? {
  let node = call.arguments[0].node
  let places = call.integerLiteral(1) ?? 0
  guard places >= 0, places <= 38 else {
    checker.report(
      call.arguments[1].span, "wrong-arguments", "round cannot keep \(places) digits after the point",
      help: "give 0 to 38 places")
    return nil
  }
  guard case .decimal(let precision, let scale) = node.type, Int(places) < scale else { return node }
  let target = Int(places)
  let divisor = DecimalLimits.power(scale - target)
  return RowNode.decimals([node], precision: max(1, min(38, precision - scale + target + 1)), scale: target) {
    cells, row, _ in
    let value = cells[0].decimal(row)
    if rule == .halfUp { return DecimalLimits.dividedHalfUp(value, by: divisor) }
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    if rule == .down { return remainder < 0 ? quotient - 1 : quotient }
    return remainder > 0 ? quotient + 1 : quotient
  }
}
