// SPDX-License-Identifier: Apache-2.0

/// About a thousand records of one kind on their way from decoder to loader, with their children, their
/// positions and what was found wrong with them. Recycled: see ``removeAll()``.
public final class Chunk: @unchecked Sendable {
  /// Which root kind of the decode plan these records are.
  public let kind: Int
  public let table: Table
  public let positions: RecordPositions
  public var failures: [Failure] = []

  public init(kind: Int, table: Table) {
    self.kind = kind
    self.table = table
    positions = RecordPositions()
  }

  public var rows: Int { table.rows }

  /// Empties the chunk and keeps its memory for the next records.
  public func removeAll() {
    table.removeAll()
    positions.removeAll()
    failures.removeAll(keepingCapacity: true)
  }

  /// Keeps a record out, or notes something odd about it.
  public func add(_ failure: Failure) {
    failures.append(failure)
    if failure.kind == .reject, table.fates[failure.row].isLoaded {
      if table.fates[failure.row] == .deletion { table.rejectedDeletions.insert(failure.row) }
      table.fates[failure.row] = .rejected
    }
  }
}

/// Where each root record of a chunk stands in its payload.
///
/// Offsets and lengths count bytes of the payload's UTF-8 text (after decompression and conversion); for plain
/// UTF-8 these are the file's own. An XML record runs from `<` to after its closing `>`, a JSON one is the value
/// without its key, a CSV one the row without its line end.
public final class RecordPositions: @unchecked Sendable {
  /// Number of the record in its payload, from 1, over all kinds, in document order.
  public var ordinals = GrowableBuffer<Int64>(capacity: 1024)
  public var offsets = GrowableBuffer<Int64>(capacity: 1024)
  public var lengths = GrowableBuffer<Int64>(capacity: 1024)
  /// Line of the first byte, from 1.
  public var lines = GrowableBuffer<Int64>(capacity: 1024)
  /// `position()`: number of the record among the records of its parent, from 1.
  public var siblings = GrowableBuffer<Int64>(capacity: 1024)
  /// Index into ``parentPaths``.
  public var parentPathIndexes = GrowableBuffer<UInt32>(capacity: 1024)
  /// Concrete paths of the records' parents met in this chunk (`/DanhSach`, `/02/districts/024/communes`).
  public var parentPaths: [String] = []
  /// Name of the record's own element, key or array key, by row, only where it is not the same for all.
  public var names: [String] = []

  public init() {}

  deinit {
    ordinals.deallocate()
    offsets.deallocate()
    lengths.deallocate()
    lines.deallocate()
    siblings.deallocate()
    parentPathIndexes.deallocate()
  }

  public func removeAll() {
    ordinals.count = 0
    offsets.count = 0
    lengths.count = 0
    lines.count = 0
    siblings.count = 0
    parentPathIndexes.count = 0
    parentPaths.removeAll(keepingCapacity: true)
    names.removeAll(keepingCapacity: true)
  }

  /// The record's path for people: `/DanhSach/TaiSan[17]`.
  public func path(_ row: Int) -> String {
    let parent = parentPaths[Int(parentPathIndexes[row])]
    let name = names.count == ordinals.count ? names[row] : names.first ?? "*"
    return "\(parent == "/" ? "" : parent)/\(name)[\(siblings[row])]"
  }
}
