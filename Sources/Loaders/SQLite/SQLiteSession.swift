// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// One batch in one transaction.
final class SQLiteSession: LoadSession {
  private let database: SQLiteDatabase
  private let batch: LoadBatch
  private let plan: LoadPlan
  private let loader: RecordLoader
  private let staging: Staging?
  private let slices: Slices?
  private var isOpen = true
  private var referenceNotes: [LoadNote] = []

  /// Begins the transaction.
  init(_ batch: LoadBatch, plan: LoadPlan, database: SQLiteDatabase, keysInMemory: Int) throws(StageFailure) {
    self.database = database
    self.batch = batch
    self.plan = plan
    try database.execute("BEGIN IMMEDIATE")
    do throws(StageFailure) {
      let stages = plan.commitUnit == .run && (plan.mode == .replace || !batch.isPart)
      staging = stages ? try Staging(batch, plan: plan, database: database) : nil
      slices =
        plan.mode == .replaceSlice && !stages
        ? try Slices(plan, batch, database, keysInMemory: keysInMemory) : nil
      let destination: RecordLoader.Destination =
        staging.map { .stage($0) } ?? slices.map { .slices($0, isSettled: false) }
        ?? (plan.mode == .append ? .append : .merge)
      if plan.mode == .append, batch.only == nil, batch.isReplay || batch.attempt > 1 {
        let rows = PipelineRows(plan: plan, database: database)
        try rows.delete(where: "_batch = ?1", batch.batch)
      }
      loader = try RecordLoader(
        plan: plan, batch: batch, database: database, destination: destination, keysInMemory: keysInMemory)
    } catch {
      database.rollBack()
      throw error
    }
  }

  deinit { abort() }

  func load(_ chunk: Chunk) throws(StageFailure) {
    try holdOpen()
    try database.step("center.load")
    try loader.load(chunk)
  }

  /// After some errors SQLite ends the transaction itself; what is written then would stand for good.
  private func holdOpen() throws(StageFailure) {
    if isOpen, database.isInTransaction { return }
    throw StageFailure(
      id: "load.session-ended", "batch \(batch.batch) was loaded on after its transaction had ended",
      at: database.path, help: "report this with the error before it", exit: .bug)
  }

  func finish() throws(StageFailure) -> LoadOutcome {
    if !loader.beaten.isEmpty {
      var settled = batch.settled
      for ordinal in loader.beaten { settled[ordinal] = .duplicate }
      return .again(settled)
    }
    try loader.removeRest()
    // Judged last: before the duplicates are settled the tables do not hold what the batch says.
    if let findings = try loader.references?.judge({ staging?.holds($0) }) {
      if !findings.rejected.isEmpty {
        // Without them other records may stand for their keys, so those are settled anew.
        let rejected = batch.settled.filter { $0.value != .duplicate }
        return .again(rejected.merging(findings.rejected) { known, _ in known })
      }
      referenceNotes = findings.notes
    }
    return .loaded(loader.counters, changes: loader.changes)
  }

  func commit(_ counters: Counters) throws(StageFailure) {
    if batch.isDryRun { return abort() }
    try holdOpen()
    if let staging {
      try staging.close(counters)
    } else {
      try database.writeReceipt(batch, pipeline: plan.pipeline, counters)
    }
    try database.step("center.commit")
    try database.execute("COMMIT")
    isOpen = false
    FailPoint.hit("center.committed")
  }

  func abort() {
    if isOpen { database.rollBack() }
    isOpen = false
  }

  var slicesTwice: [SliceTwice] { slices?.twice ?? [] }

  var lateNotes: [LoadNote] {
    loader.lateNotes.map { LoadNote(ordinal: $0.loser, failure: .duplicate(row: 0, of: $0.winner)) }
      + referenceNotes
  }
}

extension SQLiteDatabase {
  /// Writes the batch's row of `_terrace_batches`: the proof that its transaction was committed.
  func writeReceipt(_ batch: LoadBatch, pipeline: String, _ counters: Counters) throws(StageFailure) {
    let columns = CenterTables.counterColumns
    let names = columns.map(\.name).joined(separator: ", ")
    let insert = try prepare(
      "INSERT OR REPLACE INTO _terrace_batches "
        + "(batch, attempt, pipeline, run, plan_digest, loaded_at, \(names)) "
        + "VALUES (\((1...6 + columns.count).map { "?\($0)" }.joined(separator: ", ")))")
    insert.bind(batch.batch, at: 1)
    insert.bind(Int64(batch.attempt), at: 2)
    insert.bind(pipeline, at: 3)
    insert.bind(batch.run, at: 4)
    insert.bind(batch.planDigest, at: 5)
    insert.bind(RowStamp(batch, pipeline: pipeline).loadedAt, at: 6)
    for (index, column) in columns.enumerated() {
      insert.bind(Int64(counters[keyPath: column.path]), at: Int32(7 + index))
    }
    try insert.run()
  }

  func receipt(batch: String, attempt: Int) throws(StageFailure) -> Counters? {
    let columns = CenterTables.counterColumns
    let select = try prepare(
      "SELECT \(columns.map(\.name).joined(separator: ", ")) FROM _terrace_batches "
        + "WHERE batch = ?1 AND attempt = ?2"
    )
    select.bind(batch, at: 1)
    select.bind(Int64(attempt), at: 2)
    guard try select.step() else { return nil }
    defer { select.reset() }
    return select.counters(from: 0)
  }
}

extension SQLiteStatement {
  /// Counters in the order of ``CenterTables/counterColumns``.
  func counters(from first: Int32) -> Counters {
    var counters = Counters()
    for (index, column) in CenterTables.counterColumns.enumerated() {
      counters[keyPath: column.path] = Int(integer(first + Int32(index)))
    }
    return counters
  }
}
