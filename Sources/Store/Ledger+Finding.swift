// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import GRDB

/// What an id, or the beginning of one, names.
public enum LedgerEntry: Sendable, Equatable {
  case run(RunRow)
  case batch(BatchRow)
  case reject(RejectRow)
  /// Several ids begin so: some of them, in order.
  case ambiguous([String])
  case unknown
}

/// How a pipeline stands.
public struct PipelineSummary: Sendable, Equatable {
  public var pipeline: String
  /// End of the newest run that loaded everything or had nothing to load.
  public var lastSuccessAt: Int64?
  public var lastRun: RunRow?
  public var openRejects: Int
  public var openNotes: Int
  public var failedBatches: Int
}

extension Ledger {
  /// Finds what an id names: a whole id, a prefix that only one id has, or `last` for the newest run. Small
  /// letters will do.
  public func find(_ text: String) throws(StageFailure) -> LedgerEntry {
    if text.lowercased() == "last" {
      return try runs(limit: 1).first.map { .run($0) } ?? .unknown
    }
    let prefix = Base32.canonical(text)
    switch prefix.first {
    case "R":
      return try found(try ids("run", prefix)) { id throws(StageFailure) in try run(id).map { .run($0) } }
    case "B":
      return try found(try ids("batch", prefix)) { id throws(StageFailure) in try batch(id).map { .batch($0) }
      }
    case "J":
      return try found(try rejectIDs(prefix)) { id throws(StageFailure) in try reject(id).map { .reject($0) }
      }
    default: return .unknown
    }
  }

  /// Every pipeline that ever ran or landed anything, by name.
  public func summaries() throws(StageFailure) -> [PipelineSummary] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          WITH name AS (SELECT pipeline FROM run UNION SELECT pipeline FROM batch)
          SELECT pipeline,
            (SELECT max(ended_at) FROM run WHERE run.pipeline = name.pipeline
              AND status IN ('loaded', 'unchanged')) AS succeeded,
            (SELECT count(*) FROM reject WHERE reject.pipeline = name.pipeline AND status = 'open'
              AND is_note = 0) AS rejects,
            (SELECT count(*) FROM reject WHERE reject.pipeline = name.pipeline AND status = 'open'
              AND is_note = 1) AS notes,
            (SELECT count(*) FROM batch WHERE batch.pipeline = name.pipeline AND status = 'failed') AS failed
          FROM name ORDER BY pipeline
          """
      ).map { row in
        let pipeline: String = row["pipeline"]
        let last = try Row.fetchOne(
          db, sql: "SELECT * FROM run WHERE pipeline = ? ORDER BY id DESC LIMIT 1", arguments: [pipeline])
        return PipelineSummary(
          pipeline: pipeline, lastSuccessAt: row["succeeded"], lastRun: try last.map(RunRow.init),
          openRejects: row["rejects"], openNotes: row["notes"], failedBatches: row["failed"])
      }
    }
  }

  private func found(
    _ ids: [String], _ fetch: (String) throws(StageFailure) -> LedgerEntry?
  ) throws(StageFailure) -> LedgerEntry {
    guard let first = ids.first else { return .unknown }
    return ids.count > 1 ? .ambiguous(ids) : try fetch(first) ?? .unknown
  }

  /// At most ten ids with a prefix; the id itself alone if there is one.
  private func ids(_ table: String, _ prefix: String) throws(StageFailure) -> [String] {
    try read { db in
      let ids = try String.fetchAll(
        db, sql: "SELECT id FROM \(table) WHERE id >= ?1 AND id < ?1 || '~' ORDER BY id LIMIT 10",
        arguments: [prefix])
      return ids.contains(prefix) ? [prefix] : ids
    }
  }

  /// Ids of rejects are numbers: those that begin alike are one range for each number of further digits.
  private func rejectIDs(_ prefix: String) throws(StageFailure) -> [String] {
    if try reject(prefix) != nil { return [prefix] }
    guard prefix.count > 1, var low = Self.rejectNumber(prefix), low > 0 else { return [] }
    var width: Int64 = 1
    return try read { db in
      var ids: [String] = []
      for _ in 1...6 where ids.count < 10 {
        let (next, overflow) = low.multipliedReportingOverflow(by: 32)
        guard !overflow else { break }
        (low, width) = (next, width * 32)
        let numbers = try Int64.fetchAll(
          db,
          sql: "SELECT number FROM reject WHERE number >= ?1 AND number - ?1 < ?2 ORDER BY number LIMIT 10",
          arguments: [low, width])
        ids += numbers.map(Self.rejectID)
      }
      return Array(ids.prefix(10))
    }
  }
}
