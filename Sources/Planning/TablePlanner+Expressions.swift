// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Expressions
import PipelineFiles
import Records

extension TablePlanner {
  /// Compiles an expression over this table's values.
  ///
  /// - Parameter type: what the result must be, or nil for any.
  /// - Returns: nil when it is at fault, or uses a value that is.
  func compile(_ text: Located<String>, as type: FieldType?) -> (any ColumnExpression)? {
    do throws(ExpressionError) {
      let compiled = try Expression.compile(
        text.value, expecting: type, names: { name in self.type(of: name) ?? (isCell(name) ? .text : nil) })
      for name in compiled.names where types[name] == nil { addCell(name, in: text) }
      return compiled
    } catch {
      let place = text.position(at: error.offset)
      guard error.id == "expression.unknown-name" else {
        diagnostics.append(
          Diagnostic(id: error.id, error.message, at: place, length: error.length, help: error.help))
        return nil
      }
      let written = text.value.dropFirst(error.offset).prefix(error.length)
      let name = String(written.filter { $0 != "\"" })
      // An entry that is at fault itself was reported where it stands.
      if !unsoundNames.contains(name) {
        diagnostics.append(unknownName(Located(name, at: place, length: error.length)))
      }
      return nil
    }
  }

  /// Compiles the expression of an entry, whose result becomes a value of the given type.
  func compile(_ text: Located<String>, for name: String, _ type: FieldType?) -> (any ColumnExpression)? {
    guard let compiled = compile(text, as: nil) else { return nil }
    if let type, !type.canBeMade(from: compiled.type) {
      diagnostics.append(.expressionOfOtherType(text, result: compiled.type, name: name, type: type))
      return nil
    }
    return compiled
  }

  func rulePlan(_ rule: RuleSpec) -> RulePlan? {
    let check: RulePlan.Check
    let text: String
    switch rule.check {
    case .expression(let expression):
      guard let compiled = compile(expression, as: .boolean) else { return nil }
      check = .expression(compiled)
      text = expression.value
    case .unique(let names):
      guard areKnown(names) else { return nil }
      check = .unique(names.map(\.value))
      text = "unique: " + names.map(\.value).joined(separator: ", ")
    case .sums(let sums):
      guard let planned = sumsPlan(sums) else { return nil }
      check = .sums(planned)
      text = "sums: \(sums.parts.value.value) = \(sums.total.value.value)"
    }
    return RulePlan(
      check: check, otherwise: RulePlan.Otherwise(rawValue: rule.otherwise) ?? .reject, text: text,
      message: rule.message, basis: rule.basis, at: rule.position)
  }

  /// Whether all names are values of this table; says which are not.
  func areKnown(_ names: [Located<String>]) -> Bool {
    let unknown = names.filter { type(of: $0.value) == nil }
    for name in unknown where !unsoundNames.contains(name.value) { diagnostics.append(unknownName(name)) }
    return unknown.isEmpty
  }

  /// A value of the payload that an expression uses as `cell(row,column)`: captured like a path, once.
  private func addCell(_ name: String, in text: Located<String>) {
    guard cells[name] == nil, let (row, column) = cellNumbers(name) else { return }
    if let decoder = paths.decoder, !decoder.hasCells {
      diagnostics.append(.cellsWithoutGrid(text, format: decoder.description.name))
    }
    let slot = slots.index(of: CaptureSlot(.cell(row: row, column: column)))
    cells[name] = (slot, text.position)
  }

  private func isCell(_ name: String) -> Bool { cellNumbers(name) != nil }

  private func cellNumbers(_ name: String) -> (row: Int, column: Int)? {
    guard name.hasPrefix("cell("), name.hasSuffix(")") else { return nil }
    let numbers = name.dropFirst(5).dropLast().split(separator: ",").map { Int($0) }
    guard numbers.count == 2, let row = numbers[0], let column = numbers[1] else { return nil }
    return (row, column)
  }
}
