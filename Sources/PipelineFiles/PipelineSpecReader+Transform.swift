// SPDX-License-Identifier: Apache-2.0

import Diagnostics

extension PipelineSpecReader {
  /// Reads one entry of `transform`, or of `children`, and what is nested in it.
  mutating func transform(_ tree: Tree, isChild: Bool) -> TransformSpec? {
    guard let keys = section(isChild ? .child : .transform, tree) else { return nil }
    var spec = TransformSpec(
      position: tree.position, mapPosition: keys.keyPosition("map") ?? tree.position)
    spec.to = text(keys["to"], "to")
    if isChild {
      spec.records = text(keys["records"], "records").map { [$0] } ?? []
    } else if let given = keys["records"] {
      spec.records = texts(given, "records")
      if given.items?.isEmpty == true { report(.emptyList("records", at: given)) }
    }
    spec.formats = formats(keys)
    if let given = keys["let"] { spec.lets = names(given, "let").compactMap { entry($0, .let) } }
    if let given = keys["map"] { spec.map = names(given, "map").compactMap { entry($0, .map) } }
    reportRepeated(spec)
    spec.filter = text(keys["filter"], "filter")
    if let given = keys["carry"] { spec.carry = texts(given, "carry") }
    if let given = keys["children"] {
      spec.children = list(given, "children").compactMap { transform($0, isChild: true) }
    }
    if isChild {
      if keys["records"] == nil { report(.missingKey("records", in: .child, at: tree)) }
      spec.dropsBadChildren = choice(keys["rejects"], "rejects", of: .child)?.value == "child"
      return spec
    }
    spec.delete = text(keys["delete"], "delete")
    spec.version = text(keys["version"], "version")
    spec.allowsEmpty = choice(keys["empty"], "empty", of: .transform).map { $0.value == "allowed" }
    if let given = keys["validate"] {
      for item in list(given, "validate") {
        switch rule(item) {
        case .rule(let rule): spec.rules.append(rule)
        case .limit(let limit): report(.rejectLimitInTransform(limit.position))
        case nil: break
        }
      }
    }
    return spec
  }

  /// A `let` value with the name of a field would make every use of the name ambiguous.
  private mutating func reportRepeated(_ spec: TransformSpec) {
    for value in spec.lets {
      if let field = spec.map.first(where: { $0.name.value == value.name.value }) {
        report(.letNamedLikeField(value.name, field: field.name.position))
      }
    }
  }

  /// `dates`, `numbers` and their kin, wherever they may stand.
  mutating func formats(_ keys: SectionEntries) -> FormatsSpec {
    var spec = FormatsSpec()
    spec.dates = keys["dates"].map { texts($0, "dates") }
    spec.numbers = keys["numbers"].flatMap { numbers($0) }
    spec.nulls = keys["nulls"].map { given in
      // A bare `null` or nothing at all is here the word itself.
      words(given, "nulls")
    }
    spec.trim = boolean(keys["trim"], "trim")?.value
    spec.zoneMinutes = keys["zone"].flatMap { zone($0) }
    spec.encoding = choice(keys["encoding"], "encoding", of: keys.section)
    return spec
  }

  private mutating func numbers(_ tree: Tree) -> NumbersSpec? {
    guard tree.entries != nil else {
      switch choice(tree, "numbers", among: ["plain", "vi", "en"])?.value {
      case "plain": return NumbersSpec(group: nil, decimal: ".")
      case "vi": return NumbersSpec(group: ".", decimal: ",")
      case "en": return NumbersSpec(group: ",", decimal: ".")
      default: return nil
      }
    }
    guard let keys = section(.numbers, tree) else { return nil }
    let group = character(keys["group"], "group")
    guard let decimal = character(keys["decimal"], "decimal") else { return nil }
    if group == decimal { report(.sameSeparators(tree)) }
    return NumbersSpec(group: group, decimal: decimal)
  }

  private mutating func character(_ tree: Tree?, _ name: String) -> Character? {
    guard let tree, let found = text(tree, name) else { return nil }
    guard found.value.count == 1, let only = found.value.first, !only.isNumber, only != "-" else {
      report(.notASeparator(name, at: tree))
      return nil
    }
    return only
  }

  private mutating func zone(_ tree: Tree) -> Int? {
    guard let found = text(tree, "zone") else { return nil }
    switch found.value {
    case "UTC", "Z": return 0
    // Vietnam and its neighbours have kept +07:00 since 1975.
    case "Asia/Ho_Chi_Minh", "Asia/Saigon", "Asia/Bangkok": return 420
    default:
      if let minutes = offsetMinutes(found.value) { return minutes }
      report(.badZone(found))
      return nil
    }
  }

  /// `+07:00`
  private func offsetMinutes(_ text: String) -> Int? {
    let characters = Array(text)
    guard characters.count == 6, characters[0] == "+" || characters[0] == "-", characters[3] == ":",
      let hours = Int(String(characters[1...2])), let minutes = Int(String(characters[4...5])),
      (0...14).contains(hours), (0...59).contains(minutes)
    else { return nil }
    return (characters[0] == "-" ? -1 : 1) * (hours * 60 + minutes)
  }
}
