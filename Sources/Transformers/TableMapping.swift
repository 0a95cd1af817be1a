// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Expressions
import Records

/// The map of one table, compiled: its values in order, its filter, and the maps of its nested lists.
final class TableMapping {
  private let plan: MapPlan
  private let filter: (any ColumnExpression)?
  private let deletion: DeletionPlan?
  /// Values that rules look at in filtered records too, by index.
  private let filteredSteps: Set<Int>
  private let dropsBadRows: Bool
  private var facts: PayloadFacts
  private let lists: [String: CodeList]
  private let steps: [ValueStep]
  /// Values that the filter needs, and the others; each in the plan's order.
  private let early: [ValueStep]
  private let late: [ValueStep]
  private let children: [TableMapping]
  private var findings: Findings?

  convenience init(_ plan: TransformPlan, lists: [String: CodeList], facts: PayloadFacts) throws(StageFailure)
  {
    try self.init(
      plan.map, filter: plan.filter, deletion: plan.deletion, rules: plan.rules, lists: lists, facts: facts)
  }

  private init(
    _ plan: MapPlan, filter: (any ColumnExpression)?, deletion: DeletionPlan? = nil,
    rules: [RulePlan] = [], dropsBadRows: Bool = false, lists: [String: CodeList], facts: PayloadFacts
  ) throws(StageFailure) {
    self.plan = plan
    self.filter = filter
    self.deletion = deletion
    self.dropsBadRows = dropsBadRows
    self.facts = facts
    self.lists = lists
    let names = plan.origins(of: rules.flatMap(\.namesInFiltered))
    filteredSteps = Set(plan.values.indices.filter { names.contains(plan.values[$0].name) })
    let uses = ValueUses(plan)
    let conditions = [filter, deletion?.condition].compactMap(\.self)
    try uses.checkOrder(filter, deletion?.condition)
    steps = try Self.compile(plan, lists)
    let needed = conditions.reduce(into: Set<String>()) { $0.formUnion(uses.needed(by: $1)) }
    early = steps.filter { needed.contains($0.plan.name) }
    late = steps.filter { !needed.contains($0.plan.name) }
    var children: [TableMapping] = []
    for child in plan.children {
      children.append(
        try TableMapping(
          child.map, filter: child.filter, dropsBadRows: child.dropsBadChildren, lists: lists, facts: facts))
    }
    self.children = children
  }

  private static func compile(_ plan: MapPlan, _ lists: [String: CodeList]) throws(StageFailure)
    -> [ValueStep]
  {
    let uses = ValueUses(plan)
    var nextField = 0
    // A `let` stands behind all mapped fields.
    var nextLet = plan.values.count { $0.field != nil }
    var steps: [ValueStep] = []
    for (index, value) in plan.values.enumerated() {
      let field = value.field != nil ? nextField : nextLet
      if value.field != nil { nextField += 1 } else { nextLet += 1 }
      let slots = value.slots.map { ValueStep.Slot(index: $0, isShared: uses.count(ofSlot: $0) > 1) }
      steps.append(
        try ValueStep(
          value, step: index, field: field, personal: uses.personal(index), slots: slots, lists: lists))
    }
    return steps
  }

  /// Begins another batch.
  func restart(_ facts: PayloadFacts) {
    self.facts = facts
    for step in steps { step.restart() }
    for child in children { child.restart(facts) }
  }

  func transform(_ chunk: Chunk) {
    let frame = TableFrame(chunk.table, entity: plan.entity.name)
    if transform(frame, chunk) { inheritFates(frame) }
  }

  /// - Returns: whether rows of nested lists were dropped.
  private func transform(_ frame: TableFrame, _ chunk: Chunk) -> Bool {
    let table = frame.table
    frame.inheritFates()
    prepareFields(table)
    let findings =
      self.findings ?? Findings(table, deletionSteps: deletionSteps, filteredSteps: filteredSteps)
    self.findings = findings
    findings.start(table)

    let scope = TableScope(table, facts: facts, lists: lists)
    for step in early { step.run(table, scope: scope, findings) }
    if let filter {
      judge(filter, table, scope, findings) { isTrue in isTrue ? nil : .filtered }
    }
    if let deletion {
      judge(deletion.condition, table, scope, findings) { isTrue in isTrue ? .deletion : nil }
    }
    for step in late { step.run(table, scope: scope, findings) }

    var drops = false
    for finding in findings.list where findings.wants(finding.row, finding.step) {
      if emit(finding, frame, chunk) { drops = true }
    }
    for (index, child) in children.enumerated() {
      let nested = TableFrame(
        table.children[index], entity: child.plan.entity.name, dropsBadRows: child.dropsBadRows, parent: frame
      )
      if child.transform(nested, chunk) { drops = true }
    }
    return drops
  }

  private func prepareFields(_ table: Table) {
    let isReady = table.fields.count == steps.count && steps.allSatisfy { $0.owns(table.fields[$0.field]) }
    guard isReady else {
      table.fields = steps.sorted { $0.field < $1.field }.map { step in
        FieldColumn(
          name: step.plan.name, column: .make(for: step.plan.type), keepsAbsent: step.plan.keepsAbsent)
      }
      return
    }
    for field in table.fields { field.column.removeAll() }
  }

  /// Values that a deletion needs too, by index.
  private var deletionSteps: Set<Int> {
    Set(steps.indices.filter { deletion?.fields.contains(steps[$0].plan.name) == true })
  }

  /// Gives rows the fate that an expression says. A row whose values it could not be asked about stays, to be
  /// rejected: no record is lost because it is broken.
  ///
  /// - Parameter fate: of a row for which it is true, or not; nil leaves the row as it is.
  private func judge(
    _ condition: any ColumnExpression, _ table: Table, _ scope: TableScope, _ findings: Findings,
    fate: (Bool) -> RowFate?
  ) {
    let wording = ValueWording(isPersonal: early.contains { $0.personal != .none })
    let result = condition.evaluate(rows: table.rows, scope: scope) { row, message in
      findings.add(
        row: row, step: nil, rule: "expression", value: nil, message: wording.expression(message))
    }
    var broken: Set<Int> = []
    for finding in findings.list where finding.kind == .reject { broken.insert(finding.row) }
    for row in 0..<table.rows where table.fates[row] == .live && !broken.contains(row) {
      var isTrue = false
      if case .boolean(let truth) = result { isTrue = truth[row] == 1 }
      if let fate = fate(isTrue) { table.fates[row] = fate }
    }
  }

  /// - Returns: whether a row of a nested list was dropped.
  private func emit(_ finding: Findings.Finding, _ frame: TableFrame, _ chunk: Chunk) -> Bool {
    let (root, prefix) = frame.place(finding.row)
    let step = finding.step.map { steps[$0] }
    let dropped = finding.kind == .reject ? frame.droppable(finding.row) : nil
    dropped?.table.fates[dropped?.row ?? 0] = .rejected
    chunk.add(
      Failure(
        kind: dropped == nil ? finding.kind : .note, row: root, rule: finding.rule,
        field: step.map { prefix + $0.plan.name } ?? String(prefix.dropLast()), value: finding.value,
        message: finding.message, ruleAt: step.map { "\($0.plan.position)" },
        personal: step?.personal ?? .none))
    return dropped != nil
  }

  private func inheritFates(_ frame: TableFrame) {
    frame.inheritFates()
    for (index, child) in children.enumerated() {
      child.inheritFates(
        TableFrame(frame.table.children[index], entity: child.plan.entity.name, parent: frame))
    }
  }
}

extension RulePlan {
  /// The values that it looks at in filtered records too.
  fileprivate var namesInFiltered: [String] {
    guard case .sums(let sums) = check, sums.seesFiltered else { return [] }
    return sums.by + sums.total.names
  }
}
