// SPDX-License-Identifier: Apache-2.0

import Records

/// Builds a column whose rows come from several columns of one type.
enum CellPicker {
  /// - Parameter choices: for each row, which operand gives its cell; −1 for null.
  static func pick(_ type: FieldType, _ choices: [Int], from operands: [Operand]) -> Operand {
    let result = Column.make(for: type, rows: choices.count)
    let cells = operands.map(\.cells)
    withExtendedLifetime(operands) {
      switch result {
      case .text(let column):
        for (row, choice) in choices.enumerated() {
          if choice >= 0, cells[choice].hasValue(row) {
            column.append(cells[choice].text(row))
          } else {
            column.appendEmpty(.null)
          }
        }
      case .integer(let column), .timestamp(let column): fill(column, 0, choices, cells)
      case .decimal(let column, _): fill(column, 0, choices, cells)
      case .boolean(let column): fill(column, 0, choices, cells)
      case .date(let column): fill(column, 0, choices, cells)
      }
    }
    return Operand(result)
  }

  /// The operand's cells in a column of their own, absent ones kept apart from null ones.
  static func copy(_ operand: Operand, as type: FieldType, rows: Int) -> Column {
    let result = Column.make(for: type, rows: rows)
    let cells = operand.cells
    withExtendedLifetime(operand) {
      switch result {
      case .text(let column):
        for row in 0..<rows { column.append(cells.text(row), state: cells.state(row)) }
      case .integer(let column), .timestamp(let column): copy(cells, rows, to: column)
      case .decimal(let column, _): copy(cells, rows, to: column)
      case .boolean(let column): copy(cells, rows, to: column)
      case .date(let column): copy(cells, rows, to: column)
      }
    }
    return result
  }

  private static func copy<Element: BitwiseCopyable>(
    _ cells: Cells, _ rows: Int, to column: FixedColumn<Element>
  ) {
    for row in 0..<rows {
      let element = cells.element(row, as: Element.self)
      if cells.hasValue(row) {
        column.append(element)
      } else {
        column.appendEmpty(cells.state(row), filler: element)
      }
    }
  }

  private static func fill<Element: BitwiseCopyable>(
    _ column: FixedColumn<Element>, _ filler: Element, _ choices: [Int], _ cells: [Cells]
  ) {
    for (row, choice) in choices.enumerated() {
      if choice >= 0, cells[choice].hasValue(row) {
        column.append(cells[choice].element(row, as: Element.self))
      } else {
        column.appendEmpty(.null, filler: filler)
      }
    }
  }
}
