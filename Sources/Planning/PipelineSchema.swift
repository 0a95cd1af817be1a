// SPDX-License-Identifier: Apache-2.0

import Components
import PipelineFiles

/// The JSON Schema (draft 07) of pipeline files, for editors. Made from the declarations that reading and
/// checking use: the sections' keys and the components' settings.
public enum PipelineSchema {
  public static func text(_ catalog: Catalog) -> String {
    let sections = PipelineSection.allCases.filter { $0 != .decode && $0 != .load }
    var definitions = sections.map { ($0.rawValue, object($0.keys, catalog)) }
    definitions.removeAll { $0.0 == PipelineSection.pipeline.rawValue }
    var root: [(String, SchemaValue)] = [
      ("$schema", .text("http://json-schema.org/draft-07/schema#")),
      ("title", .text("Terrace pipeline")),
    ]
    root += members(PipelineSection.pipeline.keys, catalog)
    root.append(("definitions", .object(definitions)))
    return SchemaValue.object(root).written(indent: 0) + "\n"
  }

  private static func object(_ keys: [PipelineSection.Key], _ catalog: Catalog) -> SchemaValue {
    .object(members(keys, catalog))
  }

  private static func members(
    _ keys: [PipelineSection.Key], _ catalog: Catalog, settings: [SettingDescription] = []
  ) -> [(String, SchemaValue)] {
    let properties =
      keys.map { ($0.name, described($0.summary, shape($0.shape, catalog))) }
      + settings.map { ($0.name, described($0.summary, shape($0.shape))) }
    let required = keys.filter(\.isRequired).map(\.name) + settings.filter(\.isRequired).map(\.name)
    var members: [(String, SchemaValue)] = [
      ("type", .text("object")), ("additionalProperties", .truth(false)),
      ("properties", .object(properties)),
    ]
    if !required.isEmpty { members.append(("required", .list(required.map { .text($0) }))) }
    return members
  }

  private static func described(_ summary: String, _ shape: [(String, SchemaValue)]) -> SchemaValue {
    // Draft 07 ignores what stands beside a reference, so a reference is wrapped.
    let isReference = shape.first?.0 == "$ref"
    return .object(
      [("description", .text(summary))] + (isReference ? [("allOf", .list([.object(shape)]))] : shape))
  }

  private static func shape(_ shape: PipelineSection.Shape, _ catalog: Catalog) -> [(String, SchemaValue)] {
    switch shape {
    // YAML's own guesses make `1.5` or `2026` no string for an editor, though they are text to us.
    case .text: scalar
    case .integer(let minimum): [("type", .text("integer")), ("minimum", .number(minimum))]
    case .boolean: [("type", .text("boolean"))]
    case .choice(let words): choice(words)
    case .list(let item): [("type", .text("array")), ("items", .object(self.shape(item, catalog)))]
    case .names(let value):
      [("type", .text("object")), ("additionalProperties", .object(self.shape(value, catalog)))]
    case .either(let shapes): [("anyOf", .list(shapes.map { .object(self.shape($0, catalog)) }))]
    case .section(let section): [("$ref", .text("#/definitions/\(section.rawValue)"))]
    case .component(let family): component(family, catalog)
    }
  }

  /// One key, the component's name, with its settings and the section's own keys below it.
  private static func component(_ family: PipelineSection.Family, _ catalog: Catalog) -> [(
    String, SchemaValue
  )] {
    let (types, keys): ([any Component.Type], [PipelineSection.Key]) =
      switch family {
      case .extractor: (catalog.extractors, [])
      case .decoder: (catalog.decoders, PipelineSection.decode.keys)
      case .loader: (catalog.loaders, PipelineSection.load.keys)
      }
    let properties = types.map { type in
      let description = type.description
      let taken = Set(description.settings.map(\.name))
      let body = members(keys.filter { !taken.contains($0.name) }, catalog, settings: description.settings)
      return (description.name, described(description.summary, orNull(body)))
    }
    return [
      ("type", .text("object")), ("minProperties", .number(1)), ("maxProperties", .number(1)),
      ("additionalProperties", .truth(false)), ("properties", .object(properties)),
    ]
  }

  /// A component without settings may stand without a value.
  private static func orNull(_ members: [(String, SchemaValue)]) -> [(String, SchemaValue)] {
    guard !members.contains(where: { $0.0 == "required" }) else { return members }
    return members.map { key, value in
      key == "type" ? (key, .list([.text("object"), .text("null")])) : (key, value)
    }
  }

  private static func shape(_ shape: SettingShape) -> [(String, SchemaValue)] {
    switch shape {
    case .text, .secret, .path, .duration, .size: scalar
    case .integer(let minimum):
      [("type", .text("integer"))] + (minimum.map { [("minimum", .number($0))] } ?? [])
    case .boolean: [("type", .text("boolean"))]
    case .choice(let words): choice(words)
    case .anything: []
    case .list(let item): [("type", .text("array")), ("items", .object(self.shape(item)))]
    case .map(let value):
      [("type", .text("object")), ("additionalProperties", .object(self.shape(value)))]
    case .group(let settings): members([], Catalog(), settings: settings)
    case .either(let shapes): [("anyOf", .list(shapes.map { .object(self.shape($0)) }))]
    }
  }

  private static let scalar: [(String, SchemaValue)] = [
    ("type", .list([.text("string"), .text("number"), .text("boolean")]))
  ]

  /// The words; `null` also as YAML's own.
  private static func choice(_ words: [String]) -> [(String, SchemaValue)] {
    [("enum", .list(words.map { .text($0) } + (words.contains("null") ? [.null] : [])))]
  }
}

/// A JSON value that keeps the order of its members, so that the generated file changes only where its source
/// does.
indirect enum SchemaValue: Sendable {
  case text(String)
  case number(Int)
  case truth(Bool)
  case null
  case list([SchemaValue])
  case object([(String, SchemaValue)])

  func written(indent: Int) -> String {
    let margin = String(repeating: " ", count: indent + 2)
    let close = "\n" + String(repeating: " ", count: indent)
    switch self {
    case .text(let text): return Self.quoted(text)
    case .number(let number): return String(number)
    case .truth(let truth): return truth ? "true" : "false"
    case .null: return "null"
    case .list(let items):
      if items.isEmpty { return "[]" }
      return "[\n" + items.map { margin + $0.written(indent: indent + 2) }.joined(separator: ",\n") + close
        + "]"
    case .object(let members):
      if members.isEmpty { return "{}" }
      let lines = members.map { margin + Self.quoted($0.0) + ": " + $0.1.written(indent: indent + 2) }
      return "{\n" + lines.joined(separator: ",\n") + close + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case ..<" ":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
