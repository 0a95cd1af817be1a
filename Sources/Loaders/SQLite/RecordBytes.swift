// SPDX-License-Identifier: Apache-2.0

import Records

/// A record with its nested rows as bytes, in the memory layout of this machine: written and read within one
/// run.
///
/// Each cell is its state, then its value (text behind its length); each nested list is its live rows behind
/// their count.
enum RecordBytes {
  /// The state of an absent cell whose column says `absent: keep`.
  private static let keptAbsent: UInt8 = 0x80

  static func append(_ row: Int, of writer: TableWriter, to bytes: inout GrowableBuffer<UInt8>) {
    for field in 0..<writer.fields.count { append(row, writer.readers[field], to: &bytes) }
    for child in writer.children {
      let rows = child.rows(of: row)
      append(UInt32(truncatingIfNeeded: child.liveCount(below: row)), to: &bytes)
      for childRow in rows where child.isLive(childRow) { append(childRow, of: child, to: &bytes) }
    }
  }

  private static func append(_ row: Int, _ reader: ColumnReader, to bytes: inout GrowableBuffer<UInt8>) {
    let state = reader.states[row]
    bytes.append(state == .absent && reader.keepsAbsent ? keptAbsent : state.rawValue)
    guard state == .value else { return }
    switch reader.cells {
    case .text(let memory, let starts, let ends):
      append(ends[row] - starts[row], to: &bytes)
      bytes.append(memory + Int(starts[row]), count: Int(ends[row] - starts[row]))
    case .integer(let values), .timestamp(let values): append(values[row], to: &bytes)
    case .wholeDecimal(let values), .decimal(let values, _): append(values[row], to: &bytes)
    case .boolean(let values): append(values[row], to: &bytes)
    case .date(let values): append(values[row], to: &bytes)
    }
  }

  private static func append<Value: BitwiseCopyable>(_ value: Value, to bytes: inout GrowableBuffer<UInt8>) {
    withUnsafeBytes(of: value) { raw in
      for byte in raw { bytes.append(byte) }
    }
  }

  /// Adds the record to a table that has a column for each field of the writer, and child tables likewise.
  static func read(_ bytes: UnsafeBufferPointer<UInt8>, into table: Table) {
    var reader = Reader(bytes: UnsafeRawBufferPointer(bytes))
    reader.readRow(into: table)
  }

  private struct Reader {
    let bytes: UnsafeRawBufferPointer
    var at = 0

    mutating func next<Value: BitwiseCopyable>(_ type: Value.Type) -> Value {
      defer { at += MemoryLayout<Value>.size }
      return bytes.loadUnaligned(fromByteOffset: at, as: type)
    }

    mutating func readRow(into table: Table) {
      for index in table.fields.indices { readCell(into: &table.fields[index]) }
      table.fates.append(.live)
      let row = UInt32(truncatingIfNeeded: table.rows - 1)
      for child in table.children {
        for _ in 0..<next(UInt32.self) {
          child.parents.append(row)
          readRow(into: child)
        }
      }
    }

    private mutating func readCell(into field: inout FieldColumn) {
      var state = next(UInt8.self)
      if state == RecordBytes.keptAbsent {
        field.keepsAbsent = true
        state = CellState.absent.rawValue
      }
      let cell = CellState(rawValue: state)
      let isValue = cell == .value
      switch field.column {
      case .text(let column):
        guard isValue else { return column.appendEmpty(cell) }
        let count = Int(next(UInt32.self))
        column.append(UnsafeRawBufferPointer(rebasing: bytes[at..<at + count]).bindMemory(to: UInt8.self))
        at += count
      case .integer(let column), .timestamp(let column):
        isValue ? column.append(next(Int64.self)) : column.appendEmpty(cell, filler: 0)
      case .decimal(let column, _):
        isValue ? column.append(next(Int128.self)) : column.appendEmpty(cell, filler: 0)
      case .boolean(let column):
        isValue ? column.append(next(UInt8.self)) : column.appendEmpty(cell, filler: 0)
      case .date(let column):
        isValue ? column.append(next(Int32.self)) : column.appendEmpty(cell, filler: 0)
      }
    }
  }
}
