// SPDX-License-Identifier: Apache-2.0

import Records

/// What to do about values of types that do not go together.
enum TypeAdvice {
  static func conversion(from: FieldType, to: FieldType) -> String {
    switch (from, to) {
    case (_, .text), (_, .code): "convert it: text(x)"
    case (_, .boolean): "write a condition, as x = … or x IS NOT NULL"
    case (_, .integer) where from.isTextual: "convert it: integer(x)"
    case (_, .decimal(_, let scale)) where from.isTextual: "convert it: decimal(x, \(scale))"
    case (.timestamp, .date): "take its day at UTC+7: date(x)"
    case (_, .date) where from.isTextual: "convert it: date(x), or write a literal: DATE '2026-01-31'"
    case (_, .timestamp) where from.isTextual: "write a literal: TIMESTAMP '2026-01-31T08:00:00+07:00'"
    default: "all values there must be of one type: \(to)"
    }
  }

  static func comparison(_ left: FieldType, _ right: FieldType) -> String {
    let other = left.isTextual ? right : left
    guard left.isTextual || right.isTextual else { return "compare values of one type" }
    switch other {
    case .integer: return "write the number without quotes, or convert: integer(x), text(x)"
    case .decimal(_, let scale):
      return "write the number without quotes, or convert: decimal(x, \(scale)), text(x)"
    case .date: return "write the day as DATE '2026-01-31', or convert the text: date(x)"
    case .timestamp: return "write the moment as TIMESTAMP '2026-01-31T08:00:00+07:00'"
    case .boolean: return "write true or false without quotes, or the condition alone"
    default: return "compare values of one type"
    }
  }

  static func arithmetic(_ operation: ArithmeticOperator, _ left: FieldType, _ right: FieldType) -> String {
    if operation == .add, left.isTextual, right.isTextual { return "texts are joined by ||" }
    if left.isTextual || right.isTextual { return "convert texts first: integer(x), decimal(x, 2), date(x)" }
    if left == .timestamp || right == .timestamp {
      return "take the day first: date(x) - date(y), or days_between(x, y)"
    }
    if left == .date || right == .date { return "dates know date + days, date - days and date - date" }
    return "arithmetic works on numbers"
  }
}

extension FieldType {
  /// `an integer`, `a date`
  var withArticle: String {
    switch self {
    case .integer: "an integer"
    case .text, .code: "a text"
    default: "a \(self)"
    }
  }
}
