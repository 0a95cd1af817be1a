// SPDX-License-Identifier: Apache-2.0

import Components
import Expressions
import Records

extension ValueStep {
  /// Computes the expression over the whole table and turns the result into the value's type.
  func runExpression(
    _ expression: any ColumnExpression, _ table: Table, _ scope: TableScope, _ findings: Findings
  ) {
    var failed: Set<Int> = []
    let result = expression.evaluate(rows: table.rows, scope: scope) { row, message in
      if plan.isCarried { failed.insert(row) }
      findings.add(
        row: row, step: step, rule: "expression", value: nil, message: wording.expression(message))
    }
    convert(result, of: expression.type, table, scope, findings)
    let column = table.fields[field].column
    if plan.isCarried {
      carriedResult.fill(column, parents: table.parents, failed: failed) { row in
        findings.add(
          row: row, step: step, rule: "expression", value: nil,
          message: "the value carried on from an earlier record could not be computed")
      }
    }
    if let standard { fillDefault(standard, column, table) }
  }

  private func convert(
    _ result: Column, of type: FieldType, _ table: Table, _ scope: TableScope, _ findings: Findings
  ) {
    switch (result, table.fields[field].column) {
    case (.text(let texts), _):
      let own = ownTexts(table)
      own.copy(texts)
      cleaning.cleanResult(own)
      finish(own, isCanonical: type == .partialDate, table, scope, findings)
    case (.integer(let source), .integer(let target)): target.copy(source)
    case (.timestamp(let source), .timestamp(let target)): target.copy(source)
    case (.date(let source), .date(let target)): target.copy(source)
    case (.boolean(let source), .boolean(let target)): target.copy(source)
    case (.integer(let source), .decimal(let target, _)):
      target.fill(from: source, filler: 0) { place(Int128($0), scale: 0, $1, findings) }
    case (.decimal(let source, let scale), .decimal(let target, _)):
      target.fill(from: source, filler: 0) { place($0, scale: scale, $1, findings) }
    case (.decimal(let source, let scale), .integer(let target)):
      target.fill(from: source, filler: 0) { unscaled, row in
        integer(unscaled, scale: scale, row, findings)
      }
    case (.date(let source), .timestamp(let target)):
      target.fill(from: source, filler: 0) { days, _ in
        (Int64(days) * 1440 - Int64(plan.zoneMinutes)) * 60_000_000
      }
    case (.timestamp(let source), .date(let target)):
      target.fill(from: source, filler: 0) { moment, _ in
        Instant(microseconds: moment).date(localMinutes: plan.zoneMinutes).days
      }
    default:
      // Every other pair goes by way of the canonical text.
      let own = ownTexts(table)
      for row in 0..<result.count {
        if let text = result.text(row) { own.append(text) } else { own.appendEmpty(result.state(row)) }
      }
      finish(own, isCanonical: true, table, scope, findings)
    }
  }

  private func place(_ unscaled: Int128, scale: Int, _ row: Int, _ findings: Findings) -> Int128? {
    let outcome = reader.decimals.place(unscaled, scale: scale)
    if case .value(let placed) = outcome { return placed }
    reader.refuse(outcome, ExactDecimal(unscaled: unscaled, scale: scale).description, row, findings)
    return nil
  }

  private func integer(_ unscaled: Int128, scale: Int, _ row: Int, _ findings: Findings) -> Int64? {
    if let placed = place(unscaled, scale: scale, row, findings) {
      if let fitting = Int64(exactly: placed) { return fitting }
      let value = ExactDecimal(unscaled: unscaled, scale: scale).description
      reader.refuse(.tooLarge, value, row, findings)
    }
    return nil
  }

  /// `default` of an expression, read once like a captured text. One that cannot be read fills nothing;
  /// planning reads it too and says so.
  private func fillDefault(_ standard: TextColumn, _ column: Column, _ table: Table) {
    let probe = Table(captures: 0)
    probe.fates.append(.live)
    let typed = Column.make(for: plan.type, rows: 1)
    var texts = standard
    if case .text(let text) = typed {
      text.copy(standard)
      texts = text
    }
    reader.read(texts, into: typed, Findings(probe))
    guard typed.state(0) == .value else { return }
    for row in 0..<column.count where column.state(row) != .value { column.set(row, to: typed) }
  }
}

/// `carry` of an expression's result.
struct CarriedResult {
  private var last: Column?
  private var isBroken = false

  /// - Parameters:
  ///   - failed: rows whose result could not be computed; nothing older is carried past them.
  ///   - broken: told of each row that would take such a result.
  mutating func fill(
    _ column: Column, parents: GrowableBuffer<UInt32>, failed: Set<Int>, broken: (Int) -> Void
  ) {
    for row in 0..<column.count {
      if parents.count > 0, row == 0 || parents[row] != parents[row - 1] {
        last = nil
        isBroken = false
      }
      if failed.contains(row) {
        last = nil
        isBroken = true
      } else if column.state(row) == .value {
        last = column.cell(row)
        isBroken = false
      } else if isBroken {
        broken(row)
      } else if let last {
        column.set(row, to: last)
      }
    }
  }
}
