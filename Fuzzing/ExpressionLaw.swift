// SPDX-License-Identifier: Apache-2.0

import Expressions
import Records

/// What compiles gives one cell a row, the same each time; what does not is pointed at.
struct ExpressionLaw: Law, ExpressionScope {
  private static let names: [String: FieldType] = [
    "t": .text, "i": .integer, "d": .decimal(precision: 18, scale: 2), "b": .boolean, "day": .date,
    "moment": .timestamp, "born": .partialDate, "c": .code(list: "commune"), "cell(1,1)": .text,
  ]
  private static let rows = 3

  private let columns: [String: Column]

  init() {
    var columns: [String: Column] = [:]
    for (name, type) in Self.names {
      let column = Column.make(for: type)
      switch column {
      case .text(let column): ["Đồng Văn", "", "2026-02-29"].forEach { column.append($0) }
      case .integer(let column): [0, Int64.min, Int64.max].forEach { column.append($0) }
      case .decimal(let column, _): [0, -12_345, 999_999_999_999_999_999].forEach { column.append($0) }
      case .boolean(let column): [0, 1, 1].forEach { column.append($0) }
      case .date(let column): [0, -719_162, 2_932_896].forEach { column.append($0) }
      case .timestamp(let column): [0, -1, 253_402_300_799_999_999].forEach { column.append($0) }
      }
      columns[name] = column
    }
    self.columns = columns
  }

  func column(_ name: String) -> Column { columns[name] ?? .text(TextColumn()) }
  var landingDate: CalendarDate { CalendarDate(days: 20_000) }
  var payloadName: String { "tai-san.xml" }
  func request(_ name: String) -> String? { name == "nam" ? "2026" : nil }
  func codeList(_ name: String) -> CodeList? { nil }

  func check(_ text: String) {
    let found = Expression.findings(text, known: Array(Self.names.keys)) { Self.names[$0] }
    for error in found
    where error.help.isEmpty || error.offset < 0 || error.length < 1 || error.offset > text.count {
      broken("a finding points into the expression and says what to do", "\(error)")
    }
    guard let expression = try? Expression.compile(text, names: { Self.names[$0] }) else {
      if found.isEmpty { broken("an expression that does not compile has findings") }
      return
    }
    if !found.isEmpty { broken("an expression that compiles has no findings", "\(found)") }
    let first = values(expression)
    let second = values(expression)
    if first != second { broken("an expression gives the same twice", "\(first) and \(second)") }
  }

  private func values(_ expression: any ColumnExpression) -> [String] {
    var failures: [String] = []
    let column = expression.evaluate(rows: Self.rows, scope: self) { failures.append("\($0) \($1)") }
    if column.count != Self.rows { broken("a row has a cell", "\(column.count) cells") }
    return failures + (0..<Self.rows).map { column.text($0) ?? "null" }
  }
}
