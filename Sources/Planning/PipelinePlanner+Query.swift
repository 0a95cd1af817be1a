// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineFiles
import Records

extension PipelinePlanner {
  /// Looks at a query of the center: what it reads, and that nothing personal goes from it into a field that is not.
  mutating func facts(of query: ExtractorNeeds.Name, _ loader: (any Loader)?) -> CenterQueryFacts? {
    guard let loader else { return nil }
    let facts: CenterQueryFacts
    do throws(CenterQueryFault) {
      facts = try loader.examine(query: query.text, entities: folder.entities)
    } catch {
      diagnostics.append(
        Diagnostic(
          id: "extract.bad-query", error.message, at: query.position, length: query.length, help: error.help))
      return nil
    }
    for transform in spec.transforms {
      guard let entity = transform.to.flatMap({ folder.entities[$0.value] }) else { continue }
      for entry in transform.map {
        guard let field = entity.field(entry.name.value) else { continue }
        for path in entry.from { checkClass(of: path, into: field, of: entity, facts) }
      }
    }
    return facts
  }

  private mutating func checkClass(
    of path: Located<String>, into field: EntityField, of entity: EntitySchema, _ facts: CenterQueryFacts
  ) {
    guard let origin = facts.columns.first(where: { $0.name == path.value })?.origin,
      let read = standing(origin), read.personal.rank > field.personal.rank
    else { return }
    diagnostics.append(
      Diagnostic(
        id: "extract.personal-into-less",
        "'\(path.value)' is '\(origin.entity).\(origin.field)', personal: \(read.personal.rawValue), and "
          + "'\(entity.name).\(field.name)' is \(field.personal.rawValue)", at: path.position,
        length: path.length,
        help:
          "add 'personal: \(read.personal.rawValue)' to the field in schema/\(entity.name).yaml, or leave "
          + "the column out"))
  }

  /// The field that a column of an entity's table holds: its own, or one of its parents' keys.
  private func standing(_ reference: EntityReference) -> EntityField? {
    var next = folder.entities[reference.entity]
    var seen: Set<String> = []
    while let entity = next, seen.insert(entity.name).inserted {
      if let field = entity.field(reference.field) { return field }
      next = entity.parent.flatMap { folder.entities[$0] }
    }
    return nil
  }
}

extension PersonalClass {
  fileprivate var rank: Int {
    switch self {
    case .none: 0
    case .basic: 1
    case .sensitive: 2
    }
  }
}

extension Plan {
  /// Entities whose rows the pipeline brings, nested lists included.
  var feeds: Set<String> {
    func names(_ kind: LoadKind) -> [String] { [kind.entity.name] + kind.children.flatMap(names) }
    return Set(load.kinds.flatMap(names))
  }

  /// Entities that its mapped fields refer to.
  var refersTo: Set<String> {
    func names(_ kind: LoadKind) -> [String] {
      kind.entity.fields.filter { kind.mapped.contains($0.name) }.compactMap { $0.references?.entity }
        + kind.children.flatMap(names)
    }
    return Set(load.kinds.flatMap(names))
  }

  /// Puts a pipeline that reads entities of the center, or refers to them, behind those that feed them; else in the
  /// order given. Where they wait for each other, the first of them goes first.
  static func inOrder(_ plans: [Plan]) -> [Plan] {
    let feeds = plans.map(\.feeds)
    let wants = plans.map { $0.reads.union($0.refersTo) }
    var rest = Array(plans.indices)
    var ordered: [Plan] = []
    while !rest.isEmpty {
      let next =
        rest.first { one in !rest.contains { $0 != one && !wants[one].isDisjoint(with: feeds[$0]) } }
        ?? rest[0]
      rest.removeAll { $0 == next }
      ordered.append(plans[next])
    }
    return ordered
  }
}
