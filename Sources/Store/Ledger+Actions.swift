// SPDX-License-Identifier: Apache-2.0

import Crypto
import Diagnostics
import GRDB
import Glibc

/// What a person did to the state: moved a checkpoint, waived a reject, looked at masked values.
public struct ActionRow: Sendable, Equatable {
  /// Seconds since 1970, UTC.
  public var at: Int64
  public var who: String
  /// `checkpoint-set`, `checkpoint-reset`, `waive`, `reveal` …
  public var what: String
  /// What it was done to: a pipeline, an id.
  public var subject: String
  public var detail: String

  public init(at: Int64, who: String, what: String, subject: String, detail: String = "") {
    self.at = at
    self.who = who
    self.what = what
    self.subject = subject
    self.detail = detail
  }
}

extension Ledger {
  /// Name of the user who runs the process.
  public static var currentUser: String {
    getpwuid(getuid()).flatMap { $0.pointee.pw_name }.map { String(cString: $0) } ?? String(getuid())
  }

  /// Puts an action on record. Records are only ever added, each bound to the one before it.
  public func recordAction(_ action: ActionRow) throws(StageFailure) {
    try write { db in try Self.append(action, db) }
  }

  /// Every action, oldest first.
  public func actions() throws(StageFailure) -> [ActionRow] {
    try read { db in try Row.fetchAll(db, sql: "SELECT * FROM action ORDER BY number").map(ActionRow.init) }
  }

  /// The number (from 1) of the first action that is not as it was recorded, or nil. Actions cut off at the
  /// end can only be seen by who kept an earlier ``lastActionHash()``.
  public func firstTamperedAction() throws(StageFailure) -> Int? {
    try read(Self.firstTampered)
  }

  static func firstTampered(_ db: Database) throws -> Int? {
    var previous = ""
    for (index, row) in try Row.fetchAll(db, sql: "SELECT * FROM action ORDER BY number").enumerated() {
      let expected = hash(ActionRow(row), number: Int64(index) + 1, after: previous)
      guard row["number"] == Int64(index) + 1, row["previous"] == previous, row["hash"] == expected else {
        return index + 1
      }
      previous = expected
    }
    return nil
  }

  /// Hash of the newest action: who keeps it elsewhere can tell when the end was cut off.
  public func lastActionHash() throws(StageFailure) -> String? {
    try read { db in try String.fetchOne(db, sql: "SELECT hash FROM action ORDER BY number DESC LIMIT 1") }
  }

  /// Where the pipeline's extractor goes on from.
  public func checkpoint(pipeline: String) throws(StageFailure) -> String? {
    try read { db in
      try String.fetchOne(db, sql: "SELECT json FROM checkpoint WHERE pipeline = ?", arguments: [pipeline])
    }
  }

  /// Puts the checkpoint of a pipeline where a person wants it. Recorded as an action.
  public func setCheckpoint(
    _ json: String, pipeline: String, by who: String = Ledger.currentUser, at time: Int64? = nil
  ) throws(StageFailure) {
    let action = ActionRow(
      at: time ?? clock() / 1000, who: who, what: "checkpoint-set", subject: pipeline, detail: json)
    try write { db in
      try Self.putCheckpoint(json, pipeline, db)
      try Self.append(action, db)
    }
  }

  /// Moves the checkpoint forward after batches were settled without an attempt (known payloads). Part of a
  /// run: no action.
  public func advanceCheckpoint(_ json: String, pipeline: String) throws(StageFailure) {
    try write { db in try Self.putCheckpoint(json, pipeline, db) }
  }

  /// Removes the checkpoint of a pipeline, so that its next run extracts from the beginning. Recorded as an
  /// action.
  public func clearCheckpoint(
    pipeline: String, by who: String = Ledger.currentUser, at time: Int64? = nil
  ) throws(StageFailure) {
    let time = time ?? clock() / 1000
    try write { db in
      let old = try String.fetchOne(
        db, sql: "DELETE FROM checkpoint WHERE pipeline = ? RETURNING json", arguments: [pipeline])
      try Self.append(
        ActionRow(at: time, who: who, what: "checkpoint-reset", subject: pipeline, detail: old ?? ""), db)
    }
  }

  static func putCheckpoint(_ json: String, _ pipeline: String, _ db: Database) throws {
    try db.execute(
      sql: """
        INSERT INTO checkpoint (pipeline, json) VALUES (?, ?)
        ON CONFLICT (pipeline) DO UPDATE SET json = excluded.json
        """, arguments: [pipeline, json])
  }

  static func append(_ action: ActionRow, _ db: Database) throws {
    let last = try Row.fetchOne(db, sql: "SELECT number, hash FROM action ORDER BY number DESC LIMIT 1")
    let number = (last?["number"] ?? Int64(0)) + 1
    let previous: String = last?["hash"] ?? ""
    try db.execute(
      sql: """
        INSERT INTO action (number, at, who, what, subject, detail, previous, hash)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        number, action.at, action.who, action.what, action.subject, action.detail, previous,
        hash(action, number: number, after: previous),
      ])
  }

  /// Each part goes in with its length, so that no two records share a text.
  private static func hash(_ action: ActionRow, number: Int64, after previous: String) -> String {
    var sha256 = SHA256()
    let parts = [
      previous, String(number), String(action.at), action.who, action.what, action.subject, action.detail,
    ]
    for part in parts { sha256.update(data: Array("\(part.utf8.count):\(part)".utf8)) }
    return hexadecimal(sha256.finalize())
  }
}

extension ActionRow {
  init(_ row: Row) {
    self.init(
      at: row["at"], who: row["who"], what: row["what"], subject: row["subject"], detail: row["detail"])
  }
}
