// SPDX-License-Identifier: Apache-2.0

import Records

/// `text(x)`: the canonical text of any value, as loaders write it (`2026-11-22`, `1234.50`, `true`).
struct TextOfNode: ExpressionNode {
  let inner: any ExpressionNode
  let type: FieldType

  static func make(_ node: any ExpressionNode, type: FieldType = .text) -> any ExpressionNode {
    node.type.isTextual ? RetypedNode(inner: node, type: type) : TextOfNode(inner: node, type: type)
  }

  func evaluate(_ run: Evaluation) -> Operand {
    let operand = inner.evaluate(run)
    let result = TextColumn(rows: run.rows)
    for row in 0..<run.rows {
      if let text = operand.column.text(operand.isConstant ? 0 : row) {
        result.append(text)
      } else {
        result.appendEmpty(.null)
      }
    }
    return Operand(.text(result))
  }
}
