// SPDX-License-Identifier: Apache-2.0

import Records

/// A parsed expression before names and types are known.
struct Syntax {
  indirect enum Form {
    case null
    case boolean(Bool)
    case integer(Int64)
    case decimal(ExactDecimal, precision: Int)
    case text(String)
    case date(CalendarDate)
    case timestamp(Instant)
    case name(String)
    case negate(Syntax)
    case arithmetic(ArithmeticOperator, Syntax, Syntax)
    case join([Syntax])
    case compare(ComparisonOperator, Syntax, Syntax)
    case not(Syntax)
    case and([Syntax])
    case or([Syntax])
    case isNull(Syntax, isNegated: Bool)
    case isIn(Syntax, [Syntax], isNegated: Bool)
    case between(Syntax, Syntax, Syntax, isNegated: Bool)
    case like(Syntax, Syntax, isNegated: Bool)
    case choose(subject: Syntax?, branches: [(Syntax, Syntax)], otherwise: Syntax?)
    case call(String, nameSpan: Span, [Syntax])
  }

  var form: Form
  var span: Span
  /// Levels of nesting, bounded so that walking a tree never exhausts a thread's stack.
  var depth: Int

  static let maximumDepth = 200
}

enum ArithmeticOperator: String {
  case add = "+", subtract = "-", multiply = "*", divide = "/", remainder = "%"
}

enum ComparisonOperator: String {
  case equal = "=", unequal = "<>", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="

  /// Whether the operator holds for an order of −1, 0 or 1.
  @inline(__always)
  func holds(_ order: Int) -> Bool {
    switch self {
    case .equal: order == 0
    case .unequal: order != 0
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    }
  }
}
