// SPDX-License-Identifier: Apache-2.0

import Components
import Expressions
import Records

/// The sentences about values that cannot become what their field is.
///
/// A message never quotes the value of a field that relates to a person: the value travels beside it, where
/// listings mask it.
struct ValueWording {
  let isPersonal: Bool

  private func quoted(_ value: String) -> String { isPersonal ? "the value" : "'\(value)'" }

  func many(_ value: String) -> String {
    isPersonal
      ? "more than one value where one is expected"
      : "more than one value where one is expected; the first is '\(value)'"
  }

  func structure() -> String { "an object or a list where one value is expected" }

  func not(_ value: String, _ expectation: String) -> String { "\(quoted(value)) is not \(expectation)" }

  func tooFine(_ value: String, scale: Int) -> String {
    scale == 0
      ? "\(quoted(value)) is not a whole number, and rounding is not declared"
      : "\(quoted(value)) has more than \(scale) digits after the point, and rounding is not declared"
  }

  func tooLarge(_ value: String, _ type: FieldType) -> String { "\(quoted(value)) does not fit \(type)" }

  func expression(_ message: String) -> String {
    isPersonal ? "the expression cannot be computed for this record" : message
  }

  /// - Parameter source: the source that numbers by itself, if the text is looked up as its own.
  func unknownCode(_ value: String, list: String, source: String?) -> String {
    "\(quoted(value)) is not in the code list \(list)"
      + (source.map { " as source '\($0)' numbers it" } ?? "")
  }

  func notValid(_ value: String, _ entries: [CodeListEntry], on day: CalendarDate?, list: String) -> String {
    let times = entries.map { entry in
      switch (entry.validFrom, entry.validTo) {
      case (let from?, let to?): "from \(from) to \(to)"
      case (let from?, nil): "from \(from)"
      case (nil, let to?): "until \(to)"
      case (nil, nil): "always"
      }
    }
    var successors: [String] = []
    for successor in entries.flatMap(\.successors) where !successors.contains(successor) {
      successors.append(successor)
    }
    let when = day.map { "not valid on \($0)" } ?? "not valid"
    let follow =
      successors.isEmpty || isPersonal ? "" : "; its successors are \(successors.joined(separator: ", "))"
    let only = times.joined(separator: " and ")
    return "\(quoted(value)) is \(when) in the code list \(list), only \(only)\(follow)"
  }

  func otherSpelling(_ value: String, _ entry: CodeListEntry, _ tier: CodeSearch.Tier) -> String {
    let how =
      switch tier {
      case .tone: "the tone stands elsewhere"
      case .accents: "the marks differ or are missing"
      case .alias, .source, .code, .name: "an alias in the list"
      }
    return isPersonal
      ? "the value was read as another spelling of a name: \(how)"
      : "'\(value)' was read as '\(entry.name)' (\(entry.code)): \(how)"
  }

  func restored(_ value: String, _ code: String) -> String {
    isPersonal
      ? "the value had lost zeros or stood as a number; they were put back"
      : "'\(value)' was read as '\(code)': it had lost zeros or stood as a number"
  }

  func divided(_ value: String, _ codes: [String], on day: CalendarDate, _ list: CodeList) -> String {
    let among = isPersonal ? "several codes of \(list.name)" : codes.joined(separator: ", ")
    let needs = list.dividedBy.map { "needs \($0)" } ?? "the code alone does not tell which"
    return "\(quoted(value)) was divided among \(among) by \(day) and stays: \(needs)"
  }

  func ambiguous(_ value: String, _ entries: [CodeListEntry], list: String) -> String {
    var codes: [String] = []
    for entry in entries where !codes.contains(entry.code) { codes.append(entry.code) }
    return isPersonal
      ? "the value names several codes of \(list)"
      : "'\(value)' names several codes of \(list): \(codes.prefix(8).joined(separator: ", "))"
  }
}

extension ValuePlan {
  /// `a date dd/MM/yyyy`: what a value of this plan should look like.
  var expectation: String {
    switch type {
    case .text: "text"
    case .integer: "an integer"
    case .decimal: "a decimal number written \(numbers.sample)"
    case .boolean: "a truth value (true or false, 1 or 0, có or không, yes or no)"
    case .date: "a date \(patternsText("yyyy-MM-dd"))"
    case .timestamp: "a timestamp \(patternsText("yyyy-MM-ddTHH:mm:ss"))"
    case .partialDate: "a date \(patternsText("yyyy, yyyy-MM or yyyy-MM-dd")), whole or in part"
    case .code(let list): "a code of \(list)"
    }
  }

  private func patternsText(_ standard: String) -> String {
    dates.isEmpty ? standard : dates.joined(separator: " or ")
  }
}

extension NumberFormat {
  /// `1.234,56`
  fileprivate var sample: String { "1\(group.map(String.init) ?? "")234\(decimal)56" }
}
