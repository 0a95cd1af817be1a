// SPDX-License-Identifier: Apache-2.0

/// The raw memory of a ``FixedColumn``. A cell that is not `value` holds an unspecified element.
@frozen
public struct FixedStorage<Element: BitwiseCopyable> {
  public var values: GrowableBuffer<Element>
  public var states: GrowableBuffer<CellState>

  @inlinable
  init(rows: Int) {
    values = GrowableBuffer(capacity: rows)
    states = GrowableBuffer(capacity: rows)
  }
}

/// A column of fixed-width cells: integers, scaled decimals, days, instants, truth values.
public final class FixedColumn<Element: BitwiseCopyable>: @unchecked Sendable {
  public let storage: UnsafeMutablePointer<FixedStorage<Element>>

  @inlinable
  public init(rows: Int = 1024) {
    storage = .allocate(capacity: 1)
    storage.initialize(to: FixedStorage(rows: rows))
  }

  deinit {
    storage.pointee.values.deallocate()
    storage.pointee.states.deallocate()
    storage.deallocate()
  }

  @inlinable
  public var count: Int { storage.pointee.states.count }

  @inlinable
  public func state(_ row: Int) -> CellState { storage.pointee.states[row] }

  /// The element of a row, or nil unless its state is `value`.
  @inlinable
  public subscript(row: Int) -> Element? {
    storage.pointee.states[row] == .value ? storage.pointee.values[row] : nil
  }

  @inlinable
  public func append(_ element: Element) {
    storage.pointee.values.append(element)
    storage.pointee.states.append(.value)
  }

  /// Adds an absent or null cell; `filler` only keeps the rows aligned.
  @inlinable
  public func appendEmpty(_ state: CellState, filler: Element) {
    storage.pointee.values.append(filler)
    storage.pointee.states.append(state)
  }

  @inlinable
  public func removeAll() {
    storage.pointee.values.count = 0
    storage.pointee.states.count = 0
  }
}
