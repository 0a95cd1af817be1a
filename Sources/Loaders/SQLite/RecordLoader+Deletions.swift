// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Records by which a source announces that something is gone.
///
/// The row stays and is marked, with the version and batch of the announcement: by these an older state that comes
/// later, or again, is told from a newer one, as by those of any row.
extension RecordLoader {
  func delete(
    _ row: Int, _ ordinal: Int64, _ key: KeyDigest, of kind: RootKind
  ) throws(StageFailure) -> KeyOutcome? {
    let writer = kind.writer
    guard case .merge = destination, kind.hasKey, writer.hasDeletions else {
      reject(
        row,
        Failure(
          row: row, rule: "deletion", field: "", value: nil,
          message: "a deletion of '\(writer.layout.name)' can be loaded in mode merge only"))
      return nil
    }
    let isOvertaken = plan.version == nil && batch.newerKeys?(key) == true
    guard let standing = try writer.findStanding(row) else {
      if isOvertaken { return .stale }
      // Without a version nothing could be told from the mark: landing order decides.
      guard kind.version != nil else { return .unchanged }
      try writer.insertDeleted(row, version: kind.version)
      describe(.deleted, row, ordinal, of: kind, [])
      return .deleted
    }
    if writer.isMarkedDeleted(standing), !isOtherVersion(row, than: standing, of: kind) {
      standing.reset()
      return .unchanged
    }
    guard !isOvertaken, wins(row, over: standing, of: kind) else {
      standing.reset()
      return .stale
    }
    let rowid = standing.integer(0)
    standing.reset()
    try writer.markDeleted(row, rowid: rowid, version: kind.version)
    describe(.deleted, row, ordinal, of: kind, [])
    return .deleted
  }

  private func isOtherVersion(_ row: Int, than standing: SQLiteStatement, of kind: RootKind) -> Bool {
    guard let field = kind.version else { return false }
    let reader = kind.writer.readers[field]
    return reader.version(row).compare(reader.standingVersion(standing, at: Int32(field + 1))) != 0
  }
}

extension TableWriter {
  /// - Parameter standing: a row that ``findStanding(_:)`` found.
  func isMarkedDeleted(_ standing: SQLiteStatement) -> Bool {
    hasDeletions && standing.text(Int32(fields.count + 3)) != nil
  }

  /// Marks a row that stands.
  func markDeleted(_ row: Int, rowid: Int64, version: Int?) throws(StageFailure) {
    let columns = version.map { [fields[$0].name] } ?? []
    let assignments = (columns + TableLayout.bookkeeping + [TableLayout.deletedAt]).enumerated()
      .map { "\(quoted($1)) = ?\($0 + 2)" }.joined(separator: ", ")
    let update = try database.prepare("UPDATE \(quoted(layout.name)) SET \(assignments) WHERE _rowid_ = ?1")
    update.bind(rowid, at: 1)
    var index: Int32 = 2
    if let version {
      readers[version].bind(row, to: update.handle, at: index, scratch(version))
      index += 1
    }
    try run(update, from: index)
  }

  /// Adds a row that never stood, so that an older state of it is known as such when it comes.
  func insertDeleted(_ row: Int, version: Int?) throws(StageFailure) {
    let bound = keys + [version].compactMap { $0 }.filter { !keys.contains($0) }
    let columns = bound.map { fields[$0].name } + TableLayout.bookkeeping + [TableLayout.deletedAt]
    let insert = try database.prepare(
      "INSERT INTO \(quoted(layout.name)) (\(columns.map(quoted).joined(separator: ", "))) VALUES "
        + "(\((1...columns.count).map { "?\($0)" }.joined(separator: ", ")))")
    for (index, field) in bound.enumerated() {
      readers[field].bind(row, to: insert.handle, at: Int32(index + 1), scratch(field))
    }
    try run(insert, from: Int32(bound.count + 1))
  }

  private func run(_ statement: SQLiteStatement, from index: Int32) throws(StageFailure) {
    stamp.bind(to: statement, from: index)
    statement.bind(stamp.loadedAt, at: index + 3)
    try statement.run()
  }
}

extension SQLiteDatabase {
  func hasColumn(_ column: String, in table: String) throws(StageFailure) -> Bool {
    let known = try prepare("SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2 COLLATE NOCASE")
    known.bind(table, at: 1)
    known.bind(column, at: 2)
    defer { known.reset() }
    return try known.step()
  }
}
