// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// A field of another entity that values must occur in. Remembers values it found, in a fixed amount of
/// memory.
final class ReferenceTarget {
  enum Finding { case found, missing, mayCome }

  let reference: EntityReference
  /// The batch itself may bring the rows that are referred to.
  let isFed: Bool
  private let exists: SQLiteStatement?
  private let known: UnsafeMutablePointer<KeyDigest>
  private static let knownCount = 8192

  init(_ reference: EntityReference, isFed: Bool, database: SQLiteDatabase) throws(StageFailure) {
    self.reference = reference
    self.isFed = isFed
    let standing = try StandingTable(reference.entity, in: database)
    exists =
      standing.columns[reference.field.lowercased()] == nil
      ? nil
      : try database.prepare(
        "SELECT 1 FROM \(quoted(reference.entity)) WHERE \(quoted(reference.field)) = ?1 LIMIT 1")
    known = .allocate(capacity: Self.knownCount)
    known.initialize(repeating: KeyDigest(high: 0, low: 0), count: Self.knownCount)
  }

  deinit { known.deallocate() }

  func find(_ reader: ColumnReader, _ row: Int, _ scratch: CellText.Memory) throws(StageFailure) -> Finding {
    guard let exists else { return .missing }
    var hasher = KeyHasher()
    reader.hash(row, into: &hasher)
    let digest = hasher.finish()
    let slot = Int(truncatingIfNeeded: digest.low) & (Self.knownCount - 1)
    if known[slot] == digest { return .found }
    reader.bind(row, to: exists.handle, at: 1, scratch)
    if try exists.step() {
      exists.reset()
      known[slot] = digest
      return .found
    }
    return isFed ? .mayCome : .missing
  }
}

/// References of a batch whose rows may still come in the same batch.
final class PendingReferences {
  private let database: SQLiteDatabase
  private var targets: [ReferenceTarget] = []
  private let insert: SQLiteStatement
  private(set) var isEmpty = true

  init(_ database: SQLiteDatabase) throws(StageFailure) {
    self.database = database
    try database.execute(
      "CREATE TEMP TABLE IF NOT EXISTS _terrace_pending (target INTEGER, ordinal INTEGER, field TEXT, "
        + "personal TEXT, value); DELETE FROM temp._terrace_pending")
    insert = try database.prepare("INSERT INTO temp._terrace_pending VALUES (?1, ?2, ?3, ?4, ?5)")
  }

  func add(
    _ target: ReferenceTarget, ordinal: Int64, field: String, personal: PersonalClass,
    _ reader: ColumnReader, _ row: Int, _ scratch: CellText.Memory
  ) throws(StageFailure) {
    let index = targets.firstIndex { $0 === target } ?? targets.count
    if index == targets.count { targets.append(target) }
    isEmpty = false
    insert.bind(Int64(index), at: 1)
    insert.bind(ordinal, at: 2)
    insert.bind(field, at: 3)
    insert.bind(personal.rawValue, at: 4)
    reader.bind(row, to: insert.handle, at: 5, scratch)
    try insert.run()
  }

  /// Records whose references are still missing now that all rows came.
  ///
  /// - Parameter staged: SQL that is true when `p.value` is put aside for the run's end, by target.
  func unresolved(
    staged: (EntityReference) -> String? = { _ in nil }
  ) throws(StageFailure) -> [Int64: SettledOutcome] {
    var rejected: [Int64: SettledOutcome] = [:]
    if isEmpty { return rejected }
    for (index, target) in targets.enumerated() {
      let reference = target.reference
      let orStaged = staged(reference).map { " AND NOT \($0)" } ?? ""
      let select = try database.prepare(
        "SELECT ordinal, field, personal, CAST(value AS TEXT) FROM temp._terrace_pending AS p "
          + "WHERE target = \(index) AND NOT EXISTS (SELECT 1 FROM \(quoted(reference.entity)) AS t "
          + "WHERE t.\(quoted(reference.field)) = p.value)\(orStaged)")
      while try select.step() {
        let ordinal = select.integer(0)
        guard rejected[ordinal] == nil else { continue }
        rejected[ordinal] = .rejected(
          reference.missing(
            row: 0, field: select.text(1) ?? "", value: select.text(3),
            personal: PersonalClass(rawValue: select.text(2) ?? "") ?? .none))
      }
    }
    return rejected
  }
}

extension EntityReference {
  func missing(row: Int, field: String, value: String?, personal: PersonalClass) -> Failure {
    Failure(
      row: row, rule: "references.\(entity)", field: field, value: value.map { String($0.prefix(80)) },
      message: "no row of '\(entity)' has this value in '\(self.field)'", personal: personal)
  }
}
