// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// One cell of a test record.
public enum TestCell: Sendable, Hashable {
  case value(String)
  case null
  case absent

  /// The text, or nil where there is no value.
  public var text: String? {
    if case .value(let text) = self { return text }
    return nil
  }
}

/// One record of a test as text: its cells in the order of the mapped fields, and its nested lists.
public struct TestRecord: Sendable, Hashable {
  public var cells: [TestCell]
  public var children: [[TestRecord]]
  public var fate: RowFate

  public init(_ cells: [TestCell], children: [[TestRecord]] = [], fate: RowFate = .live) {
    self.cells = cells
    self.children = children
    self.fate = fate
  }

  /// Reads `A1 | Bàn ghế | 1500000.50 | - | ~`: cells between bars, `-` for null, `~` for absent.
  public init(_ line: String, children: [[TestRecord]] = [], fate: RowFate = .live) {
    let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { part -> TestCell in
      let text = String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      return text == "-" ? .null : (text == "~" ? .absent : .value(text))
    }
    self.init(cells, children: children, fate: fate)
  }

  public static func == (left: TestRecord, right: TestRecord) -> Bool {
    left.cells == right.cells && left.children == right.children
      && left.fate.rawValue == right.fate.rawValue
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(cells)
    hasher.combine(children)
  }
}

/// Builds the typed columns of a chunk from texts, as a transformer would hand them to a loader.
public enum TableBuilder {
  /// - Parameters:
  ///   - kind: the fields in their order, and those of nested lists.
  ///   - index: number of the kind in its plan.
  ///   - firstOrdinal: ordinal of the first record; the others follow it.
  ///   - keeping: fields whose absent cells leave the stored value (`absent: keep`), as `entity.field`.
  public static func chunk(
    _ records: [TestRecord], of kind: LoadKind, index: Int = 0, firstOrdinal: Int64 = 1,
    keeping: Set<String> = []
  ) -> Chunk {
    let chunk = Chunk(kind: index, table: table(kind, keeping))
    chunk.positions.parentPaths = ["/"]
    chunk.positions.names = [kind.entity.name]
    for (number, record) in records.enumerated() {
      append(record, kind, to: chunk.table)
      let ordinal = firstOrdinal + Int64(number)
      chunk.positions.ordinals.append(ordinal)
      chunk.positions.offsets.append(ordinal * 100)
      chunk.positions.lengths.append(100)
      chunk.positions.lines.append(ordinal)
      chunk.positions.siblings.append(ordinal)
      chunk.positions.parentPathIndexes.append(0)
    }
    return chunk
  }

  private static func table(_ kind: LoadKind, _ keeping: Set<String>) -> Table {
    let table = Table(captures: 0, children: kind.children.map { self.table($0, keeping) })
    table.fields = kind.mapped.compactMap { kind.entity.field($0) }.map { field in
      FieldColumn(
        name: field.name, column: .make(for: field.type),
        keepsAbsent: keeping.contains("\(kind.entity.name).\(field.name)"))
    }
    return table
  }

  private static func append(_ record: TestRecord, _ kind: LoadKind, to table: Table) {
    precondition(record.cells.count == table.fields.count, "a test record has a cell for each mapped field")
    for (cell, field) in zip(record.cells, table.fields) { append(cell, to: field.column) }
    table.fates.append(record.fate)
    let row = UInt32(table.rows - 1)
    for (index, rows) in record.children.enumerated() {
      for child in rows {
        table.children[index].parents.append(row)
        append(child, kind.children[index], to: table.children[index])
      }
    }
  }

  /// Adds the canonical text of a value to a typed column.
  public static func append(_ cell: TestCell, to column: Column) {
    let empty: CellState = cell == .absent ? .absent : .null
    switch column {
    case .text(let column):
      if let text = cell.text { column.append(text) } else { column.appendEmpty(empty) }
    case .integer(let column):
      if let text = cell.text { column.append(number(text)) } else { column.appendEmpty(empty, filler: 0) }
    case .decimal(let column, let scale):
      if let text = cell.text {
        column.append(decimal(text, scale: scale))
      } else {
        column.appendEmpty(empty, filler: 0)
      }
    case .boolean(let column):
      if let text = cell.text {
        column.append(text == "true" ? 1 : 0)
      } else {
        column.appendEmpty(empty, filler: 0)
      }
    case .date(let column):
      if let text = cell.text { column.append(date(text).days) } else { column.appendEmpty(empty, filler: 0) }
    case .timestamp(let column):
      if let text = cell.text { column.append(instant(text)) } else { column.appendEmpty(empty, filler: 0) }
    }
  }

  private static func number<Value: FixedWidthInteger>(_ text: some StringProtocol) -> Value {
    guard let number = Value(text) else { preconditionFailure("'\(text)' in a test is not a number") }
    return number
  }

  private static func decimal(_ text: String, scale: Int) -> Int128 {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let fraction = parts.count > 1 ? String(parts[1]) : ""
    precondition(fraction.count <= scale, "'\(text)' in a test has more than \(scale) digits after the point")
    return number(String(parts[0]) + fraction + String(repeating: "0", count: scale - fraction.count))
  }

  private static func date(_ text: some StringProtocol) -> CalendarDate {
    let parts = text.split(separator: "-")
    guard parts.count == 3,
      let date = CalendarDate(year: number(parts[0]), month: number(parts[1]), day: number(parts[2]))
    else { preconditionFailure("'\(text)' in a test is not a date") }
    return date
  }

  /// `yyyy-MM-ddTHH:mm:ss[.ffffff]Z`.
  private static func instant(_ text: String) -> Int64 {
    let halves = text.split(separator: "T")
    let times = halves[1].dropLast().split(separator: ":")
    let seconds = times[2].split(separator: ".")
    let fraction = seconds.count > 1 ? String(seconds[1]) : ""
    let clock: Int64 = number(times[0]) * 3600 + number(times[1]) * 60 + number(seconds[0])
    let micros: Int64 = number(fraction + String(repeating: "0", count: 6 - fraction.count))
    return (Int64(date(halves[0]).days) * 86_400 + clock) * 1_000_000 + micros
  }
}
