// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import GRDB
import Records

// States of an attempt and their exits:
//   (none)    → open, by openAttempt or prepareAttempt; its findings may come before it
//   open      → committed | failed | abandoned, by closeAttempt; or (none), by abandonAttempt
//   the rest are final: closing again changes nothing
extension Ledger {
  /// The number the next attempt at a batch gets, from 1.
  public func nextAttempt(batch: String) throws(StageFailure) -> Int {
    try read { db in try Self.nextAttempt(db, batch) }
  }

  /// Begins an attempt at a batch and answers its number.
  public func openAttempt(
    batch: String, kind: AttemptRow.Kind, run: String, planDigest: String, decodeDigest: String,
    at startedAt: Int64
  ) throws(StageFailure) -> Int {
    try write { db in
      let number = try Self.nextAttempt(db, batch)
      try Self.insert(
        AttemptRow(
          batch: batch, number: number, run: run, kind: kind, planDigest: planDigest,
          decodeDigest: decodeDigest, startedAt: startedAt),
        closing: nil, db)
      return number
    }
  }

  /// Writes down an attempt and how it will be closed, just before the center commits. If the process dies
  /// between the commit and ``closeAttempt(_:)``, the next start finds here what was meant.
  public func prepareAttempt(_ row: AttemptRow, closing: AttemptClosing) throws(StageFailure) {
    precondition(
      row.batch == closing.batch && row.number == closing.attempt, "the closing of another attempt")
    try write { db in
      let outcome = try String.fetchOne(
        db, sql: "SELECT outcome FROM attempt WHERE batch = ? AND number = ?",
        arguments: [row.batch, row.number])
      guard outcome == nil || outcome == "open" else {
        throw StageFailure.ledgerMisused("attempt \(row.number) at \(row.batch) is closed already")
      }
      try Self.insert(row, closing: closing, db)
    }
  }

  /// Attempts of a pipeline that are open, oldest first. Asked while holding the pipeline's lock, when those
  /// were left by a process that died.
  public func openAttempts(pipeline: String) throws(StageFailure) -> [AttemptRow] {
    try read { db in try Self.openRows(db, pipeline).map(AttemptRow.init) }
  }

  /// The open attempts whose closing is written down, oldest first.
  public func preparedAttempts(pipeline: String) throws(StageFailure) -> [(AttemptRow, AttemptClosing)] {
    try read { db in
      try Self.openRows(db, pipeline).compactMap { row in
        try row.jsonIfAny(AttemptClosing.self, "closing").map { (try AttemptRow(row), $0) }
      }
    }
  }

  /// Every attempt at a batch, oldest first.
  public func attempts(batch: String) throws(StageFailure) -> [AttemptRow] {
    try attemptRows("WHERE batch = ? ORDER BY number", [batch])
  }

  /// The newest attempt at a batch that loaded it.
  public func lastCommittedAttempt(_ batch: String) throws(StageFailure) -> AttemptRow? {
    try attemptRows("WHERE batch = ? AND outcome = 'committed' ORDER BY number DESC LIMIT 1", [batch]).first
  }

  /// The plan of the newest attempt that loaded a whole batch of the pipeline.
  public func lastLoadedPlanDigest(pipeline: String) throws(StageFailure) -> String? {
    try attemptRows(
      """
      WHERE pipeline = ? AND outcome = 'committed' AND kind <> 'rejects'
      ORDER BY closed_at DESC, batch DESC, number DESC LIMIT 1
      """, [pipeline]
    ).first?.planDigest
  }

  /// Forgets an open attempt of which the center knows nothing: it never was. What it found goes with it.
  public func abandonAttempt(batch: String, number: Int) throws(StageFailure) {
    try write { db in
      try db.execute(sql: "DELETE FROM finding WHERE batch = ? AND attempt = ?", arguments: [batch, number])
      try db.execute(
        sql: "DELETE FROM attempt WHERE batch = ? AND number = ? AND outcome = 'open'",
        arguments: [batch, number])
    }
  }

  static func insert(_ row: AttemptRow, closing: AttemptClosing?, _ db: Database) throws {
    guard
      let pipeline = try String.fetchOne(
        db, sql: "SELECT pipeline FROM batch WHERE id = ?", arguments: [row.batch])
    else { throw StageFailure.ledgerMisused("batch \(row.batch) was never landed") }
    try db.execute(
      sql: """
        INSERT OR REPLACE INTO attempt (batch, number, pipeline, run, kind, outcome, plan_digest,
          decode_digest, started_at, counters, closing) VALUES (?, ?, ?, ?, ?, 'open', ?, ?, ?, ?, ?)
        """,
      arguments: [
        row.batch, row.number, pipeline, row.run, row.kind.rawValue, row.planDigest, row.decodeDigest,
        row.startedAt, try LedgerText.encode(row.counters), try LedgerText.encode(ifAny: closing),
      ])
  }

  private static func nextAttempt(_ db: Database, _ batch: String) throws -> Int {
    try Int.fetchOne(
      db, sql: "SELECT coalesce(max(number), 0) + 1 FROM attempt WHERE batch = ?", arguments: [batch]) ?? 1
  }

  private static func openRows(_ db: Database, _ pipeline: String) throws -> [Row] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM attempt WHERE pipeline = ? AND outcome = 'open' ORDER BY batch, number",
      arguments: [pipeline])
  }

  private func attemptRows(
    _ clause: String, _ arguments: StatementArguments
  ) throws(StageFailure) -> [AttemptRow] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM attempt " + clause, arguments: arguments).map(AttemptRow.init)
    }
  }
}

extension AttemptRow {
  init(_ row: Row) throws {
    self.init(
      batch: row["batch"], number: row["number"], run: row["run"], kind: try row.word(Kind.self, "kind"),
      outcome: try row.word(Outcome.self, "outcome"), planDigest: row["plan_digest"],
      decodeDigest: row["decode_digest"], startedAt: row["started_at"], closedAt: row["closed_at"],
      counters: try row.json(Counters.self, "counters"), error: try row.jsonIfAny(ErrorRow.self, "error"))
  }
}
