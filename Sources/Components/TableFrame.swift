// SPDX-License-Identifier: Apache-2.0

import Records

/// One table of a chunk with the tables above it: how findings of a nested record reach its root record. For
/// transformers and validators alike, so that both name and drop nested records in one way.
public final class TableFrame {
  public let table: Table
  private let entity: String
  private let dropsBadRows: Bool
  private let parent: TableFrame?

  public init(_ table: Table, entity: String, dropsBadRows: Bool = false, parent: TableFrame? = nil) {
    self.table = table
    self.entity = entity
    self.dropsBadRows = dropsBadRows
    self.parent = parent
  }

  /// Root row of a row, and the prefix of its fields: `movement[2].`, empty for a root row.
  public func place(_ row: Int) -> (root: Int, prefix: String) {
    guard let parent else { return (row, "") }
    let above = Int(table.parents[row])
    let (root, prefix) = parent.place(above)
    return (root, "\(prefix)\(entity)[\(row - firstSibling(row) + 1)].")
  }

  /// First row with the same parent; parents ascend.
  private func firstSibling(_ row: Int) -> Int {
    let parent = table.parents[row]
    var low = 0
    var high = row
    while low < high {
      let middle = (low + high) / 2
      if table.parents[middle] < parent { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The nearest row, from this one upward, that may be dropped without its record; nil when the record
  /// falls.
  public func droppable(_ row: Int) -> (table: Table, row: Int)? {
    guard let parent else { return nil }
    return dropsBadRows ? (table, row) : parent.droppable(Int(table.parents[row]))
  }

  /// Gives rows under a row that is left out the fate of that row. Rows of a rejected *record* stay as they
  /// are: all its failures are wanted.
  public func inheritFates() {
    guard let parent else { return }
    let isBelowRoot = parent.parent == nil
    for row in 0..<table.rows where table.fates[row] == .live {
      let above = parent.table.fates[Int(table.parents[row])]
      if above == .live || (isBelowRoot && above == .rejected) { continue }
      table.fates[row] = above
    }
  }
}
