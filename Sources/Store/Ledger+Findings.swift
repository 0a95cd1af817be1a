// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import GRDB
import Records

extension Ledger {
  /// Keeps what an attempt has found: durable when this returns, seen by nobody until the attempt is closed.
  /// The attempt, and even the batch, may be written down later.
  public func addFindings(_ rows: [RejectRow]) throws(StageFailure) {
    guard !rows.isEmpty else { return }
    try write { db in
      let statement = try db.cachedStatement(
        sql: """
          INSERT INTO finding (batch, attempt, is_note, pipeline, entity, record, "offset", length, line,
            path, identity, "key", failures) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """)
      for row in rows {
        try statement.execute(arguments: [
          row.batch, row.attempt, row.isNote, row.pipeline, row.entity, row.record, row.offset, row.length,
          row.line, row.path, row.identity, row.key, LedgerText.encode(row.failures),
        ])
      }
    }
  }

  /// Drops what an attempt has found, because it makes another pass.
  public func discardFindings(batch: String, attempt: Int) throws(StageFailure) {
    try write { db in try Self.deleteFindings(batch, attempt, db) }
  }

  /// Drops the findings of a pipeline that no open attempt owns: a process died before it wrote the attempt
  /// down. Called while holding the pipeline's lock.
  public func discardOrphanFindings(pipeline: String) throws(StageFailure) {
    let has = try read { db in
      try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM finding)") ?? false
    }
    guard has else { return }
    try write { db in
      try db.execute(
        sql: """
          DELETE FROM finding WHERE pipeline = ? AND NOT EXISTS (
            SELECT 1 FROM attempt WHERE attempt.batch = finding.batch
              AND attempt.number = finding.attempt AND attempt.outcome = 'open')
          """, arguments: [pipeline])
    }
  }

  static func deleteFindings(_ batch: String, _ attempt: Int, _ db: Database) throws {
    try db.execute(sql: "DELETE FROM finding WHERE batch = ? AND attempt = ?", arguments: [batch, attempt])
  }

  /// Turns the findings of an attempt into rejects and notes.
  ///
  /// One that is open already keeps its id, is counted as seen again and moves to the newest place (a
  /// replayed old batch does not take it from a newer one). A waived one that is met again exactly as it was
  /// stays waived, and one whose record a newer batch has loaded stays resolved.
  static func publishFindings(_ closing: AttemptClosing, _ db: Database) throws {
    let pipeline = try String.fetchOne(
      db, sql: "SELECT pipeline FROM finding WHERE batch = ? AND attempt = ? LIMIT 1",
      arguments: [closing.batch, closing.attempt])
    guard let pipeline else { return }
    try db.execute(
      sql: """
        CREATE TEMP TABLE found AS SELECT *, rowid AS met,
          row_number() OVER (PARTITION BY identity, entity, is_note ORDER BY record, rowid) - 1 AS occurrence
        FROM finding WHERE batch = ? AND attempt = ?
        """, arguments: [closing.batch, closing.attempt])
    try countAgain("open", pipeline, "reject.occurrence = found.occurrence", db)
    let hasWaived = try countAgain("waived", pipeline, "reject.failures = found.failures", db)
    let hasResolved = try countAgain(
      "resolved", pipeline, "reject.occurrence = found.occurrence AND reject.resolved_by > found.batch", db,
      newerThan: closing.batch)
    let isClosed = [
      hasWaived ? "reject.status = 'waived' AND reject.failures = found.failures" : nil,
      hasResolved ? "reject.status = 'resolved' AND reject.resolved_by > found.batch" : nil,
    ].compactMap(\.self)
    let isNew =
      isClosed.isEmpty
      ? "true"
      : """
      NOT EXISTS (SELECT 1 FROM reject WHERE (\(isClosed.joined(separator: " OR ")))
        AND reject.pipeline = found.pipeline AND reject.identity = found.identity
        AND reject.entity = found.entity AND reject.is_note = found.is_note)
      """
    try db.execute(
      sql: """
        INSERT INTO reject (is_note, status, batch, attempt, pipeline, entity, record, "offset", length,
          line, path, identity, occurrence, "key", seen, failures)
        SELECT is_note, 'open', batch, attempt, pipeline, entity, record, "offset", length,
          line, path, identity, occurrence, "key", 1, failures
        FROM found WHERE \(isNew) ORDER BY record, met
        ON CONFLICT DO NOTHING
        """)
    try db.execute(sql: "DROP TABLE found")
    try deleteFindings(closing.batch, closing.attempt, db)
  }

  /// Counts the rejects of a status that were found again as seen, and moves them to where they were found.
  ///
  /// - Parameter newerThan: only those that a batch newer than this one resolved.
  /// - Returns: whether the pipeline has such rejects at all.
  @discardableResult
  private static func countAgain(
    _ status: String, _ pipeline: String, _ isSame: String, _ db: Database, newerThan batch: String? = nil
  ) throws -> Bool {
    let isNewer = batch == nil ? "" : "AND resolved_by > ?2"
    let has = try Bool.fetchOne(
      db, sql: "SELECT EXISTS (SELECT 1 FROM reject WHERE pipeline = ?1 AND status = '\(status)' \(isNewer))",
      arguments: batch.map { [pipeline, $0] } ?? [pipeline])
    guard has == true else { return false }
    let found = """
      FROM found WHERE reject.status = '\(status)' AND reject.pipeline = found.pipeline
        AND reject.identity = found.identity AND reject.entity = found.entity
        AND reject.is_note = found.is_note AND \(isSame)
      """
    try db.execute(
      sql: """
        UPDATE reject SET batch = found.batch, attempt = found.attempt, record = found.record,
          "offset" = found."offset", length = found.length, line = found.line, path = found.path,
          "key" = found."key", failures = found.failures, seen = seen + 1
        \(found) AND reject.batch <= found.batch
        """)
    try db.execute(sql: "UPDATE reject SET seen = seen + 1 \(found) AND reject.batch > found.batch")
    return true
  }

  /// Ends the open rejects that an attempt has settled. Those that belong to newer batches stay: they tell of
  /// newer states of their records.
  static func settleRejects(_ closing: AttemptClosing, of batch: BatchRow, _ db: Database) throws {
    if closing.outcome == .committed, !closing.resolved.isEmpty {
      let statement = try db.cachedStatement(
        sql: """
          UPDATE reject SET status = 'resolved', resolved_by = ?3
          WHERE pipeline = ?1 AND identity = ?2 AND status = 'open' AND batch <= ?3
            AND NOT (batch = ?3 AND attempt = ?4)
          """)
      for identity in closing.resolved {
        try statement.execute(arguments: [batch.pipeline, identity, batch.id, closing.attempt])
      }
    }
    guard closing.isWhole else { return }
    let isLoaded = closing.outcome == .committed
    try db.execute(
      sql: """
        UPDATE reject SET status = ?1, resolved_by = iif(?1 = 'resolved', ?2, NULL)
        WHERE batch = ?2 AND status = 'open' AND attempt <> ?3
        """,
      arguments: [isLoaded ? "resolved" : "superseded", batch.id, closing.attempt])
    guard isLoaded else { return }
    try db.execute(
      sql: """
        UPDATE reject SET status = 'superseded' WHERE status = 'open' AND batch IN (
          SELECT id FROM batch WHERE pipeline = ? AND origin = ? AND id < ? AND status IN ('failed', 'superseded', 'waived'))
        """,
      arguments: [batch.pipeline, batch.origin, batch.id])
  }
}
