// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// What is said of pages, lists, windows and what they are asked from: first what a file cannot mean, then what a
/// source did; sorted by id.
extension HTTPDiagnostics {
  static func cursorPlace(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.cursor-place", "'cursor' must say in one place where an answer holds it", at: tree.position,
      length: tree.length, help: "write 'path: /meta/next', or 'header: X-Next-Cursor'")
  }

  static func severalEach(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.each", "'each' must say one source", at: tree.position, length: tree.length,
      help: "write { code_list: commune }, { center: \"school.school_code\" } or { values: [a, b] }")
  }

  static func idOfGroup(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.id-of-group", "'${id}' is one id, and 'group' asks for several at once", at: tree.position,
      length: tree.length, help: "write ${ids}, or remove 'group'")
  }

  static func listBesidePages(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.list-beside-pages", "records that are asked for by their ids have no pages",
      at: tree.position,
      length: tree.length, help: "remove 'paginate', or 'list'")
  }

  static func sinceBesideWindows(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.since-beside-windows", "'${since}' has no value of its own beside 'windows'",
      at: tree.position,
      length: tree.length, help: "write ${window_from} and ${window_to}")
  }

  static func sinceTwice(_ by: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.since-twice", "'since' goes on from a value, or by '\(by)', not both", at: tree.position,
      length: tree.length, help: "remove 'by' or 'value'")
  }

  static func twoExtents(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.two-extents", "'total' and 'pages' both say where the end is", at: tree.position,
      length: tree.length, help: "keep the one that the source keeps right")
  }

  static func unused(_ setting: String, _ value: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.unused-value", "nothing asks by what '\(setting)' gives", at: tree.position,
      length: tree.length, help: "put ${\(value)} into 'path', 'query' or 'body'")
  }

  static func valueWithout(_ name: String, _ setting: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.value-without-setting", "'${\(name)}' has no value here", at: tree.position,
      length: tree.length, help: "add '\(setting)', and use the value only in what is asked with it")
  }

  static func windowsWithoutSince(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.windows-without-since", "'windows' need a day to begin with, and nothing else to count from",
      at: tree.position, length: tree.length,
      help: "write 'since: { first: 2020-01-01 }', without 'parameter' and 'value'")
  }

  // MARK: - What a source did

  static func lastWithoutValue(_ path: String, _ page: Int, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.last-without-value",
      "the last record of page \(page) has nothing at '\(path)' to go on from",
      at: place, help: "correct 'path' under 'paginate: { last: … }'; it counts from the record",
      exit: .sourceProtocol)
  }

  static func noExtent(_ path: String, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.no-extent", "the answer has no count at '\(path)'", at: place,
      help: "correct 'total' or 'pages' under 'paginate', or remove it if the source stopped sending one",
      exit: .sourceProtocol)
  }

  static func pagesMissing(_ unit: String, _ declared: Int, _ found: Int, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.pages-missing", "the source declares \(declared) \(unit), and has no more after \(found)",
      at: place,
      help: "run again: the source may have changed while it was read. If it stays, ask its owner.",
      exit: .sourceProtocol)
  }

  static func unusableValue(at place: String) -> StageFailure {
    StageFailure(
      id: "extract.unusable-value", "one of the values to ask for is '.' or '..', which no address can hold",
      at: place, help: "correct it where 'each' or 'list' takes it from", exit: .sourceProtocol)
  }
}
