// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import GRDB
import Records

extension Ledger {
  /// Rejects and notes that closed attempts found, in the order in which they were first met.
  public func rejects(_ filter: RejectFilter = RejectFilter()) throws(StageFailure) -> [RejectRow] {
    try read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM reject WHERE \(RejectFilter.condition) ORDER BY number LIMIT :limit",
        arguments: filter.arguments
      ).map(RejectRow.init)
    }
  }

  public func reject(_ id: String) throws(StageFailure) -> RejectRow? {
    guard let number = Self.rejectNumber(id) else { return nil }
    return try read { db in
      try Row.fetchOne(db, sql: "SELECT * FROM reject WHERE number = ?", arguments: [number]).map(
        RejectRow.init)
    }
  }

  /// How many broken rules of each kind, the most frequent first.
  public func rejectCauses(_ filter: RejectFilter = RejectFilter()) throws(StageFailure) -> [RejectCause] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT pipeline, entity,
            json_extract(value, '$.rule') AS rule, json_extract(value, '$.field') AS field,
            count(DISTINCT number) AS records, min(number) AS example
          FROM (SELECT * FROM reject WHERE \(RejectFilter.condition) LIMIT :limit) AS kept,
            json_each(kept.failures)
          GROUP BY 1, 2, 3, 4 ORDER BY records DESC, 1, 2, 3, 4
          """, arguments: filter.arguments
      ).map { row in
        RejectCause(
          pipeline: row["pipeline"], entity: row["entity"], rule: row["rule"], field: row["field"],
          records: row["records"], example: Self.rejectID(row["example"]))
      }
    }
  }

  /// Identities of a pipeline's open rejects (not of notes), and of those that attempts not closed yet have found: an
  /// attempt that loads one of them resolves it.
  public func openRejectIdentities(pipeline: String) throws(StageFailure) -> Set<String> {
    try read { db in
      try Set(
        String.fetchAll(
          db,
          sql: """
            SELECT identity FROM reject WHERE pipeline = ?1 AND status = 'open' AND is_note = 0
            UNION SELECT identity FROM finding WHERE pipeline = ?1 AND is_note = 0
            """, arguments: [pipeline]))
    }
  }

  /// Ordinals of the records that a batch did not load: those of its rejects that nothing has resolved.
  public func recordsKeptOut(ofBatch batch: String) throws(StageFailure) -> Set<Int64> {
    try read { db in
      try Set(
        Int64.fetchAll(
          db,
          sql: "SELECT record FROM reject WHERE batch = ? AND status IN ('open', 'waived') AND is_note = 0",
          arguments: [batch]))
    }
  }

  /// Accepts that a record stays out. Recorded as an action.
  ///
  /// - Returns: false when there is no open reject of this id.
  @discardableResult
  public func waive(
    _ id: String, by who: String = Ledger.currentUser, reason: String = "", at time: Int64? = nil
  ) throws(StageFailure) -> Bool {
    guard let number = Self.rejectNumber(id) else { return false }
    let time = time ?? clock() / 1000
    return try write { db in
      try db.execute(
        sql: "UPDATE reject SET status = 'waived' WHERE number = ? AND status = 'open'", arguments: [number])
      guard db.changesCount == 1 else { return false }
      try Self.append(ActionRow(at: time, who: who, what: "waive", subject: id, detail: reason), db)
      return true
    }
  }
}

/// Which rejects a listing shows; nil leaves a side open.
public struct RejectFilter: Sendable, Equatable {
  public var status: RejectRow.Status?
  public var batch: String?
  public var pipeline: String?
  /// A rule (`type.date`), or rule and field (`type.date in_use_from`).
  public var cause: String?
  /// Only notes, or no notes.
  public var notes: Bool?
  public var limit: Int?

  public init(
    status: RejectRow.Status? = .open, batch: String? = nil, pipeline: String? = nil, cause: String? = nil,
    notes: Bool? = nil, limit: Int? = nil
  ) {
    self.status = status
    self.batch = batch
    self.pipeline = pipeline
    self.cause = cause
    self.notes = notes
    self.limit = limit
  }

  static let condition = """
    (:status IS NULL OR status = :status) AND (:batch IS NULL OR batch = :batch)
    AND (:pipeline IS NULL OR pipeline = :pipeline) AND (:notes IS NULL OR is_note = :notes)
    AND (:rule IS NULL OR EXISTS (SELECT 1 FROM json_each(reject.failures)
      WHERE json_extract(value, '$.rule') = :rule
        AND (:field IS NULL OR json_extract(value, '$.field') = :field)))
    """

  var arguments: StatementArguments {
    let parts = cause?.split(separator: " ", maxSplits: 1).map(String.init) ?? []
    return [
      "status": status?.rawValue, "batch": batch, "pipeline": pipeline, "notes": notes,
      "rule": parts.first, "field": parts.count > 1 ? parts[1] : nil, "limit": limit ?? -1,
    ]
  }
}

/// One rule that records broke, with how many did.
public struct RejectCause: Sendable, Equatable {
  public var pipeline: String
  public var entity: String
  public var rule: String
  public var field: String
  public var records: Int
  /// The first of them.
  public var example: String
}

extension RejectRow {
  init(_ row: Row) throws {
    self.init(
      id: Ledger.rejectID(row["number"]), isNote: row["is_note"], status: try row.word(Status.self, "status"),
      batch: row["batch"], attempt: row["attempt"], pipeline: row["pipeline"], entity: row["entity"],
      record: row["record"], offset: row["offset"], length: row["length"], line: row["line"],
      path: row["path"], identity: row["identity"], key: row["key"], seen: row["seen"],
      failures: try row.json([FailureRow].self, "failures"))
  }
}
