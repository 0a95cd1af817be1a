// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Expressions
import Records

@testable import Transformers

/// A captured cell, written as a test shows it.
enum Cell: ExpressibleByStringLiteral, ExpressibleByNilLiteral {
  case value(String), null, absent, many(String), structure
  case list([String?])

  init(stringLiteral text: String) { self = .value(text) }
  init(nilLiteral: ()) { self = .null }

  func append(to column: TextColumn) {
    switch self {
    case .value(let text): column.append(text)
    case .null: column.appendEmpty(.null)
    case .absent: column.appendEmpty(.absent)
    case .structure: column.appendEmpty(.structure)
    case .many(let text):
      var text = text
      text.withUTF8 { column.append($0, state: .many) }
    case .list(let items):
      let start = column.storage.pointee.bytes.count
      for item in items {
        var text = item ?? ""
        text.withUTF8 {
          TextList.append($0, state: item == nil ? .null : .value, to: &column.storage.pointee.bytes)
        }
      }
      column.storage.pointee.closeCell(from: start, state: .list)
    }
  }
}

/// An expression made of a closure, so that these tests stand without the expression language.
struct StubExpression: ColumnExpression {
  var text = "stub"
  var type: FieldType
  var names: [String]
  var body: @Sendable (Int, any ExpressionScope, (Int, String) -> Void) -> Column

  func evaluate(rows: Int, scope: any ExpressionScope, failed: (Int, String) -> Void) -> Column {
    body(rows, scope, failed)
  }

  /// True where the named value's canonical text is the given one.
  static func equals(_ name: String, _ wanted: String) -> StubExpression {
    StubExpression(type: .boolean, names: [name]) { rows, scope, _ in
      let column = scope.column(name)
      let truth = FixedColumn<UInt8>(rows: max(rows, 1))
      for row in 0..<rows {
        if let text = column.text(row) {
          truth.append(text == wanted ? 1 : 0)
        } else {
          truth.appendEmpty(.null, filler: 0)
        }
      }
      return .boolean(truth)
    }
  }

  /// The column of a value as it is.
  static func same(_ name: String, _ type: FieldType) -> StubExpression {
    StubExpression(type: type, names: [name]) { _, scope, _ in scope.column(name) }
  }
}

let somewhere = FilePosition(file: "Pipelines/x.yaml", line: 7, column: 5)
let someFacts = PayloadFacts(name: "x.xml", landingDate: CalendarDate(days: 20_000))

/// A value plan for a field, with what a test changes.
func field(
  _ name: String, _ slots: Int..., type: FieldType = .text, personal: PersonalClass = .none,
  _ change: (inout ValuePlan) -> Void = { _ in }
) -> ValuePlan {
  var plan = ValuePlan(
    name: name, source: .captures(slots), type: type,
    field: EntityField(name: name, type: type, personal: personal), at: somewhere)
  change(&plan)
  return plan
}

func letValue(
  _ name: String, _ slots: Int..., type: FieldType = .text, _ change: (inout ValuePlan) -> Void = { _ in }
) -> ValuePlan {
  var plan = ValuePlan(name: name, source: .captures(slots), type: type, at: somewhere)
  change(&plan)
  return plan
}

/// What a transform made of a chunk, as text.
struct Mapped {
  var rows: [[String]]
  var fates: [RowFate]
  var failures: [Failure]
  var names: [String]
  var tables: [Table]

  /// `row rule field: message` of each failure; notes begin with `note`.
  var findings: [String] {
    failures.map { "\($0.kind == .note ? "note " : "")\($0.row) \($0.rule) \($0.field): \($0.message)" }
  }

  /// One field's cells.
  func cells(_ name: String) -> [String] {
    guard let index = names.firstIndex(of: name) else { return [] }
    return rows.map { $0[index] }
  }
}

func shown(_ column: Column, _ row: Int) -> String {
  switch column.state(row) {
  case .absent: "absent"
  case .null: "null"
  default: column.text(row) ?? "?"
  }
}

func mapPlan(_ values: [ValuePlan], entity: String = "thing", children: [ChildPlan] = []) -> MapPlan {
  MapPlan(
    entity: EntitySchema(name: entity, fields: values.compactMap(\.field)), values: values, children: children
  )
}

/// Runs a transform over captures given as columns, in chunks of so many rows, reusing one chunk as the
/// engine does.
func map(
  _ values: [ValuePlan], _ captures: [[Cell]], filter: (any ColumnExpression)? = nil,
  deletion: DeletionPlan? = nil, rules: [RulePlan] = [], lists: [String: CodeList] = [:],
  chunkRows: Int = 1000,
  skipped: Set<Int> = []
) throws -> Mapped {
  let plan = TransformPlan(map: mapPlan(values), filter: filter, rules: rules, deletion: deletion)
  let session = try MapTransformer(Settings(Tree(.mapping([]), at: somewhere), owner: "map"))
    .session(plan, lists: lists, facts: someFacts)
  let chunk = Chunk(kind: 0, table: Table(captures: captures.count))
  var result = Mapped(rows: [], fates: [], failures: [], names: [], tables: [])
  let count = captures.first?.count ?? 1
  var start = 0
  repeat {
    let end = min(start + chunkRows, count)
    chunk.removeAll()
    for row in start..<end {
      for (column, cells) in zip(chunk.table.captures, captures) { cells[row].append(to: column) }
      chunk.table.fates.append(skipped.contains(row) ? .skipped : .live)
    }
    session.transform(chunk)
    result.names = chunk.table.fields.map(\.name)
    for row in 0..<(end - start) {
      result.rows.append(chunk.table.fields.map { shown($0.column, row) })
      result.fates.append(chunk.table.fates[row])
    }
    for var failure in chunk.failures {
      failure.row += start
      result.failures.append(failure)
    }
    start = end
  } while start < count
  return result
}

/// Reads texts as one field: for each its cell, or the rule it broke with the message.
func read(
  _ cells: [Cell], as type: FieldType, lists: [String: CodeList] = [:],
  _ change: (inout ValuePlan) -> Void = { _ in }
) throws -> [String] {
  let mapped = try map([field("f", 0, type: type, change)], [cells], lists: lists)
  return mapped.rows.enumerated().map { row, cells in
    let broken = mapped.failures.filter { $0.row == row }
    if broken.isEmpty { return cells[0] }
    return "\(cells[0]) < " + broken.map { "\($0.rule): \($0.message)" }.joined(separator: "; ")
  }
}
