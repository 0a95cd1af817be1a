// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

// Wording of what planning finds in `decode`, `extract` and `load`, and in names and paths; sorted by id.

extension Diagnostic {
  static func unknownComponent(_ name: Located<String>, family: String, known: [String]) -> Diagnostic {
    Diagnostic(
      id: "component.unknown", "there is no \(family) '\(name.value)'", at: name.position,
      length: name.length,
      help: Suggestion.help(for: name.value, among: known))
  }

  static func namespacesWithoutMarkup(_ place: FilePosition, format: String) -> Diagnostic {
    Diagnostic(
      id: "decode.namespaces-without-markup", "'\(format)' has no namespaces", at: place,
      help: "remove 'namespaces': in this format ':' is part of a name")
  }

  static func recordsMissing(format: String, at place: FilePosition) -> Diagnostic {
    Diagnostic(
      id: "decode.no-records", "nothing says where the records of the payload are", at: place,
      help: "add 'records' with their path to '\(format)', as /list/item")
  }

  static func unknownEncoding(_ name: Located<String>, known: [String]) -> Diagnostic {
    Diagnostic(
      id: "decode.unknown-encoding", "'\(name.value)' is not a text encoding known here", at: name.position,
      length: name.length, help: Suggestion.help(for: name.value, among: known))
  }

  static func pathError(_ id: String, _ message: String, _ text: Located<String>, help: String) -> Diagnostic
  {
    Diagnostic(id: id, message, at: text.position, length: text.length, help: help)
  }

  static func deleteNeedsMerge(_ delete: Located<String>, mode: String) -> Diagnostic {
    Diagnostic(
      id: "load.delete-needs-merge", "'delete' has no meaning in mode '\(mode)'", at: delete.position,
      length: delete.length,
      help: "load with 'mode: merge'; to leave such records out, turn the condition round under 'filter'")
  }

  static func ownVersionAlone(_ version: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "load.own-version-alone", "a transform's own version needs 'load' with mode merge and a version",
      at: version.position, length: version.length,
      help: "say 'load: { center: { mode: merge, version: FIELD } }' for what the other transforms write")
  }

  static func ownVersionWithDelete(_ delete: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "load.own-version-with-delete", "a deletion is of the whole row, and has the version of 'load'",
      at: delete.position, length: delete.length,
      help: "remove 'version' from this transform, or announce deletions in a transform without one")
  }

  static func modeLater(_ mode: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "load.mode-not-available", "mode '\(mode.value)' is not available yet", at: mode.position,
      length: mode.length, help: "available now: append, merge, replace, replace_slice")
  }

  static func modeNeedsKey(_ mode: String, entity: String, at place: FilePosition) -> Diagnostic {
    Diagnostic(
      id: "load.mode-needs-key", "mode '\(mode)' needs a key, and entity '\(entity)' has none", at: place,
      length: mode.count, help: "add 'key' to schema/\(entity).yaml, or load with mode append")
  }

  static func sliceFieldNotMapped(_ field: Located<String>, entity: String) -> Diagnostic {
    Diagnostic(
      id: "load.slice-not-mapped",
      "'\(field.value)' of '\(entity)' is not mapped, so no record says its slice",
      at: field.position, length: field.length,
      help: "map '\(field.value)' under 'transform', or leave it out of 'slice'")
  }

  static func sliceFieldTwice(_ field: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "load.slice-field-twice", "'\(field.value)' stands twice in 'slice'", at: field.position,
      length: field.length, help: "remove one of the two")
  }

  static func sliceFieldUnknown(
    _ field: Located<String>, entity: String, known: [String], child: String?
  ) -> Diagnostic {
    let ofChild = child.map {
      "it is a field of '\($0)', whose rows go with their record: name fields of '\(entity)'"
    }
    return Diagnostic(
      id: "load.slice-unknown-field", "'\(entity)' has no field '\(field.value)'", at: field.position,
      length: field.length, help: ofChild ?? Suggestion.help(for: field.value, among: known))
  }

  static func sliceMissing(_ mode: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "load.slice-missing", "mode 'replace_slice' does not say what a slice is", at: mode.position,
      length: mode.length,
      help: "add the fields by which the source sends its data whole, as slice: [unit_code, period, year]")
  }

  static func sliceWithoutMode(_ field: Located<String>, mode: String) -> Diagnostic {
    Diagnostic(
      id: "load.slice-without-mode", "'slice' has no meaning in mode '\(mode)'", at: field.position,
      length: field.length, help: "write 'mode: replace_slice', or remove 'slice'")
  }

  static func unknownMode(_ mode: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "load.unknown-mode", "there is no mode '\(mode.value)'", at: mode.position, length: mode.length,
      help: Suggestion.help(for: mode.value, among: LoadPlan.Mode.allCases.map(\.rawValue)))
  }

  static func versionOfSlices(_ version: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "load.version-of-slices", "'version' has no meaning in mode 'replace_slice'", at: version.position,
      length: version.length,
      help:
        "remove it: of a slice that came twice the later one stands, whole; to judge row by row, load with "
        + "'mode: merge'")
  }

  static func versionNotMapped(_ version: Located<String>, entity: String, known: [String]) -> Diagnostic {
    Diagnostic(
      id: "load.version-not-mapped", "'\(version.value)' is not mapped to a field of '\(entity)'",
      at: version.position, length: version.length, help: Suggestion.help(for: version.value, among: known))
  }

  static func versionNotOrderable(_ version: Located<String>, type: FieldType) -> Diagnostic {
    Diagnostic(
      id: "load.version-not-orderable",
      "'\(version.value)' is \(type), which does not tell the newer of two states",
      at: version.position, length: version.length,
      help: "name a field of type integer, decimal, date or timestamp")
  }

  static func attributeWithoutMarkup(_ name: String, at place: FilePosition, format: String) -> Diagnostic {
    Diagnostic(
      id: "path.attribute-without-markup", "'\(format)' has no attributes", at: place, length: name.count + 1,
      help: "write '\(name)'; if the name itself begins with '@', write '\\@\(name)'")
  }

  static func childRecordsFromDocument(_ text: Located<String>) -> Diagnostic {
    pathError(
      "path.child-records-from-document", "records of 'children' must stand within their parent record", text,
      help: "count from the parent record, without a leading '/'")
  }

  static func climbsTooHigh(_ text: Located<String>) -> Diagnostic {
    pathError(
      "path.climbs-too-high", "'\(text.value)' climbs above the document", text,
      help: "each '..' leaves one step of 'records'; use fewer, or a path from the document")
  }

  static func earlyPredicate(_ text: Located<String>) -> Diagnostic {
    pathError(
      "path.early-predicate", "before the last step of 'records' a predicate may look at attributes only",
      text,
      help: "move the condition to the last step, or to 'filter'")
  }

  static func notADocumentPath(_ text: Located<String>) -> Diagnostic {
    pathError(
      "path.not-from-document", "'\(text.value)' must count from the document", text,
      help: "begin the path with '/'")
  }

  static func notARecordPath(_ text: Located<String>) -> Diagnostic {
    pathError(
      "path.not-a-record-path", "'\(text.value)' cannot be a path of records", text,
      help: "name elements, objects or array items, without '..', '@', text(), name() or position()")
  }

  static func listAsValue(_ text: Located<String>) -> Diagnostic {
    pathError(
      "path.list-as-value", "'\(text.value)' is no value: list() makes a record of an array", text,
      help: "leave list() out; 'take', 'join' or 'as: raw' say what becomes of the items")
  }

  static func listOfMarkup(_ text: Located<String>) -> Diagnostic {
    pathError(
      "path.list-of-markup", "'\(text.value)' asks for an array, which XML does not have", text,
      help: "leave list() out; repeated elements are records one by one")
  }

  static func predicateOutside(_ text: Located<String>) -> Diagnostic {
    pathError(
      "path.predicate-outside", "a predicate of '\(text.value)' looks outside its own step", text,
      help: "between '[' and ']' name what stands within the step, without '/' or '..' in front")
  }

  static func unknownPrefix(_ prefix: String, at place: FilePosition, declared: [String]) -> Diagnostic {
    let nearest = Suggestion.nearest(to: prefix, among: declared)
    return Diagnostic(
      id: "path.unknown-prefix", "the prefix '\(prefix)' is not declared", at: place, length: prefix.count,
      help: (nearest.map { "did you mean '\($0)'? " } ?? "")
        + "a prefix stands for a namespace URI in 'decode': namespaces: { \(prefix): \"urn:…\" }")
  }

  static func duplicatePipeline(_ name: Located<String>, first: String) -> Diagnostic {
    Diagnostic(
      id: "pipeline.duplicate", "'\(name.value)' is also the name of the pipeline in \(first)",
      at: name.position,
      length: name.length, help: "give one of the two another name")
  }

  static func unknownPipeline(_ name: String, known: [String]) -> Diagnostic {
    Diagnostic(
      id: "pipeline.unknown", "there is no pipeline '\(name)'", at: nil,
      help: Suggestion.help(for: name, among: known))
  }
}
