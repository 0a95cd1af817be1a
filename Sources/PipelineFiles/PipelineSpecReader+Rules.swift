// SPDX-License-Identifier: Apache-2.0

import Diagnostics

extension PipelineSpecReader {
  enum RuleOrLimit {
    case rule(RuleSpec)
    case limit(RejectLimitSpec)
  }

  /// Reads one item of `validate`.
  mutating func rule(_ tree: Tree) -> RuleOrLimit? {
    if tree.entries == nil {
      return text(tree, "a rule").map { expression in
        .rule(RuleSpec(check: .expression(expression), otherwise: "reject", position: expression.position))
      }
    }
    guard let keys = section(.rule, tree) else { return nil }
    let kinds = ["check", "unique", "sums", "rejects"].filter { keys[$0] != nil }
    guard let kind = kinds.first else {
      report(.ruleWithoutCheck(tree))
      return nil
    }
    for second in kinds.dropFirst() {
      report(.conflict(second, with: kind, at: keys.keyPosition(second) ?? tree.position, in: .rule))
    }
    if let given = keys["rejects"] {
      for key in ["else", "message", "basis"] {
        if let place = keys.keyPosition(key) { report(.misfit(key, needs: "check", at: place)) }
      }
      return rejectLimit(given).map { .limit($0) }
    }
    let otherwise = choice(keys["else"], "else", of: .rule)?.value ?? "reject"
    let message = text(keys["message"], "message")?.value
    let basis = text(keys["basis"], "basis")?.value
    let check: RuleSpec.Check
    if let given = keys["unique"] {
      let fields = texts(given, "unique")
      if fields.isEmpty { return nil }
      check = .unique(fields)
    } else if let given = keys["sums"] {
      guard let sums = sums(given) else { return nil }
      check = .sums(sums)
    } else {
      guard let expression = text(keys["check"], "check") else { return nil }
      check = .expression(expression)
    }
    return .rule(
      RuleSpec(check: check, otherwise: otherwise, message: message, basis: basis, position: tree.position))
  }

  private mutating func sums(_ tree: Tree) -> SumsSpec? {
    guard let keys = section(.sums, tree) else { return nil }
    let by = keys.evenNull("by").map { given in
      // Without names the batch would be one group, which nobody means who writes the key.
      if given.isNull || given.items?.isEmpty == true { report(.emptyList("by", at: given)) }
      return given.isNull ? [] : texts(given, "by")
    }
    let parts = keys["parts"].flatMap { term($0, "parts") }
    let total = keys["total"].flatMap { term($0, "total") }
    let required = boolean(keys["required"], "required")
    guard let parts, let total else { return nil }
    return SumsSpec(by: by ?? [], parts: parts, total: total, isTotalRequired: required?.value ?? false)
  }

  private mutating func term(_ tree: Tree, _ name: String) -> SumsSpec.Term? {
    guard tree.entries != nil else { return text(tree, name).map { SumsSpec.Term(value: $0) } }
    guard let keys = section(.term, tree) else { return nil }
    let condition = text(keys["where"], "where")
    return text(keys["value"], "value").map { SumsSpec.Term(value: $0, condition: condition) }
  }

  private mutating func rejectLimit(_ tree: Tree) -> RejectLimitSpec? {
    guard let keys = section(.rejects, tree) else { return nil }
    let ofAtLeast = integer(keys["of_at_least"], "of_at_least", minimum: 0)?.value ?? 1
    guard let given = text(keys["at_most"], "at_most") else { return nil }
    guard let bound = bound(given.value) else {
      report(.badRejectLimit(given))
      return nil
    }
    return RejectLimitSpec(atMost: bound, ofAtLeast: ofAtLeast, position: tree.position)
  }

  /// `20`, `1%`, `0.25%`: a share in parts per million, exactly.
  private func bound(_ text: String) -> RejectLimitSpec.Bound? {
    guard text.hasSuffix("%") else {
      return Int(text).flatMap { $0 >= 0 ? .count($0) : nil }
    }
    let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let first = parts.first, !first.isEmpty,
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
      first.count <= 3, let whole = Int(first)
    else { return nil }
    let digits = parts.count == 2 ? String(parts[1]) : ""
    guard digits.count <= 4, let fraction = Int(digits + String(repeating: "0", count: 4 - digits.count))
    else { return nil }
    let share = whole * 10_000 + fraction
    return share <= 1_000_000 ? .share(partsPerMillion: share) : nil
  }
}
