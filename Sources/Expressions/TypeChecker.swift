// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// Gives names and operators their types and makes the nodes that run. Goes on after a finding, so that several
/// mistakes are told at once; what depends on a mistake is left out.
final class TypeChecker {
  private let names: (String) -> FieldType?
  private let known: [String]
  private(set) var findings: [Finding] = []
  private(set) var used: [String] = []

  init(names: @escaping (String) -> FieldType?, known: [String]) {
    self.names = names
    self.known = known
  }

  /// A part that was checked, with the text it came from.
  struct Checked {
    var node: any ExpressionNode
    var syntax: Syntax
    var span: Span { syntax.span }
    var type: FieldType { node.type }
    var isNull: Bool { node is NullNode }
  }

  func report(_ span: Span, _ id: String, _ message: String, help: String) {
    findings.append(Finding(span: span, id: "expression." + id, message: message, help: help))
  }

  func use(_ name: String) { if !used.contains(name) { used.append(name) } }

  func root(_ syntax: Syntax, expecting: FieldType?) -> (any ExpressionNode)? {
    guard let checked = check(syntax) else { return nil }
    guard let expecting else { return checked.isNull ? ConstantNode.null(.text) : checked.node }
    if let node = Coercion.coerced(checked.node, to: expecting) { return node }
    report(
      syntax.span, "wrong-type", "the expression is \(checked.type.withArticle), but \(expecting) is wanted",
      help: TypeAdvice.conversion(from: checked.type, to: expecting))
    return nil
  }

  func check(_ syntax: Syntax) -> Checked? {
    guard let node = node(syntax) else { return nil }
    return Checked(node: node, syntax: syntax)
  }

  private func node(_ syntax: Syntax) -> (any ExpressionNode)? {
    switch syntax.form {
    case .null: return NullNode()
    case .boolean(let value): return ConstantNode.boolean(value)
    case .integer(let value): return ConstantNode.integer(value)
    case .decimal(let value, let precision): return ConstantNode.decimal(value, precision: precision)
    case .text(let value): return ConstantNode.text(value)
    case .date(let value): return ConstantNode.date(value)
    case .timestamp(let value): return ConstantNode.timestamp(value)
    case .name(let name): return self.name(name, syntax.span)
    case .negate(let inner): return negate(inner)
    case .arithmetic(let operation, let left, let right):
      return arithmetic(operation, left, right, syntax.span)
    case .join(let parts): return join(parts)
    case .compare(let comparison, let left, let right):
      guard let (first, second) = both(left, right) else { return nil }
      return compare(comparison, first, second)
    case .not(let inner): return condition(inner, "NOT").map { NotNode(inner: $0) }
    case .and(let parts): return junction(parts, "AND", decisive: false)
    case .or(let parts): return junction(parts, "OR", decisive: true)
    case .isNull(let inner, let isNegated):
      return check(inner).map { StateNode(inner: $0.node, question: isNegated ? .isNotNull : .isNull) }
    case .isIn(let subject, let items, let isNegated): return membership(subject, items, isNegated)
    case .between(let subject, let low, let high, let isNegated):
      return between(subject, low, high, isNegated)
    case .like(let subject, let pattern, let isNegated): return like(subject, pattern, isNegated)
    case .choose(let subject, let branches, let otherwise): return choose(subject, branches, otherwise)
    case .call(let name, let nameSpan, let arguments): return call(name, nameSpan, arguments, syntax.span)
    }
  }

  private func name(_ name: String, _ span: Span) -> (any ExpressionNode)? {
    let canonical = ComposedText.string(name)
    if let type = names(canonical) {
      use(canonical)
      return NameNode(name: canonical, type: type)
    }
    var help = "names are those of fields and 'let' values"
    if let near = Suggestion.nearest(to: canonical, among: known) {
      help = "did you mean '\(near)'?"
    } else if FunctionCatalog.entry(name.lowercased()) != nil {
      help = "it is a function: write \(name)(…)"
    } else if !known.isEmpty {
      help += ": " + known.prefix(12).joined(separator: ", ") + (known.count > 12 ? " …" : "")
    }
    report(span, "unknown-name", "there is no value '\(canonical)'", help: help)
    return nil
  }

  /// Both sides, checked even if the first has a mistake.
  private func both(_ left: Syntax, _ right: Syntax) -> (Checked, Checked)? {
    let first = check(left)
    let second = check(right)
    guard let first, let second else { return nil }
    return (first, second)
  }

  /// All parts, checked even if one has a mistake.
  func all(_ parts: [Syntax]) -> [Checked]? {
    let checked = parts.map { check($0) }
    let sound = checked.compactMap { $0 }
    return sound.count == parts.count ? sound : nil
  }

  // MARK: Logic

  private func condition(_ syntax: Syntax, _ what: String) -> (any ExpressionNode)? {
    guard let checked = check(syntax) else { return nil }
    if checked.isNull { return ConstantNode.null(.boolean) }
    guard checked.type == .boolean else {
      report(
        syntax.span, "wrong-type", "\(what) wants a condition, and this is \(checked.type.withArticle)",
        help: "compare it with something, as x = …, or ask IS NOT NULL")
      return nil
    }
    return checked.node
  }

  private func junction(_ parts: [Syntax], _ what: String, decisive: Bool) -> (any ExpressionNode)? {
    let nodes = parts.map { condition($0, what) }
    let sound = nodes.compactMap { $0 }
    return sound.count == parts.count ? JunctionNode(parts: sound, decisive: decisive) : nil
  }

  func compare(_ comparison: ComparisonOperator, _ left: Checked, _ right: Checked) -> (any ExpressionNode)? {
    guard let domain = domain(left, right, comparison.rawValue) else { return nil }
    if left.type == .boolean, comparison != .equal, comparison != .unequal {
      report(
        left.span.joined(right.span), "wrong-type",
        "conditions have no order, so '\(comparison.rawValue)' cannot be asked",
        help: "use = or <>")
      return nil
    }
    let type = left.isNull ? right.type : left.type
    let first: any ExpressionNode = left.isNull ? ConstantNode.null(type) : left.node
    let second: any ExpressionNode = right.isNull ? ConstantNode.null(type) : right.node
    return ComparisonNode(comparison: comparison, domain: domain, left: first, right: second)
  }

  /// How two values are compared, or a finding if they cannot be.
  func domain(_ left: Checked, _ right: Checked, _ what: String) -> ComparisonDomain? {
    let first = left.isNull ? right.type : left.type
    let second = right.isNull ? left.type : right.type
    switch (first, second) {
    case (.integer, .integer), (.timestamp, .timestamp): return .integers
    case (.boolean, .boolean): return .truths
    case (.date, .date): return .dates
    case (.timestamp, .date): return .instantAndDate
    case (.date, .timestamp): return .dateAndInstant
    case _ where first.isNumeric && second.isNumeric:
      let scale = max(first.numberScale, second.numberScale)
      return .decimals(
        leftIsInteger: first == .integer, leftFactor: DecimalLimits.power(scale - first.numberScale),
        rightIsInteger: second == .integer, rightFactor: DecimalLimits.power(scale - second.numberScale))
    case _ where first.isTextual && second.isTextual: return .texts
    default:
      report(
        left.span.joined(right.span), "wrong-type",
        "'\(what)' cannot compare \(first.withArticle) with \(second.withArticle)",
        help: TypeAdvice.comparison(first, second))
      return nil
    }
  }

  private func between(_ subject: Syntax, _ low: Syntax, _ high: Syntax, _ isNegated: Bool) -> (
    any ExpressionNode
  )? {
    guard let parts = all([subject, low, high]),
      let above = compare(.greaterOrEqual, parts[0], parts[1]),
      let below = compare(.lessOrEqual, parts[0], parts[2])
    else { return nil }
    let inside = JunctionNode(parts: [above, below], decisive: false)
    return isNegated ? NotNode(inner: inside) : inside
  }

  private func membership(_ subject: Syntax, _ items: [Syntax], _ isNegated: Bool) -> (any ExpressionNode)? {
    guard let parts = all([subject] + items) else { return nil }
    let domains = parts.dropFirst().map { domain(parts[0], $0, "IN") }
    guard domains.allSatisfy({ $0 != nil }) else { return nil }
    if parts[0].type.isTextual, !parts[0].isNull {
      var texts: [String] = []
      for item in items { if case .text(let text) = item.form { texts.append(text) } }
      let nulls = parts.dropFirst().count(where: \.isNull)
      if texts.count + nulls == items.count {
        return TextMembershipNode(
          subject: parts[0].node, texts: texts, hasNull: nulls > 0, isNegated: isNegated)
      }
    }
    let candidates = zip(domains, parts.dropFirst()).compactMap { domain, part in
      domain.map { ($0, part.isNull ? ConstantNode.null(parts[0].type) : part.node) }
    }
    return MembershipNode(subject: parts[0].node, items: candidates, isNegated: isNegated)
  }

  private func like(_ subject: Syntax, _ pattern: Syntax, _ isNegated: Bool) -> (any ExpressionNode)? {
    guard let text = argument(subject, .text, "LIKE") else { return nil }
    guard case .text(let written) = pattern.form else {
      report(
        pattern.span, "wrong-type", "LIKE wants its pattern as a text literal",
        help: "write LIKE '…' with % for any text and _ for one character, or use starts_with, contains")
      return nil
    }
    let wildcard = LikePattern(written)
    let matches = RowNode.truths([text]) { cells, row, _ in wildcard.matches(cells[0].text(row)) }
    return isNegated ? NotNode(inner: matches) : matches
  }

  // MARK: Choice

  private func choose(_ subject: Syntax?, _ branches: [(Syntax, Syntax)], _ otherwise: Syntax?) -> (
    any ExpressionNode
  )? {
    let checkedSubject = subject.map { check($0) }
    var conditions: [(any ExpressionNode)?] = []
    for (when, _) in branches {
      guard let checkedSubject else {
        conditions.append(condition(when, "WHEN"))
        continue
      }
      guard let value = check(when), let subject = checkedSubject else {
        conditions.append(nil)
        continue
      }
      conditions.append(compare(.equal, subject, value))
    }
    let values = branches.map(\.1) + (otherwise.map { [$0] } ?? [])
    guard let checked = all(values), let (type, nodes) = unified(checked, "CASE"),
      conditions.allSatisfy({ $0 != nil })
    else { return nil }
    var parts = zip(conditions, nodes).map { ChoiceNode.Branch(condition: $0, value: $1) }
    if otherwise != nil, let last = nodes.last {
      parts.append(ChoiceNode.Branch(condition: nil, value: last))
    }
    return ChoiceNode(branches: parts, type: type)
  }

  /// The values as one type, or a finding at the first that does not fit the others.
  func unified(_ values: [Checked], _ what: String) -> (FieldType, [any ExpressionNode])? {
    var type: FieldType?
    for value in values where !value.isNull {
      guard let before = type else {
        type = value.type
        continue
      }
      guard let common = Coercion.common(before, value.type) else {
        report(
          value.span, "wrong-type",
          "\(what) gives \(before.withArticle) before, and here \(value.type.withArticle)",
          help: TypeAdvice.conversion(from: value.type, to: before))
        return nil
      }
      type = common
    }
    let result = type ?? .text
    let nodes = values.compactMap { Coercion.coerced($0.node, to: result) }
    return nodes.count == values.count ? (result, nodes) : nil
  }
}
