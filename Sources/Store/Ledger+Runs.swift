// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import GRDB
import Records

extension Ledger {
  /// Writes down that a run began.
  public func startRun(_ run: RunRow) throws(StageFailure) {
    try write { db in
      try db.execute(
        sql: """
          INSERT INTO run (id, pipeline, kind, status, started_at, ended_at, exit, error, plan_digest,
            declared, bytes, counters, filled) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          run.id, run.pipeline, run.kind.rawValue, run.status.rawValue, run.startedAt, run.endedAt, run.exit,
          try LedgerText.encode(ifAny: run.error), run.planDigest, run.declared, run.bytes,
          try LedgerText.encode(run.counters), try LedgerText.encode(run.filled),
        ])
    }
  }

  /// Writes down how a run ended; `run` says all that it came to.
  public func finishRun(_ run: RunRow) throws(StageFailure) {
    try finishRun(
      run.id, status: run.status, exit: run.exit ?? 0, error: run.error, counters: run.counters,
      declared: run.declared, bytes: run.bytes, filled: run.filled, at: run.endedAt ?? clock() / 1000)
  }

  /// Writes down how a run ended, `at` in seconds since 1970.
  public func finishRun(
    _ id: String, status: RunRow.Status, exit: Int32, error: ErrorRow?, counters: Counters,
    declared: Int64?, bytes: Int64, filled: [String: Int], at endedAt: Int64
  ) throws(StageFailure) {
    try write { db in
      try db.execute(
        sql: """
          UPDATE run SET status = ?, ended_at = ?, exit = ?, error = ?, declared = ?, bytes = ?,
            counters = ?, filled = ? WHERE id = ?
          """,
        arguments: [
          status.rawValue, endedAt, exit, try LedgerText.encode(ifAny: error), declared, bytes,
          try LedgerText.encode(counters), try LedgerText.encode(filled), id,
        ])
      guard db.changesCount == 1 else { throw StageFailure.ledgerMisused("run \(id) was never started") }
    }
  }

  /// Runs, the newest first.
  public func runs(limit: Int? = nil, pipeline: String? = nil) throws(StageFailure) -> [RunRow] {
    try read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM run WHERE (?1 IS NULL OR pipeline = ?1) ORDER BY id DESC LIMIT ?2",
        arguments: [pipeline, limit ?? -1]
      ).map(RunRow.init)
    }
  }

  /// Start of the newest whole run of a pipeline that ended with one of these exit codes. What began in the future
  /// was written under a wrong clock and does not count.
  public func lastStart(
    pipeline: String, exits: [Int32], notAfter now: Int64
  ) throws(StageFailure) -> Int64? {
    try read { db in
      try Int64.fetchOne(
        db,
        sql: """
          SELECT max(started_at) FROM run WHERE pipeline = ? AND kind = 'run' AND started_at <= ?
            AND exit IN (\(exits.map(String.init).joined(separator: ", ")))
          """,
        arguments: [pipeline, now])
    }
  }

  public func run(_ id: String) throws(StageFailure) -> RunRow? {
    try read { db in
      try Row.fetchOne(db, sql: "SELECT * FROM run WHERE id = ?", arguments: [id]).map(RunRow.init)
    }
  }

  /// Runs that a killed process left as running. Asked while holding the pipeline's lock, when none can be
  /// alive.
  public func unfinishedRuns(pipeline: String) throws(StageFailure) -> [RunRow] {
    try read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM run WHERE pipeline = ? AND status = 'running' ORDER BY id",
        arguments: [pipeline]
      ).map(RunRow.init)
    }
  }
}

extension RunRow {
  init(_ row: Row) throws {
    self.init(
      id: row["id"], pipeline: row["pipeline"], kind: try row.word(Kind.self, "kind"),
      status: try row.word(Status.self, "status"),
      startedAt: row["started_at"], endedAt: row["ended_at"], exit: row["exit"],
      error: try row.jsonIfAny(ErrorRow.self, "error"), planDigest: row["plan_digest"],
      declared: row["declared"], bytes: row["bytes"], counters: try row.json(Counters.self, "counters"),
      filled: try row.json([String: Int].self, "filled"))
  }
}
