// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

extension TypeChecker {
  func call(_ written: String, _ nameSpan: Span, _ arguments: [Syntax], _ span: Span) -> (any ExpressionNode)?
  {
    let name = written.lowercased()
    if name == "cell" { return cell(arguments, span) }
    guard let entry = FunctionCatalog.entry(name) else {
      _ = all(arguments)
      let names = FunctionCatalog.entries.map(\.description.name)
      report(
        nameSpan, "unknown-function", "there is no function '\(written)'",
        help: Suggestion.nearest(to: name, among: names).map { "did you mean '\($0)'?" }
          ?? "'terrace print docs' lists the functions")
      return nil
    }
    guard arguments.count >= entry.minimum, arguments.count <= entry.maximum else {
      let wanted =
        entry.maximum == Int.max
        ? "at least \(entry.minimum)"
        : entry.minimum == entry.maximum ? "\(entry.minimum)" : "\(entry.minimum) to \(entry.maximum)"
      report(
        span, "wrong-arguments", "\(name) takes \(wanted) arguments, not \(arguments.count)",
        help: "write \(entry.description.signature), as \(entry.description.example)")
      return nil
    }
    var checked: [Checked] = []
    for (index, argument) in arguments.enumerated() {
      let parameter = entry.parameters[min(index, entry.parameters.count - 1)]
      if var part = check(argument), fits(&part, parameter.kind, "\(name)") { checked.append(part) }
    }
    guard checked.count == arguments.count else { return nil }
    return entry.make(self, FunctionCall(name: name, span: span, arguments: checked))
  }

  /// An operand of an operator, of a kind.
  func argument(_ syntax: Syntax, _ kind: Parameter.Kind, _ what: String) -> (any ExpressionNode)? {
    guard var part = check(syntax), fits(&part, kind, what) else { return nil }
    return part.node
  }

  /// Whether a part is of a kind, or a finding. A null literal becomes a null of that kind.
  private func fits(_ part: inout Checked, _ kind: Parameter.Kind, _ what: String) -> Bool {
    let type = part.type
    let nullType: FieldType?
    let fits: Bool
    switch kind {
    case .any: return true
    case .text: (fits, nullType) = (type.isTextual, .text)
    case .integer: (fits, nullType) = (type == .integer, .integer)
    case .number: (fits, nullType) = (type.isNumeric, .integer)
    case .date: (fits, nullType) = (type == .date, .date)
    case .moment: (fits, nullType) = (type == .date || type == .timestamp, .date)
    case .calendar:
      (fits, nullType) = (type == .date || type == .timestamp || type == .partialDate, .date)
    case .textLiteral:
      if case .text = part.syntax.form { fits = true } else { fits = false }
      nullType = nil
    case .integerLiteral:
      if case .integer = part.syntax.form { fits = true } else { fits = false }
      nullType = nil
    case .name:
      if case .name = part.syntax.form { fits = true } else { fits = false }
      nullType = nil
    }
    if part.isNull, let nullType {
      part.node = ConstantNode.null(nullType)
      return true
    }
    if fits { return true }
    let isLiteralWanted = nullType == nil
    report(
      part.span, "wrong-type",
      "\(what) wants \(Parameter.wanted(kind)), and this is "
        + (isLiteralWanted ? "something else" : type.withArticle),
      help: isLiteralWanted
        ? "write \(Parameter.wanted(kind)) there" : TypeAdvice.argument(from: type, to: kind))
    return false
  }

  /// `cell(row, column)`: a captured value under its own name, so that planning can capture it.
  private func cell(_ arguments: [Syntax], _ span: Span) -> (any ExpressionNode)? {
    if arguments.count == 2, case .integer(let row) = arguments[0].form,
      case .integer(let column) = arguments[1].form, row > 0, column > 0
    {
      let name = "cell(\(row),\(column))"
      use(name)
      return NameNode(name: name, type: .text)
    }
    report(
      span, "wrong-arguments", "cell wants a row and a column as whole numbers from 1",
      help: "write cell(3, 2) for the second cell of the third line")
    return nil
  }
}

extension TypeAdvice {
  static func argument(from: FieldType, to: Parameter.Kind) -> String {
    switch to {
    case .text: conversion(from: from, to: .text)
    case .integer: from.isNumeric || from.isTextual ? "convert it: integer(x)" : "give a whole number"
    case .number: from.isTextual ? "convert it: integer(x) or decimal(x, 2)" : "give a number"
    case .date: conversion(from: from, to: .date)
    case .moment, .calendar: from.isTextual ? "convert it: date(x)" : "give a date"
    case .any, .textLiteral, .integerLiteral, .name: "see the function's example"
    }
  }
}
