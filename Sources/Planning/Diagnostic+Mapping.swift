// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import PipelineFiles
import Records

// Wording of what planning finds in `transform` and `validate`; sorted by id.

extension Diagnostic {
  static func notADate(_ name: Located<String>, key: String, type: FieldType) -> Diagnostic {
    Diagnostic(
      id: "map.as-of-not-a-date", "'\(name.value)' is \(type), not a date", at: name.position,
      length: name.length,
      help: "'\(key)' needs a field or 'let' value of type date or timestamp")
  }

  static func circle(_ names: [Located<String>]) -> Diagnostic {
    let steps = names.enumerated().map { index, name in
      "'\(name.value)' (line \(name.position.line)) uses '\(names[(index + 1) % names.count].value)'"
    }
    return Diagnostic(
      id: "map.circle", "values need each other: \(steps.joined(separator: ", "))", at: names.first?.position,
      length: names.first?.length ?? 1, help: "compute one of them from paths alone")
  }

  static func cellsWithoutGrid(_ text: Located<String>, format: String) -> Diagnostic {
    let offset = text.value.firstRange(of: "cell").map {
      text.value.distance(from: text.value.startIndex, to: $0.lowerBound)
    }
    return Diagnostic(
      id: "map.cells-without-grid", "'cell(…)' names a cell of a grid, and '\(format)' has none",
      at: text.position(at: offset ?? 0), length: 4,
      help: "use a path; one that begins with '/' counts from the document. Only csv has cells")
  }

  static func expressionOfOtherType(
    _ text: Located<String>, result: FieldType, name: String, type: FieldType
  ) -> Diagnostic {
    Diagnostic(
      id: "map.expression-of-other-type", "the expression is \(result), but '\(name)' is \(type)",
      at: text.position,
      length: text.length, help: "convert it in the expression, or give the value another type")
  }

  static func keyKept(_ name: Located<String>, at place: FilePosition) -> Diagnostic {
    Diagnostic(
      id: "map.key-kept", "'\(name.value)' is part of the key and must be there in every record", at: place,
      length: 4, help: "remove 'absent: keep'")
  }

  static func keyNotMapped(_ field: String, entity: String, at place: FilePosition) -> Diagnostic {
    Diagnostic(
      id: "map.key-not-mapped", "'\(field)' is part of the key of '\(entity)' but nothing is mapped to it",
      at: place,
      length: 3, help: "add '\(field)' to 'map'")
  }

  static func listOfFieldMissing(_ list: String, field: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "map.list-missing", "'\(field.value)' is a code of list '\(list)', which is not there",
      at: field.position,
      length: field.length, help: "add codelists/\(list).csv")
  }

  static func literalNotListed(_ literal: Located<String>, list: String) -> Diagnostic {
    Diagnostic(
      id: "map.literal-not-listed", "list '\(list)' has no code '\(literal.value)'", at: literal.position,
      length: literal.length, help: "write a code of codelists/\(list).csv, or add this one to it")
  }

  static func literalOfOtherType(_ literal: Located<String>, name: String, type: FieldType) -> Diagnostic {
    Diagnostic(
      id: "map.literal-of-other-type", "'\(literal.value)' cannot be read as \(type) for '\(name)'",
      at: literal.position, length: literal.length,
      help: "write it as the source would: with the entry's own 'dates' and 'numbers'")
  }

  static func lookupOfOtherType(_ lookup: Located<String>, name: String, type: FieldType) -> Diagnostic {
    Diagnostic(
      id: "map.lookup-of-other-type", "'\(name)' is \(type), but a lookup gives a code", at: lookup.position,
      length: lookup.length,
      help: "make it a field of type code or text in the shared schema, or remove 'lookup'")
  }

  static func lostZerosOfOtherType(_ digits: Located<Int>, name: String, type: FieldType) -> Diagnostic {
    Diagnostic(
      id: "map.lost-zeros-of-other-type", "'\(name)' is \(type), which has no zeros to lose",
      at: digits.position, length: digits.length,
      help: "remove 'lost_zeros', or make it a field of type code or text in the shared schema")
  }

  static func lostZerosUnchecked(_ digits: Located<Int>, name: String, isField: Bool) -> Diagnostic {
    Diagnostic(
      id: "map.lost-zeros-unchecked", "nothing says which texts of '\(name)' are valid",
      at: digits.position, length: digits.length,
      help: isField
        ? "give it a 'pattern' or 'values' in the shared schema, or look it up in a code list"
        : "look it up in a code list, or declare 'lost_zeros' at the field")
  }

  static func needsLookup(_ key: String, _ place: FilePosition) -> Diagnostic {
    Diagnostic(
      id: "map.needs-lookup", "'\(key)' means nothing without a code list", at: place,
      help: "add 'lookup' with the name of a list, or remove '\(key)'")
  }

  static func onlyForNumbers(_ key: String, _ place: FilePosition, name: String, type: FieldType)
    -> Diagnostic
  {
    Diagnostic(
      id: "map.only-for-numbers", "'\(key)' is for numbers, but '\(name)' is \(type)", at: place,
      help: "remove '\(key)', or make it an integer or a decimal in the shared schema")
  }

  static func sumNotANumber(_ take: FilePosition, name: String, type: FieldType, isLet: Bool) -> Diagnostic {
    Diagnostic(
      id: "map.sum-not-a-number", "'take: sum' gives a number, but '\(name)' is \(type)", at: take,
      length: 3,
      help: isLet
        ? "say of which type the sum is, as type: decimal(18,0)"
        : "make it an integer or a decimal in the shared schema, or take: all with 'join'")
  }

  static func openNotJudged(_ field: String, _ target: String, by days: [String], at place: FilePosition)
    -> Diagnostic
  {
    let names = days.map { "'\($0)'" }.joined(separator: ", ")
    return Diagnostic(
      .warning, id: "map.open-not-judged",
      "whether the '\(target)' of '\(field)' is open cannot be judged: nothing is mapped to \(names)",
      at: place,
      length: 3, help: "add \(names) to 'map', or leave that to the pipelines that fill it")
  }

  static func otherList(_ lookup: Located<String>, field: String, list: String) -> Diagnostic {
    Diagnostic(
      id: "map.other-list", "'\(field)' is a code of list '\(list)', not of '\(lookup.value)'",
      at: lookup.position,
      length: lookup.length, help: "remove 'lookup': the list of the shared schema is looked up anyway")
  }

  static func requiredNotMapped(_ field: String, entity: String, at place: FilePosition) -> Diagnostic {
    Diagnostic(
      .warning, id: "map.required-not-mapped",
      "'\(field)' of '\(entity)' is required but nothing is mapped to it", at: place, length: 3,
      help: "add '\(field)' to 'map', unless another pipeline always fills it first")
  }

  static func unknownField(_ name: Located<String>, of entity: EntitySchema, parentKey: [String])
    -> Diagnostic
  {
    let isParents = parentKey.contains(name.value)
    return Diagnostic(
      id: "map.unknown-field", "'\(entity.name)' has no field '\(name.value)'", at: name.position,
      length: name.length,
      help: isParents
        ? "it is the parent's key and is filled in; remove it"
        : Suggestion.help(for: name.value, among: entity.fields.map(\.name))
          + " (schema/\(entity.name).yaml; values for expressions only belong to 'let')")
  }

  static func unknownList(_ list: Located<String>, known: [String]) -> Diagnostic {
    Diagnostic(
      id: "map.unknown-list", "there is no code list '\(list.value)'", at: list.position, length: list.length,
      help: known.isEmpty
        ? "add codelists/\(list.value).csv" : Suggestion.help(for: list.value, among: known))
  }

  static func unknownSource(_ source: Located<String>, of list: CodeList) -> Diagnostic {
    Diagnostic(
      id: "map.unknown-source", "code list '\(list.name)' knows no source '\(source.value)'",
      at: source.position, length: source.length,
      help: list.sources.isEmpty
        ? "add a column 'aliases:\(source.value)' to codelists/\(list.name).csv, or remove 'source'"
        : Suggestion.help(for: source.value, among: list.sources.keys.sorted()))
  }

  static func unknownName(
    _ name: Located<String>, known: [String], isUnmappedField: Bool, isOfParent: Bool,
    child: String? = nil
  ) -> Diagnostic {
    let help =
      isUnmappedField
      ? "'\(name.value)' is a field of the entity, but nothing is mapped to it: add it to 'map'"
      : isOfParent
        ? "it is a value of the parent record; map it here with a path that begins with '../'"
        : child.map {
          "it is a value of the child '\($0)'; a 'let' value with 'take: sum' adds up all of a record"
        }
          ?? Suggestion.help(for: name.value, among: known)
    return Diagnostic(
      id: "expression.unknown-name", "there is no field or 'let' value '\(name.value)'", at: name.position,
      length: name.length, help: help)
  }

  static func partsAreTotal(_ total: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "sums.parts-are-total", "'parts' and 'total' are the same values of the same records",
      at: total.position, length: total.length,
      help: "name another value, or tell the records apart: total: { value: …, where: … }")
  }

  static func termNotANumber(_ term: Located<String>, type: FieldType) -> Diagnostic {
    Diagnostic(
      id: "sums.not-a-number", "'\(term.value)' is \(type), and only numbers can be added up",
      at: term.position, length: term.length,
      help: "name an integer or a decimal; a 'let' value becomes one by 'type', as type: decimal(18,0)")
  }

  static func childAsRoot(_ to: Located<String>, parent: String) -> Diagnostic {
    Diagnostic(
      id: "transform.child-as-root", "'\(to.value)' is a child of '\(parent)' and cannot stand alone",
      at: to.position,
      length: to.length, help: "put it under 'children' of a transform to '\(parent)'")
  }

  static func notAChild(_ to: Located<String>, of expected: String, parent: String?) -> Diagnostic {
    let kind = parent.map { "a child of '\($0)'" } ?? "no child entity"
    return Diagnostic(
      id: "transform.not-a-child", "'\(to.value)' is \(kind), not a child of '\(expected)'",
      at: to.position, length: to.length, help: "say 'parent: \(expected)' in schema/\(to.value).yaml")
  }

  static func unknownEntity(_ to: Located<String>, known: [String]) -> Diagnostic {
    Diagnostic(
      id: "transform.unknown-entity", "the shared schema has no entity '\(to.value)'", at: to.position,
      length: to.length,
      help: known.isEmpty ? "add schema/\(to.value).yaml" : Suggestion.help(for: to.value, among: known))
  }
}
