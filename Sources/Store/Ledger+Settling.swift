// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import GRDB
import Records

extension Ledger {
  /// Whether an earlier batch of the pipeline still waits: the checkpoint must not move past it.
  ///
  /// - Parameter exceptOrigin: a failed batch of this origin does not count, for the one that asks supersedes it.
  public func hasUnsettled(pipeline: String, before batch: String, exceptOrigin origin: String)
    throws(StageFailure)
    -> Bool
  {
    try !batchRows(
      "WHERE pipeline = ? AND id < ? AND origin <> ? AND status IN ('landed', 'failed') LIMIT 1",
      [pipeline, batch, origin]
    ).isEmpty
  }

  /// Whether any batch of the pipeline still waits.
  public func hasUnsettled(pipeline: String) throws(StageFailure) -> Bool {
    try !batchRows("WHERE pipeline = ? AND status IN ('landed', 'failed') LIMIT 1", [pipeline]).isEmpty
  }

  /// Moves the pipeline's checkpoint to that of the last batch before the first one that still waits; called after one
  /// that did was loaded by a replay, or given up.
  public func settleCheckpoint(pipeline: String) throws(StageFailure) {
    let waiting = try batchRows(
      "WHERE pipeline = ? AND status IN ('landed', 'failed') ORDER BY id LIMIT 1", [pipeline]
    ).first
    let settled = try batchRows(
      """
      WHERE pipeline = ? AND (? IS NULL OR id < ?) AND status IN ('loaded', 'superseded', 'waived') AND checkpoint IS NOT NULL
      ORDER BY id DESC LIMIT 1
      """, [pipeline, waiting?.id, waiting?.id]
    ).first
    if let checkpoint = settled?.checkpoint { try advanceCheckpoint(checkpoint, pipeline: pipeline) }
  }

  /// Forgets the checkpoints of a run's batches and puts the pipeline's back: its declared total did not balance.
  public func forgetCheckpoints(run: String, pipeline: String, to earlier: String?) throws(StageFailure) {
    try write { db in
      try db.execute(sql: "UPDATE batch SET checkpoint = NULL WHERE run = ?", arguments: [run])
      if let earlier {
        try Self.putCheckpoint(earlier, pipeline, db)
      } else {
        try db.execute(sql: "DELETE FROM checkpoint WHERE pipeline = ?", arguments: [pipeline])
      }
    }
  }

  private func sum(ofRun run: String) throws(StageFailure) -> (Counters, bytes: Int64) {
    try read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT attempt.counters, batch.bytes FROM attempt JOIN batch ON batch.id = attempt.batch
          WHERE attempt.run = ? AND attempt.outcome IN ('committed', 'failed')
          """, arguments: [run])
      return try rows.reduce((Counters(), Int64(0))) { sum, row in
        (sum.0 + (try row.json(Counters.self, "counters")), sum.1 + row["bytes"])
      }
    }
  }

  /// Gives up batches that cannot be settled alone: a later run takes their place. Their open rejects go with them.
  public func supersede(batches: [String]) throws(StageFailure) {
    try write { db in
      for id in batches {
        try db.execute(sql: "UPDATE batch SET status = 'superseded' WHERE id = ?", arguments: [id])
        try db.execute(
          sql: "UPDATE reject SET status = 'superseded' WHERE batch = ? AND status = 'open'", arguments: [id])
      }
    }
  }

  /// Gives up a batch that failed: nothing waits for it any more, its open rejects go with it, and the same bytes are not
  /// tried again. Recorded as an action.
  ///
  /// - Returns: false when no failed batch has this id.
  @discardableResult
  public func waive(
    batch id: String, by who: String = Ledger.currentUser, reason: String = "", at time: Int64? = nil
  ) throws(StageFailure) -> Bool {
    let time = time ?? clock() / 1000
    let pipeline: String? = try write { db in
      let found = try String.fetchOne(
        db, sql: "UPDATE batch SET status = 'waived' WHERE id = ? AND status = 'failed' RETURNING pipeline",
        arguments: [id])
      guard let found else { return nil }
      try db.execute(
        sql: "UPDATE reject SET status = 'waived' WHERE batch = ? AND status = 'open' AND is_note = 0",
        arguments: [id])
      try db.execute(
        sql: "UPDATE reject SET status = 'superseded' WHERE batch = ? AND status = 'open'", arguments: [id])
      try Self.append(ActionRow(at: time, who: who, what: "waive", subject: id, detail: reason), db)
      return found
    }
    guard let pipeline else { return false }
    try settleCheckpoint(pipeline: pipeline)
    return true
  }

  /// Forgets batches that landed and were never worked on, because their payloads brought nothing new.
  public func forget(landed batches: [String]) throws(StageFailure) {
    try write { db in
      for id in batches {
        try db.execute(
          sql: """
            DELETE FROM batch WHERE id = ?1 AND status = 'landed'
              AND NOT EXISTS (SELECT 1 FROM attempt WHERE batch = ?1)
            """, arguments: [id])
      }
    }
  }

  /// The newest batch of a pipeline that is loaded, with the attempt that loaded it.
  public func newestLoaded(pipeline: String) throws(StageFailure) -> AttemptRow? {
    let newest = try batchRows(
      "WHERE pipeline = ? AND status = 'loaded' ORDER BY id DESC LIMIT 1", [pipeline]
    ).first
    return try newest.flatMap { row throws(StageFailure) in try lastCommittedAttempt(row.id) }
  }

  /// The loaded batches of the newest run that loaded any, in landing order.
  public func standing(pipeline: String) throws(StageFailure) -> [BatchRow] {
    let newest = try batchRows(
      "WHERE pipeline = ? AND status = 'loaded' ORDER BY id DESC LIMIT 1", [pipeline]
    ).first
    guard let newest else { return [] }
    return try batchRows(
      "WHERE pipeline = ? AND run = ? AND status = 'loaded' ORDER BY id", [pipeline, newest.run])
  }

  /// Runs that a killed process left as running are closed as failed, with what their closed attempts came to: called
  /// while holding the pipeline's lock.
  public func closeUnfinishedRuns(pipeline: String, except run: String, at time: Int64) throws(StageFailure) {
    let error = ErrorRow(
      id: "engine.killed", message: "the process ended before the run did", where: nil,
      help: "nothing to do: the run after it went on from its last durable step.", exit: 75)
    for row in try unfinishedRuns(pipeline: pipeline) where row.id != run {
      let (counters, bytes) = try sum(ofRun: row.id)
      try finishRun(
        row.id, status: .failed, exit: 75, error: error, counters: counters, declared: row.declared,
        bytes: bytes, filled: row.filled, at: time)
    }
  }
}
