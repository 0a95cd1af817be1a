// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Diagnostics
import Glibc
import Records

/// The memory of one column while one chunk is loaded: plain pointers, so that reading a cell counts no
/// references.
struct ColumnReader {
  enum Cells {
    case text(UnsafePointer<UInt8>, starts: UnsafePointer<UInt32>, ends: UnsafePointer<UInt32>)
    case integer(UnsafePointer<Int64>)
    /// Stored as an integer.
    case wholeDecimal(UnsafePointer<Int128>)
    /// Stored as its digits.
    case decimal(UnsafePointer<Int128>, scale: Int)
    case boolean(UnsafePointer<UInt8>)
    case date(UnsafePointer<Int32>)
    case timestamp(UnsafePointer<Int64>)
  }

  let states: UnsafePointer<CellState>
  let cells: Cells
  let keepsAbsent: Bool

  /// - Throws: when the column is not what the field's type asks for, which is a bug of a transformer.
  init(_ field: FieldColumn, type: FieldType) throws(StageFailure) {
    keepsAbsent = field.keepsAbsent
    switch (field.column, type) {
    case (.text(let column), .text), (.text(let column), .code), (.text(let column), .partialDate):
      states = UnsafePointer(column.storage.pointee.states.base)
      cells = .text(
        column.storage.pointee.bytes.base, starts: column.storage.pointee.starts.base,
        ends: column.storage.pointee.ends.base)
    case (.integer(let column), .integer):
      states = UnsafePointer(column.storage.pointee.states.base)
      cells = .integer(column.storage.pointee.values.base)
    case (.decimal(let column, let scale), .decimal(_, let expected)) where scale == expected:
      states = UnsafePointer(column.storage.pointee.states.base)
      cells =
        type.isInteger
        ? .wholeDecimal(column.storage.pointee.values.base)
        : .decimal(column.storage.pointee.values.base, scale: scale)
      if type.isInteger { try Self.holdWithin64Bits(column, field.name) }
    case (.boolean(let column), .boolean):
      states = UnsafePointer(column.storage.pointee.states.base)
      cells = .boolean(column.storage.pointee.values.base)
    case (.date(let column), .date):
      states = UnsafePointer(column.storage.pointee.states.base)
      cells = .date(column.storage.pointee.values.base)
    case (.timestamp(let column), .timestamp):
      states = UnsafePointer(column.storage.pointee.states.base)
      cells = .timestamp(column.storage.pointee.values.base)
    default: throw Self.mismatch(field.name, "is not a column of type \(type)")
    }
  }

  private static func holdWithin64Bits(_ column: FixedColumn<Int128>, _ name: String) throws(StageFailure) {
    for row in 0..<column.count where column.state(row) == .value {
      if Int64(exactly: column.storage.pointee.values[row]) == nil {
        throw mismatch(name, "holds a number of more than 18 digits")
      }
    }
  }

  static func mismatch(_ name: String, _ what: String) -> StageFailure {
    StageFailure(
      id: "load.column-type", "what was handed over for field '\(name)' \(what)",
      help: "report this with the pipeline's file", exit: .bug)
  }

  @inline(__always)
  func hasValue(_ row: Int) -> Bool { states[row] == .value }

  @inline(__always)
  private static func slice(
    _ bytes: UnsafePointer<UInt8>, _ start: UInt32, _ end: UInt32
  ) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: bytes + Int(start), count: Int(end) - Int(start))
  }

  /// Binds a cell without copying it: column memory and `scratch` must stay until the step.
  @inline(__always)
  func bind(_ row: Int, to statement: OpaquePointer, at index: Int32, _ scratch: CellText.Memory) {
    guard states[row] == .value else {
      sqlite3_bind_null(statement, index)
      return
    }
    switch cells {
    case .text(let bytes, let starts, let ends):
      let start = starts[row]
      Self.bindText(bytes + Int(start), Int(ends[row]) - Int(start), statement, index)
    case .integer(let values): sqlite3_bind_int64(statement, index, values[row])
    case .wholeDecimal(let values):
      sqlite3_bind_int64(statement, index, Int64(truncatingIfNeeded: values[row]))
    case .boolean(let values): sqlite3_bind_int64(statement, index, values[row] == 0 ? 0 : 1)
    case .decimal, .date, .timestamp:
      Self.bindText(scratch, writeText(row, to: scratch), statement, index)
    }
  }

  @inline(__always)
  private static func bindText(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, _ statement: OpaquePointer, _ index: Int32
  ) {
    bytes.withMemoryRebound(to: CChar.self, capacity: max(count, 1)) { text in
      _ = sqlite3_bind_text(statement, index, text, Int32(truncatingIfNeeded: count), nil)
    }
  }

  /// Writes the stored text of a decimal, date or timestamp.
  private func writeText(_ row: Int, to scratch: CellText.Memory) -> Int {
    switch cells {
    case .decimal(let values, let scale): CellText.write(values[row], scale: scale, to: scratch)
    case .date(let values): CellText.write(days: values[row], to: scratch)
    case .timestamp(let values): CellText.write(microseconds: values[row], to: scratch)
    default: 0
    }
  }

  /// Whether writing the cell would change the standing one. An absent cell of `absent: keep` never does.
  @inline(__always)
  func differs(
    _ row: Int, from statement: OpaquePointer, at column: Int32, _ scratch: CellText.Memory
  ) -> Bool {
    let state = states[row]
    guard state == .value else {
      if keepsAbsent, state == .absent { return false }
      return sqlite3_column_type(statement, column) != SQLITE_NULL
    }
    switch cells {
    case .text(let bytes, let starts, let ends):
      let start = starts[row]
      return Self.differs(bytes + Int(start), Int(ends[row]) - Int(start), statement, column)
    case .integer(let values): return Self.differs(values[row], statement, column)
    case .wholeDecimal(let values):
      return Self.differs(Int64(truncatingIfNeeded: values[row]), statement, column)
    case .boolean(let values): return Self.differs(values[row] == 0 ? 0 : 1, statement, column)
    case .decimal, .date, .timestamp:
      return Self.differs(scratch, writeText(row, to: scratch), statement, column)
    }
  }

  @inline(__always)
  private static func differs(_ value: Int64, _ statement: OpaquePointer, _ column: Int32) -> Bool {
    sqlite3_column_type(statement, column) != SQLITE_INTEGER
      || sqlite3_column_int64(statement, column) != value
  }

  @inline(__always)
  private static func differs(
    _ bytes: UnsafePointer<UInt8>, _ count: Int, _ statement: OpaquePointer, _ column: Int32
  ) -> Bool {
    guard sqlite3_column_type(statement, column) == SQLITE_TEXT else { return true }
    // As a blob: asking for text would copy the cell to end it with a zero byte.
    let standing = sqlite3_column_blob(statement, column)
    guard Int(sqlite3_column_bytes(statement, column)) == count else { return true }
    guard let standing, count > 0 else { return false }
    return memcmp(standing, bytes, count) != 0
  }

  /// Adds the cell as ``KeyHasher/combine(_:row:)`` does, so that the digests agree.
  @inline(__always)
  func hash(_ row: Int, into hasher: inout KeyHasher) {
    guard states[row] == .value else { return hasher.combineNull() }
    switch cells {
    case .text(let bytes, let starts, let ends):
      hasher.combine(Self.slice(bytes, starts[row], ends[row]))
    case .integer(let values), .timestamp(let values): hasher.combine(Int128(values[row]))
    case .wholeDecimal(let values), .decimal(let values, _): hasher.combine(values[row])
    case .boolean(let values): hasher.combine(Int128(values[row]))
    case .date(let values): hasher.combine(Int128(values[row]))
    }
  }

  /// Adds the cell to a digest of the whole record, in which absent and null differ.
  func hash(_ row: Int, into hasher: inout ContentHasher) {
    hash(row..<(row + 1), into: &hasher)
  }

  /// Adds the cells of some rows to the digests of their records, one each: a whole column at a time, so that
  /// the processor works on several records at once.
  func hash(_ rows: Range<Int>, into hashers: UnsafeMutablePointer<ContentHasher>) {
    switch cells {
    case .text(let bytes, let starts, let ends):
      hash(rows, hashers) { $1.combine(Self.slice(bytes, starts[$0], ends[$0])) }
    case .integer(let values), .timestamp(let values):
      hash(rows, hashers) { $1.mix(UInt64(bitPattern: values[$0])) }
    case .wholeDecimal(let values), .decimal(let values, _):
      hash(rows, hashers) {
        $1.mix(UInt64(truncatingIfNeeded: values[$0]))
        $1.mix(UInt64(truncatingIfNeeded: values[$0] >> 64))
      }
    case .boolean(let values): hash(rows, hashers) { $1.mix(UInt64(values[$0])) }
    case .date(let values): hash(rows, hashers) { $1.mix(UInt64(UInt32(bitPattern: values[$0]))) }
    }
  }

  @inline(__always)
  private func hash(
    _ rows: Range<Int>, _ hashers: UnsafeMutablePointer<ContentHasher>,
    _ combine: (Int, inout ContentHasher) -> Void
  ) {
    for row in rows {
      var hasher = hashers[row - rows.lowerBound]
      hasher.mix(UInt64(states[row].rawValue))
      if states[row] == .value { combine(row, &hasher) }
      hashers[row - rows.lowerBound] = hasher
    }
  }

  func version(_ row: Int) -> RowVersion {
    guard states[row] == .value else { return .none }
    switch cells {
    case .text(let bytes, let starts, let ends):
      return .text(Self.slice(bytes, starts[row], ends[row]))
    case .integer(let values), .timestamp(let values): return .number(Int128(values[row]))
    case .wholeDecimal(let values), .decimal(let values, _): return .number(values[row])
    case .boolean(let values): return .number(Int128(values[row]))
    case .date(let values): return .number(Int128(values[row]))
    }
  }

  /// The version that stands in a row, read as this column's type.
  func standingVersion(_ statement: SQLiteStatement, at column: Int32) -> RowVersion {
    if statement.isNull(column) { return .none }
    let number: Int128?
    switch cells {
    case .text: return .text(statement.bytes(column))
    case .integer, .wholeDecimal, .boolean: return .number(Int128(statement.integer(column)))
    case .decimal: number = CellText.decimal(statement.bytes(column))
    case .date: number = CellText.days(statement.bytes(column)).map { Int128($0) }
    case .timestamp: number = CellText.microseconds(statement.bytes(column)).map { Int128($0) }
    }
    return number.map { .number($0) } ?? .none
  }
}
