// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineFiles
import Records

extension PipelinePlanner {
  /// How the rows of the planned kinds meet the rows that stand.
  ///
  /// - Parameter splitsAnswers: of the extractor.
  mutating func loadPlan(_ kinds: [TablePlanner.Result], splitsAnswers: Bool) -> LoadPlan? {
    guard let spec = spec.load else { return nil }
    // The entities as the file names them, so that mode and version are judged even where a map is at fault.
    let entities = self.spec.transforms.compactMap { entity(of: $0) }
    let mode = mode(spec, entities)
    if let version = spec.version {
      if mode == .replaceSlice {
        diagnostics.append(.versionOfSlices(version))
      } else {
        checkVersion(version, in: self.spec.transforms.filter { $0.version == nil })
      }
    }
    checkSlice(spec, mode)
    checkOwnVersions(mode, spec)
    if let mode, mode != .merge, let delete = self.spec.transforms.lazy.compactMap(\.delete).first {
      diagnostics.append(.deleteNeedsMerge(delete, mode: mode.rawValue))
    }
    guard let mode, let name = self.spec.name?.value else { return nil }
    return LoadPlan(
      pipeline: name, mode: mode, version: spec.version?.value, slice: spec.slice?.map(\.value) ?? [],
      commitUnit: mode == .replace || mode == .replaceSlice && splitsAnswers ? .run : .batch,
      kinds: kinds.map { result in
        var kind = loadKind(result.map)
        kind.announcesDeletions = result.deletion != nil
        kind.ownVersion = result.version
        return kind
      },
      entities: folder.entities)
  }

  private mutating func mode(_ spec: LoadSpec, _ entities: [EntitySchema]) -> LoadPlan.Mode? {
    guard let written = spec.mode else {
      return entities.allSatisfy { !$0.key.isEmpty } ? .merge : .append
    }
    guard let mode = LoadPlan.Mode(rawValue: written.value) else {
      let later = ["snapshot", "history"]
      diagnostics.append(later.contains(written.value) ? .modeLater(written) : .unknownMode(written))
      return nil
    }
    if mode == .merge || mode == .replace, let keyless = entities.first(where: \.key.isEmpty) {
      diagnostics.append(.modeNeedsKey(mode.rawValue, entity: keyless.name, at: written.position))
    }
    return mode
  }

  private mutating func checkOwnVersions(_ mode: LoadPlan.Mode?, _ load: LoadSpec) {
    for transform in spec.transforms {
      guard let version = transform.version else { continue }
      if let mode, mode != .merge || load.version == nil {
        diagnostics.append(.ownVersionAlone(version))
      } else if let delete = transform.delete {
        diagnostics.append(.ownVersionWithDelete(delete))
      } else {
        checkVersion(version, in: [transform])
      }
    }
  }

  /// The version must be there in every root record, or one kind's rows would be judged by landing order.
  private mutating func checkVersion(_ version: Located<String>, in transforms: [TransformSpec]) {
    for transform in transforms {
      guard let entity = entity(of: transform) else { continue }
      let mapped = transform.map.map(\.name.value).filter { entity.field($0) != nil }
      guard mapped.contains(version.value), let field = entity.field(version.value) else {
        diagnostics.append(.versionNotMapped(version, entity: entity.name, known: mapped))
        return
      }
      switch field.type {
      case .integer, .decimal, .date, .timestamp: break
      case .text, .boolean, .partialDate, .code:
        diagnostics.append(.versionNotOrderable(version, type: field.type))
        return
      }
    }
  }

  /// Every root record must say which slice it is of.
  private mutating func checkSlice(_ spec: LoadSpec, _ mode: LoadPlan.Mode?) {
    guard let fields = spec.slice else {
      if mode == .replaceSlice, let written = spec.mode { diagnostics.append(.sliceMissing(written)) }
      return
    }
    // An unknown mode was said; which one was meant is not known.
    guard let mode else { return }
    guard mode == .replaceSlice else {
      if let first = fields.first { diagnostics.append(.sliceWithoutMode(first, mode: mode.rawValue)) }
      return
    }
    var seen: Set<String> = []
    for field in fields {
      guard seen.insert(field.value).inserted else {
        diagnostics.append(.sliceFieldTwice(field))
        continue
      }
      // One diagnostic a field: what one transform lacks the others mostly lack too.
      for transform in self.spec.transforms {
        guard let diagnostic = fault(of: field, in: transform) else { continue }
        diagnostics.append(diagnostic)
        break
      }
    }
  }

  private func fault(of field: Located<String>, in transform: TransformSpec) -> Diagnostic? {
    guard let entity = entity(of: transform) else { return nil }
    guard entity.field(field.value) != nil else {
      let child = transform.children.lazy.compactMap { $0.to.flatMap { folder.entities[$0.value] } }
        .first { $0.field(field.value) != nil }
      return .sliceFieldUnknown(
        field, entity: entity.name, known: entity.fields.map(\.name), child: child?.name)
    }
    let isMapped = transform.map.contains { $0.name.value == field.value }
    return isMapped ? nil : .sliceFieldNotMapped(field, entity: entity.name)
  }

  /// nil also for an entity that cannot be a root's: that was said of the transform.
  private func entity(of transform: TransformSpec) -> EntitySchema? {
    transform.to.flatMap { folder.entities[$0.value] }.flatMap { $0.parent == nil ? $0 : nil }
  }

  /// Of a deletion nothing must be readable but its key and, where there is one, its version.
  func transformPlan(_ result: TablePlanner.Result) -> TransformPlan {
    let fields = result.map.entity.key + (spec.load?.version.map { [$0.value] } ?? [])
    return TransformPlan(
      map: result.map, filter: result.filter, rules: result.rules,
      deletion: result.deletion.map { DeletionPlan(condition: $0, fields: Set(fields)) })
  }

  private func loadKind(_ map: MapPlan) -> LoadKind {
    LoadKind(
      entity: map.entity, mapped: map.values.filter { $0.field != nil }.map(\.name),
      children: map.children.map { loadKind($0.map) })
  }
}
