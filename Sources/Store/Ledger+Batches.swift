// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import GRDB
import Records

extension Ledger {
  /// Writes down a payload that is durable in the landing zone as a batch, with the checkpoint that holds
  /// once it is settled.
  public func land(_ batch: BatchRow) throws(StageFailure) {
    try write { db in
      try db.execute(
        sql: """
          INSERT INTO batch (id, run, pipeline, status, fault, origin, name, request, response, digest,
            bytes, landed_at, landing_date, checkpoint, attempt, plan_digest, declared, counters,
            filled, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          batch.id, batch.run, batch.pipeline, batch.status.rawValue, batch.fault?.rawValue, batch.origin,
          batch.name, try LedgerText.encode(batch.request), try LedgerText.encode(batch.response),
          batch.digest, batch.bytes, batch.landedAt, batch.landingDate, batch.checkpoint, batch.attempt,
          batch.planDigest, batch.declared, try LedgerText.encode(batch.counters),
          try LedgerText.encode(batch.filled), try LedgerText.encode(ifAny: batch.error),
        ])
    }
  }

  /// Says how a batch failed without an attempt (its payload is gone, the run stopped before it).
  public func failBatch(_ id: String, fault: BatchRow.Fault, error: ErrorRow) throws(StageFailure) {
    try write { db in
      try db.execute(
        sql: "UPDATE batch SET status = 'failed', fault = ?, error = ? WHERE id = ?",
        arguments: [fault.rawValue, try LedgerText.encode(error), id])
      guard db.changesCount == 1 else { throw StageFailure.ledgerMisused("batch \(id) was never landed") }
    }
  }

  public func batch(_ id: String) throws(StageFailure) -> BatchRow? {
    try batchRows("WHERE id = ?", [id]).first
  }

  /// Batches, the newest first.
  public func batches(_ filter: BatchFilter = BatchFilter()) throws(StageFailure) -> [BatchRow] {
    try batchRows(
      """
      WHERE (?1 IS NULL OR pipeline = ?1) AND (?2 IS NULL OR run = ?2) AND (?3 IS NULL OR status = ?3)
      ORDER BY id DESC LIMIT ?4
      """,
      [filter.pipeline, filter.run, filter.status?.rawValue, filter.limit ?? -1])
  }

  /// The newest batch of a pipeline with this digest under this origin, whatever became of it.
  public func knownBatch(pipeline: String, origin: String, digest: String) throws(StageFailure) -> BatchRow? {
    try batchRows(
      "WHERE pipeline = ? AND origin = ? AND digest = ? ORDER BY id DESC LIMIT 1", [pipeline, origin, digest]
    ).first
  }

  /// The newest batch of an origin, but for those that a later one took the place of.
  public func newestBatch(pipeline: String, origin: String) throws(StageFailure) -> BatchRow? {
    try batchRows(
      "WHERE pipeline = ? AND origin = ? AND status <> 'superseded' ORDER BY id DESC LIMIT 1",
      [pipeline, origin]
    ).first
  }

  /// Batches that the next run settles first, in landing order: landed, or failed by our fault.
  public func unsettled(pipeline: String) throws(StageFailure) -> [BatchRow] {
    try batchRows(
      """
      WHERE pipeline = ? AND (status = 'landed' OR (status = 'failed' AND fault IS NOT 'data')) ORDER BY id
      """, [pipeline])
  }

  /// Batches that failed by their data, in landing order: tried again when a file of ours changed.
  public func failedByData(pipeline: String) throws(StageFailure) -> [BatchRow] {
    try batchRows("WHERE pipeline = ? AND status = 'failed' AND fault = 'data' ORDER BY id", [pipeline])
  }

  /// Loaded batches that landed after a batch, in landing order: a replay without a version must not
  /// overwrite them.
  ///
  /// - Parameter pipelines: those that feed the same entities; nil means the batch's own alone.
  public func loadedAfter(_ batch: String, pipelines: [String]? = nil) throws(StageFailure) -> [BatchRow] {
    let names: [String]
    if let pipelines { names = pipelines } else { names = try self.batch(batch).map { [$0.pipeline] } ?? [] }
    let marks = databaseQuestionMarks(count: names.count)
    return try batchRows(
      "WHERE id > ? AND status = 'loaded' AND pipeline IN (\(marks)) ORDER BY id",
      StatementArguments([batch] + names))
  }

  /// Whether a batch has this payload: what else the landing zone holds was landed by a run that died, and
  /// can go.
  public func isReferenced(digest: String) throws(StageFailure) -> Bool {
    try !batchRows("WHERE digest = ? LIMIT 1", [digest]).isEmpty
  }

  func batchRows(_ clause: String, _ arguments: StatementArguments) throws(StageFailure) -> [BatchRow] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM batch " + clause, arguments: arguments).map(BatchRow.init)
    }
  }
}

/// Which batches a listing shows.
public struct BatchFilter: Sendable, Equatable {
  public var pipeline: String?
  public var run: String?
  public var status: BatchRow.Status?
  public var limit: Int?

  public init(
    pipeline: String? = nil, run: String? = nil, status: BatchRow.Status? = nil, limit: Int? = nil
  ) {
    self.pipeline = pipeline
    self.run = run
    self.status = status
    self.limit = limit
  }
}

extension BatchRow {
  init(_ row: Row) throws {
    self.init(
      id: row["id"], run: row["run"], pipeline: row["pipeline"], status: try row.word(Status.self, "status"),
      fault: (row["fault"] as String?).flatMap(Fault.init), origin: row["origin"], name: row["name"],
      request: try row.json([String: String].self, "request"),
      response: try row.json([String: String].self, "response"), digest: row["digest"], bytes: row["bytes"],
      landedAt: row["landed_at"], landingDate: row["landing_date"], checkpoint: row["checkpoint"],
      attempt: row["attempt"], planDigest: row["plan_digest"], declared: row["declared"],
      counters: try row.json(Counters.self, "counters"), filled: try row.json([String: Int].self, "filled"),
      error: try row.jsonIfAny(ErrorRow.self, "error"))
    highest = (row["highest"] as String?).flatMap { HighestValue(ledgerText: $0) }
  }
}
