// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Expressions
import Paths
import PipelineFiles
import Records

/// Plans one table: one entry of `transform`, or one of its `children`.
final class TablePlanner {
  /// What became of a table whose parts are all sound.
  struct Result {
    var kind: RecordKind
    var map: MapPlan
    var filter: (any ColumnExpression)?
    /// `delete`
    var deletion: (any ColumnExpression)?
    var rules: [RulePlan]
    /// `version` of the transform
    var version: String?
  }

  let spec: TransformSpec
  let entity: EntitySchema?
  /// The table that this one is nested in.
  let parent: TablePlanner?
  let folder: FolderContents
  let paths: PathReader
  /// Formats of the transform; those of the record around it where a child says nothing: they are the source's.
  let formats: FormatsSpec
  /// Steps from the document to the records.
  private(set) var depth = 0
  var slots = SlotTable()
  var diagnostics: [Diagnostic] = []
  /// Types of mapped fields and `let` values, as far as they are known.
  var types: [String: FieldType] = [:]
  /// Names whose type cannot be known because their entry is at fault: expressions that use them are passed
  /// over.
  var unsoundNames: Set<String> = []
  /// `let` expressions, each compiled once when its type is first asked for.
  var compiledLets: [String: any ColumnExpression] = [:]
  var letsBeingCompiled: [String] = []
  /// Date patterns that were judged: those of the transform stand behind every entry.
  var checkedPatterns: Set<FilePosition> = []
  /// Values that expressions use without a name of their own: `cell(1,2)` → slot.
  var cells: [String: (slot: Int, position: FilePosition)] = [:]

  init(
    _ spec: TransformSpec, parent: TablePlanner?, folder: FolderContents, paths: PathReader
  ) {
    self.spec = spec
    self.parent = parent
    self.folder = folder
    self.paths = paths
    formats = parent.map { spec.formats.falling(backTo: $0.formats) } ?? spec.formats
    let named = spec.to.flatMap { folder.entities[$0.value] }
    let misplacement = spec.to.flatMap { to in
      named.flatMap { Self.misplacement(to, $0, parent: parent) }
    }
    // Fields of an entity that does not belong here would only add to the noise.
    entity = misplacement == nil ? named : nil
    if let misplacement { diagnostics.append(misplacement) }
  }

  private static func misplacement(
    _ to: Located<String>, _ entity: EntitySchema, parent: TablePlanner?
  ) -> Diagnostic? {
    guard let parent else { return entity.parent.map { .childAsRoot(to, parent: $0) } }
    guard let parentEntity = parent.entity, entity.parent != parentEntity.name else { return nil }
    return .notAChild(to, of: parentEntity.name, parent: entity.parent)
  }

  /// Plans the table.
  ///
  /// - Parameters:
  ///   - records: the path of its records, or nil where that is at fault.
  ///   - rules: the rules that are judged over this table's values.
  /// - Returns: nil when anything was at fault; `diagnostics` says what.
  func plan(records: RecordPath?, rules: [RuleSpec]) -> Result? {
    // Where the record path is at fault, no '..' is held against it.
    depth = records.map { (parent?.depth ?? 0) + $0.steps.count } ?? .max / 2
    checkEntity()
    declareTypes()
    let values = valuePlans()
    let filter = spec.filter.map { compile($0, as: .boolean) }
    let deletion = spec.delete.map { compile($0, as: .boolean) }
    let plannedRules = rules.compactMap { rulePlan($0) }
    let children = spec.children.map { child in childPlan(child) }
    guard !diagnostics.contains(where: { $0.severity == .error }), let entity, let records else { return nil }
    let nested = children.compactMap(\.self)
    let map = MapPlan(entity: entity, values: values, children: nested.map(\.plan))
    let kind = RecordKind(records: records, slots: slots.slots, children: nested.map(\.kind))
    return Result(
      kind: kind, map: map, filter: filter ?? nil, deletion: deletion ?? nil, rules: plannedRules)
  }

  private func childPlan(_ child: TransformSpec) -> (kind: RecordKind, plan: ChildPlan)? {
    let planner = TablePlanner(child, parent: self, folder: folder, paths: paths)
    let records = child.records.first.flatMap { paths.readRecords($0, isChild: true, &diagnostics) }
    let result = planner.plan(records: records, rules: [])
    diagnostics += planner.diagnostics
    return result.map { result in
      (
        result.kind,
        ChildPlan(map: result.map, filter: result.filter, dropsBadChildren: child.dropsBadChildren)
      )
    }
  }

  private func checkEntity() {
    guard let to = spec.to else { return }
    guard let entity else {
      if folder.entities[to.value] == nil, !folder.unreadableEntities.contains(to.value) {
        diagnostics.append(.unknownEntity(to, known: folder.entities.keys.sorted()))
      }
      return
    }
    let mapped = Set(spec.map.map(\.name.value))
    for field in entity.fields where !mapped.contains(field.name) {
      if entity.key.contains(field.name) {
        diagnostics.append(.keyNotMapped(field.name, entity: entity.name, at: spec.mapPosition))
      } else if field.isRequired, spec.version == nil {
        // Records with a version of their own write a part of a row, and the rest is required of others.
        diagnostics.append(.requiredNotMapped(field.name, entity: entity.name, at: spec.mapPosition))
      }
    }
    for field in entity.fields where mapped.contains(field.name) {
      guard let open = field.referenceRules.open, let target = field.references?.entity else { continue }
      let unknown = open.at.filter { !mapped.contains($0) }
      if !unknown.isEmpty {
        diagnostics.append(.openNotJudged(field.name, target, by: unknown, at: spec.mapPosition))
      }
    }
  }

  /// The types that are known without compiling anything.
  private func declareTypes() {
    for entry in spec.map {
      guard let entity else {
        unsoundNames.insert(entry.name.value)
        continue
      }
      if let field = entity.field(entry.name.value) {
        types[field.name] = field.type
      } else {
        unsoundNames.insert(entry.name.value)
        diagnostics.append(.unknownField(entry.name, of: entity, parentKey: parent?.entity?.key ?? []))
      }
    }
    for entry in spec.lets {
      if let type = entry.type {
        types[entry.name.value] = type.value
      } else if let list = entry.lookup {
        types[entry.name.value] = .code(list: list.value)
      } else if entry.take?.value == .count {
        types[entry.name.value] = .integer
      } else if entry.expr == nil {
        types[entry.name.value] = .text
      }
    }
  }

  /// The type of a name in an expression; nil when there is no such value or it is at fault.
  func type(of name: String) -> FieldType? {
    if let known = types[name] { return known }
    guard let entry = spec.lets.first(where: { $0.name.value == name }), let expr = entry.expr,
      !unsoundNames.contains(name)
    else { return nil }
    if let start = letsBeingCompiled.firstIndex(of: name) {
      let circle = letsBeingCompiled[start...].compactMap { name in
        spec.lets.first { $0.name.value == name }?.name
      }
      diagnostics.append(.circle(circle))
      unsoundNames.formUnion(circle.map(\.value))
      return nil
    }
    letsBeingCompiled.append(name)
    defer { letsBeingCompiled.removeLast() }
    guard let compiled = compile(expr, as: nil) else {
      unsoundNames.insert(name)
      return nil
    }
    compiledLets[name] = compiled
    types[name] = compiled.type
    return compiled.type
  }

  /// Names that an expression of this table may use.
  var knownNames: [String] { spec.map.map(\.name.value) + spec.lets.map(\.name.value) }
}
