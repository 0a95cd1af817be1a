// SPDX-License-Identifier: Apache-2.0

/// What people read of one function of the expression language.
public struct FunctionDescription: Sendable, Equatable {
  public var name: String
  /// `round(number, places = 0) → number`
  public var signature: String
  public var summary: String
  /// An expression and what it gives, as `round(2.345, 2) → 2.35`.
  public var example: String
  /// The regulation or standard behind it, where there is one.
  public var source: String?
}

/// Every function of the expression language; the reference page is generated from it.
public enum FunctionCatalog {
  public static var all: [FunctionDescription] { entries.map(\.description) }

  static let entries: [FunctionEntry] =
    generalFunctions + numberFunctions + textFunctions + textSearchFunctions + dateFunctions
    + payloadFunctions
    + conversionFunctions + vietnameseFunctions

  private static let byName: [String: FunctionEntry] = Dictionary(
    entries.map { ($0.description.name, $0) }, uniquingKeysWith: { first, _ in first })

  static func entry(_ name: String) -> FunctionEntry? { byName[name] }
}

/// A function: what people read, what it takes, how its node is made.
struct FunctionEntry: Sendable {
  typealias Make = @Sendable (TypeChecker, FunctionCall) -> (any ExpressionNode)?

  let description: FunctionDescription
  let parameters: [Parameter]
  let make: Make

  init(
    _ name: String, _ parameters: [Parameter], _ result: String, _ summary: String, example: String,
    source: String? = nil, make: @escaping Make
  ) {
    let list = parameters.map(\.description).joined(separator: ", ")
    description = FunctionDescription(
      name: name, signature: "\(name)(\(list)) → \(result)", summary: summary, example: example,
      source: source)
    self.parameters = parameters
    self.make = make
  }

  var minimum: Int { parameters.count { !$0.isOptional } }
  var maximum: Int { parameters.last?.isRepeated == true ? Int.max : parameters.count }
}

/// One argument a function takes.
struct Parameter: Sendable {
  enum Kind: Sendable {
    case any, text, integer, number, date
    /// A date or timestamp.
    case moment
    /// A date, timestamp or partial date.
    case calendar
    /// Known when the expression is compiled.
    case textLiteral, integerLiteral
    /// A field or `let` value itself.
    case name
  }

  let name: String
  let kind: Kind
  var isOptional = false
  /// The last one: as many as are given.
  var isRepeated = false

  init(_ name: String, _ kind: Kind, isOptional: Bool = false, isRepeated: Bool = false) {
    self.name = name
    self.kind = kind
    self.isOptional = isOptional
    self.isRepeated = isRepeated
  }

  var description: String { isRepeated ? "\(name), …" : isOptional ? "[\(name)]" : name }

  /// `a text`
  static func wanted(_ kind: Kind) -> String {
    switch kind {
    case .any: "a value"
    case .text: "a text"
    case .integer: "an integer"
    case .number: "a number"
    case .date: "a date"
    case .moment: "a date or timestamp"
    case .calendar: "a date, timestamp or partial_date"
    case .textLiteral: "a text literal, as 'abc'"
    case .integerLiteral: "a literal whole number, as 2"
    case .name: "a field or 'let' value"
    }
  }
}

/// A call whose arguments fit the function's parameters.
struct FunctionCall {
  let name: String
  let span: Span
  let arguments: [TypeChecker.Checked]

  var nodes: [any ExpressionNode] { arguments.map(\.node) }

  /// A literal argument; nil where an optional one is not given.
  func integerLiteral(_ index: Int) -> Int64? {
    guard index < arguments.count, case .integer(let value) = arguments[index].syntax.form else { return nil }
    return value
  }

  func textLiteral(_ index: Int) -> String? {
    guard index < arguments.count, case .text(let text) = arguments[index].syntax.form else { return nil }
    return text
  }
}
