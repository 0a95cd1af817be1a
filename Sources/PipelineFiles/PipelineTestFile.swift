// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// `x.test.yaml` beside `x.yaml`: raw payloads in, expected rows and rejects out.
public struct PipelineTestFile: Sendable {
  public struct Case: Sendable {
    public enum Payload: Sendable, Equatable {
      case text(String)
      /// Relative to the folder that holds the pipelines folder.
      case file(String)
    }

    public struct ExpectedReject: Sendable, Equatable {
      public var record: Int
      public var rule: String
      /// Nil accepts any.
      public var field: String?
      /// Nil accepts any.
      public var value: String?
    }

    public var name: String
    public var position: FilePosition
    public var payload: Payload
    /// `yyyy-MM-dd`
    public var landingDate: String
    public var request: [String: String]
    /// Entity → all its rows, in order; a row names only the columns to compare, nil is null.
    public var rows: [String: [ExpectedRow]]
    /// Entity → some of its rows, wherever they stand.
    public var includes: [String: [ExpectedRow]]
    public var rejects: [ExpectedReject]
    /// Compared only if given.
    public var notes: [ExpectedReject]?
    /// How many records were `read`, `filtered`, `deleted` and `rejected`, as far as given.
    public var counters: [String: Int]
    /// Id of the failure of the payload as a whole, or part of its message.
    public var fails: String?
    /// The records are loaded into an empty center as well, for what only loading can tell of them.
    public var isLoaded: Bool
  }

  public struct ExpectedRow: Sendable {
    public var position: FilePosition
    public var columns: [(name: String, value: String?)]
  }

  public var cases: [Case]

  private static let keys = [
    "name", "payload", "landing_date", "request", "rows", "includes", "rejects", "notes", "counters", "fails",
    "center",
  ]

  /// Reads a test file's tree; everything wrong with it is told at once.
  public init(_ tree: Tree, diagnostics: inout [Diagnostic]) {
    cases = []
    guard let tests = tree["tests"]?.items else {
      diagnostics.append(
        Self.wrong("a test file has a list 'tests'", tree, "begin it with 'tests:' and '- name: …' under it.")
      )
      return
    }
    for test in tests {
      for entry in test.entries ?? [] where !Self.keys.contains(entry.key) {
        diagnostics.append(
          Diagnostic(
            id: "test.unknown-key", "unknown key '\(entry.key)' in a pipeline test", at: entry.keyPosition,
            length: entry.key.count,
            help: (Suggestion.nearest(to: entry.key, among: Self.keys).map { "did you mean '\($0)'? " } ?? "")
              + "A test knows \(Self.keys.joined(separator: ", "))."))
      }
      if let read = Self.read(test, &diagnostics) { cases.append(read) }
    }
  }

  private static func read(_ test: Tree, _ diagnostics: inout [Diagnostic]) -> Case? {
    let payload: Case.Payload
    if let text = test["payload"]?.text {
      payload = .text(text)
    } else if let file = test["payload"]?["file"]?.text {
      payload = .file(file)
    } else {
      diagnostics.append(
        wrong(
          "a pipeline test needs a payload", test,
          "add 'payload: |' with text under it, or 'payload: { file: … }'."))
      return nil
    }
    var request: [String: String] = [:]
    for entry in test["request"]?.entries ?? [] { request[entry.key] = entry.value.text }
    var counters: [String: Int] = [:]
    for entry in test["counters"]?.entries ?? [] {
      if ["read", "filtered", "deleted", "rejected"].contains(entry.key),
        let count = entry.value.text.flatMap({ Int($0) })
      {
        counters[entry.key] = count
      } else {
        diagnostics.append(
          wrong(
            "'\(entry.key)' is not a counter of a pipeline test", entry.value,
            "write read, filtered, deleted or rejected with a number."))
      }
    }
    if let center = test["center"], center.text != "empty" {
      diagnostics.append(
        wrong(
          "the center of a pipeline test is empty, or there is none", center,
          "write 'center: empty' to have references checked among the records of the payload."))
    }
    return Case(
      name: test["name"]?.text ?? "test at line \(test.position.line)", position: test.position,
      payload: payload,
      landingDate: test["landing_date"]?.text ?? "2026-01-01", request: request,
      rows: rows(test["rows"], &diagnostics), includes: rows(test["includes"], &diagnostics),
      rejects: findings(test["rejects"], &diagnostics) ?? [], notes: findings(test["notes"], &diagnostics),
      counters: counters, fails: test["fails"]?.text,
      isLoaded: test["center"] != nil)
  }

  private static func rows(_ tree: Tree?, _ diagnostics: inout [Diagnostic]) -> [String: [ExpectedRow]] {
    var rows: [String: [ExpectedRow]] = [:]
    for entity in tree?.entries ?? [] {
      guard let items = entity.value.items else {
        diagnostics.append(
          wrong(
            "the expected rows of '\(entity.key)' are not a list", entity.value,
            "write '- { field: value }' per row."))
        continue
      }
      rows[entity.key] = items.map { row in
        ExpectedRow(position: row.position, columns: (row.entries ?? []).map { ($0.key, $0.value.text) })
      }
    }
    return rows
  }

  private static func findings(_ tree: Tree?, _ diagnostics: inout [Diagnostic]) -> [Case.ExpectedReject]? {
    guard let items = tree?.items else { return nil }
    return items.compactMap { item in
      guard let record = item["record"]?.text.flatMap({ Int($0) }), let rule = item["rule"]?.text else {
        diagnostics.append(
          wrong(
            "an expected reject names its record and rule", item,
            "write '{ record: 2, field: birth_date, rule: type.date }'."))
        return nil
      }
      return Case.ExpectedReject(
        record: record, rule: rule, field: item["field"]?.text, value: item["value"]?.text)
    }
  }

  private static func wrong(_ message: String, _ tree: Tree, _ help: String) -> Diagnostic {
    Diagnostic(id: "test.malformed", message, at: tree.position, length: tree.length, help: help)
  }
}
