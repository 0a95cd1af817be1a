// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// The entries of one section, asked only for keys that the section declares.
struct SectionEntries {
  let section: PipelineSection
  let tree: Tree

  /// The value of a key; nil where it is missing or null.
  subscript(key: String) -> Tree? {
    let value = evenNull(key)
    return value?.isNull == true ? nil : value
  }

  /// The value of a key, also where it is a bare `null`, which some keys have as a word.
  func evenNull(_ key: String) -> Tree? {
    precondition(section.keys.contains { $0.name == key }, "\(section) declares no key \(key)")
    return tree[key]
  }

  func keyPosition(_ key: String) -> FilePosition? {
    tree.entries?.first { $0.key == key }?.keyPosition
  }
}

extension PipelineSpecReader {
  mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  /// Opens a mapping, reporting unknown and missing keys.
  mutating func section(_ section: PipelineSection, _ tree: Tree) -> SectionEntries? {
    guard let entries = tree.entries else {
      report(.wrongShape(section.title, expected: "a mapping", at: tree))
      return nil
    }
    let known = section.keys.map(\.name)
    for entry in entries where !known.contains(entry.key) {
      report(.unknownKey(entry, in: section))
    }
    let found = SectionEntries(section: section, tree: tree)
    for key in section.keys where key.isRequired && found[key.name] == nil {
      report(.missingKey(key.name, in: section, at: tree))
    }
    return found
  }

  /// Divides a component's mapping into the section's own keys and the component's settings.
  func split(_ tree: Tree, section: PipelineSection) -> (SectionEntries, settings: Tree) {
    let known = section.keys.map(\.name)
    let entries = tree.entries ?? []
    var own = tree
    own.value = .mapping(entries.filter { known.contains($0.key) })
    var rest = tree
    rest.value = .mapping(entries.filter { !known.contains($0.key) })
    return (SectionEntries(section: section, tree: own), rest)
  }

  /// Where the text of a scalar begins: after the opening quote, or on the line after a block's `|`.
  func start(of tree: Tree) -> FilePosition {
    guard case .scalar(_, isPlain: false) = tree.value else { return tree.position }
    var place = tree.position
    guard lines.indices.contains(place.line - 1) else { return place }
    let sign = lines[place.line - 1].dropFirst(place.column - 1).first
    if sign == "|" || sign == ">" {
      guard lines.indices.contains(place.line) else { return place }
      place.column = lines[place.line].prefix { $0 == " " }.count + 1
      place.line += 1
    } else if sign == "\"" || sign == "'" {
      place.column += 1
    }
    return place
  }

  mutating func text(_ tree: Tree?, _ name: String) -> Located<String>? {
    guard let tree, !tree.isNull else { return nil }
    guard case .scalar(let text, _) = tree.value else {
      report(.wrongShape(name, expected: "text", at: tree))
      return nil
    }
    return Located(text, at: start(of: tree), length: max(1, min(text.count, tree.length)))
  }

  /// One text or a list of them.
  mutating func texts(_ tree: Tree, _ name: String) -> [Located<String>] {
    (tree.items ?? [tree]).compactMap { item in
      if item.isNull { report(.wrongShape(name, expected: "text", at: item)) }
      return text(item, name)
    }
  }

  /// One text or a list of them, in which a bare `null` is the word.
  mutating func words(_ tree: Tree, _ name: String) -> [String] {
    (tree.items ?? [tree]).compactMap { item in
      if case .scalar(let word, _) = item.value { return word }
      report(.wrongShape(name, expected: "text", at: item))
      return nil
    }
  }

  mutating func list(_ tree: Tree, _ name: String) -> [Tree] {
    if let items = tree.items { return items }
    report(.wrongShape(name, expected: "a list", at: tree))
    return []
  }

  mutating func names(_ tree: Tree, _ name: String) -> [Tree.Entry] {
    if let entries = tree.entries { return entries }
    report(.wrongShape(name, expected: "a mapping", at: tree))
    return []
  }

  mutating func integer(_ tree: Tree?, _ name: String, minimum: Int) -> Located<Int>? {
    guard let tree, let found = text(tree, name) else { return nil }
    guard let number = Int(found.value) else {
      report(.wrongShape(name, expected: "a whole number", at: tree))
      return nil
    }
    if number < minimum {
      report(.tooSmall(name, minimum: minimum, at: tree))
      return nil
    }
    return found.map { _ in number }
  }

  mutating func boolean(_ tree: Tree?, _ name: String) -> Located<Bool>? {
    guard let tree, let found = text(tree, name) else { return nil }
    switch found.value {
    case "true": return found.map { _ in true }
    case "false": return found.map { _ in false }
    default:
      report(.wrongShape(name, expected: "true or false", at: tree))
      return nil
    }
  }

  /// Bytes: `65536`, `64KiB`, `1MiB`.
  mutating func size(_ tree: Tree?, _ name: String) -> Int? {
    guard let tree, let found = text(tree, name) else { return nil }
    let digits = found.value.prefix { $0.isASCII && $0.isNumber }
    let factors = ["": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30]
    let unit = String(found.value.dropFirst(digits.count).drop { $0 == " " })
    if let number = Int(digits), number > 0, let factor = factors[unit] {
      let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
      if !overflow { return bytes }
    }
    report(.wrongShape(name, expected: "a size as '64KiB' or '1MiB'", at: tree))
    return nil
  }

  mutating func day(_ tree: Tree?, _ name: String) -> Located<String>? {
    guard let tree, let found = text(tree, name) else { return nil }
    let parts = found.value.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard found.value.utf8.count == 10, parts.count == 3, let year = parts[0], let month = parts[1],
      let day = parts[2], CalendarDate(year: year, month: month, day: day) != nil
    else {
      report(.wrongShape(name, expected: "a date as '2027-12-31'", at: tree))
      return nil
    }
    return found
  }

  /// One of the words that the section declares for the key.
  mutating func choice(_ tree: Tree?, _ name: String, of section: PipelineSection) -> Located<String>? {
    guard case .choice(let words) = section.keys.first(where: { $0.name == name })?.shape else {
      preconditionFailure("\(section) declares no choice \(name)")
    }
    return choice(tree, name, among: words)
  }

  mutating func choice(_ tree: Tree?, _ name: String, among words: [String]) -> Located<String>? {
    guard let tree else { return nil }
    guard case .scalar(let text, _) = tree.value else {
      report(.wrongShape(name, expected: "text", at: tree))
      return nil
    }
    let found = Located(text, at: start(of: tree), length: max(1, text.count))
    if words.contains(text) { return found }
    report(.unknownChoice(name, found, among: words))
    return nil
  }
}
