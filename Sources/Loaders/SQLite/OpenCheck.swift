// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// The days that a record names.
struct NamedDays {
  /// The earliest and the latest of those given, in days since 1970.
  var first: Int32?
  var last: Int32?
  /// The last day is not given: from then on.
  var isEndless: Bool

  var text: String {
    let first = first.map { CalendarDate(days: $0).description }
    let last = last.map { CalendarDate(days: $0).description }
    switch (first, last) {
    case (let first?, _) where isEndless: return "from \(first) on"
    case (let first?, let last?): return first == last ? "on \(first)" : "from \(first) to \(last)"
    default: return "without an end"
    }
  }
}

/// The days on which a row is open, both bounds included; nil is no bound.
struct OpenDays {
  var from: Int32?
  var to: Int32?

  func holds(_ named: NamedDays) -> Bool {
    if let from, let first = named.first, first < from { return false }
    guard let to else { return true }
    return !named.isEndless && named.last.map { $0 <= to } ?? true
  }

  var text: String {
    let from = from.map { CalendarDate(days: $0).description }
    let to = to.map { CalendarDate(days: $0).description }
    switch (from, to) {
    case (let from?, let to?): return "from \(from) to \(to)"
    case (let from?, nil): return "from \(from) on"
    case (nil, let to?): return "until \(to)"
    case (nil, nil): return "always"
    }
  }
}

/// Holds the days that records name against those on which the rows they refer to are open. Remembers rows it found,
/// in a fixed amount of memory.
final class OpenCheck {
  let rule: OpenRule
  /// The batch itself may bring or change the rows referred to, so that nothing can be said before its end.
  let isDeferred: Bool
  private let field: EntityField
  private let reference: EntityReference
  /// Where the named days stand among the writer's fields.
  private let named: [Int]
  private let rows: SQLiteStatement?
  private let isPersonal: Bool
  private var known: ContiguousArray<Known>
  private static let knownCount = 4096

  private struct Known {
    var digest: KeyDigest
    var days: OpenDays
  }

  /// - Returns: nil for a field without such a rule, or whose days are not mapped: then nothing is known of them.
  init?(
    _ field: EntityField, of writer: TableWriter, entities: [String: EntitySchema], isFed: Bool,
    staged: StagedRows?, database: SQLiteDatabase
  ) throws(StageFailure) {
    guard let reference = field.references, let rule = field.referenceRules.open else { return nil }
    let named = rule.at.compactMap { name in writer.fields.firstIndex { $0.name == name } }
    guard named.count == rule.at.count else { return nil }
    self.field = field
    self.reference = reference
    self.rule = rule
    self.named = named
    isDeferred = isFed
    let far = [rule.from, rule.to].compactMap { $0 }.compactMap { entities[reference.entity]?.field($0) }
    isPersonal = (far + named.map { writer.fields[$0] }).contains { $0.personal != .none }
    rows = try Self.rows(reference, rule, staged, database)
    known = ContiguousArray(
      repeating: Known(digest: KeyDigest(high: 0, low: 0), days: OpenDays()), count: Self.knownCount)
  }

  private static func rows(
    _ reference: EntityReference, _ rule: OpenRule, _ staged: StagedRows?, _ database: SQLiteDatabase
  ) throws(StageFailure) -> SQLiteStatement? {
    let standing = try StandingTable(reference.entity, in: database)
    guard standing.columns[reference.field.lowercased()] != nil else { return nil }
    // A field that was declared after the table was last loaded is no column yet.
    let columns = [rule.from, rule.to].map { name in
      name.flatMap { standing.columns[$0.lowercased()] == nil ? nil : quoted($0) } ?? "NULL"
    }.joined(separator: ", ")
    let table = quoted(reference.entity)
    let value = quoted(reference.field)
    guard let staged else {
      return try database.prepare("SELECT \(columns) FROM main.\(table) WHERE \(value) = ?1")
    }
    return try database.prepare(
      "\(staged.select(columns, by: value)) UNION ALL SELECT \(columns) FROM main.\(table) "
        + "WHERE \(value) = ?1 AND (\(staged.isForeign) OR NOT EXISTS (\(staged.select("1", by: value))))")
  }

  /// - Returns: nil where a day is left as it stands.
  func days(_ row: Int, of writer: TableWriter) -> NamedDays? {
    var days = NamedDays(first: nil, last: nil, isEndless: false)
    for field in named {
      let reader = writer.readers[field]
      guard reader.hasValue(row), case .date(let values) = reader.cells else {
        if reader.keepsAbsent, reader.states[row] == .absent { return nil }
        days.isEndless = true
        continue
      }
      days.isEndless = false
      days.first = min(days.first ?? values[row], values[row])
      days.last = max(days.last ?? values[row], values[row])
    }
    return days
  }

  /// - Parameters:
  ///   - digest: of the value, by which the row is remembered.
  ///   - bind: binds the value to the first parameter.
  /// - Returns: the days of a row with the value, if rows have it and none is open on all the named days.
  func closed(
    _ digest: KeyDigest, _ named: NamedDays, bind: (SQLiteStatement) -> Void
  ) throws(StageFailure) -> OpenDays? {
    guard let rows else { return nil }
    let slot = Int(truncatingIfNeeded: digest.low) & (Self.knownCount - 1)
    if known[slot].digest == digest { return known[slot].days.holds(named) ? nil : known[slot].days }
    bind(rows)
    var closed: OpenDays?
    var count = 0
    while try rows.step() {
      let days = OpenDays(from: Self.day(rows, 0), to: Self.day(rows, 1))
      count += 1
      if count == 1 { known[slot] = Known(digest: digest, days: days) }
      if days.holds(named) {
        // Another row of the value may say otherwise of other days.
        if try rows.step() { known[slot].digest = KeyDigest(high: 0, low: 0) }
        rows.reset()
        return nil
      }
      closed = closed ?? days
    }
    if count > 1 { known[slot].digest = KeyDigest(high: 0, low: 0) }
    return closed
  }

  private static func day(_ rows: SQLiteStatement, _ column: Int32) -> Int32? {
    rows.isNull(column) ? nil : CellText.days(rows.bytes(column))
  }

  func failure(_ closed: OpenDays, _ named: NamedDays, field name: String, value: String?) -> Failure {
    Failure(
      row: 0, rule: "references.closed", field: name, value: value.map { String($0.prefix(80)) },
      message: isPersonal
        ? "the row of '\(reference.entity)' is not open on the days of this record"
        : "the row of '\(reference.entity)' is open \(closed.text), and this record refers to it \(named.text)",
      personal: field.personal)
  }
}

/// What a batch says of rows that it may still bring or change.
final class PendingDays {
  private let database: SQLiteDatabase
  private var checks: [OpenCheck] = []
  private let insert: SQLiteStatement

  init(_ database: SQLiteDatabase) throws(StageFailure) {
    self.database = database
    try database.execute(
      "CREATE TEMP TABLE IF NOT EXISTS _terrace_named (check_ INTEGER, ordinal INTEGER, field TEXT, value, "
        + "first INTEGER, last INTEGER, endless INTEGER); DELETE FROM temp._terrace_named")
    insert = try database.prepare("INSERT INTO temp._terrace_named VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
  }

  func add(
    _ check: OpenCheck, _ days: NamedDays, ordinal: Int64, field: String, _ reader: ColumnReader, _ row: Int,
    _ scratch: CellText.Memory
  ) throws(StageFailure) {
    let index = checks.firstIndex { $0 === check } ?? checks.count
    if index == checks.count { checks.append(check) }
    insert.bind(Int64(index), at: 1)
    insert.bind(ordinal, at: 2)
    insert.bind(field, at: 3)
    reader.bind(row, to: insert.handle, at: 4, scratch)
    for (index, day) in [days.first, days.last].enumerated() {
      if let day {
        insert.bind(Int64(day), at: Int32(5 + index))
      } else {
        insert.bindNull(at: Int32(5 + index))
      }
    }
    insert.bind(days.isEndless ? 1 : 0, at: 7)
    try insert.run()
  }

  /// Judges by the rows that stand now that all came.
  func judge(_ findings: inout ReferenceFindings) throws(StageFailure) {
    if checks.isEmpty { return }
    let select = try database.prepare(
      "SELECT check_, ordinal, field, value, first, last, endless FROM temp._terrace_named")
    while try select.step() {
      let check = checks[Int(select.integer(0))]
      func day(_ column: Int32) -> Int32? {
        select.isNull(column) ? nil : Int32(truncatingIfNeeded: select.integer(column))
      }
      let named = NamedDays(first: day(4), last: day(5), isEndless: select.integer(6) == 1)
      var hasher = KeyHasher()
      hasher.combine(select.bytes(3))
      guard let closed = try check.closed(hasher.finish(), named, bind: { $0.bind(select, 3, at: 1) }) else {
        continue
      }
      findings.add(
        check.failure(closed, named, field: select.text(2) ?? "", value: select.text(3)),
        check.rule.otherwise, of: select.integer(1))
    }
  }
}
