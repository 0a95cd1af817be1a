// SPDX-License-Identifier: Apache-2.0

import Records

extension FixedColumn {
  /// Makes this column equal to another.
  func copy(_ other: FixedColumn) {
    removeAll()
    storage.pointee.values.append(other.storage.pointee.values.base, count: other.count)
    storage.pointee.states.append(other.storage.pointee.states.base, count: other.count)
  }

  /// Fills the column anew from one of another type; a value that has no counterpart becomes null.
  func fill<Source>(
    from source: FixedColumn<Source>, filler: Element, _ convert: (Source, Int) -> Element?
  ) {
    removeAll()
    for row in 0..<source.count {
      guard let element = source[row] else {
        appendEmpty(source.state(row), filler: filler)
        continue
      }
      if let converted = convert(element, row) {
        append(converted)
      } else {
        appendEmpty(.null, filler: filler)
      }
    }
  }

  fileprivate func set(_ row: Int, to other: FixedColumn) {
    storage.pointee.values[row] = other.storage.pointee.values[0]
    storage.pointee.states[row] = other.state(0)
  }

  fileprivate func cell(_ row: Int) -> FixedColumn {
    let cell = FixedColumn(rows: 1)
    cell.append(storage.pointee.values[row])
    return cell
  }
}

extension Column {
  /// Puts the only cell of another column of the same type into a row.
  func set(_ row: Int, to other: Column) {
    switch (self, other) {
    case (.text(let column), .text(let cell)):
      column.replace(row, with: cell.bytes(0))
      column.storage.pointee.states[row] = cell.state(0)
    case (.integer(let column), .integer(let cell)), (.timestamp(let column), .timestamp(let cell)):
      column.set(row, to: cell)
    case (.decimal(let column, _), .decimal(let cell, _)): column.set(row, to: cell)
    case (.boolean(let column), .boolean(let cell)): column.set(row, to: cell)
    case (.date(let column), .date(let cell)): column.set(row, to: cell)
    default: preconditionFailure("cells move between columns of one type")
    }
  }

  /// A column with the value of one row.
  func cell(_ row: Int) -> Column {
    switch self {
    case .text(let column):
      let cell = TextColumn(rows: 1, bytes: column.bytes(row).count)
      cell.append(column.bytes(row))
      return .text(cell)
    case .integer(let column): return .integer(column.cell(row))
    case .timestamp(let column): return .timestamp(column.cell(row))
    case .decimal(let column, let scale): return .decimal(column.cell(row), scale: scale)
    case .boolean(let column): return .boolean(column.cell(row))
    case .date(let column): return .date(column.cell(row))
    }
  }
}
