// SPDX-License-Identifier: Apache-2.0

/// What stands in one cell of a column.
///
/// Sources tell apart "not there", "there but null" and "there"; so do columns, because `absent: keep` and
/// `present(x)` depend on it. The last three states occur only in captured text, before types are applied.
@frozen
public struct CellState: RawRepresentable, Equatable, Sendable, BitwiseCopyable {
  public var rawValue: UInt8

  @inlinable
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The source has nothing at this path.
  @inlinable public static var absent: CellState { CellState(rawValue: 0) }
  /// The source says null (`xsi:nil`, JSON `null`) or a declared null word.
  @inlinable public static var null: CellState { CellState(rawValue: 1) }
  /// A value, possibly empty.
  @inlinable public static var value: CellState { CellState(rawValue: 2) }
  /// More than one value where `take: only` allows one; the bytes are the first value.
  @inlinable public static var many: CellState { CellState(rawValue: 3) }
  /// An object or array where a scalar was mapped; the bytes are empty.
  @inlinable public static var structure: CellState { CellState(rawValue: 4) }
  /// Several values taken together (`take: all`), encoded by ``TextList``.
  @inlinable public static var list: CellState { CellState(rawValue: 5) }
}
