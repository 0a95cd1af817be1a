// SPDX-License-Identifier: Apache-2.0

import Records

/// The cells of a function's arguments, by position.
typealias ArgumentCells = UnsafePointer<Cells>

/// A function computed row by row from arguments that must all have a value; else the result is null.
enum RowNode {
  /// - Parameter body: appends the result's bytes and answers true, or answers false for null.
  static func texts(
    _ arguments: [any ExpressionNode], type: FieldType = .text,
    _ body: @escaping @Sendable (ArgumentCells, Int, Evaluation, inout GrowableBuffer<UInt8>) -> Bool
  ) -> any ExpressionNode {
    TextRowNode(type: type, arguments: arguments, body: body)
  }

  static func integers(
    _ arguments: [any ExpressionNode],
    _ body: @escaping @Sendable (ArgumentCells, Int, Evaluation) -> Int64?
  ) -> any ExpressionNode {
    FixedRowNode(type: .integer, arguments: arguments, filler: 0, wrap: { .integer($0) }, body: body)
  }

  static func decimals(
    _ arguments: [any ExpressionNode], precision: Int, scale: Int,
    _ body: @escaping @Sendable (ArgumentCells, Int, Evaluation) -> Int128?
  ) -> any ExpressionNode {
    FixedRowNode(
      type: .decimal(precision: precision, scale: scale), arguments: arguments, filler: 0,
      wrap: { .decimal($0, scale: scale) }, body: body)
  }

  static func truths(
    _ arguments: [any ExpressionNode],
    _ body: @escaping @Sendable (ArgumentCells, Int, Evaluation) -> Bool?
  ) -> any ExpressionNode {
    FixedRowNode(
      type: .boolean, arguments: arguments, filler: 0, wrap: { .boolean($0) },
      body: { cells, row, run in body(cells, row, run).map { $0 ? 1 : 0 } })
  }

  static func dates(
    _ arguments: [any ExpressionNode],
    _ body: @escaping @Sendable (ArgumentCells, Int, Evaluation) -> CalendarDate?
  ) -> any ExpressionNode {
    FixedRowNode(
      type: .date, arguments: arguments, filler: 0, wrap: { .date($0) },
      body: { cells, row, run in body(cells, row, run)?.days })
  }

  static func timestamps(
    _ arguments: [any ExpressionNode],
    _ body: @escaping @Sendable (ArgumentCells, Int, Evaluation) -> Int64?
  ) -> any ExpressionNode {
    FixedRowNode(type: .timestamp, arguments: arguments, filler: 0, wrap: { .timestamp($0) }, body: body)
  }
}

private struct FixedRowNode<Element: BitwiseCopyable & Sendable>: ExpressionNode {
  let type: FieldType
  let arguments: [any ExpressionNode]
  let filler: Element
  let wrap: @Sendable (FixedColumn<Element>) -> Column
  let body: @Sendable (ArgumentCells, Int, Evaluation) -> Element?

  func evaluate(_ run: Evaluation) -> Operand {
    let result = FixedColumn<Element>(rows: run.rows)
    eachRow(arguments, run) { cells, row, hasAll in
      if hasAll, let element = body(cells, row, run) {
        result.append(element)
      } else {
        result.appendEmpty(.null, filler: filler)
      }
    }
    return Operand(wrap(result))
  }
}

private struct TextRowNode: ExpressionNode {
  let type: FieldType
  let arguments: [any ExpressionNode]
  let body: @Sendable (ArgumentCells, Int, Evaluation, inout GrowableBuffer<UInt8>) -> Bool

  func evaluate(_ run: Evaluation) -> Operand {
    let result = TextColumn(rows: run.rows)
    let storage = result.storage
    eachRow(arguments, run) { cells, row, hasAll in
      let start = storage.pointee.bytes.count
      if hasAll, body(cells, row, run, &storage.pointee.bytes) {
        storage.pointee.closeCell(from: start, state: .value)
      } else {
        storage.pointee.bytes.count = start
        storage.pointee.closeEmptyCell(.null)
      }
    }
    return Operand(.text(result))
  }
}

/// Evaluates the arguments and walks the rows. Rows that do not matter are not computed: they count as null.
@inline(__always)
private func eachRow(
  _ arguments: [any ExpressionNode], _ run: Evaluation, _ body: (ArgumentCells, Int, Bool) -> Void
) {
  let operands = arguments.map { $0.evaluate(run) }
  withExtendedLifetime(operands) {
    withUnsafeTemporaryAllocation(of: Cells.self, capacity: max(operands.count, 1)) { buffer in
      guard let base = buffer.baseAddress else { return }
      for (index, operand) in operands.enumerated() { (base + index).initialize(to: operand.cells) }
      let count = operands.count
      for row in 0..<run.rows {
        var hasAll = run.isActive(row)
        var index = 0
        while hasAll, index < count {
          hasAll = base[index].hasValue(row)
          index += 1
        }
        body(base, row, hasAll)
      }
    }
  }
}
