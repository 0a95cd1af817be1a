// SPDX-License-Identifier: Apache-2.0

import Records

/// A literal: one cell, made when the expression is compiled and only read afterwards.
struct ConstantNode: ExpressionNode {
  let type: FieldType
  let column: Column

  func evaluate(_ run: Evaluation) -> Operand { Operand(column, isConstant: true) }

  static func null(_ type: FieldType) -> ConstantNode {
    let column = Column.make(for: type, rows: 1)
    column.appendNull()
    return ConstantNode(type: type, column: column)
  }

  static func integer(_ value: Int64) -> ConstantNode {
    let column = FixedColumn<Int64>(rows: 1)
    column.append(value)
    return ConstantNode(type: .integer, column: .integer(column))
  }

  static func decimal(_ value: ExactDecimal, precision: Int) -> ConstantNode {
    let column = FixedColumn<Int128>(rows: 1)
    column.append(value.unscaled)
    return ConstantNode(
      type: .decimal(precision: precision, scale: value.scale), column: .decimal(column, scale: value.scale))
  }

  static func text(_ value: String) -> ConstantNode {
    let column = TextColumn(rows: 1, bytes: value.utf8.count)
    column.append(value)
    return ConstantNode(type: .text, column: .text(column))
  }

  static func boolean(_ value: Bool) -> ConstantNode {
    let column = FixedColumn<UInt8>(rows: 1)
    column.append(value ? 1 : 0)
    return ConstantNode(type: .boolean, column: .boolean(column))
  }

  static func date(_ value: CalendarDate) -> ConstantNode {
    let column = FixedColumn<Int32>(rows: 1)
    column.append(value.days)
    return ConstantNode(type: .date, column: .date(column))
  }

  static func timestamp(_ value: Instant) -> ConstantNode {
    let column = FixedColumn<Int64>(rows: 1)
    column.append(value.microseconds)
    return ConstantNode(type: .timestamp, column: .timestamp(column))
  }
}

/// A field or `let` value.
struct NameNode: ExpressionNode {
  let name: String
  let type: FieldType

  func evaluate(_ run: Evaluation) -> Operand { Operand(run.scope.column(name)) }
}

/// What stands outside the records and is the same for all of them.
struct FactNode: ExpressionNode {
  enum Fact: Sendable { case landingDate, payloadName, request(String) }

  let fact: Fact

  var type: FieldType { if case .landingDate = fact { .date } else { .text } }

  func evaluate(_ run: Evaluation) -> Operand {
    switch fact {
    case .landingDate: return ConstantNode.date(run.scope.landingDate).evaluate(run)
    case .payloadName: return ConstantNode.text(ComposedText.string(run.scope.payloadName)).evaluate(run)
    case .request(let name):
      guard let value = run.scope.request(name) else { return ConstantNode.null(.text).evaluate(run) }
      return ConstantNode.text(ComposedText.string(value)).evaluate(run)
    }
  }
}

extension Column {
  func appendNull() {
    switch self {
    case .text(let column): column.appendEmpty(.null)
    case .integer(let column), .timestamp(let column): column.appendEmpty(.null, filler: 0)
    case .decimal(let column, _): column.appendEmpty(.null, filler: 0)
    case .boolean(let column): column.appendEmpty(.null, filler: 0)
    case .date(let column): column.appendEmpty(.null, filler: 0)
    }
  }

  /// The object that owns the memory, to tell whether two columns are the same one.
  var identity: ObjectIdentifier {
    switch self {
    case .text(let column): ObjectIdentifier(column)
    case .integer(let column), .timestamp(let column): ObjectIdentifier(column)
    case .decimal(let column, _): ObjectIdentifier(column)
    case .boolean(let column): ObjectIdentifier(column)
    case .date(let column): ObjectIdentifier(column)
    }
  }
}
