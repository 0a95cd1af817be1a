// SPDX-License-Identifier: Apache-2.0

import Records

/// Text lists of literals, the usual `IN`: one pass instead of a comparison for each item.
struct TextMembershipNode: ExpressionNode {
  let subject: any ExpressionNode
  let hasNull: Bool
  let isNegated: Bool
  private let byLength: [Int: [[UInt8]]]
  var type: FieldType { .boolean }

  init(subject: any ExpressionNode, texts: [String], hasNull: Bool, isNegated: Bool) {
    self.subject = subject
    self.hasNull = hasNull
    self.isNegated = isNegated
    byLength = Dictionary(grouping: Set(texts).map { Array($0.utf8) }, by: \.count)
      .mapValues { $0.sorted { $0.lexicographicallyPrecedes($1) } }
  }

  func evaluate(_ run: Evaluation) -> Operand {
    let operand = subject.evaluate(run)
    let result = TruthColumn(rows: run.rows)
    withExtendedLifetime(operand) {
      let cells = operand.cells
      for row in 0..<run.rows {
        let isFound = cells.hasValue(row) && contains(cells.text(row))
        if !cells.hasValue(row) || (!isFound && hasNull) {
          result.appendEmpty(.null, filler: 0)
        } else {
          result.append(isFound != isNegated ? 1 : 0)
        }
      }
    }
    return Operand(.boolean(result))
  }

  /// Binary search among the texts of the same length.
  private func contains(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let candidates = byLength[bytes.count] else { return false }
    var low = 0
    var high = candidates.count
    while low < high {
      let middle = (low + high) / 2
      let difference = candidates[middle].withUnsafeBufferPointer { textOrder($0, bytes) }
      if difference == 0 { return true }
      if difference < 0 { low = middle + 1 } else { high = middle }
    }
    return false
  }
}
