// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Finds rows that refer to a row for days on which it is no longer open, because a record of the batch has changed
/// these: a unit was closed, and units below it stand open.
///
/// Only rows whose days a batch changes are looked at. They are mostly few, so the rows that refer are read once, in
/// whatever order they stand, and need no index for it.
final class ReferrersLeft {
  private struct Referrer {
    let entity: EntitySchema
    let field: EntityField
    let reference: EntityReference
    let rule: OpenRule
  }

  private let target: EntitySchema
  private let referrers: [Referrer]
  private let database: SQLiteDatabase
  private let moved: String
  private let insert: SQLiteStatement
  private var isEmpty = true

  /// - Parameter number: tells the checks of one batch apart.
  /// - Returns: nil where no entity of the schema refers to open rows of this one.
  init?(
    _ target: EntitySchema, entities: [String: EntitySchema], number: Int, database: SQLiteDatabase
  ) throws(StageFailure) {
    let referrers = entities.values.sorted { $0.name < $1.name }.flatMap { entity in
      entity.fields.compactMap { field -> Referrer? in
        guard let reference = field.references, reference.entity == target.name,
          let rule = field.referenceRules.open
        else { return nil }
        return Referrer(entity: entity, field: field, reference: reference, rule: rule)
      }
    }
    if referrers.isEmpty { return nil }
    self.target = target
    self.referrers = referrers
    self.database = database
    moved = "temp._terrace_moved_\(number)"
    try database.execute(
      "CREATE TEMP TABLE IF NOT EXISTS _terrace_moved_\(number) (place INTEGER PRIMARY KEY, ordinal INTEGER); "
        + "DELETE FROM \(moved)")
    insert = try database.prepare("INSERT OR REPLACE INTO \(moved) VALUES (?1, ?2)")
  }

  /// Fields that bound the days on which rows are open.
  var bounds: Set<String> { Set(referrers.flatMap { [$0.rule.from, $0.rule.to] }.compactMap { $0 }) }

  func add(_ place: Int64, _ ordinal: Int64) throws(StageFailure) {
    isEmpty = false
    insert.bind(place, at: 1)
    insert.bind(ordinal, at: 2)
    try insert.run()
  }

  func judge(_ findings: inout ReferenceFindings) throws(StageFailure) {
    if isEmpty { return }
    for referrer in referrers { try judge(referrer, &findings) }
  }

  private func judge(_ referrer: Referrer, _ findings: inout ReferenceFindings) throws(StageFailure) {
    let columns = try StandingTable(referrer.entity.name, in: database).columns
    guard ([referrer.field.name] + referrer.rule.at).allSatisfy({ columns[$0.lowercased()] != nil }) else {
      return
    }
    let value = quoted(referrer.reference.field)
    let bounds = [referrer.rule.from, referrer.rule.to].map { $0.map { "t.\(quoted($0))" } ?? "NULL" }
    try database.execute(
      """
      DROP TABLE IF EXISTS temp._terrace_moved_values;
      CREATE TEMP TABLE _terrace_moved_values (value, ordinal INTEGER, opens, closes,
        PRIMARY KEY (value, ordinal)) WITHOUT ROWID;
      INSERT OR IGNORE INTO temp._terrace_moved_values SELECT t.\(value), m.ordinal, \(bounds[0]), \(bounds[1])
        FROM \(moved) AS m CROSS JOIN main.\(quoted(target.name)) AS t ON t._rowid_ = m.place
        WHERE t.\(value) IS NOT NULL
      """)
    let days = referrer.rule.at.map { "c.\(quoted($0))" }
    var outside = days.map { "\($0) < m.opens OR \($0) > m.closes" }
    if let last = days.last { outside.append("(\(last) IS NULL AND m.closes IS NOT NULL)") }
    let standing = columns[TableLayout.deletedAt] == nil ? "" : " AND c.\(TableLayout.deletedAt) IS NULL"
    let count = try database.prepare(
      "SELECT m.ordinal, count(*) FROM main.\(quoted(referrer.entity.name)) AS c "
        + "CROSS JOIN temp._terrace_moved_values AS m ON m.value = c.\(quoted(referrer.field.name)) "
        + "WHERE (\(outside.joined(separator: " OR ")))\(standing) GROUP BY m.ordinal")
    while try count.step() {
      let entity = "of '\(referrer.entity.name)'"
      let rows =
        count.integer(1) == 1 ? "1 row \(entity) refers" : "\(count.integer(1)) rows \(entity) refer"
      findings.add(
        Failure(
          row: 0, rule: "references.closed", field: referrer.rule.to ?? referrer.rule.from ?? "", value: nil,
          message: "\(rows) to it by '\(referrer.field.name)' for days on which it is not open"), .note,
        of: count.integer(0))
    }
  }
}
