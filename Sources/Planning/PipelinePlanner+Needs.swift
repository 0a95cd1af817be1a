// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineFiles
import Records

extension PipelinePlanner {
  /// Makes the decoders of answers that are no payloads, without settings.
  mutating func answerDecoders(_ needs: ExtractorNeeds) -> [String: any RecordDecoder] {
    var made: [String: any RecordDecoder] = [:]
    for name in needs.decoders where made[name.text] == nil {
      let written = Located(name.text, at: name.position, length: name.length)
      made[name.text] = plainDecoder(written)
    }
    return made
  }

  /// A decoder without settings; nil, with a diagnostic, when there is none of the name.
  mutating func plainDecoder(_ name: Located<String>) -> (any RecordDecoder)? {
    guard let type = catalog.decoders.first(where: { $0.description.name == name.value }) else {
      diagnostics.append(
        .unknownComponent(name, family: "decoder", known: catalog.decoders.map { $0.description.name }))
      return nil
    }
    let settings = Settings(
      Tree(.mapping([]), at: name.position), owner: "decoder '\(name.value)'", environment: folder.environment
    )
    do throws(Diagnostic) { return try type.init(settings) } catch {
      diagnostics.append(error)
      return nil
    }
  }

  /// Checks that what an extractor needs of the rest of the pipeline is there.
  mutating func check(_ needs: ExtractorNeeds) {
    for list in needs.lists where folder.lists[list.text] == nil {
      if folder.unreadableLists.contains(list.text) { continue }
      diagnostics.append(
        .missingNeed(
          id: "extract.unknown-list", "code list", list,
          help: Suggestion.help(for: list.text, among: folder.lists.keys.sorted())))
    }
    for field in needs.centerFields { check(centerField: field) }
    if let watched = needs.watched { check(watched) }
  }

  private mutating func check(centerField name: ExtractorNeeds.Name) {
    let parts = name.text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      diagnostics.append(
        Diagnostic(
          id: "extract.bad-center-field", "'\(name.text)' names no field of an entity", at: name.position,
          length: name.length, help: "write it as entity.field, as school.school_code"))
      return
    }
    guard let entity = folder.entities[parts[0]] else {
      if !folder.unreadableEntities.contains(parts[0]) {
        diagnostics.append(
          .missingNeed(
            id: "extract.unknown-entity", "entity", name, word: parts[0],
            help: Suggestion.help(for: parts[0], among: folder.entities.keys.sorted())))
      }
      return
    }
    guard let field = entity.field(parts[1]) else {
      diagnostics.append(
        .missingNeed(
          id: "extract.unknown-field", "field of '\(parts[0])'", name, word: parts[1],
          help: Suggestion.help(for: parts[1], among: entity.fields.map(\.name))))
      return
    }
    if case .decimal = field.type {
      diagnostics.append(
        Diagnostic(
          id: "extract.bad-center-field", "'\(name.text)' is \(field.type), which names nothing to ask for",
          at: name.position, length: name.length, help: "name a field of type text, code, integer or date"))
    }
  }

  /// The field must be mapped, with one type wherever it is.
  private mutating func check(_ watched: ExtractorNeeds.WatchedField) {
    var known: [String] = []
    var type: FieldType?
    for transform in spec.transforms {
      guard let entity = transform.to.flatMap({ folder.entities[$0.value] }) else {
        // What is wrong there is said there.
        return
      }
      let mapped = transform.map.map(\.name.value).filter { entity.field($0) != nil }
      known += mapped
      guard mapped.contains(watched.name.text), let field = entity.field(watched.name.text) else { continue }
      do throws(Diagnostic) { try watched.check(field.type) } catch {
        diagnostics.append(error)
        return
      }
      if let type, type != field.type {
        diagnostics.append(
          Diagnostic(
            id: "extract.watched-field-differs",
            "'\(watched.name.text)' is \(type) in one transform and \(field.type) in another",
            at: watched.name.position, length: watched.name.length,
            help: "give it one type, or name a field that only one of them maps"))
        return
      }
      type = field.type
    }
    if type == nil {
      diagnostics.append(
        .missingNeed(
          id: "extract.watched-field-not-mapped", "mapped field", watched.name,
          help: Suggestion.help(for: watched.name.text, among: known)))
    }
  }
}

extension Diagnostic {
  fileprivate static func missingNeed(
    id: String, _ kind: String, _ name: ExtractorNeeds.Name, word: String? = nil, help: String
  ) -> Diagnostic {
    let word = word ?? name.text
    return Diagnostic(
      id: id, "there is no \(kind) '\(word)'",
      at: name.position, length: name.length, help: help)
  }
}
