// SPDX-License-Identifier: Apache-2.0

import Records

let generalFunctions: [FunctionEntry] = [
  FunctionEntry(
    "coalesce", [Parameter("value", .any, isRepeated: true)], "value",
    "The first value that is not null. All values are of one type.", example: "coalesce(null, 'a', 'b') → 'a'"
  ) { checker, call in
    checker.unified(call.arguments, "coalesce").map { CoalesceNode(values: $1, type: $0) }
  },
  FunctionEntry(
    "nullif", [Parameter("value", .any), Parameter("other", .any)], "value",
    "Null where both are equal, else the first.", example: "nullif('-', '-') → null"
  ) { checker, call in
    guard let equal = checker.compare(.equal, call.arguments[0], call.arguments[1]) else { return nil }
    let value = call.arguments[0].isNull ? ConstantNode.null(call.arguments[1].type) : call.arguments[0].node
    return ChoiceNode(
      branches: [
        .init(condition: equal, value: ConstantNode.null(value.type)), .init(condition: nil, value: value),
      ], type: value.type)
  },
  extreme("min", .less, "The smallest of the values; null if one of them is null.", "min(3, 1.5) → 1.5"),
  extreme("least", .less, "The same as min.", "least(3, 1.5) → 1.5"),
  extreme("max", .greater, "The largest of the values; null if one of them is null.", "max('a', 'b') → 'b'"),
  extreme("greatest", .greater, "The same as max.", "greatest('a', 'b') → 'b'"),
  FunctionEntry(
    "present", [Parameter("name", .name)], "boolean",
    "Whether the source has the value at all, be it null: tells an absent element or key from an empty one.",
    example: "present(ended_on) → false where the record has no such element"
  ) { _, call in StateNode(inner: call.arguments[0].node, question: .isPresent) },
]

/// min and max over a row's values, as SQL's LEAST and GREATEST: unknown if one is unknown.
private func extreme(
  _ name: String, _ comparison: ComparisonOperator, _ summary: String, _ example: String
) -> FunctionEntry {
  FunctionEntry(
    name, [Parameter("value", .any, isRepeated: true)], "value", summary, example: example
  ) { checker, call in
    guard let (type, nodes) = checker.unified(call.arguments, name), let first = nodes.first else {
      return nil
    }
    let values = zip(nodes, call.arguments).map { TypeChecker.Checked(node: $0, syntax: $1.syntax) }
    guard values.count > 1 else { return first }
    guard let domain = checker.domain(values[0], values[1], name) else { return nil }
    return ExtremeNode(values: nodes, comparison: comparison, domain: domain, type: type)
  }
}

struct ExtremeNode: ExpressionNode {
  let values: [any ExpressionNode]
  let comparison: ComparisonOperator
  let domain: ComparisonDomain
  let type: FieldType

  func evaluate(_ run: Evaluation) -> Operand {
    let operands = values.map { $0.evaluate(run) }
    var choices = [Int](repeating: 0, count: run.rows)
    for row in 0..<run.rows where operands.contains(where: { !$0.cells.hasValue(row) }) { choices[row] = -1 }
    for index in 1..<operands.count {
      let best = CellPicker.pick(type, choices, from: operands)
      let better = ComparisonNode(
        comparison: comparison, domain: domain, left: HeldNode(type: type, operand: operands[index]),
        right: HeldNode(type: type, operand: best)
      ).evaluate(run)
      withExtendedLifetime(better) {
        let cells = better.cells
        for row in 0..<run.rows where cells.hasValue(row) && cells.truth(row) { choices[row] = index }
      }
    }
    return CellPicker.pick(type, choices, from: operands)
  }
}
