// SPDX-License-Identifier: Apache-2.0

import Records

/// CASE with conditions, COALESCE and NULLIF: each row takes the cell of one of several values of the same type.
///
/// Conditions and values are active only in the rows that come to them.
struct ChoiceNode: ExpressionNode {
  /// The first branch whose condition is true gives the value; a branch without one is taken by every row left.
  struct Branch: Sendable {
    let condition: (any ExpressionNode)?
    let value: any ExpressionNode
  }

  let branches: [Branch]
  let type: FieldType

  func evaluate(_ run: Evaluation) -> Operand {
    var open = run.activeRows()
    var choices = [Int](repeating: -1, count: run.rows)
    var values: [Operand] = []
    for (index, branch) in branches.enumerated() {
      var chosen = open
      if let condition = branch.condition {
        let operand = run.narrowed(to: open) { condition.evaluate(run) }
        withExtendedLifetime(operand) {
          let cells = operand.cells
          for row in 0..<run.rows where open[row] {
            if cells.hasValue(row), cells.truth(row) { open[row] = false } else { chosen[row] = false }
          }
        }
      } else {
        for row in 0..<run.rows { open[row] = false }
      }
      for row in 0..<run.rows where chosen[row] { choices[row] = index }
      values.append(run.narrowed(to: chosen) { branch.value.evaluate(run) })
    }
    return CellPicker.pick(type, choices, from: values)
  }
}

/// The first of several values that is not null.
struct CoalesceNode: ExpressionNode {
  let values: [any ExpressionNode]
  let type: FieldType

  func evaluate(_ run: Evaluation) -> Operand {
    var open = run.activeRows()
    var choices = [Int](repeating: -1, count: run.rows)
    var operands: [Operand] = []
    for (index, value) in values.enumerated() {
      let operand = run.narrowed(to: open) { value.evaluate(run) }
      withExtendedLifetime(operand) {
        let cells = operand.cells
        for row in 0..<run.rows where open[row] && cells.hasValue(row) {
          choices[row] = index
          open[row] = false
        }
      }
      operands.append(operand)
    }
    return CellPicker.pick(type, choices, from: operands)
  }
}
