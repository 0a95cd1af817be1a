// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

extension Diagnostic {
  static func badPipelineName(_ name: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "pipeline.bad-name", "'\(name.value)' cannot be the name of a pipeline", at: name.position,
      length: name.length,
      help: "use lower-case letters, digits and '_': the name stands in paths and commands")
  }

  static func badRejectLimit(_ bound: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "pipeline.bad-reject-limit",
      "'\(bound.value)' is neither a number of rejects nor a share of the records",
      at: bound.position, length: bound.length,
      help: "write a number, or a share up to 100% with at most four digits after the point, as '0.5%'")
  }

  static func badSchedule(_ schedule: Located<String>, _ error: CronScheduleError) -> Diagnostic {
    Diagnostic(
      id: "pipeline.bad-schedule", error.message, at: schedule.position(at: error.offset),
      length: error.length,
      help: error.help)
  }

  static func badZone(_ zone: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "pipeline.bad-zone", "'\(zone.value)' is not a time zone known here", at: zone.position,
      length: zone.length, help: "write the offset from UTC as '+07:00', or 'UTC', or 'Asia/Ho_Chi_Minh'")
  }

  static func conflict(
    _ key: String, with other: String, at place: FilePosition, in section: PipelineSection
  ) -> Diagnostic {
    Diagnostic(
      id: "pipeline.conflicting-keys", "'\(key)' cannot stand beside '\(other)' in \(section.title)",
      at: place,
      length: key.count, help: "remove '\(key)' or '\(other)'")
  }

  static func emptyList(_ name: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "pipeline.empty-list", "'\(name)' has no entries", at: tree.position, length: tree.length,
      help: "add an entry to '\(name)'")
  }

  static func emptySeparator(_ separator: Located<String>) -> Diagnostic {
    Diagnostic(
      id: "pipeline.empty-separator", "'split' needs a separator", at: separator.position,
      help: "name the text that stands between the items, as split: \";\"")
  }

  static func entryWithoutSource(_ name: Located<String>, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "pipeline.no-source", "nothing says where '\(name.value)' comes from", at: name.position,
      length: name.length,
      help: tree.items == nil
        ? "give a path, or one of 'from', 'value' and 'expr'"
        : "several paths to try go below 'from': \(name.value): { from: [a, b] }")
  }

  static func letNamedLikeField(_ name: Located<String>, field: FilePosition) -> Diagnostic {
    Diagnostic(
      id: "pipeline.name-taken", "'\(name.value)' is also the name of a field mapped at line \(field.line)",
      at: name.position, length: name.length, help: "give the 'let' value another name")
  }

  static func misfit(_ key: String, needs other: String, at place: FilePosition) -> Diagnostic {
    Diagnostic(
      id: "pipeline.misplaced-key", "'\(key)' means nothing without '\(other)'", at: place, length: key.count,
      help: "add '\(other)' or remove '\(key)'")
  }

  static func missingKey(_ key: String, in section: PipelineSection, at tree: Tree) -> Diagnostic {
    let summary = section.keys.first { $0.name == key }?.summary ?? ""
    return Diagnostic(
      id: "pipeline.missing-key", "\(section.title) needs '\(key)'", at: tree.position, length: tree.length,
      help: "add '\(key)': \(summary)")
  }

  static func notASeparator(_ name: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "pipeline.not-a-separator", "'\(name)' must be one character that is neither a digit nor '-'",
      at: tree.position, length: tree.length, help: "write it in quotes, as \(name): \".\"")
  }

  static func notOneComponent(_ tree: Tree, family: String, section: String) -> Diagnostic {
    let names = tree.entries?.map { "'\($0.key)'" }.joined(separator: ", ") ?? ""
    let fact = names.isEmpty ? "names no \(family)" : "names several: \(names)"
    return Diagnostic(
      id: "pipeline.not-one-component", "'\(section)' must name one \(family) but \(fact)", at: tree.position,
      length: tree.length,
      help: "write \(section): { name: { settings } }; 'terrace describe \(family)' lists the names")
  }

  static func rejectLimitInTransform(_ place: FilePosition) -> Diagnostic {
    Diagnostic(
      id: "pipeline.misplaced-reject-limit",
      "'rejects' counts the records of a whole batch, not of one transform",
      at: place, help: "move it to 'validate' of the pipeline")
  }

  static func ruleWithoutCheck(_ tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "pipeline.empty-rule", "this rule checks nothing", at: tree.position, length: tree.length,
      help: "add 'check' with an expression, 'unique' with fields, 'sums' with 'parts' and 'total', "
        + "or 'rejects' with a limit")
  }

  static func sameSeparators(_ tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "pipeline.same-separators", "'group' and 'decimal' are the same character", at: tree.position,
      length: tree.length, help: "numbers could not be read back; give two different characters")
  }

  static func secondRejectLimit(_ place: FilePosition, first: FilePosition) -> Diagnostic {
    Diagnostic(
      id: "pipeline.second-reject-limit", "'rejects' is already limited at line \(first.line)", at: place,
      help: "keep one of the two")
  }

  static func tooSmall(_ name: String, minimum: Int, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "pipeline.too-small", "'\(name)' must be at least \(minimum)", at: tree.position,
      length: tree.length,
      help: "give a number from \(minimum) up")
  }

  static func unknownChoice(
    _ name: String, _ given: Located<String>, among words: [String], or other: String? = nil
  ) -> Diagnostic {
    let allowed = words.joined(separator: ", ") + (other.map { " or \($0)" } ?? "")
    let nearest = Suggestion.nearest(to: given.value, among: words)
    return Diagnostic(
      id: "pipeline.unknown-choice", "'\(name)' cannot be '\(given.value)'", at: given.position,
      length: given.length, help: (nearest.map { "did you mean '\($0)'? " } ?? "") + "possible: \(allowed)")
  }

  static func unknownKey(_ entry: Tree.Entry, in section: PipelineSection) -> Diagnostic {
    let known = section.keys.map(\.name)
    let help: String
    if let nearest = Suggestion.nearest(to: entry.key, among: known) {
      help = "did you mean '\(nearest)'?"
    } else if section == .map, entry.key == "type" {
      help = "the shared schema alone gives types to fields"
    } else if section == .child, entry.key == "validate" {
      help =
        "rules are judged over whole records: move it to the transform; 'take: sum' adds up what is nested"
    } else {
      help = "\(section.title) knows: \(known.joined(separator: ", "))"
    }
    return Diagnostic(
      id: "pipeline.unknown-key", "\(section.title) knows no key '\(entry.key)'", at: entry.keyPosition,
      length: entry.key.count, help: help)
  }

  static func wrongShape(_ name: String, expected: String, at tree: Tree) -> Diagnostic {
    let met =
      switch tree.value {
      case .scalar(let text, _): tree.isNull ? "nothing" : "'\(text.prefix(80))'"
      case .sequence: "a list"
      case .mapping: "a mapping"
      }
    let subject = name.contains("'") || name.contains(" ") ? name : "'\(name)'"
    return Diagnostic(
      id: "pipeline.wrong-shape", "\(subject) must be \(expected), not \(met)", at: tree.position,
      length: tree.length, help: "give \(expected)")
  }
}
