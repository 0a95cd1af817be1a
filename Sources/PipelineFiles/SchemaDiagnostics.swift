// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// What is said of schema files; sorted by id.
enum SchemaDiagnostics {
  static func acyclicElsewhere(
    _ place: Located<String>, _ reference: EntityReference, of schema: EntitySchema
  ) -> Diagnostic {
    let why =
      if reference.entity != schema.name {
        "'\(reference.entity)' is another entity, so nothing leads back"
      } else if schema.parent != nil {
        "rows of '\(schema.name)' are told apart only together with their parent"
      } else if schema.key.count > 1 {
        "the key of '\(schema.name)' has \(schema.key.count) fields"
      } else {
        "'\(reference.field)' is not the key"
      }
    return Diagnostic(
      id: "schema.acyclic-elsewhere",
      "'acyclic' is for a reference to the one-field key of the same entity, but \(why)",
      at: place.position, length: place.length,
      help: "remove 'acyclic', or refer to the key of '\(schema.name)'"
    )
  }

  static func badName(_ what: String, _ name: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "schema.bad-name", "\(what) cannot be called '\(name.value)'", at: name.position,
      length: name.length,
      help: "use a-z, 0-9 and '_', at most 63, no digit first; the center's own names are taken: "
        + (what == "field"
          ? Identifier.reservedFields.sorted().joined(separator: ", ") : "_terrace…, sqlite_…"))
  }

  static func childWithoutKey(_ child: String, at place: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "schema.child-without-key", "child entity '\(child)' has no key", at: place.position,
      length: place.length,
      help: "add 'key: [field]' with what tells its rows apart within one parent")
  }

  static func clashWithParent(_ field: String, _ parent: String, at place: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "schema.clash-with-parent",
      "field '\(field)' is already there as a key column of the parent '\(parent)'",
      at: place.position, length: place.length,
      help: "remove it or rename it: the parent's key columns are added by themselves")
  }

  static func emptyRange(_ place: Located<String>, _ low: String, _ high: String) -> Diagnostic {
    Diagnostic(
      id: "schema.empty-range", "no value lies between \(low) and \(high)", at: place.position,
      length: place.length,
      help: "exchange them")
  }

  static func listWithoutCode(_ list: Located<String>, type: FieldType) -> Diagnostic {
    Diagnostic(
      id: "schema.list-without-code", "'list' has no use with type \(type)", at: list.position,
      length: list.length,
      help: "write 'type: code', or remove 'list'")
  }

  static func malformedPattern(_ pattern: Located<String>, _ error: TextPatternError) -> Diagnostic {
    Diagnostic(
      id: "schema.malformed-pattern", error.message, at: place(at: error.offset, in: pattern),
      help: error.help)
  }

  /// The place of a character of a scalar. A tree knows how long a scalar is as written, which tells plain ones,
  /// quoted ones and those with doubled backslashes apart; of any other the begin must do.
  private static func place(at offset: Int, in scalar: Located<String>) -> FilePosition {
    let backslashes = scalar.value.count { $0 == "\\" }
    var place = scalar.position
    switch scalar.length - scalar.value.count {
    case 0: place.column += offset
    case 2: place.column += offset + 1
    case backslashes + 2: place.column += offset + 1 + scalar.value.prefix(offset).count { $0 == "\\" }
    default: break
    }
    return place
  }

  static func misplacedRule(_ rule: String, _ place: Located<String>, _ type: FieldType) -> Diagnostic {
    Diagnostic(
      id: "schema.misplaced-rule", "'\(rule)' has no use with type \(type)", at: place.position,
      length: place.length,
      help: type == .text || rule == "pattern" || rule.hasSuffix("length")
        ? "'pattern', 'min_length' and 'max_length' are for text, 'minimum' and 'maximum' for numbers and dates"
        : "remove it; 'values' lists the only values allowed")
  }

  static func missingList(_ type: Located<String>, field: String) -> Diagnostic {
    Diagnostic(
      id: "schema.missing-list", "field '\(field)' is a code but names no code list", at: type.position,
      length: type.length, help: "add 'list: name' of a file in codelists/")
  }

  static func missingType(_ field: Located<String>, _ names: [String]) -> Diagnostic {
    Diagnostic(
      id: "schema.missing-type", "field '\(field.value)' has no type", at: field.position,
      length: field.length,
      help: "add 'type:' with one of \(names.joined(separator: ", "))")
  }

  static func noValues(_ tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "schema.no-values", "'values' is empty: every record would be rejected", at: tree.position,
      length: tree.length, help: "list the values allowed, or remove 'values'")
  }

  static func notOfType(_ written: Located<String>, _ type: FieldType) -> Diagnostic {
    let form =
      switch type {
      case .decimal(_, let scale):
        "digits with at most \(scale) after the point, as 1234\(scale > 0 ? ".5" : "")"
      case .date: "yyyy-MM-dd"
      case .timestamp: "yyyy-MM-ddTHH:mm:ssZ"
      case .partialDate: "yyyy, yyyy-MM or yyyy-MM-dd"
      default: "digits only"
      }
    return Diagnostic(
      id: "schema.not-of-type", "'\(written.value)' is no \(type)", at: written.position,
      length: written.length,
      help: "write \(form)")
  }

  static func openNotDate(_ place: Located<String>, of entity: EntitySchema, _ type: FieldType) -> Diagnostic
  {
    let dates = entity.fields.filter { $0.type == .date }.map(\.name)
    return Diagnostic(
      id: "schema.open-not-date",
      "'open' compares dates, and '\(entity.name).\(place.value)' is of type \(type)", at: place.position,
      length: place.length,
      help: dates.isEmpty
        ? "give '\(entity.name)' a field of type date"
        : "name one of its dates: \(dates.joined(separator: ", "))")
  }

  static func openOfChild(_ place: Located<String>, _ entity: EntitySchema) -> Diagnostic {
    Diagnostic(
      id: "schema.open-of-child", "'open' asks for rows of a root entity, and '\(entity.name)' has a parent",
      at: place.position, length: place.length, help: "remove 'open', or refer to the parent's row")
  }

  static func otherName(_ entity: Located<String>, file: String) -> Diagnostic {
    Diagnostic(
      id: "schema.other-name", "this file declares entity '\(entity.value)' but is called '\(file).yaml'",
      at: entity.position, length: entity.length,
      help: "rename the file to '\(entity.value).yaml', or write 'entity: \(file)'")
  }

  static func parentCycle(_ entities: [String], at place: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "schema.parent-cycle", "'\(entities[0])' is its own ancestor: \(entities.joined(separator: " → "))",
      at: place.position, length: place.length, help: "remove 'parent' from one of them")
  }

  static func parentWithoutKey(_ parent: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "schema.parent-without-key", "the parent '\(parent.value)' has no key for its children to carry",
      at: parent.position, length: parent.length, help: "add 'key: [field]' to schema/\(parent.value).yaml")
  }

  static func referenceType(_ reference: Located<String>, _ own: FieldType, _ other: FieldType) -> Diagnostic
  {
    Diagnostic(
      id: "schema.reference-type",
      "a field of type \(own) cannot refer to '\(reference.value)' of type \(other)",
      at: reference.position, length: reference.length, help: "give both the same type")
  }

  static func repeatedKey(_ field: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "schema.repeated-key", "'\(field.value)' stands in the key twice", at: field.position,
      length: field.length,
      help: "remove one of them")
  }

  static func unknownEntity(_ what: String, _ written: Located<String>, _ name: String, known: [String])
    -> Diagnostic
  {
    Diagnostic(
      id: "schema.unknown-entity", "\(what) '\(name)' is no entity of the shared schema",
      at: written.position,
      length: written.length, help: Suggestion.help(for: name, among: known))
  }

  static func unknownKeyField(_ field: Located<String>, fields: [String]) -> Diagnostic {
    Diagnostic(
      id: "schema.unknown-key-field", "the key names '\(field.value)', which is no field", at: field.position,
      length: field.length, help: Suggestion.help(for: field.value, among: fields))
  }

  static func unknownList(_ list: Located<String>, known: [String]) -> Diagnostic {
    Diagnostic(
      id: "schema.unknown-list", "there is no code list '\(list.value)'", at: list.position,
      length: list.length,
      help: known.isEmpty ? "add codelists/\(list.value).csv" : Suggestion.help(for: list.value, among: known)
    )
  }

  static func unknownReference(_ written: Located<String>, _ reference: EntityReference, fields: [String])
    -> Diagnostic
  {
    Diagnostic(
      id: "schema.unknown-reference", "entity '\(reference.entity)' has no field '\(reference.field)'",
      at: written.position, length: written.length, help: Suggestion.help(for: reference.field, among: fields)
    )
  }

  static func unknownType(_ written: Located<String>, _ names: [String]) -> Diagnostic {
    let help =
      if written.value.hasPrefix("decimal(") && !written.value.hasSuffix(")") {
        "put double quotes around it, for the comma: \"decimal(18,0)\""
      } else if written.value.hasPrefix("decimal") {
        "write it as \"decimal(18,2)\": at most 38 digits in all, and how many of them stand after the point"
      } else {
        Suggestion.help(for: written.value, among: names)
      }
    return Diagnostic(
      id: "schema.unknown-type", "'\(written.value)' is no type", at: written.position,
      length: written.length, help: help)
  }
}
