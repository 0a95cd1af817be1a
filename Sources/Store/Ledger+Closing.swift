// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import GRDB
import Records

extension Ledger {
  /// Closes an attempt: batch, attempt, findings, rejects and checkpoint change in one transaction.
  ///
  /// Findings of a committed or failed attempt become visible as rejects and notes; those of an abandoned one
  /// are deleted and nothing else changes. Closing an attempt that is closed does nothing.
  ///
  /// - Returns: earlier batches of the same origin that had failed, and are superseded by this one.
  @discardableResult
  public func closeAttempt(_ closing: AttemptClosing) throws(StageFailure) -> [String] {
    try write { db in
      let found = try Row.fetchOne(
        db, sql: "SELECT * FROM attempt WHERE batch = ? AND number = ?",
        arguments: [closing.batch, closing.attempt])
      guard let found else {
        throw StageFailure.ledgerMisused("attempt \(closing.attempt) at \(closing.batch) was never opened")
      }
      guard try AttemptRow(found).outcome == .open else { return [] }
      try Self.closeRow(closing, db)
      guard closing.outcome != .abandoned else {
        try Self.deleteFindings(closing.batch, closing.attempt, db)
        return []
      }
      guard
        let batch = try Row.fetchOne(db, sql: "SELECT * FROM batch WHERE id = ?", arguments: [closing.batch])
          .map(BatchRow.init)
      else { throw StageFailure.ledgerMisused("batch \(closing.batch) was never landed") }
      try Self.publishFindings(closing, db)
      try Self.settleRejects(closing, of: batch, db)
      let superseded = try Self.settleBatch(closing, batch, planDigest: found["plan_digest"], db)
      if let checkpoint = closing.checkpoint { try Self.putCheckpoint(checkpoint, batch.pipeline, db) }
      return superseded
    }
  }

  private static func closeRow(_ closing: AttemptClosing, _ db: Database) throws {
    try db.execute(
      sql: """
        UPDATE attempt SET outcome = ?, closed_at = ?, counters = ?, error = ?, closing = NULL
        WHERE batch = ? AND number = ?
        """,
      arguments: [
        closing.outcome.rawValue, closing.closedAt, try LedgerText.encode(closing.counters),
        try LedgerText.encode(ifAny: closing.error), closing.batch, closing.attempt,
      ])
  }

  private static func settleBatch(
    _ closing: AttemptClosing, _ batch: BatchRow, planDigest: String, _ db: Database
  ) throws -> [String] {
    try db.execute(
      sql: "UPDATE batch SET status = ?, fault = ?, error = ?, attempt = ?, counters = ? WHERE id = ?",
      arguments: [
        closing.batchStatus.rawValue, closing.fault?.rawValue, try LedgerText.encode(ifAny: closing.error),
        closing.attempt, try LedgerText.encode(counters(of: batch, after: closing)), batch.id,
      ])
    guard closing.isWhole else { return [] }
    try db.execute(
      sql: "UPDATE batch SET plan_digest = ?, declared = ?, filled = ?, highest = ? WHERE id = ?",
      arguments: [
        planDigest, closing.declared, try LedgerText.encode(closing.filled), closing.highest, batch.id,
      ])
    guard closing.outcome == .committed else { return [] }
    return try String.fetchAll(
      db,
      sql: """
        UPDATE batch SET status = 'superseded'
        WHERE pipeline = ? AND origin = ? AND status = 'failed' AND id < ? RETURNING id
        """,
      arguments: [batch.pipeline, batch.origin, batch.id])
  }

  /// Replaying single rejects moves those records from `rejected` to what became of them; the rest of the
  /// batch stays as it was counted.
  private static func counters(of batch: BatchRow, after closing: AttemptClosing) -> Counters {
    // A batch that is still landed was worked through in part (`--limit`): there is nothing to add to.
    if closing.isWhole || closing.batchStatus == .landed { return closing.counters }
    guard closing.outcome == .committed else { return batch.counters }
    var counters = batch.counters + closing.counters
    counters.read = batch.counters.read
    counters.rejected = batch.counters.rejected - closing.counters.read + closing.counters.rejected
    return counters
  }
}
