// SPDX-License-Identifier: Apache-2.0

import Records

extension TextColumn {
  /// Writes a cell anew; its old bytes stay unused.
  func replace(_ row: Int, with text: GrowableBuffer<UInt8>) {
    replace(row, with: UnsafeBufferPointer(start: text.base, count: text.count))
  }

  /// - Parameter text: not memory of this column, which may move.
  func replace(_ row: Int, with text: UnsafeBufferPointer<UInt8>) {
    let start = storage.pointee.bytes.count
    if let base = text.baseAddress { storage.pointee.bytes.append(base, count: text.count) }
    storage.pointee.starts[row] = UInt32(truncatingIfNeeded: start)
    storage.pointee.ends[row] = UInt32(truncatingIfNeeded: start + text.count)
  }

  /// Cuts a cell down to a part of its bytes.
  func narrow(_ row: Int, to part: Range<Int>, isTrimmed: Bool) {
    let first = Int(storage.pointee.starts[row])
    var start = first + part.lowerBound
    var end = first + part.upperBound
    if isTrimmed { TextTrimming.trim(storage.pointee.bytes.base, &start, &end) }
    storage.pointee.starts[row] = UInt32(truncatingIfNeeded: start)
    storage.pointee.ends[row] = UInt32(truncatingIfNeeded: end)
  }

  /// Makes this column equal to another, cell by cell and byte by byte.
  func copy(_ other: TextColumn) {
    removeAll()
    storage.pointee.bytes.append(other.storage.pointee.bytes.base, count: other.storage.pointee.bytes.count)
    storage.pointee.starts.append(other.storage.pointee.starts.base, count: other.count)
    storage.pointee.ends.append(other.storage.pointee.ends.base, count: other.count)
    storage.pointee.states.append(other.storage.pointee.states.base, count: other.count)
  }

  /// The beginning of a cell for people: at most 80 characters.
  func excerpt(_ row: Int) -> String {
    let cell = bytes(row)
    // 80 characters rarely pass some hundred bytes; a text of a megabyte is not decoded for its beginning.
    let head = UnsafeBufferPointer(rebasing: cell.prefix(2048))
    return String(String(decoding: head, as: UTF8.self).prefix(80))
  }
}

extension GrowableBuffer where Element == UInt8 {
  mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
    if let base = text.baseAddress { append(base, count: text.count) }
  }

  mutating func append(_ part: Range<Int>, of text: UnsafeBufferPointer<UInt8>, isTrimmed: Bool) {
    let item = UnsafeBufferPointer(rebasing: text[part])
    append(isTrimmed ? TextTrimming.trimmed(item) : item)
  }
}

extension TextColumn {
  /// Fills an empty column with the same cell again and again; its bytes stand once.
  func repeatCell(of source: TextColumn, rows: Int) {
    let text = source.bytes(0)
    storage.pointee.bytes.append(text)
    for _ in 0..<rows {
      storage.pointee.starts.append(0)
      storage.pointee.ends.append(UInt32(truncatingIfNeeded: text.count))
      storage.pointee.states.append(source.state(0))
    }
  }

  /// Puts the cell of a one-row column into every absent or null cell; its bytes stand once.
  func fillEmpty(with source: TextColumn) {
    let start = UInt32(truncatingIfNeeded: storage.pointee.bytes.count)
    storage.pointee.bytes.append(source.bytes(0))
    let end = UInt32(truncatingIfNeeded: storage.pointee.bytes.count)
    for row in 0..<count where state(row) == .absent || state(row) == .null {
      storage.pointee.starts[row] = start
      storage.pointee.ends[row] = end
      storage.pointee.states[row] = source.state(0)
    }
  }

  /// Takes, for each row, the first candidate that is neither absent nor null; null where one is null and
  /// none better.
  func chooseFirst(of candidates: [TextColumn], rows: Int) {
    for row in 0..<rows {
      var state = CellState.absent
      for candidate in candidates {
        let found = candidate.state(row)
        if found == .absent { continue }
        state = found
        if found != .null {
          append(candidate.bytes(row), state: found)
          break
        }
      }
      if state == .absent || state == .null { appendEmpty(state) }
    }
  }
}
