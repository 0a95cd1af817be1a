// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// The rules of one table and of its nested lists, compiled.
final class TableCheck {
  private let entity: String
  private let dropsBadRows: Bool
  private let fields: [(index: Int, check: FieldCheck)]
  private let children: [TableCheck]

  convenience init(_ plan: MapPlan) throws(StageFailure) { try self.init(plan, dropsBadRows: false) }

  private init(_ plan: MapPlan, dropsBadRows: Bool) throws(StageFailure) {
    entity = plan.entity.name
    self.dropsBadRows = dropsBadRows
    var fields: [(Int, FieldCheck)] = []
    for (index, field) in plan.values.compactMap(\.field).enumerated() {
      let isRequired = field.isRequired || plan.entity.key.contains(field.name)
      if let check = try FieldCheck(field, isRequired: isRequired, entity: entity) {
        fields.append((index, check))
      }
    }
    self.fields = fields
    var children: [TableCheck] = []
    for child in plan.children {
      children.append(try TableCheck(child.map, dropsBadRows: child.dropsBadChildren))
    }
    self.children = children
  }

  func validate(_ chunk: Chunk) {
    let earlier = EarlierFailures(chunk)
    let frame = TableFrame(chunk.table, entity: entity)
    if validate(frame, chunk, earlier) { inheritFates(frame) }
  }

  /// - Returns: whether rows of nested lists were dropped.
  private func validate(_ frame: TableFrame, _ chunk: Chunk, _ earlier: EarlierFailures) -> Bool {
    let table = frame.table
    guard table.rows > 0 else { return false }
    var drops = false
    for (index, check) in fields {
      guard let column = column(check.field.name, near: index, of: table) else { continue }
      check.judge(column) { row, rule, message in
        guard table.isJudged(row) else { return }
        if rule == FieldCheck.required, earlier.names(check.field.name, row, of: frame) { return }
        let value = rule == FieldCheck.required ? nil : column.excerpt(row)
        if chunk.reject(
          row, of: frame, rule: rule, field: check.field, value: value, message: message())
        {
          drops = true
        }
      }
    }
    for (index, child) in children.enumerated() where index < table.children.count {
      let nested = TableFrame(
        table.children[index], entity: child.entity, dropsBadRows: child.dropsBadRows, parent: frame)
      if child.validate(nested, chunk, earlier) { drops = true }
    }
    return drops
  }

  /// Mapped fields stand in the plan's order, unless a transformer of another's made the table.
  private func column(_ name: String, near index: Int, of table: Table) -> Column? {
    if index < table.fields.count, table.fields[index].name == name { return table.fields[index].column }
    return table.field(name)
  }

  private func inheritFates(_ frame: TableFrame) {
    frame.inheritFates()
    for (index, child) in children.enumerated() where index < frame.table.children.count {
      child.inheritFates(TableFrame(frame.table.children[index], entity: child.entity, parent: frame))
    }
  }
}

/// Which values failed before the schema was asked: that such a value is missing is no second failure.
private final class EarlierFailures {
  private let chunk: Chunk
  private let count: Int
  /// Fields that failed, by root row; worked out when first asked for.
  private lazy var fields: [Int: [(field: String, kind: Failure.Kind)]] = {
    var fields: [Int: [(field: String, kind: Failure.Kind)]] = [:]
    for failure in chunk.failures[..<count] {
      fields[failure.row, default: []].append((failure.field, failure.kind))
    }
    return fields
  }()

  init(_ chunk: Chunk) {
    self.chunk = chunk
    count = chunk.failures.count
  }

  func names(_ field: String, _ row: Int, of frame: TableFrame) -> Bool {
    if count == 0 { return false }
    let (root, prefix) = frame.place(row)
    guard let found = fields[root] else { return false }
    // What a dropped row broke is only noted.
    let isDropped = frame.droppable(row).map { $0.table.fates[$0.row] == .rejected } ?? false
    return found.contains { ($0.kind == .reject || isDropped) && $0.field == prefix + field }
  }
}
