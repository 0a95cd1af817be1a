// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Components
import Diagnostics
import Records

/// Makes and extends the tables of a center, and refuses what would lose or reinterpret data.
struct CenterTables {
  /// Layout of the loader's own tables. A center of a higher version was made by a newer program.
  static let version: Int64 = 1

  static var counterColumns: [(name: String, path: WritableKeyPath<Counters, Int>)] {
    [
      ("read", \.read), ("inserted", \.inserted), ("updated", \.updated), ("unchanged", \.unchanged),
      ("stale", \.stale), ("duplicate", \.duplicate), ("deleted", \.deleted), ("filtered", \.filtered),
      ("rejected", \.rejected), ("noted", \.noted), ("vanished", \.vanished), ("children", \.children),
    ]
  }

  let database: SQLiteDatabase

  /// Brings the center to what the layouts need. Writes only when something is missing.
  func prepare(_ layouts: [TableLayout], referenced: [EntityReference]) throws(StageFailure) {
    try refuseNewer()
    if try statements(for: layouts, referenced).isEmpty { return }
    try database.execute("BEGIN IMMEDIATE")
    do throws(StageFailure) {
      // Looked at again under the lock: another pipeline may have made the tables meanwhile.
      for sql in try statements(for: layouts, referenced) { try database.execute(sql) }
      try database.step("center.tables")
      try database.execute("COMMIT")
    } catch {
      database.rollBack()
      throw error
    }
  }

  private func refuseNewer() throws(StageFailure) {
    guard try database.hasTable("_terrace_center") else { return }
    let row = try database.prepare("SELECT max(version) FROM _terrace_center")
    guard try row.step(), row.integer(0) > Self.version else { return }
    throw StageFailure(
      id: "load.center-newer",
      "the center '\(database.path)' was made by a newer program (version \(row.integer(0)), this one knows "
        + "\(Self.version))", at: database.path,
      help: "use the newer program, or name another center with --center", exit: .files)
  }

  private func statements(
    for layouts: [TableLayout], _ referenced: [EntityReference]
  ) throws(StageFailure) -> [String] {
    var wanted: [String] = []
    if try !database.hasTable("_terrace_center") {
      wanted += [
        "CREATE TABLE _terrace_center (version INTEGER NOT NULL)",
        "INSERT INTO _terrace_center VALUES (\(Self.version))",
        "CREATE TABLE _terrace_columns (entity TEXT NOT NULL, field TEXT NOT NULL, type TEXT NOT NULL, "
          + "stored_as TEXT NOT NULL, PRIMARY KEY (entity, field)) WITHOUT ROWID",
        "CREATE TABLE _terrace_batches (batch TEXT NOT NULL, attempt INTEGER NOT NULL, "
          + "pipeline TEXT NOT NULL, "
          + "run TEXT NOT NULL, plan_digest TEXT NOT NULL, "
          + Self.counterColumns.map { "\($0.name) INTEGER NOT NULL" }.joined(separator: ", ")
          + ", loaded_at TEXT NOT NULL, PRIMARY KEY (batch, attempt))",
      ]
    }
    for layout in layouts {
      wanted += try database.hasTable(layout.name) ? extending(layout) : Self.making(layout)
    }
    for reference in referenced {
      wanted += try indexing(reference, made: layouts)
    }
    return wanted
  }

  private static func making(_ layout: TableLayout) -> [String] {
    var columns = layout.columns.map { column in
      "\(quoted(column.name)) \(column.type.isInteger ? "INTEGER" : "TEXT")"
        + (layout.identity.contains(column.name) ? " NOT NULL" : "")
    }
    columns += TableLayout.bookkeeping.map { "\(quoted($0)) TEXT NOT NULL" }
    columns += layout.marks.map { "\(quoted($0)) TEXT" }
    if !layout.identity.isEmpty {
      columns.append("PRIMARY KEY (\(layout.identity.map(quoted).joined(separator: ", ")))")
    }
    var wanted = ["CREATE TABLE \(quoted(layout.name)) (\(columns.joined(separator: ", ")))"]
    if layout.identity.isEmpty, layout.parentColumns > 0 {
      let parent = layout.parentIdentity.map(quoted).joined(separator: ", ")
      let index = quoted("_by_parent_of_" + layout.name)
      // One that exists went away with a renamed table.
      wanted.append("DROP INDEX IF EXISTS \(index)")
      wanted.append("CREATE INDEX \(index) ON \(quoted(layout.name)) (\(parent))")
    }
    return wanted + layout.columns.map { remembering($0, of: layout) }
  }

  private static func remembering(_ column: TableLayout.Column, of layout: TableLayout) -> String {
    "INSERT OR REPLACE INTO _terrace_columns VALUES "
      + "(\(literal(layout.name)), \(literal(column.name)), \(literal("\(column.type)")), "
      + "\(literal(column.type.storage)))"
  }

  private func extending(_ layout: TableLayout) throws(StageFailure) -> [String] {
    let standing = try StandingTable(layout.name, in: database)
    guard standing.isIdentified(by: layout.identity) else {
      let stands = standing.key.isEmpty ? "no key" : "the key \(standing.key.joined(separator: ", "))"
      let says = layout.identity.isEmpty ? "no key" : "the key \(layout.identity.joined(separator: ", "))"
      throw conflict(
        layout, "it stands with \(stands), and the schema says \(says)",
        help: "set the key back in the schema file, or rename the table in the center and replay its batches")
    }
    var wanted: [String] = []
    for column in layout.columns {
      guard let stands = standing.columns[column.name.lowercased()] else {
        if layout.identity.contains(column.name) {
          throw conflict(layout, "key column '\(column.name)' is missing", help: "restore the column")
        }
        wanted.append(
          "ALTER TABLE \(quoted(layout.name)) ADD COLUMN \(quoted(column.name)) "
            + (column.type.isInteger ? "INTEGER" : "TEXT"))
        wanted.append(Self.remembering(column, of: layout))
        continue
      }
      let fits = stands.storage.map(column.type.canRead) ?? (stands.isInteger == column.type.isInteger)
      guard fits else {
        throw conflict(
          layout, "column '\(column.name)' stands as \(stands.type), and the schema says \(column.type)",
          help: "set the type back, or give the field a new name; to change it in place, rename the table "
            + "in the center and replay its batches")
      }
      if stands.type != "\(column.type)" { wanted.append(Self.remembering(column, of: layout)) }
    }
    for name in TableLayout.bookkeeping + layout.marks where standing.columns[name] == nil {
      wanted.append("ALTER TABLE \(quoted(layout.name)) ADD COLUMN \(quoted(name)) TEXT")
    }
    return wanted
  }

  private func conflict(_ layout: TableLayout, _ why: String, help: String) -> StageFailure {
    StageFailure(
      id: "load.schema-conflict", "table '\(layout.name)' does not fit the shared schema: \(why)",
      at: database.path, help: help, exit: .files, state: nil)
  }

  /// A referenced field that no key begins with needs an index, or each check would read the whole table.
  private func indexing(
    _ reference: EntityReference, made: [TableLayout]
  ) throws(StageFailure) -> [String] {
    let name = "_referenced_\(reference.entity).\(reference.field)"
    if let layout = made.first(where: { $0.name == reference.entity }) {
      if layout.identity.first == reference.field { return [] }
      guard layout.columns.contains(where: { $0.name == reference.field }) else { return [] }
    } else {
      guard try database.hasTable(reference.entity) else { return [] }
      let standing = try StandingTable(reference.entity, in: database)
      guard standing.columns[reference.field.lowercased()] != nil else { return [] }
      if standing.key.first == reference.field { return [] }
    }
    let known = try database.prepare(
      "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?1 AND tbl_name = ?2 COLLATE NOCASE")
    known.bind(name, at: 1)
    known.bind(reference.entity, at: 2)
    if try known.step() { return [] }
    return [
      "DROP INDEX IF EXISTS \(quoted(name))",
      "CREATE INDEX \(quoted(name)) ON \(quoted(reference.entity)) (\(quoted(reference.field)))",
    ]
  }

  static func literal(_ text: String) -> String {
    var escaped = "'"
    for character in text.unicodeScalars {
      if character == "'" { escaped += "'" }
      escaped.unicodeScalars.append(character)
    }
    return escaped + "'"
  }
}

/// A table as it stands in the center.
struct StandingTable {
  struct Column {
    /// As the schema called it when it was last loaded, else as the table declares it.
    var type: String
    /// What its values mean; nil for a table that this program did not make.
    var storage: String?
    var isInteger: Bool
  }

  /// By lower-case name: SQLite does not tell the cases apart.
  private(set) var columns: [String: Column] = [:]
  private(set) var key: [String] = []
  private var uniqueKeys: [Set<String>] = []

  init(_ name: String, in database: SQLiteDatabase) throws(StageFailure) {
    var remembered: [String: (type: String, storage: String)] = [:]
    if try database.hasTable("_terrace_columns") {
      let known = try database.prepare(
        "SELECT field, type, stored_as FROM _terrace_columns WHERE entity = ?1")
      known.bind(name, at: 1)
      while try known.step() {
        remembered[known.text(0) ?? ""] = (known.text(1) ?? "", known.text(2) ?? "")
      }
    }
    let info = try database.prepare("SELECT name, type, pk FROM pragma_table_info(?1) ORDER BY pk")
    info.bind(name, at: 1)
    while try info.step() {
      let column = info.text(0) ?? ""
      let declared = info.text(1) ?? ""
      columns[column.lowercased()] = Column(
        type: remembered[column]?.type ?? declared, storage: remembered[column]?.storage,
        isInteger: declared.uppercased().contains("INT"))
      if info.integer(2) > 0 { key.append(column) }
    }
    let unique = try database.prepare(
      """
      SELECT l.name, i.name FROM pragma_index_list(?1) AS l, pragma_index_info(l.name) AS i
      WHERE l."unique" AND NOT l.partial ORDER BY l.seq
      """)
    unique.bind(name, at: 1)
    var byIndex: [String: Set<String>] = [:]
    while try unique.step() { byIndex[unique.text(0) ?? "", default: []].insert(unique.text(1) ?? "") }
    uniqueKeys = Array(byIndex.values)
  }

  func isIdentified(by identity: [String]) -> Bool {
    if identity.isEmpty { return key.isEmpty }
    return Set(key) == Set(identity) || uniqueKeys.contains(Set(identity))
  }
}
