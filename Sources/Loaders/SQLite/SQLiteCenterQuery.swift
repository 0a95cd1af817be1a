// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// Reads a center without loading: for listings and tests.
public struct SQLiteCenterQuery {
  private let database: SQLiteDatabase

  /// - Parameter center: the center's URL (`sqlite:PATH`); the file must exist and is not written.
  public init(center: String) throws(StageFailure) {
    switch try CenterURL(center) {
    case .sqlite(let path): database = try SQLiteDatabase(reading: path)
    }
  }

  /// Rows of an entity's table, or nil if there is no such table.
  public func rowCount(of entity: String) throws(StageFailure) -> Int? {
    guard try database.hasTable(entity) else { return nil }
    let count = try database.prepare("SELECT count(*) FROM \(quoted(entity))")
    guard try count.step() else { return nil }
    defer { count.reset() }
    return Int(count.integer(0))
  }

  /// The distinct values of a column, ascending; none if there is no such table or column.
  func distinctValues(of field: String, in entity: String) throws(StageFailure) -> [String] {
    let columns = try database.prepare("SELECT 1 FROM pragma_table_info(?) WHERE name = ?")
    columns.bind(entity, at: 1)
    columns.bind(field, at: 2)
    guard try columns.step() else { return [] }
    columns.reset()
    let name = quoted(field)
    let rows = try database.prepare(
      "SELECT DISTINCT \(name) FROM \(quoted(entity)) WHERE \(name) IS NOT NULL ORDER BY 1")
    var values: [String] = []
    while try rows.step() {
      if let value = rows.text(0) { values.append(value) }
    }
    return values
  }
}
