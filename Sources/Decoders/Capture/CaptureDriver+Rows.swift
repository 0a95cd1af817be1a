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
      case .own:
        let value = column.column
        bytes &+= closeCell(value, storage)
        value.pointee.count = 0
        value.pointee.state = .absent
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

  /// - Returns: how many bytes the cell has.
  @inline(__always)
  private func closeCell(_ value: ValuePointer, _ storage: UnsafeMutablePointer<TextStorage>) -> Int {
    switch value.pointee.take {
    case .count:
      storage.pointee.bytes.count = max(storage.pointee.bytes.count, 0)
      let start = storage.pointee.bytes.count
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
        let from = Self.write(value.pointee.count, into: digits)
        storage.pointee.bytes.append(
          digits.baseAddress.unsafelyUnwrapped + from, count: 20 - from)
      }
      storage.pointee.closeCell(from: start, state: .value)
      return storage.pointee.bytes.count &- start
    default:
      let cell = value.pointee.state
      if cell == .value || cell == .many || cell == .list {
        storage.pointee.closeCell(from: value.pointee.start, state: cell)
        return storage.pointee.bytes.count &- value.pointee.start
      }
      storage.pointee.closeEmptyCell(cell)
      return 0
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
