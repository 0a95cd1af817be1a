// SPDX-License-Identifier: Apache-2.0

import Records

/// Truth values of SQL: a cell without a value is unknown.
typealias TruthColumn = FixedColumn<UInt8>

/// AND and OR over any number of parts, in three-valued logic.
///
/// A part is only active where the parts before it leave the result open, so that `b <> 0 AND a / b > 1` does not
/// fail where b is 0.
struct JunctionNode: ExpressionNode {
  let parts: [any ExpressionNode]
  /// What decides the result: false for AND, true for OR.
  let decisive: Bool

  var type: FieldType { .boolean }

  func evaluate(_ run: Evaluation) -> Operand {
    let rows = run.rows
    // 0 open and never unknown, 1 open but unknown, 2 decided.
    var verdicts = [UInt8](repeating: 0, count: rows)
    var active = run.activeRows()
    for (index, part) in parts.enumerated() {
      let operand = index == 0 ? part.evaluate(run) : run.narrowed(to: active) { part.evaluate(run) }
      withExtendedLifetime(operand) {
        let cells = operand.cells
        for row in 0..<rows where verdicts[row] != 2 {
          if !cells.hasValue(row) {
            verdicts[row] = 1
          } else if cells.truth(row) == decisive {
            verdicts[row] = 2
            active[row] = false
          }
        }
      }
    }
    let result = TruthColumn(rows: rows)
    for verdict in verdicts {
      switch verdict {
      case 2: result.append(decisive ? 1 : 0)
      case 1: result.appendEmpty(.null, filler: 0)
      default: result.append(decisive ? 0 : 1)
      }
    }
    return Operand(.boolean(result))
  }
}

struct NotNode: ExpressionNode {
  let inner: any ExpressionNode
  var type: FieldType { .boolean }

  func evaluate(_ run: Evaluation) -> Operand {
    let operand = inner.evaluate(run)
    let result = TruthColumn(rows: run.rows)
    withExtendedLifetime(operand) {
      let cells = operand.cells
      for row in 0..<run.rows {
        if cells.hasValue(row) {
          result.append(cells.truth(row) ? 0 : 1)
        } else {
          result.appendEmpty(.null, filler: 0)
        }
      }
    }
    return Operand(.boolean(result))
  }
}

/// `IS [NOT] NULL`, and `present(x)`: facts about a cell's state, never unknown.
struct StateNode: ExpressionNode {
  enum Question: Sendable { case isNull, isNotNull, isPresent }

  let inner: any ExpressionNode
  let question: Question
  var type: FieldType { .boolean }

  func evaluate(_ run: Evaluation) -> Operand {
    let operand = inner.evaluate(run)
    let result = TruthColumn(rows: run.rows)
    withExtendedLifetime(operand) {
      let cells = operand.cells
      for row in 0..<run.rows {
        let state = cells.state(row)
        let isTrue =
          switch question {
          case .isNull: state != .value
          case .isNotNull: state == .value
          case .isPresent: state != .absent
          }
        result.append(isTrue ? 1 : 0)
      }
    }
    return Operand(.boolean(result))
  }
}
