// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Expressions
import Records

/// One value of the plan, compiled: fills the column of its name from captures, a constant or an expression.
final class ValueStep {
  struct Slot {
    var index: Int
    /// Other values read the slot too, so its column must not be changed.
    var isShared: Bool
  }

  let plan: ValuePlan
  /// Place among the plan's values, for findings.
  let step: Int
  /// Place among the table's fields.
  let field: Int
  let personal: PersonalClass
  let wording: ValueWording
  let slots: [Slot]
  let cleaning: TextCleaning
  let reader: ValueReader
  let lookup: CodeLookup?
  /// `lost_zeros` where there is no list.
  let restoredDigits: RestoredDigits?
  /// `value` and `default`, cleaned: one row each.
  let constant: TextColumn?
  let standard: TextColumn?
  var carried: CarriedText?
  var carriedResult = CarriedResult()
  /// Memory for texts that are no field of their own: one column per slot, and one for the chosen texts.
  private var copies: [TextColumn] = []
  private let chosen = TextColumn()

  /// - Throws: what planning should have found: a pattern, an encoding or a list that is none.
  init(
    _ plan: ValuePlan, step: Int, field: Int, personal: PersonalClass, slots: [Slot],
    lists: [String: CodeList]
  ) throws(StageFailure) {
    self.plan = plan
    self.step = step
    self.field = field
    self.personal = personal
    self.slots = slots
    let wording = ValueWording(isPersonal: personal != .none)
    self.wording = wording
    reader = try ValueReader(plan, step: step, wording: wording)
    let cleaning = TextCleaning(plan, encoding: try plan.legacyEncoding())
    self.cleaning = cleaning
    lookup = try plan.codeList(in: lists).map {
      CodeLookup($0, plan, wording: wording)
    }
    restoredDigits = lookup == nil ? try plan.restoredDigits(wording) : nil
    if case .constant(let text) = plan.source {
      constant = Self.cell(text, cleaning)
    } else {
      constant = nil
    }
    standard = plan.defaultText.map { Self.cell($0, cleaning) }
    carried = plan.isCarried ? CarriedText() : nil
    copies = slots.map { _ in TextColumn() }
  }

  private static func cell(_ text: String, _ cleaning: TextCleaning) -> TextColumn {
    let column = TextColumn(rows: 1, bytes: text.utf8.count)
    column.append(text)
    _ = cleaning.clean(column)
    return column
  }

  /// Forgets what was carried from record to record.
  func restart() {
    if carried != nil { carried = CarriedText() }
    carriedResult = CarriedResult()
  }

  /// Whether a column of a used chunk is this value's.
  func owns(_ column: FieldColumn) -> Bool {
    guard column.name == plan.name, column.keepsAbsent == plan.keepsAbsent else { return false }
    switch (column.column, plan.type) {
    case (.text, .text), (.text, .code), (.text, .partialDate), (.integer, .integer), (.boolean, .boolean),
      (.date, .date), (.timestamp, .timestamp):
      return true
    case (.decimal(_, let scale), .decimal(_, let wanted)): return scale == wanted
    default: return false
    }
  }

  /// Fills the field's column with one cell per row.
  func run(_ table: Table, scope: TableScope, _ findings: Findings) {
    if case .expression(let expression) = plan.source {
      runExpression(expression, table, scope, findings)
    } else {
      let (texts, isOdd) = gather(table)
      if carried != nil || standard != nil { fillEmpty(texts, table) }
      // What is filled in may be `many` or a structure too: from an earlier chunk, or split.
      if isOdd || carried != nil || standard != nil || constant != nil { settle(texts, findings) }
      finish(texts, table, scope, findings)
    }
  }

  /// Looks texts up and reads them as what the value is. The texts are the field's own column where it is one
  /// of text.
  ///
  /// - Parameter isCanonical: the texts are not a source's: one that is to be text stays as it is.
  func finish(
    _ texts: TextColumn, isCanonical: Bool = false, _ table: Table, _ scope: TableScope, _ findings: Findings
  ) {
    restoredDigits?.restore(texts, step: step, findings)
    lookup?.resolve(
      texts, days: plan.asOf.map(scope.column), targets: plan.validOn.map(scope.column),
      zoneMinutes: plan.zoneMinutes, step: step, findings)
    let column = table.fields[field].column
    if case .text = column, isCanonical { return }
    reader.read(texts, into: column, findings)
  }

  /// Brings the value's texts together in one column, cleaned.
  private func gather(_ table: Table) -> (TextColumn, isOdd: Bool) {
    if let constant {
      let texts = ownTexts(table)
      texts.repeatCell(of: constant, rows: table.rows)
      return (texts, false)
    }
    guard slots.count != 1 else {
      let texts = take(slots[0], table, asField: true, copies[0])
      return (texts, cleaning.clean(texts))
    }
    let candidates = zip(slots, copies).map { take($0, table, asField: false, $1) }
    var isOdd = false
    for candidate in candidates where cleaning.clean(candidate) { isOdd = true }
    let texts = ownTexts(table)
    texts.chooseFirst(of: candidates, rows: table.rows)
    return (texts, isOdd)
  }

  /// The column that texts of this value are written to: the field's own, or memory for those of another
  /// type.
  func ownTexts(_ table: Table) -> TextColumn {
    if case .text(let column) = table.fields[field].column { return column }
    chosen.removeAll()
    return chosen
  }

  /// A slot's column as one that may be changed: itself where no other value needs it, exchanged with the
  /// field's column where it becomes the field, so that no text is copied.
  private func take(_ slot: Slot, _ table: Table, asField: Bool, _ copy: TextColumn) -> TextColumn {
    let captured = table.captures[slot.index]
    precondition(captured.count == table.rows, "a decoder closes one cell per row and slot")
    guard asField, case .text(let own) = table.fields[field].column else {
      if !slot.isShared { return captured }
      copy.copy(captured)
      return copy
    }
    if slot.isShared {
      own.copy(captured)
      return own
    }
    table.captures[slot.index] = own
    table.fields[field].column = .text(captured)
    return captured
  }

  private func fillEmpty(_ texts: TextColumn, _ table: Table) {
    carried?.fill(texts, parents: table.parents)
    if let standard { texts.fillEmpty(with: standard) }
  }

  /// Rejects what is several values or none of one piece; the cells become null.
  private func settle(_ texts: TextColumn, _ findings: Findings) {
    for row in 0..<texts.count {
      let state = texts.state(row)
      guard state == .many || state == .structure else { continue }
      if state == .many {
        let value = texts.excerpt(row)
        findings.add(row: row, step: step, rule: "take.only", value: value, message: wording.many(value))
      } else {
        findings.add(
          row: row, step: step, rule: "type.structure", value: nil, message: wording.structure())
      }
      texts.storage.pointee.states[row] = .null
    }
  }
}

extension ValuePlan {
  fileprivate func legacyEncoding() throws(StageFailure) -> LegacyEncoding? {
    guard let encoding else { return nil }
    if let found = LegacyEncoding(rawValue: encoding.lowercased()) { return found }
    throw StageFailure(
      id: "transform.encoding", "'\(encoding)' is no encoding of a field's text", at: "\(position)",
      help: "write one of \(LegacyEncoding.allCases.map(\.rawValue).joined(separator: ", "))", exit: .files)
  }

  fileprivate func restoredDigits(_ wording: ValueWording) throws(StageFailure) -> RestoredDigits? {
    do { return try RestoredDigits(self, wording: wording) } catch {
      throw StageFailure(
        id: "transform.pattern", "the pattern of '\(name)' cannot be read: \(error.message)",
        at: "\(position)",
        help: "mend it in the shared schema", exit: .files)
    }
  }

  /// The list that texts are looked up in: the one declared, or that of the code type.
  fileprivate func codeList(in lists: [String: CodeList]) throws(StageFailure) -> CodeList? {
    let ofType: String? = if case .code(let list) = type { list } else { nil }
    guard let name = lookup ?? ofType else { return nil }
    if let list = lists[name] { return list }
    throw StageFailure(
      id: "transform.code-list", "there is no code list '\(name)'", at: "\(position)",
      help: "add codelists/\(name).csv beside the pipelines, or name another list", exit: .files)
  }
}
