// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// Reads `schema/<entity>.yaml`: one table of the shared schema.
public struct EntitySchemaReader {
  /// What one file says; nil when it cannot be used.
  public private(set) var schema: EntitySchema?
  /// Where the entity (`public_asset`), its fields (`public_asset.name`), and single keys of a field
  /// (`public_asset.name.references`, `public_asset.parent`) stand.
  public private(set) var positions: [String: Located<String>] = [:]
  public private(set) var diagnostics: [Diagnostic] = []

  /// - Parameters:
  ///   - name: the file's name without `.yaml`, which must be the entity's.
  public init(_ tree: Tree, name: String) {
    let schema = read(tree, name: name)
    diagnostics.sort { $0.position ?? tree.position < $1.position ?? tree.position }
    self.schema = diagnostics.contains { $0.severity == .error } ? nil : schema
  }

  private mutating func read(_ tree: Tree, name: String) -> EntitySchema {
    var keys = KeyReader(tree, area: "schema", subject: "entity '\(name)'")
    var schema = EntitySchema(name: name, fields: [])
    if let entity = keys.text("entity") {
      positions[name] = Located(name, at: entity.position, length: entity.length)
      if entity.value != name { diagnostics.append(SchemaDiagnostics.otherName(entity, file: name)) }
    } else {
      keys.missing("entity", help: "add 'entity: \(name)' as the first line")
    }
    if !Identifier.isValid(name) || Identifier.isReserved(entity: name) {
      diagnostics.append(
        SchemaDiagnostics.badName("entity", Located(name, at: positions[name]?.position ?? tree.position)))
    }
    schema.title = keys.text("title")?.value
    schema.basis = keys.text("basis")?.value
    _ = keys.text("description")
    if let parent = keys.text("parent") {
      schema.parent = parent.value
      positions["\(name).parent"] = parent
    }
    schema.validForDays =
      keys.parsed("valid_for", "a number of days", help: "write it as 45d") { text in
        text.hasSuffix("d") ? Int(text.dropLast()).flatMap { $0 > 0 && $0 < 100_000 ? $0 : nil } : nil
      }?.value
    let key = keys.texts("key")
    let fields = keys.find("fields")
    if let fields, fields.entries == nil {
      diagnostics += KeyReader(fields, area: "schema", subject: "'fields' of entity '\(name)'").diagnostics
    } else if fields?.entries?.isEmpty ?? true {
      keys.missing("fields", help: "add 'fields:' with a line for each, as 'name: { type: text }'")
    }
    for entry in fields?.entries ?? [] {
      if let field = EntityFieldReader.read(entry, of: name, &diagnostics, &positions) {
        schema.fields.append(field)
      }
    }
    keys.finish()
    diagnostics += keys.diagnostics
    let written = fields?.entries?.map(\.key) ?? []
    for field in key ?? [] {
      if schema.key.contains(field.value) {
        diagnostics.append(SchemaDiagnostics.repeatedKey(field))
      } else if !written.contains(field.value) {
        diagnostics.append(SchemaDiagnostics.unknownKeyField(field, fields: written))
      }
      schema.key.append(field.value)
    }
    return schema
  }
}

/// Names that become tables and columns.
enum Identifier {
  static func isValid(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= 63 else { return false }
    let isLetter = { (byte: UInt8) in (byte >= 97 && byte <= 122) || byte == 95 }
    return isLetter(first) && name.utf8.allSatisfy { isLetter($0) || ($0 >= 48 && $0 <= 57) }
  }

  /// Tables of the database and of the loader.
  static func isReserved(entity: String) -> Bool {
    entity.hasPrefix("sqlite_") || entity.hasPrefix("_terrace")
  }

  /// Columns that the center keeps beside the fields.
  static let reservedFields: Set<String> = [
    "_batch", "_pipeline", "_loaded_at", "_deleted_at", "_valid_from", "_valid_to",
  ]
}
