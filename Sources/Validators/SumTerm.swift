// SPDX-License-Identifier: Apache-2.0

import Components
import Expressions
import Records

/// `parts` or `total` of a `sums` rule: finds the number of each record.
struct SumTerm {
  private let plan: SumsPlan.Term
  /// What the number and its condition are made of.
  private let origins: Set<String>

  init(_ plan: SumsPlan.Term, origins: Set<String>) {
    self.plan = plan
    self.origins = origins
  }

  /// - Parameter failed: told of each row whose number or condition cannot be computed.
  func cells(_ table: Table, _ scope: TableScope, failed: (Int, String) -> Void) -> SumCells {
    var rows: Set<Int> = []
    func column(_ expression: any ColumnExpression) -> Column {
      // A name alone is its column: nothing is computed, and nothing copied.
      if expression.names == [expression.text], let column = table.field(expression.text) { return column }
      return expression.evaluate(rows: table.rows, scope: scope) { row, message in
        if rows.insert(row).inserted { failed(row, message) }
      }
    }
    let values = column(plan.value)
    let conditions = plan.condition.map(column)
    return SumCells(values, conditions, origins: origins, uncomputed: rows)
  }
}

/// The numbers of one chunk's records.
struct SumCells {
  enum Cell: Equatable {
    case value(Int128)
    case null
    /// Something is there that could not be read or computed.
    case unreadable
    /// The record has none: the condition is not true.
    case none
  }

  private let values: Column
  private let conditions: Column?
  private let origins: Set<String>
  private let uncomputed: Set<Int>

  init(_ values: Column, _ conditions: Column?, origins: Set<String>, uncomputed: Set<Int>) {
    self.values = values
    self.conditions = conditions
    self.origins = origins
    self.uncomputed = uncomputed
  }

  @inline(__always)
  func cell(_ row: Int, _ failed: FailedValues) -> Cell {
    if !failed.isEmpty, failed.isWhole(row) { return .unreadable }
    if case .boolean(let truth)? = conditions {
      guard let isTrue = truth[row] else { return isUnreadable(row, failed) ? .unreadable : .none }
      if isTrue == 0 { return .none }
    }
    switch values {
    case .integer(let column): if let number = column[row] { return .value(Int128(number)) }
    case .decimal(let column, _): if let number = column[row] { return .value(number) }
    case .text, .boolean, .date, .timestamp: break
    }
    return isUnreadable(row, failed) ? .unreadable : .null
  }

  private func isUnreadable(_ row: Int, _ failed: FailedValues) -> Bool {
    uncomputed.contains(row) || (!failed.isEmpty && failed.contains(origins, row))
  }
}
