// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Finds records of a batch that a reference leads back to themselves, by what stands once all of them came.
///
/// Walks from each row that a record of the batch refers to, over rows of the batch and of the center alike, and never
/// twice over the same row: a cycle that a batch closes goes through one of them, and one that stood before and that no
/// record of the batch is part of is passed by.
final class CycleCheck {
  private let entity: EntitySchema
  private let field: EntityField
  private let database: SQLiteDatabase
  private let mode: LoadPlan.Mode
  private let staged: StagedRows?
  private let places: String
  private let insert: SQLiteStatement
  private let delete: SQLiteStatement
  private var isEmpty = true

  /// - Parameter number: tells the checks of one batch apart.
  init(
    _ field: EntityField, of entity: EntitySchema, number: Int, mode: LoadPlan.Mode,
    staged: StagedRows?, database: SQLiteDatabase
  ) throws(StageFailure) {
    self.mode = mode
    self.entity = entity
    self.field = field
    self.staged = staged
    self.database = database
    places = "temp._terrace_places_\(number)"
    try database.execute(
      "CREATE TEMP TABLE IF NOT EXISTS _terrace_places_\(number) (place INTEGER PRIMARY KEY, ordinal INTEGER); "
        + "DELETE FROM \(places)")
    insert = try database.prepare("INSERT OR REPLACE INTO \(places) VALUES (?1, ?2)")
    delete = try database.prepare("DELETE FROM \(places) WHERE place = ?1")
  }

  var name: String { field.name }

  /// - Parameter place: the row's `_rowid_`.
  func add(_ place: Int64, _ ordinal: Int64) throws(StageFailure) {
    isEmpty = false
    insert.bind(place, at: 1)
    insert.bind(ordinal, at: 2)
    try insert.run()
  }

  func remove(_ place: Int64) throws(StageFailure) {
    delete.bind(place, at: 1)
    try delete.run()
  }

  func judge(_ findings: inout ReferenceFindings) throws(StageFailure) {
    if isEmpty { return }
    let table = staged?.table ?? "main." + quoted(entity.name)
    let starts = try database.prepare(
      "SELECT t.\(quoted(field.name)) FROM \(places) AS p CROSS JOIN \(table) AS t ON t._rowid_ = p.place")
    let next = try database.prepare(following)
    // Rows that were walked over, each with the number of the walk.
    let walked = KeySet()
    var walk: Int64 = 0
    while try starts.step() {
      walk += 1
      var at = starts.text(0)
      while let key = at {
        let digest = Self.digest(key)
        if let before = try walked.find(digest) {
          if before.ordinal == walk { try report(from: key, next, &findings) }
          break
        }
        let entry = KeySet.Entry(key: digest, content: 0, ordinal: walk, outcome: .inserted)
        try walked.store(entry, version: .none)
        at = try Self.step(next, from: key)?.refersTo
      }
    }
  }

  /// The row of a key: what it refers to, and the ordinal of the record that brought it.
  private var following: String {
    let key = quoted(entity.key[0])
    let name = quoted(field.name)
    guard let staged else {
      return "SELECT t.\(name), p.ordinal FROM main.\(quoted(entity.name)) AS t LEFT JOIN \(places) AS p "
        + "ON p.place = t._rowid_ WHERE t.\(key) = ?1"
    }
    let mine = staged.select(
      "s.\(name), p.ordinal", by: key, joined: "LEFT JOIN \(places) AS p ON p.place = s._rowid_")
    return "\(mine) UNION ALL SELECT \(name), NULL FROM main.\(quoted(entity.name)) "
      + "WHERE \(key) = ?1 AND \(staged.isBeside(by: key, mode))"
  }

  private static func step(
    _ next: SQLiteStatement, from key: String
  ) throws(StageFailure) -> (refersTo: String?, ordinal: Int64?)? {
    next.bind(key, at: 1)
    defer { next.reset() }
    guard try next.step() else { return nil }
    return (next.text(0), next.isNull(1) ? nil : next.integer(1))
  }

  private static func digest(_ key: String) -> KeyDigest {
    var hasher = KeyHasher()
    var key = key
    key.withUTF8 { hasher.combine($0) }
    return hasher.finish()
  }

  private func report(
    from first: String, _ next: SQLiteStatement, _ findings: inout ReferenceFindings
  ) throws(StageFailure) {
    var chain: [String] = []
    var records: [(at: Int, ordinal: Int64)] = []
    var at: String? = first
    while let key = at, chain.isEmpty || key != first {
      let row = try Self.step(next, from: key)
      if let ordinal = row?.ordinal { records.append((chain.count, ordinal)) }
      chain.append(key)
      at = row?.refersTo
    }
    let isPersonal = field.personal != .none || entity.field(entity.key[0])?.personal != PersonalClass.none
    for record in records {
      let message =
        isPersonal
        ? "following '\(field.name)' comes back to this record after \(Self.steps(chain.count))"
        : "following '\(field.name)' comes back to this record: \(Self.text(chain, from: record.at))"
      findings.add(
        Failure(
          row: 0, rule: "references.cycle", field: field.name,
          value: String(chain[(record.at + 1) % chain.count].prefix(80)), message: message,
          personal: field.personal), .reject, of: record.ordinal)
    }
  }

  private static func steps(_ count: Int) -> String { count == 1 ? "1 step" : "\(count) steps" }

  /// `A → B → A`; of a long one its first rows and how many there are.
  private static func text(_ chain: [String], from start: Int) -> String {
    let shown = (0..<min(chain.count, 6)).map { String(chain[(start + $0) % chain.count].prefix(40)) }
    let rest = chain.count > shown.count ? ["…"] : []
    let count = rest.isEmpty ? "" : " (\(steps(chain.count)))"
    return (shown + rest + [shown[0]]).joined(separator: " → ") + count
  }
}
