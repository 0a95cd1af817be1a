// SPDX-License-Identifier: Apache-2.0

import Records

// How rows are opened, closed and dropped.
extension CaptureDriver {
  func openRow(_ kind: KindPointer) {
    guard kind.pointee.root == nil else { return }
    if !kind.pointee.isBound { state.pointee.engine._withUnsafeGuaranteedRef { $0.bind(kind) } }
    state.pointee.ordinal += 1
    kind.pointee.openOrdinal = state.pointee.ordinal
  }

  func closeRow(_ kind: KindPointer, end: Int64) {
    var bytes = 0
    let columns = kind.pointee.columns
    var at = 0
    while at < columns.count {
      let column = columns[at]
      at += 1
      guard let storage = column.column.pointee.storage else { continue }
      switch column.role {
      case .own: bytes &+= closeCell(column.column, storage)
      case .copied:
        column.source.pointee.isCopied = true
        copyCell(column.source, to: storage)
      case .deferred: break
      }
    }
    kind.pointee.rows += 1
    if let root = kind.pointee.root {
      kind.pointee.parents.append(UInt32(truncatingIfNeeded: kind.pointee.parent?.pointee.rows ?? 0))
      root.pointee.chunkBytes += bytes + 16
      // Cells count their bytes in 32 bits; no honest record comes near.
      if root.pointee.chunkBytes > 1 << 30 {
        state.pointee.engine._withUnsafeGuaranteedRef { $0.failTooLarge() }
      }
      return
    }
    kind.pointee.chunkBytes += bytes
    kind.pointee.ordinals.append(kind.pointee.openOrdinal)
    kind.pointee.offsets.append(kind.pointee.openOffset)
    kind.pointee.lengths.append(end - kind.pointee.openOffset)
    kind.pointee.lines.append(kind.pointee.openLine)
    kind.pointee.siblings.append(Int64(kind.pointee.node.pointee.matches))
    if kind.pointee.pathIndex < 0 || kind.pointee.node.pointee.isAny {
      state.pointee.engine._withUnsafeGuaranteedRef { $0.nameRow(kind) }
    }
    kind.pointee.pathIndexes.append(UInt32(truncatingIfNeeded: kind.pointee.pathIndex))
    state.pointee.records += 1
    state.pointee.engine._withUnsafeGuaranteedRef { $0.handOnIfFull(kind) }
  }

  /// Ends a column's cell for this row, makes the value ready for the next, and answers the cell's bytes.
  @inline(__always)
  private func closeCell(_ value: ValuePointer, _ storage: UnsafeMutablePointer<TextStorage>) -> Int {
    if value.pointee.take == .count { writeCount(value) }
    let cell = value.pointee.state
    let end = storage.pointee.bytes.count
    let isFilled = cell.rawValue == CellState.value.rawValue || cell.rawValue > CellState.null.rawValue
      && cell.rawValue != CellState.structure.rawValue
    let start = isFilled ? value.pointee.start : end
    value.pointee.count = 0
    value.pointee.state = CellState(rawValue: 0)
    let row = storage.pointee.states.count
    if row >= storage.pointee.states.capacity || row >= storage.pointee.starts.capacity
      || row >= storage.pointee.ends.capacity
    {
      storage.pointee.closeCell(from: start, state: cell)
    } else {
      storage.pointee.starts.base[row] = UInt32(truncatingIfNeeded: start)
      storage.pointee.ends.base[row] = UInt32(truncatingIfNeeded: end)
      storage.pointee.states.base[row] = cell
      storage.pointee.starts.count = row &+ 1
      storage.pointee.ends.count = row &+ 1
      storage.pointee.states.count = row &+ 1
    }
    return end &- start
  }

  @inline(never)
  private func writeCount(_ value: ValuePointer) {
    value.pointee.start = value.pointee.bytes.pointee.count
    value.pointee.state = .value
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      let from = Self.write(value.pointee.count, into: digits)
      value.pointee.bytes.pointee.append(digits.baseAddress.unsafelyUnwrapped + from, count: 20 - from)
    }
  }

  /// Copies a register's value into a column.
  func copyCell(_ value: ValuePointer, to storage: UnsafeMutablePointer<TextStorage>) {
    let from = storage.pointee.bytes.count
    let cell: CellState
    if value.pointee.take == .count, !value.pointee.isLocked {
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
        let start = Self.write(value.pointee.count, into: digits)
        storage.pointee.bytes.append(
          digits.baseAddress.unsafelyUnwrapped + start, count: 20 - start)
      }
      cell = .value
    } else {
      cell = value.pointee.state
      if cell == .value || cell == .many || cell == .list {
        let bytes = value.pointee.bytes.pointee
        storage.pointee.bytes.append(
          bytes.base + value.pointee.start, count: bytes.count - value.pointee.start)
      }
    }
    storage.pointee.closeCell(from: from, state: cell)
  }

  /// Takes rows back, and what was begun of the row after them.
  func dropRows(_ kind: KindPointer, to rows: Int) {
    for column in kind.pointee.columns {
      column.column.pointee.count = 0
      column.column.pointee.state = .absent
      guard let storage = column.column.pointee.storage else { continue }
      let kept = min(rows, storage.pointee.states.count)
      storage.pointee.states.count = kept
      storage.pointee.starts.count = kept
      storage.pointee.ends.count = kept
      storage.pointee.bytes.count = kept > 0 ? Int(storage.pointee.ends[kept - 1]) : 0
    }
    kind.pointee.rows = rows
    if kind.pointee.root != nil { kind.pointee.parents.count = rows }
  }
}
