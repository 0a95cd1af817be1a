// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Expressions
import Records

/// Judges the expressions of a pipeline's `validate` section.
public struct RuleValidator: Validator {
  public static let description = ComponentDescription(
    "rules", "Rejects, notes or stops at records for which a rule of the pipeline is not true.",
    example: """
      validate:
        - wear_vnd <= cost_vnd
        - { check: "in_use_from <= updated_at", else: note, message: Used before it was bought }
      """,
    [])

  public init(_ settings: Settings) throws(Diagnostic) {}

  public func session(_ plan: TransformPlan, lists: [String: CodeList], facts: PayloadFacts)
    throws(StageFailure) -> any ValidationSession
  {
    RuleSession(plan, lists: lists, facts: facts)
  }
}

private final class RuleSession: ValidationSession {
  private struct Rule {
    var outcome: RuleOutcome
    let expression: any ColumnExpression
    let message: String
    /// The first name that the expression uses, and its class.
    let field: String
    let personal: PersonalClass
    /// Whether anything it uses relates to a person, so that no value may be quoted.
    let isPersonal: Bool
  }

  private var rules: [Rule]
  private let lists: [String: CodeList]
  private var facts: PayloadFacts

  init(_ plan: TransformPlan, lists: [String: CodeList], facts: PayloadFacts) {
    let classes = ValueClasses(plan.map)
    rules = plan.rules.compactMap { rule in
      guard case .expression(let expression) = rule.check else { return nil }
      let field = expression.names.first ?? ""
      return Rule(
        outcome: RuleOutcome(rule), expression: expression,
        message: rule.message ?? "is not true: \(rule.text)", field: field, personal: classes.personal(field),
        isPersonal: classes.personal(expression.names) != .none)
    }
    self.lists = lists
    self.facts = facts
  }

  var stop: StageFailure? { rules.lazy.compactMap(\.outcome.stop).first }

  func restart(_ facts: PayloadFacts) {
    self.facts = facts
    for index in rules.indices { rules[index].outcome.restart() }
  }

  func validate(_ chunk: Chunk) {
    guard chunk.rows > 0 else { return }
    let scope = TableScope(chunk.table, facts: facts, lists: lists)
    for index in rules.indices { judge(&rules[index], chunk, scope) }
  }

  private func judge(_ rule: inout Rule, _ chunk: Chunk, _ scope: TableScope) {
    let table = chunk.table
    let ruleAt = "\(rule.outcome.plan.position)"
    let (field, personal, isPersonal) = (rule.field, rule.personal, rule.isPersonal)
    let result = rule.expression.evaluate(rows: table.rows, scope: scope) { row, message in
      guard table.isJudged(row) else { return }
      chunk.add(
        Failure(
          row: row, rule: "expression", field: field, value: table.field(field)?.excerpt(row),
          message: isPersonal ? "the rule cannot be computed for this record" : message, ruleAt: ruleAt,
          personal: personal))
    }
    guard case .boolean(let truth) = result else { return }
    let cells = truth.storage.pointee.values.base
    let states = truth.storage.pointee.states.base
    for row in 0..<truth.count where cells[row] == 0 && states[row] == .value && table.isJudged(row) {
      rule.outcome.broken(
        row, chunk, rule: "check", field: field, value: table.field(field)?.excerpt(row),
        message: rule.message, personal: personal)
    }
  }
}
