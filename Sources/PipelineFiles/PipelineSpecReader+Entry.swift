// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

extension PipelineSpecReader {
  /// Reads an entry of `map` or `let`: a path, or a mapping.
  mutating func entry(_ given: Tree.Entry, _ section: PipelineSection) -> EntrySpec? {
    let name = Located(given.key, at: given.keyPosition, length: given.key.count)
    let tree = given.value
    var spec = EntrySpec(name: name, position: tree.position)
    guard tree.entries != nil else {
      if tree.isNull || tree.items != nil {
        report(.entryWithoutSource(name, at: tree))
        return nil
      }
      guard let path = text(tree, given.key) else { return nil }
      spec.from = [path]
      return spec
    }
    guard let keys = self.section(section, tree) else { return nil }
    readSource(keys, into: &spec, tree)
    spec.take = keys["take"].flatMap { take($0) }
    spec.join = text(keys["join"], "join")
    spec.split = text(keys["split"], "split")
    if let split = spec.split, split.value.isEmpty { report(.emptySeparator(split)) }
    spec.defaultText = text(keys["default"], "default")
    spec.lookup = text(keys["lookup"], "lookup")
    spec.lookupSource = text(keys["source"], "source")
    spec.asOf = text(keys["as_of"], "as_of")
    spec.validOn = text(keys["valid_on"], "valid_on")
    spec.unknown = choice(keys.evenNull("unknown"), "unknown", of: section)
    spec.lostZeros = integer(keys["lost_zeros"], "lost_zeros", minimum: 2)
    spec.unit = choice(keys["unit"], "unit", of: section)
    spec.round = choice(keys["round"], "round", of: section)
    spec.isRaw = choice(keys["as"], "as", of: section)?.map { $0 == "raw" }
    spec.formats = formats(keys)
    if section == .map {
      spec.keepsAbsent = choice(keys.evenNull("absent"), "absent", of: section)?.map { $0 == "keep" }
    } else {
      spec.type = keys["type"].flatMap { valueType($0) }
      spec.personal = choice(keys["personal"], "personal", of: section)?.map {
        PersonalClass(rawValue: $0) ?? .basic
      }
    }
    reportMisfits(spec, keys, section)
    return spec
  }

  private mutating func readSource(_ keys: SectionEntries, into spec: inout EntrySpec, _ tree: Tree) {
    if let given = keys["from"] { spec.from = texts(given, "from") }
    spec.value = text(keys["value"], "value")
    spec.expr = text(keys["expr"], "expr")
    let sources = ["from", "value", "expr"].filter { keys[$0] != nil }
    if sources.isEmpty { report(.entryWithoutSource(spec.name, at: tree)) }
    for second in sources.dropFirst() {
      guard let place = keys.keyPosition(second) else { continue }
      report(.conflict(second, with: sources[0], at: place, in: keys.section))
    }
  }

  /// Keys that mean something only beside others.
  private mutating func reportMisfits(
    _ spec: EntrySpec, _ keys: SectionEntries, _ section: PipelineSection
  ) {
    func misfit(_ key: String, needs other: String) {
      guard let place = keys.keyPosition(key) else { return }
      report(.misfit(key, needs: other, at: place))
    }
    if spec.from.isEmpty && keys["from"] == nil {
      for key in ["take", "join", "split", "as", "absent", "encoding"] { misfit(key, needs: "from") }
    }
    if spec.take?.value == .all, spec.join == nil { misfit("take", needs: "join") }
    if let take = spec.take, spec.join != nil, take.value != .all {
      report(.conflict("join", with: "take", at: keys.keyPosition("join") ?? take.position, in: section))
    }
    if spec.split != nil, let take = spec.take?.value, take == .count || take == .sum {
      let other = take == .sum ? "take: sum" : "take: count"
      report(.conflict("split", with: other, at: keys.keyPosition("split") ?? spec.position, in: section))
    }
    if spec.keepsAbsent?.value == true, let place = keys.keyPosition("default") {
      report(.conflict("default", with: "absent: keep", at: place, in: section))
    }
  }

  private mutating func take(_ tree: Tree) -> Located<EntrySpec.Take>? {
    guard let found = text(tree, "take") else { return nil }
    let words: [String: EntrySpec.Take] = [
      "only": .only, "first": .first, "last": .last, "count": .count, "sum": .sum,
      "all": .all,
    ]
    if let word = words[found.value] { return found.map { _ in word } }
    if let number = Int(found.value) {
      if number >= 1 { return found.map { _ in .nth(number) } }
      report(.tooSmall("take", minimum: 1, at: tree))
      return nil
    }
    report(
      .unknownChoice(
        "take", found, among: ["only", "first", "last", "count", "sum", "all"], or: "a number from 1"))
    return nil
  }

  /// `text`, `decimal(18,2)` …; a code's list is named by `lookup`.
  private mutating func valueType(_ tree: Tree) -> Located<FieldType>? {
    guard let found = text(tree, "type") else { return nil }
    let words: [String: FieldType] = [
      "text": .text, "integer": .integer, "boolean": .boolean, "date": .date,
      "timestamp": .timestamp, "partial_date": .partialDate,
    ]
    if let word = words[found.value] { return found.map { _ in word } }
    if found.value.hasPrefix("decimal("), found.value.hasSuffix(")") {
      let parts = found.value.dropFirst(8).dropLast().split(separator: ",").map {
        Int($0.filter { $0 != " " })
      }
      if parts.count == 2, let precision = parts[0], let scale = parts[1],
        (1...38).contains(precision), (0...precision).contains(scale)
      {
        return found.map { _ in .decimal(precision: precision, scale: scale) }
      }
    }
    report(.unknownChoice("type", found, among: words.keys.sorted(), or: "decimal(precision,scale)"))
    return nil
  }
}
