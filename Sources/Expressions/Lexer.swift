// SPDX-License-Identifier: Apache-2.0

import Records

/// Cuts an expression into tokens.
struct Lexer {
  private let scalars: [Unicode.Scalar]
  private var at = 0

  init(_ scalars: [Unicode.Scalar]) { self.scalars = scalars }

  static func tokens(_ scalars: [Unicode.Scalar]) throws(Finding) -> [Token] {
    var lexer = Lexer(scalars)
    var tokens: [Token] = []
    while let token = try lexer.next() { tokens.append(token) }
    tokens.append(Token(kind: .end, span: Span(start: scalars.count, end: scalars.count)))
    return tokens
  }

  private var current: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }
  private var following: Unicode.Scalar? { at + 1 < scalars.count ? scalars[at + 1] : nil }

  private mutating func next() throws(Finding) -> Token? {
    while let scalar = current, scalar.properties.isWhitespace { at += 1 }
    guard let scalar = current else { return nil }
    let start = at
    let kind: Token.Kind
    if scalar == "'" {
      kind = .text(ComposedText.string(try quoted(by: "'", id: "expression.text-never-closed", what: "text")))
    } else if scalar == "\"" {
      kind = .quotedName(try quoted(by: "\"", id: "expression.name-never-closed", what: "name"))
    } else if scalar.isASCIIDigit || (scalar == "." && following?.isASCIIDigit == true) {
      kind = .number(try number())
    } else if scalar.beginsName {
      while let more = current, more.continuesName { at += 1 }
      kind = .word(text(start..<at))
    } else {
      kind = try symbol()
    }
    return Token(kind: kind, span: Span(start: start, end: at))
  }

  private func text(_ range: Range<Int>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars[range])
    return String(text)
  }

  /// Reads a quoted run in which the quote itself is written twice.
  private mutating func quoted(by quote: Unicode.Scalar, id: String, what: String) throws(Finding) -> String {
    let start = at
    var content = String.UnicodeScalarView()
    at += 1
    while let scalar = current {
      at += 1
      guard scalar == quote else {
        content.append(scalar)
        continue
      }
      guard current == quote else { return String(content) }
      content.append(quote)
      at += 1
    }
    throw Finding(
      span: Span(start: start, end: start + 1), id: id, message: "this \(what) has no closing \(quote)",
      help: "close it with \(quote); a \(quote) inside is written twice")
  }

  private mutating func number() throws(Finding) -> String {
    let start = at
    while let scalar = current, scalar.isASCIIDigit { at += 1 }
    if current == "." {
      at += 1
      while let scalar = current, scalar.isASCIIDigit { at += 1 }
    }
    if let scalar = current, scalar.continuesName || scalar == "." {
      while let scalar = current, scalar.continuesName || scalar == "." { at += 1 }
      throw Finding(
        span: Span(start: start, end: at), id: "expression.not-a-number",
        message: "'\(text(start..<at))' is not a number",
        help: "numbers are digits with at most one point, as 1234.50; codes are texts, in quotes: '079'")
    }
    return text(start..<at)
  }

  private static let pairs: Set<String> = ["<=", ">=", "<>", "!=", "||"]
  private static let meant: [String: String] = [
    "==": "write = to compare", "&&": "write AND", "=<": "write <=", "=>": "write >=",
  ]

  private mutating func symbol() throws(Finding) -> Token.Kind {
    let start = at
    if following != nil {
      let two = text(at..<at + 2)
      if let help = Lexer.meant[two] {
        throw Finding(
          span: Span(start: start, end: start + 2), id: "expression.unknown-symbol",
          message: "'\(two)' is not an operator", help: help)
      }
      if Lexer.pairs.contains(two) {
        at += 2
        return .symbol(two)
      }
    }
    let one = text(at..<at + 1)
    guard "+-*/%=<>(),".contains(one) else {
      let isCurly = "‘’“”".contains(one)
      throw Finding(
        span: Span(start: start, end: start + 1), id: "expression.unknown-symbol",
        message: "'\(one)' has no meaning here",
        help: isCurly
          ? "use straight quotes: 'text' for texts, \"name\" for names"
          : "operators are + - * / % || = <> < <= > >= and the words AND OR NOT IN BETWEEN LIKE IS CASE")
    }
    at += 1
    return .symbol(one)
  }
}

extension Unicode.Scalar {
  var isASCIIDigit: Bool { value >= 48 && value <= 57 }
  var beginsName: Bool { self == "_" || properties.isAlphabetic }
  /// Combining marks continue a name, so that a name typed decomposed is read whole.
  var continuesName: Bool {
    beginsName || isASCIIDigit || properties.canonicalCombiningClass != .notReordered
  }
}
