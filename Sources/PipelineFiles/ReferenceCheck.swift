// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// Holds references against the entities they name.
struct ReferenceCheck {
  let entities: [String: EntitySchema]
  /// Entities whose files are at fault: what names them is not reported a second time.
  let unreadable: Set<String>
  let positions: [String: Located<String>]
  private(set) var diagnostics: [Diagnostic] = []

  init(_ entities: [String: EntitySchema], unreadable: Set<String>, _ positions: [String: Located<String>]) {
    self.entities = entities
    self.unreadable = unreadable
    self.positions = positions
  }

  mutating func check(_ field: EntityField, of schema: EntitySchema) {
    let path = "\(schema.name).\(field.name).references"
    guard let reference = field.references, let place = positions[path],
      !unreadable.contains(reference.entity)
    else { return }
    guard let entity = entities[reference.entity] else {
      diagnostics.append(
        SchemaDiagnostics.unknownEntity(
          "the reference", place, reference.entity, known: entities.keys.sorted()))
      return
    }
    guard let target = entity.field(reference.field) else {
      diagnostics.append(
        SchemaDiagnostics.unknownReference(place, reference, fields: entity.fields.map(\.name)))
      return
    }
    if target.type.comparable != field.type.comparable {
      diagnostics.append(SchemaDiagnostics.referenceType(place, field.type, target.type))
    }
    if field.referenceRules.isAcyclic, let place = positions["\(path).acyclic"],
      reference.entity != schema.name || schema.key != [reference.field] || schema.parent != nil
    {
      diagnostics.append(SchemaDiagnostics.acyclicElsewhere(place, reference, of: schema))
    }
    if let open = field.referenceRules.open { check(open, from: schema, to: entity, "\(path).open") }
  }

  private mutating func check(
    _ open: OpenRule, from schema: EntitySchema, to entity: EntitySchema, _ path: String
  ) {
    let far = ["from", "to"].compactMap { positions["\(path).\($0)"] }
    if entity.parent != nil, let place = far.first {
      diagnostics.append(SchemaDiagnostics.openOfChild(place, entity))
      return
    }
    for place in far { checkDate(place, in: entity) }
    for index in open.at.indices {
      if let place = positions["\(path).at.\(index)"] { checkDate(place, in: schema) }
    }
  }

  private mutating func checkDate(_ place: Located<String>, in entity: EntitySchema) {
    guard let field = entity.field(place.value) else {
      let reference = EntityReference(entity: entity.name, field: place.value)
      diagnostics.append(
        SchemaDiagnostics.unknownReference(place, reference, fields: entity.fields.map(\.name)))
      return
    }
    if field.type != .date {
      diagnostics.append(SchemaDiagnostics.openNotDate(place, of: entity, field.type))
    }
  }
}

extension FieldType {
  /// Types whose values can be equal: codes are texts.
  fileprivate var comparable: FieldType {
    if case .code = self { return .text }
    return self
  }
}
