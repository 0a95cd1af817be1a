// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

extension EntityFieldReader {
  /// Reads `references`: `entity.field`, or keys that say more of it.
  ///
  /// - Parameter path: where `positions` keeps the reference; what stands in it is kept below.
  static func readReference(
    _ keys: inout KeyReader, _ field: inout EntityField, _ path: String,
    _ positions: inout [String: Located<String>]
  ) {
    guard let written = keys.find("references") else { return }
    guard written.entries != nil else {
      read("references", &keys, &field, path, &positions)
      return
    }
    var long = KeyReader(written, area: "schema", subject: "'references' of field '\(field.name)'")
    defer { keys.diagnostics += long.diagnostics }
    if long.tree["to"]?.isNull ?? true {
      long.missing("to", help: "add 'to: entity.field', as to: budget_unit.unit_code")
    }
    read("to", &long, &field, path, &positions)
    field.referenceRules.whenMissing = outcome(&long) ?? .reject
    if let acyclic = long.find("acyclic") {
      positions["\(path).acyclic"] = Located("acyclic", at: acyclic.position, length: acyclic.length)
    }
    field.referenceRules.isAcyclic = long.boolean("acyclic") ?? false
    if let open = long.find("open") {
      field.referenceRules.open = self.open(
        open, of: field, &long.diagnostics, "\(path).open", &positions)
    }
    long.finish()
  }

  private static func read(
    _ key: String, _ keys: inout KeyReader, _ field: inout EntityField, _ path: String,
    _ positions: inout [String: Located<String>]
  ) {
    let found = keys.parsed(
      key, "entity.field", help: "write it as budget_unit.unit_code", { reference($0) })
    guard let found else { return }
    field.references = found.value
    positions[path] = found.map { "\($0.entity).\($0.field)" }
  }

  private static func reference(_ text: String) -> EntityReference? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ Identifier.isValid(String($0)) }) else { return nil }
    return EntityReference(entity: String(parts[0]), field: String(parts[1]))
  }

  private static func outcome(_ keys: inout KeyReader) -> ReferenceRules.Outcome? {
    keys.parsed("else", "reject or note", help: "write reject or note") {
      ReferenceRules.Outcome(rawValue: $0)
    }?.value
  }

  private static func open(
    _ tree: Tree, of field: EntityField, _ diagnostics: inout [Diagnostic], _ path: String,
    _ positions: inout [String: Located<String>]
  ) -> OpenRule? {
    var keys = KeyReader(tree, area: "schema", subject: "'open' of field '\(field.name)'")
    defer { diagnostics += keys.diagnostics }
    guard keys.diagnostics.isEmpty else { return nil }
    let from = keys.text("from")
    let to = keys.text("to")
    let at =
      if keys.tree["at"]?.items != nil { keys.texts("at") } else { keys.text("at").map { [$0] } }
    let otherwise = outcome(&keys)
    keys.finish()
    if keys.diagnostics.isEmpty, from == nil, to == nil {
      keys.missing(
        "from", help: "name the date fields of the entity referred to, as { from: opened_on, to: closed_on }")
    }
    if keys.diagnostics.isEmpty, at?.isEmpty ?? true {
      keys.missing("at", help: "name the date field of this entity that must lie within, as at: effective_on")
    }
    positions["\(path).from"] = from
    positions["\(path).to"] = to
    for (index, day) in (at ?? []).enumerated() { positions["\(path).at.\(index)"] = day }
    return OpenRule(
      from: from?.value, to: to?.value, at: (at ?? []).map(\.value),
      otherwise: otherwise ?? field.referenceRules.whenMissing)
  }
}
