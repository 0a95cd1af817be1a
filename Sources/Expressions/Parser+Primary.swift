// SPDX-License-Identifier: Apache-2.0

import Records

extension Parser {
  mutating func primary() throws(Finding) -> Syntax {
    let token = current
    switch token.kind {
    case .number: return try number(isNegative: false, from: token.span)
    case .text(let text):
      advance()
      return try node(.text(text), token.span)
    case .quotedName(let name):
      advance()
      return try node(.name(name), token.span)
    case .symbol("("):
      advance()
      let inner = try disjunction()
      try expect(symbol: ")", "to close '('")
      return Syntax(form: inner.form, span: token.span.joined(previous.span), depth: inner.depth)
    case .word(let word): return try self.word(word, token.span)
    case .symbol, .end: throw unexpected("a value")
    }
  }

  private mutating func word(_ word: String, _ span: Span) throws(Finding) -> Syntax {
    if let keyword = Parser.keyword(current) {
      switch keyword {
      case "NULL", "TRUE", "FALSE":
        advance()
        return try node(keyword == "NULL" ? .null : .boolean(keyword == "TRUE"), span)
      case "CASE": return try choice()
      default: throw unexpected("a value")
      }
    }
    advance()
    if case .text(let text) = current.kind, let literal = try moment(word, text) { return literal }
    guard current.kind == .symbol("(") else { return try node(.name(word), span) }
    advance()
    var arguments: [Syntax] = []
    if !take(symbol: ")") { arguments = try list(closing: "the arguments of \(word)") }
    return try node(
      .call(word, nameSpan: span, arguments), span.joined(previous.span), over: arguments)
  }

  /// `DATE '2026-01-31'` and `TIMESTAMP '2026-01-31T08:00:00+07:00'`
  private mutating func moment(_ word: String, _ text: String) throws(Finding) -> Syntax? {
    let span = previous.span.joined(current.span)
    switch word.uppercased() {
    case "DATE":
      guard let date = MomentText.date(text) else {
        throw Finding(
          span: current.span, id: "expression.not-a-date", message: "'\(text)' is no day of the calendar",
          help: "write year, month and day, as DATE '2026-01-31'")
      }
      advance()
      return try node(.date(date), span)
    case "TIMESTAMP":
      guard let instant = MomentText.instant(text) else {
        throw Finding(
          span: current.span, id: "expression.not-a-timestamp", message: "'\(text)' is no date and time",
          help: "write TIMESTAMP '2026-01-31T08:00:00+07:00'; without a zone it is UTC+7")
      }
      advance()
      return try node(.timestamp(instant), span)
    default: return nil
    }
  }

  mutating func number(isNegative: Bool, from start: Span) throws(Finding) -> Syntax {
    let span = start.joined(current.span)
    guard case .number(let digits) = current.kind else { throw unexpected("a number") }
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    let scale = parts.count > 1 ? parts[1].utf8.count : 0
    var unscaled: Int128 = 0
    for digit in digits.utf8 where digit != UInt8(ascii: ".") {
      let (product, overflow) = unscaled.multipliedReportingOverflow(by: 10)
      unscaled = product &+ Int128(digit - 48)
      if overflow || unscaled < 0 || unscaled > DecimalLimits.largest || scale > DecimalLimits.digits {
        throw Finding(
          span: span, id: "expression.number-too-long", message: "\(digits) has more than 38 digits",
          help: "numbers hold at most 38 digits")
      }
    }
    advance()
    if isNegative { unscaled = -unscaled }
    if parts.count == 1, let integer = Int64(exactly: unscaled) { return try node(.integer(integer), span) }
    let precision = max(DecimalLimits.digitCount(unscaled), scale, 1)
    return try node(.decimal(ExactDecimal(unscaled: unscaled, scale: scale), precision: precision), span)
  }

  private mutating func choice() throws(Finding) -> Syntax {
    let start = current.span
    advance()
    let subject = isKeyword("WHEN") ? nil : try disjunction()
    var branches: [(Syntax, Syntax)] = []
    while take(keyword: "WHEN") {
      let condition = try disjunction()
      try expect(keyword: "THEN", "after the condition of WHEN")
      branches.append((condition, try disjunction()))
    }
    if branches.isEmpty { throw unexpected("WHEN") }
    let otherwise = take(keyword: "ELSE") ? try disjunction() : nil
    try expect(keyword: "END", "to close CASE")
    let parts = [subject, otherwise].compactMap { $0 } + branches.flatMap { [$0.0, $0.1] }
    return try node(
      .choose(subject: subject, branches: branches, otherwise: otherwise), start.joined(previous.span),
      over: parts)
  }
}
