// SPDX-License-Identifier: Apache-2.0

/// A typed column. Its cells are absent, null or a value; nothing else survives typing.
///
/// | case | element | used for |
/// |---|---|---|
/// | `text` | UTF-8, NFC | text, code, partial_date (canonical `yyyy[-MM[-dd]]`) |
/// | `integer` | 64-bit | integer |
/// | `decimal` | 128-bit unscaled value, one scale for the column | decimal(p,s), exact up to 38 digits |
/// | `boolean` | 0 or 1 | boolean |
/// | `date` | days since 1970-01-01 | date |
/// | `timestamp` | microseconds since 1970-01-01T00:00:00Z | timestamp |
public enum Column: Sendable {
  case text(TextColumn)
  case integer(FixedColumn<Int64>)
  case decimal(FixedColumn<Int128>, scale: Int)
  case boolean(FixedColumn<UInt8>)
  case date(FixedColumn<Int32>)
  case timestamp(FixedColumn<Int64>)

  public var count: Int {
    switch self {
    case .text(let column): column.count
    case .integer(let column), .timestamp(let column): column.count
    case .decimal(let column, _): column.count
    case .boolean(let column): column.count
    case .date(let column): column.count
    }
  }

  @inlinable
  public func state(_ row: Int) -> CellState {
    switch self {
    case .text(let column): column.state(row)
    case .integer(let column), .timestamp(let column): column.state(row)
    case .decimal(let column, _): column.state(row)
    case .boolean(let column): column.state(row)
    case .date(let column): column.state(row)
    }
  }

  public func removeAll() {
    switch self {
    case .text(let column): column.removeAll()
    case .integer(let column), .timestamp(let column): column.removeAll()
    case .decimal(let column, _): column.removeAll()
    case .boolean(let column): column.removeAll()
    case .date(let column): column.removeAll()
    }
  }

  /// Makes an empty column for values of a type.
  public static func make(for type: FieldType, rows: Int = 1024) -> Column {
    switch type {
    case .text, .code, .partialDate: .text(TextColumn(rows: rows))
    case .integer: .integer(FixedColumn(rows: rows))
    case .decimal(_, let scale): .decimal(FixedColumn(rows: rows), scale: scale)
    case .boolean: .boolean(FixedColumn(rows: rows))
    case .date: .date(FixedColumn(rows: rows))
    case .timestamp: .timestamp(FixedColumn(rows: rows))
    }
  }

  /// The canonical text of a cell (`2026-11-22`, `1234.50`, `true`), or nil when it holds no value.
  ///
  /// For messages, keys, tests and listings; loaders read the memory instead.
  public func text(_ row: Int) -> String? {
    switch self {
    case .text(let column): column.string(row)
    case .integer(let column): column[row].map(String.init)
    case .decimal(let column, let scale):
      column[row].map { ExactDecimal(unscaled: $0, scale: scale).description }
    case .boolean(let column): column[row].map { $0 == 0 ? "false" : "true" }
    case .date(let column): column[row].map { CalendarDate(days: $0).description }
    case .timestamp(let column): column[row].map { Instant(microseconds: $0).description }
    }
  }
}
