// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Components
import Diagnostics
import Records

/// Writes the rows of one table of a record kind, and compares them with those that stand. Holds the prepared
/// statements of its table; those of nested lists hang below it.
final class TableWriter {
  let layout: TableLayout
  let fields: [EntityField]
  let children: [TableWriter]
  private(set) unowned var parent: TableWriter?
  /// Positions of the entity's own key within `fields`.
  let keys: [Int]
  let readers: UnsafeMutablePointer<ColumnReader>
  /// Room for the text of each field's cell.
  let scratch: CellText.Memory
  private(set) var table = Table(captures: 0)
  /// No row stood when the batch began, so that nothing needs to be cleared.
  let wasEmpty: Bool
  /// Rows of the table can be marked as deleted, by this pipeline or another.
  let hasDeletions: Bool
  /// Columns that say who last wrote a row, or the part of it that has a version of its own.
  let written: [String]
  var references: [FieldReference] = []

  /// Keys met below one parent row.
  var seen = GrowableBuffer<KeyDigest>(capacity: 32)
  var manySeen: Set<KeyDigest> = []

  let database: SQLiteDatabase
  let stamp: RowStamp
  /// By ``Statement``; made when first needed.
  private var statements = [SQLiteStatement?](repeating: nil, count: Statement.allCases.count)
  let insert: SQLiteStatement

  private enum Statement: Int, CaseIterable {
    case select, update, selectAll, rowids, count, deleteRow, deleteAll, deleteOfRoot
  }

  init(_ kind: LoadKind, plan: LoadPlan, stamp: RowStamp, database: SQLiteDatabase) throws(StageFailure) {
    layout = try TableLayout(kind.entity, among: plan.entities)
    var fields: [EntityField] = []
    for name in kind.mapped {
      guard let field = kind.entity.field(name) else {
        throw ColumnReader.mismatch(name, "is no field of '\(kind.entity.name)'")
      }
      fields.append(field)
    }
    var keys: [Int] = []
    for name in kind.entity.key {
      guard let position = kind.mapped.firstIndex(of: name) else {
        throw StageFailure(
          id: "load.key-not-mapped", "key field '\(name)' of '\(kind.entity.name)' is not mapped",
          help: "map '\(name)' in the pipeline's transform section", exit: .files)
      }
      keys.append(position)
    }
    var children: [TableWriter] = []
    for child in kind.children {
      children.append(try TableWriter(child, plan: plan, stamp: stamp, database: database))
    }
    self.fields = fields
    self.keys = keys
    self.children = children
    self.database = database
    self.stamp = stamp
    let name = quoted(layout.name)
    let part = kind.ownVersion.map(TableLayout.batch)
    // The mark is of the whole row.
    hasDeletions = part == nil ? try database.hasColumn(TableLayout.deletedAt, in: layout.name) : false
    written = part.map { [$0] } ?? TableLayout.bookkeeping
    wasEmpty = try !database.prepare("SELECT 1 FROM \(name) LIMIT 1").step()
    let columns =
      layout.parentIdentity + fields.map(\.name) + TableLayout.bookkeeping + (part.map { [$0] } ?? [])
    // Only a root row may meet a standing one: children are cleared or looked up before.
    let conflict = layout.parentColumns == 0 && !keys.isEmpty ? " ON CONFLICT DO NOTHING" : ""
    insert = try database.prepare(
      "INSERT INTO \(name) (\(columns.map(quoted).joined(separator: ", "))) VALUES "
        + "(\((1...columns.count).map { "?\($0)" }.joined(separator: ", ")))\(conflict)")
    if part != nil { insert.bind(stamp.batch, at: Int32(columns.count)) }
    stamp.bind(to: insert, from: Int32(columns.count - (part == nil ? 2 : 3)))
    readers = .allocate(capacity: max(fields.count, 1))
    scratch = .allocate(capacity: max(fields.count, 1) * CellText.capacity)
    for child in children { child.parent = self }
  }

  deinit {
    seen.deallocate()
    readers.deallocate()
    scratch.deallocate()
  }

  /// Takes the columns of a chunk's table; they must not change until the next call.
  func attach(_ table: Table) throws(StageFailure) {
    self.table = table
    for (index, field) in fields.enumerated() {
      let atItsPlace = index < table.fields.count && table.fields[index].name == field.name
      guard
        let column = atItsPlace ? table.fields[index] : table.fields.first(where: { $0.name == field.name })
      else { throw ColumnReader.mismatch(field.name, "is missing") }
      (readers + index).initialize(to: try ColumnReader(column, type: field.type))
    }
    guard table.children.count >= children.count else {
      throw ColumnReader.mismatch(layout.name, "lacks a child table")
    }
    for (child, table) in zip(children, table.children) { try child.attach(table) }
  }

  @inline(__always)
  func scratch(_ field: Int) -> CellText.Memory { scratch + field * CellText.capacity }

  // MARK: One row

  /// - Returns: false when a row with its key stands (root tables only).
  func insert(_ row: Int) throws(StageFailure) -> Bool {
    let statement = insert.handle
    var index: Int32 = 1
    if let parent { index = parent.bindIdentity(Int(table.parents[row]), to: insert, from: index) }
    for field in 0..<fields.count {
      readers[field].bind(row, to: statement, at: index, scratch(field))
      index += 1
    }
    try insert.run()
    return database.changes == 1
  }

  /// Binds the columns that identify a row, those of its ancestors in front.
  ///
  /// - Returns: the index behind the last bound.
  func bindIdentity(_ row: Int, to statement: SQLiteStatement, from first: Int32) -> Int32 {
    var index = first
    if let parent { index = parent.bindIdentity(Int(table.parents[row]), to: statement, from: index) }
    for field in keys {
      readers[field].bind(row, to: statement.handle, at: index, scratch(field))
      index += 1
    }
    return index
  }

  /// Finds the standing row of a row's identity: `_rowid_`, the fields, the batch that wrote them, `_pipeline`, and
  /// `_deleted_at` where there is one.
  /// The caller resets the statement.
  func findStanding(_ row: Int) throws(StageFailure) -> SQLiteStatement? {
    let select = try statement(.select)
    _ = bindIdentity(row, to: select, from: 1)
    return try select.step() ? select : nil
  }

  @inline(__always)
  func differs(_ row: Int, from standing: SQLiteStatement) -> Bool {
    for field in 0..<fields.count {
      if readers[field].differs(row, from: standing.handle, at: Int32(field + 1), scratch(field)) {
        return true
      }
    }
    return false
  }

  /// Writes the mapped fields over a standing row, and resets `standing`.
  func update(_ row: Int, over standing: SQLiteStatement) throws(StageFailure) {
    let update = try statement(.update)
    var index: Int32 = 1
    for field in 0..<fields.count where !keys.contains(field) {
      let reader = readers[field]
      if reader.keepsAbsent, reader.states[row] == .absent {
        sqlite3_bind_value(update.handle, index, sqlite3_column_value(standing.handle, Int32(field + 1)))
      } else {
        reader.bind(row, to: update.handle, at: index, scratch(field))
      }
      index += 1
    }
    update.bind(standing.integer(0), at: index + Int32(written.count))
    standing.reset()
    try update.run()
  }

  func deleteRow(_ rowid: Int64) throws(StageFailure) {
    let delete = try statement(.deleteRow)
    delete.bind(rowid, at: 1)
    try delete.run()
  }

  // MARK: The rows below one parent row

  /// Rows of this child table that belong to a row of the parent table.
  func rows(of parentRow: Int) -> Range<Int> {
    lowerBound(parentRow)..<lowerBound(parentRow + 1)
  }

  private func lowerBound(_ parentRow: Int) -> Int {
    var low = 0
    var high = table.parents.count
    while low < high {
      let middle = (low + high) / 2
      if Int(table.parents[middle]) < parentRow { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func isLive(_ row: Int) -> Bool { table.fates[row] == .live }

  /// Standing rows below a parent row in the order they were written: `_rowid_`, the fields.
  func standingRows(of parentRow: Int) throws(StageFailure) -> SQLiteStatement {
    try below(parentRow, .selectAll)
  }

  func standingRowids(of parentRow: Int) throws(StageFailure) -> [Int64] {
    let select = try below(parentRow, .rowids)
    var rowids: [Int64] = []
    while try select.step() { rowids.append(select.integer(0)) }
    return rowids
  }

  func standingCount(of parentRow: Int) throws(StageFailure) -> Int {
    let select = try below(parentRow, .count)
    guard try select.step() else { return 0 }
    defer { select.reset() }
    return Int(select.integer(0))
  }

  func deleteStanding(of parentRow: Int) throws(StageFailure) {
    try below(parentRow, .deleteAll).run()
  }

  /// Removes all rows below a root row, whatever lists stand between.
  func deleteStanding(ofRoot rootRow: Int, _ root: TableWriter) throws(StageFailure) {
    let delete = try statement(.deleteOfRoot)
    _ = root.bindIdentity(rootRow, to: delete, from: 1)
    try delete.run()
  }

  private var rootKeyCount: Int { parent?.rootKeyCount ?? keys.count }

  private func below(_ parentRow: Int, _ which: Statement) throws(StageFailure) -> SQLiteStatement {
    let statement = try statement(which)
    _ = parent?.bindIdentity(parentRow, to: statement, from: 1)
    return statement
  }

  // MARK: Statements

  private func statement(_ which: Statement) throws(StageFailure) -> SQLiteStatement {
    if let known = statements[which.rawValue] { return known }
    let made = try database.prepare(sql(which))
    if which == .update {
      let first = Int32(fields.count - keys.count + 1)
      if written.count == 1 { made.bind(stamp.batch, at: first) } else { stamp.bind(to: made, from: first) }
    }
    statements[which.rawValue] = made
    return made
  }

  private func sql(_ which: Statement) -> String {
    let name = quoted(layout.name)
    let mapped = fields.map { ", " + quoted($0.name) }.joined()
    func matching(_ columns: [String]) -> String {
      columns.enumerated().map { "\(quoted($1)) = ?\($0 + 1)" }.joined(separator: " AND ")
    }
    switch which {
    case .select:
      let mark = hasDeletions ? ", " + TableLayout.deletedAt : ""
      return "SELECT _rowid_\(mapped), \(quoted(written[0])), _pipeline\(mark) FROM \(name) "
        + "WHERE \(matching(layout.identity))"
    case .update:
      let values = fields.indices.filter { !keys.contains($0) }.map { fields[$0].name }
      let assignments = (values + written).enumerated()
        .map { "\(quoted($1)) = ?\($0 + 1)" }.joined(separator: ", ")
      // What is brought again stands again.
      let mark = hasDeletions ? ", \(TableLayout.deletedAt) = NULL" : ""
      return "UPDATE \(name) SET \(assignments)\(mark) WHERE _rowid_ = ?\(values.count + written.count + 1)"
    case .selectAll:
      return "SELECT _rowid_\(mapped) FROM \(name) WHERE \(matching(layout.parentIdentity)) ORDER BY _rowid_"
    case .rowids: return "SELECT _rowid_ FROM \(name) WHERE \(matching(layout.parentIdentity))"
    case .count: return "SELECT count(*) FROM \(name) WHERE \(matching(layout.parentIdentity))"
    case .deleteRow: return "DELETE FROM \(name) WHERE _rowid_ = ?1"
    case .deleteOfRoot:
      return "DELETE FROM \(name) WHERE \(matching(Array(layout.parentIdentity.prefix(rootKeyCount))))"
    case .deleteAll: return "DELETE FROM \(name) WHERE \(matching(layout.parentIdentity))"
    }
  }
}

/// What a batch writes beside the fields of each row.
struct RowStamp {
  let batch: String
  let pipeline: String
  let loadedAt: String

  init(_ batch: LoadBatch, pipeline: String) {
    self.batch = batch.batch
    self.pipeline = pipeline
    loadedAt =
      Instant(microseconds: batch.loadedAt.multipliedReportingOverflow(by: 1_000_000).partialValue)
      .description
  }

  func bind(to statement: SQLiteStatement, from index: Int32) {
    statement.bind(batch, at: index)
    statement.bind(pipeline, at: index + 1)
    statement.bind(loadedAt, at: index + 2)
  }
}
