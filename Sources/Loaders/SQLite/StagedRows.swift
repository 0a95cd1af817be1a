// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Of the rows that a run of `replace` has put aside, the fields of one entity that reference checks look at, so that
/// they see what will stand after the run. They last as long as the connection, as the run does.
final class StagedRows {
  let table: String
  private let columns: [String]
  private let pipeline: String
  private let database: SQLiteDatabase
  private let insert: SQLiteStatement

  /// Clears what an earlier attempt of the batch, or an earlier run, left.
  init(
    _ entity: String, _ columns: [String], _ batch: LoadBatch, pipeline: String, database: SQLiteDatabase
  ) throws(StageFailure) {
    self.columns = columns
    self.pipeline = pipeline
    self.database = database
    table = "temp." + quoted("_terrace_staged_" + entity)
    let fields = columns.map(quoted)
    if try !database.hasTemporaryTable("_terrace_staged_" + entity) {
      try database.execute(
        "CREATE TABLE \(table) (run TEXT, batch TEXT, ordinal INTEGER, high INTEGER, low INTEGER, version, "
          + fields.joined(separator: ", ") + ")")
      for column in ["high"] + columns {
        let index = quoted("_terrace_staged_\(entity)_by_\(column)")
        try database.execute(
          "CREATE INDEX temp.\(index) ON \(quoted("_terrace_staged_" + entity)) (\(quoted(column)))")
      }
    }
    try Staging.delete(
      from: table, database, where: "run <> ?1 OR batch = ?2", [batch.run, batch.batch])
    insert = try database.prepare(
      "INSERT INTO \(table) (run, batch, ordinal, high, low, version, \(fields.joined(separator: ", "))) "
        + "VALUES (\((1...6 + columns.count).map { "?\($0)" }.joined(separator: ", ")))")
    insert.bind(batch.run, at: 1)
    insert.bind(batch.batch, at: 2)
  }

  /// - Returns: the row's `_rowid_`.
  func put(_ row: Int, _ ordinal: Int64, _ key: KeyDigest, of kind: RootKind) throws(StageFailure) -> Int64 {
    let writer = kind.writer
    insert.bind(ordinal, at: 3)
    if kind.hasKey {
      insert.bind(Int64(bitPattern: key.high), at: 4)
      insert.bind(Int64(bitPattern: key.low), at: 5)
    }
    insert.bind(version: kind.version.map { writer.readers[$0].version(row) } ?? .none, at: 6)
    for (index, column) in columns.enumerated() {
      let at = Int32(7 + index)
      if let field = writer.fields.firstIndex(where: { $0.name == column }) {
        writer.readers[field].bind(row, to: insert.handle, at: at, writer.scratch(field))
      } else {
        insert.bindNull(at: at)
      }
    }
    try insert.run()
    return database.lastRowid
  }

  /// SQL of the rows `s` that have `?1` in a column and stand for their key: of those of one key the highest version,
  /// then the last.
  func select(_ selected: String, by column: String, joined: String = "") -> String {
    func rank(_ row: String) -> String { "(coalesce(\(row).version, x''), \(row).batch, \(row).ordinal)" }
    return "SELECT \(selected) FROM \(table) AS s \(joined) WHERE s.\(column) = ?1 AND NOT EXISTS "
      + "(SELECT 1 FROM \(table) AS b WHERE b.high = s.high AND b.low = s.low AND \(rank("b")) > \(rank("s")))"
  }

  /// SQL that is true of rows in the center that stand beside those put aside, which are known by a column's value.
  func isBeside(by column: String, _ mode: LoadPlan.Mode) -> String {
    mode == .replace ? isForeign : "NOT EXISTS (\(select("1", by: column)))"
  }

  /// SQL that is true of rows in the center that another pipeline loaded.
  var isForeign: String { "_pipeline <> \(CenterTables.literal(pipeline))" }
}

extension SQLiteDatabase {
  func hasTemporaryTable(_ name: String) throws(StageFailure) -> Bool {
    let known = try prepare("SELECT 1 FROM sqlite_temp_schema WHERE type = 'table' AND name = ?1")
    known.bind(name, at: 1)
    defer { known.reset() }
    return try known.step()
  }
}

extension SQLiteStatement {
  /// In a form that sorts as versions do. One version field has one type, hence one form.
  func bind(version: RowVersion, at index: Int32) {
    switch version {
    case .none: bindNull(at: index)
    case .text(let bytes): bind(blob: UnsafeRawBufferPointer(bytes), at: index)
    case .number(let number):
      // Big-endian with the sign turned around sorts as the number does.
      let shifted = UInt128(bitPattern: number) ^ (UInt128(1) << 127)
      withUnsafeBytes(of: shifted.bigEndian) { bind(blob: $0, at: index, copies: true) }
    }
  }
}
