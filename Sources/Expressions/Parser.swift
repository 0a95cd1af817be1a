// SPDX-License-Identifier: Apache-2.0

import Records

/// Reads tokens into a tree, by precedence (loosest first): OR, AND, NOT, comparisons with IS IN BETWEEN LIKE,
/// `||`, `+ -`, `* / %`, sign.
struct Parser {
  private let tokens: [Token]
  private var at = 0
  private var nesting = 0

  init(_ tokens: [Token]) { self.tokens = tokens }

  static func parse(_ scalars: [Unicode.Scalar]) throws(Finding) -> Syntax {
    var parser = Parser(try Lexer.tokens(scalars))
    if parser.current.kind == .end {
      throw Finding(
        span: parser.current.span, id: "expression.empty", message: "the expression is empty",
        help: "write a value, as: cost_vnd - wear_vnd")
    }
    let tree = try parser.disjunction()
    guard parser.current.kind == .end else {
      throw parser.unexpected("an operator or the end of the expression")
    }
    return tree
  }

  var current: Token { tokens[at] }
  var following: Token { tokens[min(at + 1, tokens.count - 1)] }
  var previous: Token { tokens[max(at - 1, 0)] }

  mutating func advance() { if at + 1 < tokens.count { at += 1 } }

  func isKeyword(_ word: String) -> Bool { Parser.keyword(current) == word }

  static func keyword(_ token: Token) -> String? {
    guard case .word(let word) = token.kind else { return nil }
    let upper = word.uppercased()
    return keywords.contains(upper) ? upper : nil
  }

  static let keywords: Set<String> = [
    "AND", "OR", "NOT", "IS", "NULL", "IN", "BETWEEN", "LIKE", "CASE", "WHEN", "THEN", "ELSE", "END", "TRUE",
    "FALSE",
  ]

  mutating func take(keyword: String) -> Bool {
    guard isKeyword(keyword) else { return false }
    advance()
    return true
  }

  mutating func take(symbol: String) -> Bool {
    guard current.kind == .symbol(symbol) else { return false }
    advance()
    return true
  }

  mutating func expect(symbol: String, _ why: String) throws(Finding) {
    guard take(symbol: symbol) else { throw unexpected("'\(symbol)' \(why)") }
  }

  mutating func expect(keyword: String, _ why: String) throws(Finding) {
    guard take(keyword: keyword) else { throw unexpected("\(keyword) \(why)") }
  }

  func unexpected(_ wanted: String) -> Finding {
    let found =
      switch current.kind {
      case .end: "the end"
      case .word(let word): "'\(word)'"
      case .quotedName(let name): "\"\(name)\""
      case .number(let digits): "'\(digits)'"
      case .text(let text): "'\(text)'"
      case .symbol(let symbol): "'\(symbol)'"
      }
    var help = "put \(wanted) there, or remove what stands there"
    if case .quotedName = current.kind { help = "double quotes hold a name; texts stand in single quotes" }
    return Finding(
      span: current.span, id: "expression.unexpected", message: "expected \(wanted), found \(found)",
      help: help)
  }

  /// Makes a node over its parts, bounding the depth of the tree.
  func node(_ form: Syntax.Form, _ span: Span, over parts: [Syntax] = []) throws(Finding) -> Syntax {
    let depth = 1 + (parts.map(\.depth).max() ?? 0)
    if depth > Syntax.maximumDepth { throw tooDeep(span) }
    return Syntax(form: form, span: span, depth: depth)
  }

  private func tooDeep(_ span: Span) -> Finding {
    Finding(
      span: Span(start: span.start, end: span.start + 1), id: "expression.too-deep",
      message: "the expression is nested more than \(Syntax.maximumDepth) levels deep",
      help: "name parts of it in 'let' and use the names")
  }

  // MARK: Logic

  mutating func disjunction() throws(Finding) -> Syntax {
    nesting += 1
    defer { nesting -= 1 }
    if nesting > Syntax.maximumDepth { throw tooDeep(current.span) }
    var parts = [try conjunction()]
    while take(keyword: "OR") { parts.append(try conjunction()) }
    if parts.count == 1 { return parts[0] }
    return try node(.or(parts), parts[0].span.joined(previous.span), over: parts)
  }

  private mutating func conjunction() throws(Finding) -> Syntax {
    var parts = [try negation()]
    while take(keyword: "AND") { parts.append(try negation()) }
    if parts.count == 1 { return parts[0] }
    return try node(.and(parts), parts[0].span.joined(previous.span), over: parts)
  }

  private mutating func negation() throws(Finding) -> Syntax {
    let start = current.span
    var isNegated = false
    var isAny = false
    while take(keyword: "NOT") {
      isNegated.toggle()
      isAny = true
    }
    let inner = try comparison()
    guard isAny else { return inner }
    let once = try node(.not(inner), start.joined(inner.span), over: [inner])
    return isNegated ? once : try node(.not(once), once.span, over: [once])
  }

  // MARK: Comparison

  private mutating func comparison() throws(Finding) -> Syntax {
    var left = try joining()
    while true {
      if case .symbol(let symbol) = current.kind,
        let comparison = ComparisonOperator(rawValue: symbol == "!=" ? "<>" : symbol)
      {
        if case .compare = left.form, previous.kind != .symbol(")") {
          throw Finding(
            span: current.span, id: "expression.chained-comparison",
            message: "comparisons cannot be chained", help: "write 'a < b AND b < c', or a BETWEEN x AND y")
        }
        advance()
        let right = try joining()
        left = try node(.compare(comparison, left, right), left.span.joined(right.span), over: [left, right])
      } else if isKeyword("IS") {
        advance()
        let isNegated = take(keyword: "NOT")
        try expect(keyword: "NULL", "after IS")
        left = try node(.isNull(left, isNegated: isNegated), left.span.joined(previous.span), over: [left])
      } else if let more = try membership(left) {
        left = more
      } else {
        return left
      }
    }
  }

  /// `[NOT] IN (…)`, `[NOT] BETWEEN … AND …`, `[NOT] LIKE …`
  private mutating func membership(_ left: Syntax) throws(Finding) -> Syntax? {
    let isNegated = isKeyword("NOT")
    let word = isNegated ? Parser.keyword(following) : Parser.keyword(current)
    guard word == "IN" || word == "BETWEEN" || word == "LIKE" else {
      if isNegated { throw unexpected("an operator") }
      return nil
    }
    if isNegated { advance() }
    advance()
    switch word {
    case "IN":
      try expect(symbol: "(", "after IN")
      let items = try list(closing: "the list of IN")
      return try node(
        .isIn(left, items, isNegated: isNegated), left.span.joined(previous.span), over: [left] + items)
    case "BETWEEN":
      let low = try joining()
      try expect(keyword: "AND", "between the two bounds")
      let high = try joining()
      return try node(
        .between(left, low, high, isNegated: isNegated), left.span.joined(high.span), over: [left, low, high])
    default:
      let pattern = try joining()
      return try node(
        .like(left, pattern, isNegated: isNegated), left.span.joined(pattern.span), over: [left, pattern])
    }
  }

  /// Expressions separated by commas up to the closing parenthesis.
  mutating func list(closing what: String) throws(Finding) -> [Syntax] {
    var items = [try disjunction()]
    while take(symbol: ",") { items.append(try disjunction()) }
    try expect(symbol: ")", "or ',' in \(what)")
    return items
  }

  // MARK: Arithmetic

  private mutating func joining() throws(Finding) -> Syntax {
    var parts = [try sum()]
    while take(symbol: "||") { parts.append(try sum()) }
    if parts.count == 1 { return parts[0] }
    return try node(.join(parts), parts[0].span.joined(previous.span), over: parts)
  }

  private mutating func sum() throws(Finding) -> Syntax {
    var left = try product()
    while case .symbol(let symbol) = current.kind, symbol == "+" || symbol == "-" {
      advance()
      let right = try product()
      left = try node(
        .arithmetic(symbol == "+" ? .add : .subtract, left, right), left.span.joined(right.span),
        over: [left, right])
    }
    return left
  }

  private mutating func product() throws(Finding) -> Syntax {
    var left = try signed()
    while case .symbol(let symbol) = current.kind, symbol == "*" || symbol == "/" || symbol == "%",
      let sign = ArithmeticOperator(rawValue: symbol)
    {
      advance()
      let right = try signed()
      left = try node(.arithmetic(sign, left, right), left.span.joined(right.span), over: [left, right])
    }
    return left
  }

  private mutating func signed() throws(Finding) -> Syntax {
    let start = current.span
    var signs = 0
    var isAny = false
    while case .symbol(let symbol) = current.kind, symbol == "-" || symbol == "+" {
      if symbol == "-" { signs += 1 }
      isAny = true
      advance()
    }
    let isNegative = signs % 2 == 1
    if isNegative, case .number = current.kind { return try number(isNegative: true, from: start) }
    let inner = try primary()
    guard isAny, isNegative else { return inner }
    return try node(.negate(inner), start.joined(inner.span), over: [inner])
  }
}
