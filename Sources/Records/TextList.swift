// SPDX-License-Identifier: Apache-2.0

/// How several values share one cell (``CellState/list``): each item is its state, its length as four
/// little-endian bytes, then its bytes.
public enum TextList {
  @inlinable
  public static func append(
    _ item: UnsafeBufferPointer<UInt8>, state: CellState, to bytes: inout GrowableBuffer<UInt8>
  ) {
    bytes.append(state.rawValue)
    let length = UInt32(truncatingIfNeeded: item.count)
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: length >> shift))
    }
    if let base = item.baseAddress { bytes.append(base, count: item.count) }
  }

  /// Calls `body` with each item of an encoded list, in order.
  @inlinable
  public static func forEach(
    in cell: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>, CellState) -> Void
  ) {
    var at = 0
    while at + 5 <= cell.count {
      let state = CellState(rawValue: cell[at])
      var length = 0
      for index in 0..<4 { length |= Int(cell[at + 1 + index]) << (8 * index) }
      at += 5
      body(UnsafeBufferPointer(rebasing: cell[at..<min(at + length, cell.count)]), state)
      at += length
    }
  }
}
