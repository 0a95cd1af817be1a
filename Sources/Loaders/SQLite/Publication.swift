// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Puts what a run staged in place of its pipeline's rows, or of those in the slices that came, in one transaction:
/// readers see the old rows or the new ones, and rows that did not change are not touched.
final class Publication {
  let run: String
  let plan: LoadPlan
  let database: SQLiteDatabase
  let keysInMemory: Int

  private(set) var lostReferences: [LostReferences] = []

  /// Rows that are read back at a time.
  private static let chunkRows = 2048

  init(run: String, plan: LoadPlan, database: SQLiteDatabase, keysInMemory: Int = KeySet.usualLimit) {
    self.run = run
    self.plan = plan
    self.database = database
    self.keysInMemory = keysInMemory
  }

  /// - Returns: the final counters of each batch.
  func publish(_ batches: [LoadBatch]) throws(StageFailure) -> [String: Counters] {
    try database.execute("BEGIN IMMEDIATE")
    do throws(StageFailure) {
      let published = try publishInTransaction(batches.sorted { $0.batch < $1.batch })
      try database.step("center.publish")
      try database.execute("COMMIT")
      FailPoint.hit("center.published")
      return published.counters
    } catch {
      database.rollBack()
      throw error
    }
  }

  /// Does the same and takes it back.
  func rehearse(_ batches: [LoadBatch]) throws(StageFailure) -> [String: LoadOutcome] {
    let rehearsed = batches.map { batch in
      var batch = batch
      batch.isDryRun = true
      return batch
    }
    try database.execute("BEGIN IMMEDIATE")
    defer { database.rollBack() }
    let published = try publishInTransaction(rehearsed.sorted { $0.batch < $1.batch })
    var outcomes: [String: LoadOutcome] = [:]
    for (batch, counters) in published.counters {
      outcomes[batch] = .loaded(counters, changes: published.changes[batch] ?? [])
    }
    return outcomes
  }

  private typealias Published = (counters: [String: Counters], changes: [String: [RowChange]])

  private func publishInTransaction(_ batches: [LoadBatch]) throws(StageFailure) -> Published {
    var published: Published = ([:], [:])
    for batch in batches { published.counters[batch.batch] = try stagedCounters(batch.batch) }
    try findLosers()
    if plan.mode == .replaceSlice {
      try replaceSlices(by: batches, &published)
    } else {
      try replaceAll(by: batches, &published)
    }
    for (batch, counters) in published.counters where !counters.isBalanced {
      throw StageFailure(
        id: "load.unbalanced",
        "batch \(batch): \(counters.read) records were read, but \(counters.accountedFor) are accounted for",
        at: database.path,
        help: "this is a defect of Terrace: report it with this line. Nothing was replaced.", exit: .bug)
    }
    for batch in batches {
      try database.writeReceipt(
        batch, pipeline: plan.pipeline, published.counters[batch.batch] ?? Counters())
    }
    lostReferences = try PipelineReferences(plan: plan, database: database)
      .lost(after: published.counters.values.contains { $0.vanished > 0 })
    for table in Staging.tables {
      try Staging.delete(from: table, database, where: "pipeline = ?1", [plan.pipeline])
    }
    return published
  }

  private func replaceSlices(by batches: [LoadBatch], _ published: inout Published) throws(StageFailure) {
    guard let last = batches.last else { return }
    let slices = try Slices(plan, last, database, keysInMemory: keysInMemory)
    func loader(_ batch: LoadBatch) throws(StageFailure) -> RecordLoader {
      try RecordLoader(
        plan: plan, batch: batch, database: database, destination: .slices(slices, isSettled: true))
    }
    // A slice that came is replaced, also where another record stands for the key of each of its records.
    let losers = try database.prepare(
      "SELECT kind, ordinal, record FROM _terrace_stage WHERE id IN (SELECT id FROM temp._terrace_losers)")
    let taker = try loader(last)
    try read(losers) { chunk throws(StageFailure) in try taker.takeSlices(of: chunk) }
    try dropLosers(&published.counters)
    for batch in batches {
      let loader = try loader(batch)
      try load(batch.batch, through: loader)
      if batch == last { try loader.removeRest() }
      published.counters[batch.batch]?.take(loader.counters)
      published.changes[batch.batch] = loader.changes
    }
  }

  private func replaceAll(by batches: [LoadBatch], _ published: inout Published) throws(StageFailure) {
    try dropLosers(&published.counters)
    try database.execute(
      "CREATE TEMP TABLE IF NOT EXISTS _terrace_touched (kind INTEGER, id INTEGER, PRIMARY KEY (kind, id)) "
        + "WITHOUT ROWID; DELETE FROM temp._terrace_touched")
    let touched = try database.prepare("INSERT OR IGNORE INTO temp._terrace_touched VALUES (?1, ?2)")
    var vanished = 0
    for kind in plan.kinds where kind.entity.key.isEmpty {
      vanished += try PipelineRows(plan: plan, database: database)
        .delete(kind.entity, where: "_pipeline = ?1", plan.pipeline)
    }
    for batch in batches {
      let loader = try RecordLoader(
        plan: plan, batch: batch, database: database, destination: .publish(touched: touched))
      try load(batch.batch, through: loader)
      published.counters[batch.batch]?.take(loader.counters)
      published.changes[batch.batch] = loader.changes
    }
    vanished += try deleteVanished()
    if let last = batches.last { published.counters[last.batch]?.vanished = vanished }
  }

  private func stagedCounters(_ batch: String) throws(StageFailure) -> Counters {
    let names = CenterTables.counterColumns.map(\.name).joined(separator: ", ")
    let select = try database.prepare(
      "SELECT \(names) FROM _terrace_stage_batches WHERE run = ?1 AND batch = ?2")
    select.bind(run, at: 1)
    select.bind(batch, at: 2)
    guard try select.step() else {
      throw StageFailure(
        id: "load.nothing-staged", "batch \(batch) was not staged in run \(run)", at: database.path,
        help: "run the pipeline again", exit: .bug)
    }
    defer { select.reset() }
    return select.counters(from: 0)
  }

  /// Of the records of one key only the one with the highest version, then the last, stands.
  private func findLosers() throws(StageFailure) {
    try database.execute("DROP TABLE IF EXISTS temp._terrace_losers")
    let find = try database.prepare(
      """
      CREATE TEMP TABLE _terrace_losers AS SELECT id, batch FROM (
        SELECT id, batch, row_number() OVER (PARTITION BY entity, high, low
          ORDER BY version DESC, batch DESC, ordinal DESC) AS place
        FROM _terrace_stage WHERE run = ?1 AND high IS NOT NULL) WHERE place > 1
      """)
    find.bind(run, at: 1)
    try find.run()
  }

  private func dropLosers(_ final: inout [String: Counters]) throws(StageFailure) {
    try database.execute("DELETE FROM _terrace_stage WHERE id IN (SELECT id FROM temp._terrace_losers)")
    // Losers within a batch were counted when it was staged: what is left of a batch tells the others.
    let count = try database.prepare(
      "SELECT count(*) FROM _terrace_stage WHERE run = ?1 AND batch = ?2")
    for (batch, counters) in final {
      count.bind(run, at: 1)
      count.bind(batch, at: 2)
      guard try count.step() else { continue }
      final[batch]?.duplicate += counters.inserted - Int(count.integer(0))
      count.reset()
    }
  }

  private func load(_ batch: String, through loader: RecordLoader) throws(StageFailure) {
    let select = try database.prepare(
      "SELECT kind, ordinal, record FROM _terrace_stage WHERE run = ?1 AND batch = ?2 ORDER BY id")
    select.bind(run, at: 1)
    select.bind(batch, at: 2)
    try read(select) { chunk throws(StageFailure) in try loader.load(chunk) }
  }

  /// Reads staged records back, in chunks.
  private func read(
    _ select: SQLiteStatement, _ take: (Chunk) throws(StageFailure) -> Void
  ) throws(StageFailure) {
    let chunks = plan.kinds.enumerated().map { Chunk(kind: $0, table: Self.table(for: $1)) }
    while try select.step() {
      let chunk = chunks[Int(select.integer(0))]
      RecordBytes.read(select.bytes(2), into: chunk.table)
      chunk.positions.ordinals.append(select.integer(1))
      if chunk.rows >= Self.chunkRows {
        try take(chunk)
        chunk.removeAll()
      }
    }
    for chunk in chunks { try take(chunk) }
  }

  private static func table(for kind: LoadKind) -> Table {
    let table = Table(captures: 0, children: kind.children.map(table))
    table.fields = kind.mapped.compactMap { kind.entity.field($0) }
      .map { FieldColumn(name: $0.name, column: .make(for: $0.type, rows: 64)) }
    return table
  }

  private func deleteVanished() throws(StageFailure) -> Int {
    var vanished = 0
    var done: Set<String> = []
    for kind in plan.kinds where !kind.entity.key.isEmpty && done.insert(kind.entity.name).inserted {
      let kinds = plan.kinds.indices.filter { plan.kinds[$0].entity.name == kind.entity.name }
        .map(String.init).joined(separator: ", ")
      vanished += try PipelineRows(plan: plan, database: database).delete(
        kind.entity,
        where:
          "_pipeline = ?1 AND _rowid_ NOT IN (SELECT id FROM temp._terrace_touched WHERE kind IN (\(kinds)))",
        plan.pipeline)
    }
    return vanished
  }
}

extension Counters {
  /// Puts what publishing found in place of what staging could only foresee.
  fileprivate mutating func take(_ published: Counters) {
    inserted = published.inserted
    updated = published.updated
    unchanged = published.unchanged
    stale = published.stale
    children = published.children
    vanished = published.vanished
  }
}
