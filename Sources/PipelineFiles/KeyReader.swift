// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// Reads the keys of one mapping and remembers which were asked for, so that the others can be called unknown.
struct KeyReader {
  let tree: Tree
  /// First part of the diagnostics' ids: `schema`, `system`, `codelist`.
  let area: String
  /// What the mapping describes, for messages: `field 'cost_vnd'`.
  let subject: String
  var diagnostics: [Diagnostic] = []
  private var asked: [String] = []
  private let entries: [Tree.Entry]

  /// - Parameter position: where the subject is named, for what is missing.
  init(_ tree: Tree, area: String, subject: String) {
    self.tree = tree
    self.area = area
    self.subject = subject
    entries = tree.entries ?? []
    if tree.entries == nil, !tree.isNull {
      diagnostics.append(
        wrongType(tree, subject, "keys with values", "write 'key: value' lines, or { key: value }"))
    }
  }

  mutating func find(_ key: String) -> Tree? {
    asked.append(key)
    return entries.first { $0.key == key }.flatMap { $0.value.isNull ? nil : $0.value }
  }

  mutating func text(_ key: String) -> Located<String>? {
    guard let value = find(key) else { return nil }
    guard let text = value.text else {
      diagnostics.append(
        wrongType(value, "'\(key)' of \(subject)", "a text", "write one value after '\(key):'"))
      return nil
    }
    return Located(text, at: value.position, length: value.length)
  }

  mutating func texts(_ key: String) -> [Located<String>]? {
    guard let value = find(key) else { return nil }
    guard let items = value.items else {
      diagnostics.append(wrongType(value, "'\(key)' of \(subject)", "a list", "write '\(key): [a, b]'"))
      return nil
    }
    return items.compactMap { item in
      guard let text = item.text else {
        diagnostics.append(
          wrongType(item, "an item of '\(key)' of \(subject)", "a text", "write '\(key): [a, b]'"))
        return nil
      }
      return Located(text, at: item.position, length: item.length)
    }
  }

  /// A text that must read as something, or a diagnostic with the help.
  mutating func parsed<Value>(_ key: String, _ wanted: String, help: String, _ parse: (String) -> Value?)
    -> Located<Value>?
  {
    guard let text = text(key) else { return nil }
    guard let value = parse(text.value) else {
      diagnostics.append(
        Diagnostic(
          id: "\(area).wrong-type", "'\(key)' of \(subject) must be \(wanted), not '\(text.value)'",
          at: text.position, length: text.length, help: help))
      return nil
    }
    return Located(value, at: text.position, length: text.length)
  }

  mutating func boolean(_ key: String) -> Bool? {
    parsed(key, "true or false", help: "write true or false") {
      $0 == "true" ? true : $0 == "false" ? false : nil
    }?
    .value
  }

  mutating func count(_ key: String, atLeast minimum: Int) -> Int? {
    parsed(key, "a whole number of \(minimum) or more", help: "write digits only, as 10") {
      Int($0).flatMap { $0 >= minimum ? $0 : nil }
    }?.value
  }

  mutating func missing(_ key: String, help: String) {
    diagnostics.append(
      Diagnostic(
        id: "\(area).missing-key", "\(subject) needs '\(key)'", at: tree.position, length: tree.length,
        help: help))
  }

  /// Calls every key unknown that was not asked for.
  mutating func finish() {
    for entry in entries where !asked.contains(entry.key) {
      diagnostics.append(
        Diagnostic(
          id: "\(area).unknown-key", "unknown key '\(entry.key)' in \(subject)", at: entry.keyPosition,
          length: entry.key.count, help: Suggestion.help(for: entry.key, among: asked)))
    }
  }

  private func wrongType(_ tree: Tree, _ what: String, _ wanted: String, _ help: String) -> Diagnostic {
    let found =
      tree.items != nil ? "a list" : tree.entries != nil ? "a mapping" : tree.isNull ? "nothing" : "a text"
    return Diagnostic(
      id: "\(area).wrong-type", "\(what) must be \(wanted), not \(found)", at: tree.position,
      length: tree.length,
      help: help)
  }
}
