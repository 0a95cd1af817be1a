// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

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
        + "personal TEXT, value, outcome TEXT); DELETE FROM temp._terrace_pending")
    insert = try database.prepare("INSERT INTO temp._terrace_pending VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
  }

  func add(
    _ target: ReferenceTarget, ordinal: Int64, field: String, personal: PersonalClass,
    _ outcome: ReferenceRules.Outcome, _ reader: ColumnReader, _ row: Int, _ scratch: CellText.Memory
  ) throws(StageFailure) {
    let index = targets.firstIndex { $0 === target } ?? targets.count
    if index == targets.count { targets.append(target) }
    isEmpty = false
    insert.bind(Int64(index), at: 1)
    insert.bind(ordinal, at: 2)
    insert.bind(field, at: 3)
    insert.bind(personal.rawValue, at: 4)
    reader.bind(row, to: insert.handle, at: 5, scratch)
    insert.bind(outcome.rawValue, at: 6)
    try insert.run()
  }

  /// What is still missing now that all rows came.
  ///
  /// - Parameter staged: SQL that is true when `p.value` is put aside for the run's end, by target.
  func unresolved(
    staged: (EntityReference) -> String? = { _ in nil }
  ) throws(StageFailure) -> ReferenceFindings {
    var findings = ReferenceFindings()
    if isEmpty { return findings }
    for (index, target) in targets.enumerated() {
      let reference = target.reference
      let orStaged = staged(reference).map { " AND NOT \($0)" } ?? ""
      let select = try database.prepare(
        "SELECT ordinal, field, personal, CAST(value AS TEXT), outcome FROM temp._terrace_pending AS p "
          + "WHERE target = \(index) AND NOT EXISTS (SELECT 1 FROM \(quoted(reference.entity)) AS t "
          + "WHERE t.\(quoted(reference.field)) = p.value)\(orStaged)")
      while try select.step() {
        findings.add(
          reference.missing(
            row: 0, field: select.text(1) ?? "", value: select.text(3),
            personal: PersonalClass(rawValue: select.text(2) ?? "") ?? .none),
          ReferenceRules.Outcome(rawValue: select.text(4) ?? "") ?? .reject, of: select.integer(0))
      }
    }
    return findings
  }
}

/// What references broke, by record.
struct ReferenceFindings {
  /// The first failure of each record that stays out.
  private(set) var rejected: [Int64: SettledOutcome] = [:]
  private(set) var notes: [LoadNote] = []

  mutating func add(_ failure: Failure, _ outcome: ReferenceRules.Outcome, of ordinal: Int64) {
    switch outcome {
    case .reject:
      if rejected[ordinal] == nil { rejected[ordinal] = .rejected(failure) }
    case .note:
      var note = failure
      note.kind = .note
      notes.append(LoadNote(ordinal: ordinal, failure: note))
    }
  }
}
