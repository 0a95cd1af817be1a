// SPDX-License-Identifier: Apache-2.0

import Records

/// `carry` of a text: what an absent or null cell takes from the last record that had one, across the chunks
/// of a batch. In a child table nothing goes on from one parent's list to the next.
///
/// The text is carried, not what it becomes: one that fails, fails in every record that takes it.
struct CarriedText {
  private var state = CellState.absent
  private var bytes: [UInt8] = []

  mutating func fill(_ texts: TextColumn, parents: GrowableBuffer<UInt32>) {
    guard texts.count > 0 else { return }
    var last = takeOver(texts, isNewList: parents.count > 0)
    for row in 0..<texts.count {
      let found = texts.state(row)
      if row > 0, parents.count > 0, parents[row] != parents[row - 1] { last = nil }
      if found != .absent, found != .null {
        last = row
      } else if let last {
        texts.repeatCell(last, at: row)
      }
    }
    guard let last else { return }
    state = texts.state(last)
    bytes = Array(texts.bytes(last))
  }

  /// Gives the first row what an earlier chunk left; its row, if it left anything.
  private func takeOver(_ texts: TextColumn, isNewList: Bool) -> Int? {
    guard !isNewList, state != .absent, texts.state(0) == .absent || texts.state(0) == .null else {
      return nil
    }
    bytes.withUnsafeBufferPointer { texts.replace(0, with: $0) }
    texts.storage.pointee.states[0] = state
    return 0
  }
}

extension TextColumn {
  /// Makes one cell equal to another of the column, sharing its bytes.
  fileprivate func repeatCell(_ source: Int, at row: Int) {
    storage.pointee.starts[row] = storage.pointee.starts[source]
    storage.pointee.ends[row] = storage.pointee.ends[source]
    storage.pointee.states[row] = storage.pointee.states[source]
  }
}
