// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// The rules of one field, compiled for its type: bounds and values are read once, columns are judged whole.
struct FieldCheck {
  /// Told of a broken rule: row, id of the rule, and the sentence, made only where it is wanted.
  typealias Broken = (Int, String, () -> String) -> Void

  static let required = "required"

  private enum Rules {
    case none
    case text(TextRules)
    case integer(ValueLimits<Int64>)
    case decimal(ValueLimits<Int128>)
    case boolean(ValueLimits<UInt8>)
    case date(ValueLimits<Int32>)
  }

  let field: EntityField
  private let isRequired: Bool
  private let rules: Rules

  /// - Returns: nil when nothing is asked of the field.
  init?(_ field: EntityField, isRequired: Bool, entity: String) throws(StageFailure) {
    self.field = field
    self.isRequired = isRequired
    switch field.type {
    case .text, .code, .partialDate: rules = .text(try TextRules(field, entity: entity))
    case .integer, .timestamp:
      rules = try ValueLimits<Int64>(field, entity: entity).map { .integer($0) } ?? .none
    case .decimal: rules = try ValueLimits<Int128>(field, entity: entity).map { .decimal($0) } ?? .none
    case .boolean: rules = try ValueLimits<UInt8>(field, entity: entity).map { .boolean($0) } ?? .none
    case .date: rules = try ValueLimits<Int32>(field, entity: entity).map { .date($0) } ?? .none
    }
    if case .none = rules, !isRequired { return nil }
  }

  func judge(_ column: Column, _ broken: Broken) {
    let wording = SchemaWording(field: field)
    switch (column, rules) {
    case (.text(let column), .text(let rules)):
      if isRequired { judgeRequired(column.storage.pointee.states, broken) }
      rules.judge(column, wording, broken)
    case (.integer(let column), .integer(let limits)), (.timestamp(let column), .integer(let limits)):
      judge(column, limits, wording, broken)
    case (.decimal(let column, _), .decimal(let limits)): judge(column, limits, wording, broken)
    case (.boolean(let column), .boolean(let limits)): judge(column, limits, wording, broken)
    case (.date(let column), .date(let limits)): judge(column, limits, wording, broken)
    default:
      if isRequired { judgeRequired(column.states, broken) }
    }
  }

  private func judge<Element>(
    _ column: FixedColumn<Element>, _ limits: ValueLimits<Element>, _ wording: SchemaWording, _ broken: Broken
  ) {
    if isRequired { judgeRequired(column.storage.pointee.states, broken) }
    limits.judge(column, wording, broken)
  }

  private func judgeRequired(_ states: GrowableBuffer<CellState>, _ broken: Broken) {
    for row in 0..<states.count where states.base[row] != .value {
      broken(row, Self.required) { "'\(field.name)' is required and has no value" }
    }
  }
}

extension Column {
  fileprivate var states: GrowableBuffer<CellState> {
    switch self {
    case .text(let column): column.storage.pointee.states
    case .integer(let column), .timestamp(let column): column.storage.pointee.states
    case .decimal(let column, _): column.storage.pointee.states
    case .boolean(let column): column.storage.pointee.states
    case .date(let column): column.storage.pointee.states
    }
  }
}

extension StageFailure {
  /// A rule of the schema that cannot be read.
  static func unreadableRule(
    _ rule: String, _ text: String, of field: EntityField, entity: String, _ reason: String
  )
    -> StageFailure
  {
    StageFailure(
      id: "validate.unreadable-rule", "\(entity).\(field.name): '\(text)' cannot be the \(rule): \(reason)",
      help: "correct '\(rule)' of the field in the schema file of '\(entity)'; 'terrace check' says where",
      exit: .files)
  }
}
