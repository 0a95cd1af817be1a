// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Where `replace` puts the records of a run until all its batches have come: one table in the center, a row
/// for each record with its nested rows as bytes (see ``RecordBytes``).
final class Staging {
  private let batch: LoadBatch
  private let plan: LoadPlan
  private let database: SQLiteDatabase
  private let insert: SQLiteStatement
  private let insertValue: SQLiteStatement
  private var bytes = GrowableBuffer<UInt8>(capacity: 1024)
  /// Fields that records of this plan refer to, by entity.
  private let referenced: [EntityReference]

  static func makeTables(_ database: SQLiteDatabase) throws(StageFailure) {
    if try database.hasTable("_terrace_stage_values") { return }
    let counters = CenterTables.counterColumns.map { "\($0.name) INTEGER NOT NULL" }.joined(separator: ", ")
    try database.execute(
      """
      BEGIN IMMEDIATE;
      CREATE TABLE IF NOT EXISTS _terrace_stage (id INTEGER PRIMARY KEY, pipeline TEXT NOT NULL,
        run TEXT NOT NULL, batch TEXT NOT NULL, kind INTEGER NOT NULL, entity TEXT NOT NULL,
        ordinal INTEGER NOT NULL, high INTEGER, low INTEGER, version, record BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS _terrace_stage_batches (pipeline TEXT NOT NULL, run TEXT NOT NULL,
        batch TEXT NOT NULL, \(counters), PRIMARY KEY (run, batch));
      CREATE TABLE IF NOT EXISTS _terrace_stage_values (pipeline TEXT NOT NULL, run TEXT NOT NULL,
        batch TEXT NOT NULL, entity TEXT NOT NULL, field TEXT NOT NULL, value);
      CREATE INDEX IF NOT EXISTS _terrace_stage_values_by_value
        ON _terrace_stage_values (entity, field, value);
      COMMIT
      """)
  }

  static let tables = ["_terrace_stage", "_terrace_stage_batches", "_terrace_stage_values"]

  static func discard(run: String, database: SQLiteDatabase) throws(StageFailure) {
    try database.execute("BEGIN IMMEDIATE")
    do throws(StageFailure) {
      for table in tables { try delete(from: table, database, where: "run = ?1", [run]) }
      try database.step("center.discard")
      try database.execute("COMMIT")
    } catch {
      database.rollBack()
      throw error
    }
  }

  static func delete(
    from table: String, _ database: SQLiteDatabase, where condition: String, _ values: [String]
  ) throws(StageFailure) {
    let delete = try database.prepare("DELETE FROM \(table) WHERE \(condition)")
    for (index, value) in values.enumerated() { delete.bind(value, at: Int32(index + 1)) }
    try delete.run()
  }

  /// Clears what an earlier attempt of the batch or a dead run of the pipeline left.
  init(_ batch: LoadBatch, plan: LoadPlan, database: SQLiteDatabase) throws(StageFailure) {
    self.batch = batch
    self.plan = plan
    self.database = database
    for table in Self.tables {
      try Self.delete(
        from: table, database, where: "pipeline = ?1 AND (run <> ?2 OR batch = ?3)",
        [plan.pipeline, batch.run, batch.batch])
    }
    insert = try database.prepare(
      "INSERT INTO _terrace_stage (pipeline, run, batch, kind, entity, ordinal, high, low, version, record) "
        + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")
    insertValue = try database.prepare(
      "INSERT INTO _terrace_stage_values (pipeline, run, batch, entity, field, value) "
        + "VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    for statement in [insert, insertValue] {
      statement.bind(plan.pipeline, at: 1)
      statement.bind(batch.run, at: 2)
      statement.bind(batch.batch, at: 3)
    }
    let fed = plan.fedEntities
    referenced = Array(Set(plan.references.filter { fed.contains($0.entity) }))
  }

  deinit { bytes.deallocate() }

  func put(_ row: Int, _ ordinal: Int64, _ key: KeyDigest, of kind: RootKind) throws(StageFailure) {
    bytes.count = 0
    RecordBytes.append(row, of: kind.writer, to: &bytes)
    insert.bind(Int64(kind.index), at: 4)
    insert.bind(kind.writer.layout.name, at: 5)
    insert.bind(ordinal, at: 6)
    if kind.hasKey {
      insert.bind(Int64(bitPattern: key.high), at: 7)
      insert.bind(Int64(bitPattern: key.low), at: 8)
    }
    insert.bind(version: kind.version.map { kind.writer.readers[$0].version(row) } ?? .none, at: 9)
    insert.bind(blob: UnsafeRawBufferPointer(start: bytes.base, count: bytes.count), at: 10)
    try insert.run()
    if !referenced.isEmpty { try putValues(row, of: kind.writer) }
  }

  private func putValues(_ row: Int, of writer: TableWriter) throws(StageFailure) {
    for reference in referenced where reference.entity == writer.layout.name {
      guard let field = writer.fields.firstIndex(where: { $0.name == reference.field }) else { continue }
      insertValue.bind(reference.entity, at: 4)
      insertValue.bind(reference.field, at: 5)
      writer.readers[field].bind(row, to: insertValue.handle, at: 6, writer.scratch(field))
      try insertValue.run()
    }
    for child in writer.children {
      for childRow in child.rows(of: row) where child.isLive(childRow) { try putValues(childRow, of: child) }
    }
  }

  /// SQL that is true when `p.value` is among what the run has put aside for a referenced field.
  func holds(_ reference: EntityReference) -> String? {
    guard let index = referenced.firstIndex(of: reference) else { return nil }
    let known = referenced[index]
    func literal(_ text: String) -> String {
      "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
    return "EXISTS (SELECT 1 FROM _terrace_stage_values AS s WHERE s.entity = \(literal(known.entity)) "
      + "AND s.field = \(literal(known.field)) AND s.value = p.value AND s.run = \(literal(batch.run)))"
  }

  /// Keeps the batch's counters for ``Publication``.
  func close(_ counters: Counters) throws(StageFailure) {
    let columns = CenterTables.counterColumns
    let insert = try database.prepare(
      "INSERT OR REPLACE INTO _terrace_stage_batches (pipeline, run, batch, "
        + "\(columns.map(\.name).joined(separator: ", "))) "
        + "VALUES (\((1...3 + columns.count).map { "?\($0)" }.joined(separator: ", ")))")
    insert.bind(plan.pipeline, at: 1)
    insert.bind(batch.run, at: 2)
    insert.bind(batch.batch, at: 3)
    for (index, column) in columns.enumerated() {
      insert.bind(Int64(counters[keyPath: column.path]), at: Int32(4 + index))
    }
    try insert.run()
  }
}
