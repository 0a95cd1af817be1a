// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Components
import Diagnostics
import Records

/// The slices of `replace_slice` that one load meets: which batch has the later word on each, and which rows of it the
/// load has brought again. What it did not bring again is removed at its end.
///
/// Of a slice in which no row stood nothing is remembered but that it came, so that fresh slices cost little. All else
/// stands in temporary tables: memory does not grow with the load.
final class Slices {
  let plan: LoadPlan
  let database: SQLiteDatabase
  /// See ``LoadBatch/unit``.
  let unit: String
  /// The last batch of the unit.
  let last: String
  let run: String
  /// Sorted: in which order a file names them makes no other slice.
  let fields: [String]
  /// False where only a part of the records comes: what is absent is not gone then.
  let removesRest: Bool
  private(set) var entities: [EntitySlices] = []
  fileprivate(set) var twice: [SliceTwice] = []
  private let touched: SQLiteStatement

  /// Who had the last word on each slice that ever came.
  static func makeTable(_ database: SQLiteDatabase) throws(StageFailure) {
    if try database.hasTable("_terrace_slices") { return }
    try database.execute(
      """
      CREATE TABLE IF NOT EXISTS _terrace_slices (pipeline TEXT NOT NULL, entity TEXT NOT NULL,
        high INTEGER NOT NULL, low INTEGER NOT NULL, batch TEXT NOT NULL, run TEXT NOT NULL,
        PRIMARY KEY (pipeline, entity, high, low)) WITHOUT ROWID
      """)
  }

  init(
    _ plan: LoadPlan, _ batch: LoadBatch, _ database: SQLiteDatabase, keysInMemory: Int
  ) throws(StageFailure) {
    self.plan = plan
    self.database = database
    unit = batch.unit
    last = batch.batch
    run = batch.run
    fields = plan.slice.sorted()
    removesRest = !batch.isPart
    let values = fields.indices.map { "value\($0)" }.joined(separator: ", ")
    try database.execute(
      """
      CREATE TEMP TABLE IF NOT EXISTS _terrace_came (entity INTEGER NOT NULL, \(values));
      CREATE TEMP TABLE IF NOT EXISTS _terrace_kept (entity INTEGER NOT NULL, id INTEGER NOT NULL,
        PRIMARY KEY (entity, id)) WITHOUT ROWID;
      CREATE TEMP TABLE IF NOT EXISTS _terrace_rest (id INTEGER PRIMARY KEY);
      DELETE FROM temp._terrace_came; DELETE FROM temp._terrace_kept
      """)
    touched = try database.prepare("INSERT OR IGNORE INTO temp._terrace_kept VALUES (?1, ?2)")
    for kind in plan.kinds where !entities.contains(where: { $0.entity.name == kind.entity.name }) {
      entities.append(
        try EntitySlices(kind.entity, index: entities.count, in: self, keysInMemory: keysInMemory))
    }
  }

  func keep(_ rowid: Int64, of entity: EntitySlices) throws(StageFailure) {
    touched.bind(Int64(entity.index), at: 1)
    touched.bind(rowid, at: 2)
    try touched.run()
  }

  func forget(_ rowid: Int64, of entity: EntitySlices) throws(StageFailure) {
    let forget = try database.prepare("DELETE FROM temp._terrace_kept WHERE entity = ?1 AND id = ?2")
    forget.bind(Int64(entity.index), at: 1)
    forget.bind(rowid, at: 2)
    try forget.run()
  }

  func cameTwice(_ slice: SliceTwice) {
    if twice.count < 100 { twice.append(slice) }
  }

  /// Removes the pipeline's rows in the slices that came which no record brought again, with everything below them.
  ///
  /// - Parameter tell: is told entity and key of rows that go, up to ten thousand.
  /// - Returns: how many root rows were removed.
  func removeRest(telling tell: ((_ entity: String, _ key: String) -> Void)?) throws(StageFailure) -> Int {
    guard removesRest else { return 0 }
    var removed = 0
    for entity in entities where entity.mayRemove {
      try database.execute("DELETE FROM temp._terrace_rest")
      let find = try database.prepare(
        "INSERT INTO temp._terrace_rest SELECT r._rowid_ FROM temp._terrace_came AS c "
          + "CROSS JOIN \(quoted(entity.entity.name)) AS r WHERE c.entity = \(entity.index) AND "
          + fields.enumerated().map { "r.\(quoted($1)) = c.value\($0)" }.joined(separator: " AND ")
          + " AND r._pipeline = ?1 AND NOT EXISTS (SELECT 1 FROM temp._terrace_kept AS k "
          + "WHERE k.entity = \(entity.index) AND k.id = r._rowid_)")
      find.bind(plan.pipeline, at: 1)
      try find.run()
      guard database.changes > 0 else { continue }
      if let tell { try self.tell(entity.entity, tell) }
      removed += try PipelineRows(plan: plan, database: database).delete(
        entity.entity, where: "_pipeline = ?1 AND _rowid_ IN (SELECT id FROM temp._terrace_rest)",
        plan.pipeline)
    }
    return removed
  }

  private func tell(
    _ entity: EntitySchema, _ tell: (_ entity: String, _ key: String) -> Void
  ) throws(StageFailure) {
    // Rows without a key are called by their slice.
    let names = entity.key.isEmpty ? plan.slice : entity.key
    let select = try database.prepare(
      "SELECT \(names.map(quoted).joined(separator: ", ")) FROM \(quoted(entity.name)) "
        + "WHERE _rowid_ IN (SELECT id FROM temp._terrace_rest) LIMIT 10000")
    while try select.step() {
      tell(entity.name, names.indices.map { select.text(Int32($0)) ?? "" }.joined(separator: "/"))
    }
  }
}
