// SPDX-License-Identifier: Apache-2.0

/// The raw memory of a ``TextColumn``: UTF-8 bytes, and start, end and state of each cell.
///
/// Decoders hold a pointer to it and append from parser callbacks. A cell is built in three moves: bytes are
/// appended to ``bytes``, then ``closeCell(from:state:)`` names where it began.
@frozen
public struct TextStorage {
  public var bytes: GrowableBuffer<UInt8>
  public var starts: GrowableBuffer<UInt32>
  public var ends: GrowableBuffer<UInt32>
  public var states: GrowableBuffer<CellState>

  @inlinable
  init(rows: Int, bytes byteCapacity: Int) {
    bytes = GrowableBuffer(capacity: byteCapacity)
    starts = GrowableBuffer(capacity: rows)
    ends = GrowableBuffer(capacity: rows)
    states = GrowableBuffer(capacity: rows)
  }

  /// Ends the cell whose bytes began at `start` and reach to the end of ``bytes``.
  @inlinable
  public mutating func closeCell(from start: Int, state: CellState) {
    starts.append(UInt32(truncatingIfNeeded: start))
    ends.append(UInt32(truncatingIfNeeded: bytes.count))
    states.append(state)
  }

  /// Adds a cell without bytes: absent, null or structure.
  @inlinable
  public mutating func closeEmptyCell(_ state: CellState) {
    closeCell(from: bytes.count, state: state)
  }
}

/// A column of UTF-8 text cells.
///
/// Owned by one thread at a time: the decode thread until the chunk is handed over, then the load thread.
public final class TextColumn: @unchecked Sendable {
  /// The memory itself, for code that appends or scans at full speed.
  public let storage: UnsafeMutablePointer<TextStorage>

  public init(rows: Int = 1024, bytes: Int = 16 * 1024) {
    storage = .allocate(capacity: 1)
    storage.initialize(to: TextStorage(rows: rows, bytes: bytes))
  }

  deinit {
    storage.pointee.bytes.deallocate()
    storage.pointee.starts.deallocate()
    storage.pointee.ends.deallocate()
    storage.pointee.states.deallocate()
    storage.deallocate()
  }

  @inlinable
  public var count: Int { storage.pointee.states.count }

  @inlinable
  public func state(_ row: Int) -> CellState { storage.pointee.states[row] }

  /// The bytes of a cell; valid until the column is changed.
  @inlinable
  public func bytes(_ row: Int) -> UnsafeBufferPointer<UInt8> {
    let start = Int(storage.pointee.starts[row])
    let end = Int(storage.pointee.ends[row])
    return UnsafeBufferPointer(start: storage.pointee.bytes.base + start, count: end - start)
  }

  /// The cell as a string, or nil when it holds no value. Allocates: for messages and tests, not for hot paths.
  public func string(_ row: Int) -> String? {
    switch state(row) {
    case .absent, .null, .structure: nil
    default: String(decoding: bytes(row), as: UTF8.self)
    }
  }

  @inlinable
  public func append(_ bytes: UnsafeBufferPointer<UInt8>, state: CellState = .value) {
    let start = storage.pointee.bytes.count
    if let base = bytes.baseAddress { storage.pointee.bytes.append(base, count: bytes.count) }
    storage.pointee.closeCell(from: start, state: state)
  }

  public func append(_ text: String) {
    var text = text
    text.withUTF8 { append($0) }
  }

  @inlinable
  public func appendEmpty(_ state: CellState) { storage.pointee.closeEmptyCell(state) }

  /// Empties the column and keeps its memory for the next chunk.
  @inlinable
  public func removeAll() {
    storage.pointee.bytes.count = 0
    storage.pointee.starts.count = 0
    storage.pointee.ends.count = 0
    storage.pointee.states.count = 0
  }
}
