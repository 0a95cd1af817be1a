// SPDX-License-Identifier: Apache-2.0

import Records

/// A computed value on its way through an expression: one cell per row, or one cell that stands for all rows.
struct Operand {
  let column: Column
  let isConstant: Bool

  init(_ column: Column, isConstant: Bool = false) {
    self.column = column
    self.isConstant = isConstant
  }

  /// The memory without its owner, for tight loops. The operand must outlive it.
  var cells: Cells { Cells(column, mask: isConstant ? 0 : -1) }
}

/// Raw reading of an operand's cells; the accessor must fit the column's case, which static types see to.
struct Cells {
  private let states: UnsafeMutablePointer<CellState>
  private let elements: UnsafeMutableRawPointer
  /// Text only.
  private let starts: UnsafeMutablePointer<UInt32>?
  private let ends: UnsafeMutablePointer<UInt32>?
  private let mask: Int

  init(_ column: Column, mask: Int) {
    self.mask = mask
    (states, elements) = Cells.memory(of: column)
    if case .text(let text) = column {
      starts = text.storage.pointee.starts.base
      ends = text.storage.pointee.ends.base
    } else {
      starts = nil
      ends = nil
    }
  }

  private static func memory(of column: Column) -> (UnsafeMutablePointer<CellState>, UnsafeMutableRawPointer)
  {
    func fixed<Element>(_ column: FixedColumn<Element>) -> (
      UnsafeMutablePointer<CellState>, UnsafeMutableRawPointer
    ) {
      (column.storage.pointee.states.base, UnsafeMutableRawPointer(column.storage.pointee.values.base))
    }
    switch column {
    case .text(let column):
      return (
        column.storage.pointee.states.base, UnsafeMutableRawPointer(column.storage.pointee.bytes.base)
      )
    case .integer(let column), .timestamp(let column): return fixed(column)
    case .decimal(let column, _): return fixed(column)
    case .boolean(let column): return fixed(column)
    case .date(let column): return fixed(column)
    }
  }

  @inline(__always)
  func state(_ row: Int) -> CellState { states[row & mask] }

  @inline(__always)
  func hasValue(_ row: Int) -> Bool { states[row & mask] == .value }

  @inline(__always)
  func element<Element: BitwiseCopyable>(_ row: Int, as type: Element.Type) -> Element {
    elements.assumingMemoryBound(to: Element.self)[row & mask]
  }

  @inline(__always)
  func text(_ row: Int) -> UnsafeBufferPointer<UInt8> {
    guard let starts, let ends else { return UnsafeBufferPointer(start: nil, count: 0) }
    let start = Int(starts[row & mask])
    let base = elements.assumingMemoryBound(to: UInt8.self) + start
    return UnsafeBufferPointer(start: base, count: Int(ends[row & mask]) - start)
  }

  @inline(__always)
  func integer(_ row: Int) -> Int64 { element(row, as: Int64.self) }

  @inline(__always)
  func decimal(_ row: Int) -> Int128 { element(row, as: Int128.self) }

  @inline(__always)
  func date(_ row: Int) -> CalendarDate { CalendarDate(days: element(row, as: Int32.self)) }

  @inline(__always)
  func truth(_ row: Int) -> Bool { element(row, as: UInt8.self) != 0 }
}
