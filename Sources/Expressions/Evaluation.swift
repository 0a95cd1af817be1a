// SPDX-License-Identifier: Apache-2.0

import Records

/// One run of an expression over the rows of a scope.
final class Evaluation {
  let rows: Int
  let scope: any ExpressionScope
  /// Rows whose result matters, or nil for all: a branch not taken must not fail (`CASE WHEN b <> 0 THEN a / b`).
  private(set) var active: [Bool]?
  private let report: (Int, String) -> Void
  private var failed: Set<Int> = []

  init(rows: Int, scope: any ExpressionScope, report: @escaping (Int, String) -> Void) {
    self.rows = rows
    self.scope = scope
    self.report = report
  }

  @inline(__always)
  func isActive(_ row: Int) -> Bool {
    guard let active else { return true }
    return active[row]
  }

  /// Tells that a row's result cannot be computed; once a row, and only where the result matters.
  @inline(never)
  func fail(_ row: Int, _ sentence: @autoclosure () -> String) {
    guard isActive(row), failed.insert(row).inserted else { return }
    report(row, sentence())
  }

  /// Runs a part of the expression with only some rows active.
  func narrowed<Result>(to rows: [Bool], _ body: () -> Result) -> Result {
    let outer = active
    active = rows
    defer { active = outer }
    return body()
  }

  /// The rows active now, to narrow them.
  func activeRows() -> [Bool] { active ?? Array(repeating: true, count: rows) }
}

/// A part of an expression whose names and types are known.
protocol ExpressionNode: Sendable {
  var type: FieldType { get }
  /// - Returns: a column of `run.rows` cells, or a constant.
  func evaluate(_ run: Evaluation) -> Operand
}
