// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// The entities of all schema files, held against each other.
public struct SharedSchema: Sendable {
  public private(set) var entities: [String: EntitySchema] = [:]
  /// Entities whose files are there but at fault: what names them is not reported a second time.
  public private(set) var unreadable: Set<String> = []
  /// See ``EntitySchemaReader/positions``.
  public private(set) var positions: [String: Located<String>] = [:]
  public private(set) var diagnostics: [Diagnostic] = []

  /// - Parameters:
  ///   - trees: the files by name without `.yaml`; nil for one that is no YAML.
  ///   - lists: names of the code lists there are, readable or not.
  public init(_ trees: [String: Tree?], lists: Set<String>) {
    for (name, tree) in trees.sorted(by: { $0.key < $1.key }) {
      guard let tree else {
        unreadable.insert(name)
        continue
      }
      let reader = EntitySchemaReader(tree, name: name)
      diagnostics += reader.diagnostics
      positions.merge(reader.positions) { first, _ in first }
      if let schema = reader.schema { entities[name] = schema } else { unreadable.insert(name) }
    }
    for schema in entities.values.sorted(by: { $0.name < $1.name }) { check(schema, lists) }
  }

  private mutating func check(_ schema: EntitySchema, _ lists: Set<String>) {
    checkParent(schema)
    var references = ReferenceCheck(entities, unreadable: unreadable, positions)
    for field in schema.fields {
      let path = "\(schema.name).\(field.name)"
      if case .code(let list) = field.type, !lists.contains(list), let place = positions["\(path).list"] {
        diagnostics.append(SchemaDiagnostics.unknownList(place, known: lists.sorted()))
      }
      references.check(field, of: schema)
    }
    diagnostics += references.diagnostics
  }

  private mutating func checkParent(_ schema: EntitySchema) {
    guard let name = schema.parent, let place = positions["\(schema.name).parent"] else { return }
    if schema.key.isEmpty {
      diagnostics.append(SchemaDiagnostics.childWithoutKey(schema.name, at: positions[schema.name] ?? place))
    }
    if unreadable.contains(name) { return }
    guard let parent = entities[name] else {
      diagnostics.append(
        SchemaDiagnostics.unknownEntity("the parent", place, name, known: entities.keys.sorted()))
      return
    }
    if parent.key.isEmpty { diagnostics.append(SchemaDiagnostics.parentWithoutKey(place)) }
    var chain = [schema.name]
    var next = entities[name]
    while let ancestor = next {
      chain.append(ancestor.name)
      if ancestor.name == schema.name {
        diagnostics.append(SchemaDiagnostics.parentCycle(chain, at: place))
        return
      }
      // A cycle further up is reported at the entities it goes through.
      if chain.dropLast().contains(ancestor.name) { return }
      for key in ancestor.key where schema.field(key) != nil {
        let field = positions["\(schema.name).\(key)"] ?? place
        diagnostics.append(SchemaDiagnostics.clashWithParent(key, ancestor.name, at: field))
      }
      next = ancestor.parent.flatMap { entities[$0] }
    }
  }
}
