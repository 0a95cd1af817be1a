// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// The entity that `guess` makes of the records, or of one nested list, with those nested in it.
final class GuessedEntity {
  struct Field {
    var name: String
    var path: String
    var type: GuessedType
    /// Further keys of the map entry.
    var keys: [String] = []
    /// How well it would do as a key; nil when it would not.
    var keyScore: Int?
    /// Digests of its values, one for each record, where it may be one of two that are a key together.
    var digests: [Int]?
  }

  /// SQLite holds 2,000 columns; a table that wide is no table for people.
  static let mostFields = 1_000
  static let mostEntities = 100
  static let deepestNesting = 8

  let name: String
  let parent: GuessedEntity?
  private(set) var fields: [Field] = []
  private(set) var key: [String] = []
  private var keyRemark = ""
  /// The key tells one record from another, also of the next payload.
  private(set) var isIdentified = false
  /// Names that several values of a record would have.
  private var sharedNames: Set<String> = []
  private var lists: [(path: String, entity: GuessedEntity)] = []
  private var remarks: [String] = []
  private var names: Set<String> = []
  private var entityNames: Set<String>
  private let guess: PipelineGuess
  private let occurrences: Int
  private let depth: Int

  /// The entity of the records.
  convenience init(_ place: GuessedRecords.Place, name: String, guess: PipelineGuess) {
    self.init(name: name, node: place.node, parent: nil, guess: guess, entityNames: [name])
    addAncestors(place)
    chooseKey(place)
    addLists(place.node)
    if fields.isEmpty { addPosition() }
  }

  private init(
    name: String, node: ObservedNode, parent: GuessedEntity?, guess: PipelineGuess, entityNames: Set<String>
  ) {
    self.name = name
    self.parent = parent
    self.guess = guess
    self.entityNames = entityNames
    depth = (parent?.depth ?? 0) + 1
    occurrences = max(node.count, 1)
    var above = parent
    while let entity = above {
      names.formUnion(entity.key)
      above = entity.parent
    }
    if parent != nil { addChildKey(node) }
    if parent == nil, case .member(let isUnique) = node.entry {
      add(Field(name: "code", path: "name()", type: .text, keyScore: isUnique && !node.isArray ? 10 : nil))
    }
    sharedNames = Self.sharedNames(node)
    if node.kind == .leaf {
      addText(node, path: "text()", wanted: "value")
    } else if node.textCount > 0 {
      addText(node, path: "text()", wanted: "value")
    }
    collect(node, path: "", depth: 0)
    if parent != nil { addLists(node) }
  }

  /// This entity, then those nested in it.
  var all: [GuessedEntity] { [self] + lists.flatMap(\.entity.all) }

  // MARK: Fields

  private func collect(_ node: ObservedNode, path: String, depth: Int) {
    for child in node.children where !child.isList {
      guard child.canBeNamed else {
        remarks.append("left out: \(path.isEmpty ? "" : path + "/")\"\" (an empty key has no path)")
        continue
      }
      // Of text with markup in it only the attributes are values of their own.
      if depth > 0, node.isMixed, child.kind != .attribute { continue }
      let step = (path.isEmpty ? "" : path + "/") + guess.step(child)
      let wanted = GuessText.identifier(child.name)
      if child.kind != .branch {
        if child.textCount > 0 || child.children.isEmpty {
          add(child, path: step, wanted: wanted, under: node)
        }
      } else if child.isMixed {
        add(child, path: step, wanted: wanted, under: node)
      } else if child.textCount > 0 {
        remarks.append("\(step) is sometimes a value, sometimes holds others: both are mapped")
        addText(child, path: guess.sample.isMarkup ? step + "/text()" : step, wanted: wanted, isMixed: true)
      }
      if depth < 40 { collect(child, path: step, depth: depth + 1) }
    }
  }

  private func add(_ node: ObservedNode, path: String, wanted: String, under parent: ObservedNode) {
    let name = qualified(wanted, parent.name, isNested: path.contains("/"))
    let words = Self.words(wanted)
    // The value of an element with text beside its children is all the text in it.
    let type = node.isMixed ? .text : GuessedType(node.forms, words: words, hasLiterals: guess.hasLiterals)
    let isAlways = node.count >= occurrences && node.emptyCount == 0 && !node.isMixed
    var score: Int?
    if isAlways, !node.hasRepeatedValues, type.canBeKey, node.forms.longest <= 100 {
      let isNamed = !words.union(Self.words(GuessText.identifier(parent.name))).isDisjoint(
        with: Self.keyWords)
      score =
        (isNamed ? 4 : 0) + (path.contains("/") ? 0 : 2) - (words.isDisjoint(with: Self.orderWords) ? 0 : 5)
      if node.kind == .attribute, node.namespace != nil { score? -= 1 }
      // One record says nothing of what is unique.
      if occurrences < 2, !isNamed || path.contains("/") { score = nil }
      // Any long text differs from all others for a while.
      if !isNamed, !fields.isEmpty || node.forms.longest > 64 { score = nil }
    }
    add(
      Field(
        name: name, path: path, type: type, keyScore: score,
        digests: isAlways && !path.contains("/") && node.hasRepeatedValues ? partDigests(node, words) : nil))
  }

  /// Only names that say what a record is of: any two columns differ from all others for a while.
  private func partDigests(_ node: ObservedNode, _ words: Set<String>) -> [Int]? {
    guard !words.isDisjoint(with: Self.keyWords.union(Self.orderWords).union(Self.periodWords)),
      node.count == occurrences, node.mostPerParent == 1, node.forms.longest <= 64
    else { return nil }
    return node.digests
  }

  /// The value of a place that may hold others too.
  private func addText(_ node: ObservedNode, path: String, wanted: String, isMixed: Bool = false) {
    guard node.kind == .leaf || node.isMixed || guess.sample.isMarkup else {
      return add(Field(name: wanted, path: path, type: .text, keys: ["as: raw"]))
    }
    let type =
      node.kind == .leaf
      ? GuessedType(
        node.forms, words: Self.words(GuessText.identifier(node.name)), hasLiterals: guess.hasLiterals)
      : .text
    add(Field(name: wanted, path: path, type: type))
  }

  private func addAncestors(_ place: GuessedRecords.Place) {
    for (index, (node, path)) in place.ancestors.enumerated()
    where node.isList || (index == 0 && node.count > 1) {
      let label = place.ancestors[...index].last { !$0.node.name.isEmpty }?.node.name ?? ""
      let start = path == "/" ? "" : path
      if case .member = node.entry {
        add(
          Field(
            name: label.isEmpty ? "code" : GuessText.identifier(label) + "_code", path: path + "/name()",
            type: .text))
      }
      for child in node.children where child.kind != .branch && !child.isList && child.canBeNamed {
        let wanted = GuessText.identifier(child.name)
        let name = qualified(wanted, label, isNested: true)
        let type = GuessedType(child.forms, words: Self.words(wanted), hasLiterals: guess.hasLiterals)
        add(Field(name: name, path: start + "/" + guess.step(child), type: type))
      }
    }
  }

  private func add(_ field: Field) {
    guard fields.count < Self.mostFields else {
      if fields.count == Self.mostFields, remarks.last?.hasPrefix("left out: everything") != true {
        remarks.append("left out: everything beyond \(Self.mostFields) fields")
      }
      return
    }
    var field = field
    field.name = unused(field.name)
    fields.append(field)
  }

  /// The name, with a number behind it where it is taken; it is taken from now on.
  private func unused(_ wanted: String) -> String {
    var name = wanted
    var number = 2
    while !names.insert(name).inserted {
      name = "\(wanted)_\(number)"
      number += 1
    }
    return name
  }

  @discardableResult
  private func addPosition() -> String {
    let name = unused(parent == nil ? "record" : "line")
    fields.insert(Field(name: name, path: "position()", type: .integer), at: 0)
    return name
  }

  /// The name, with its parent's in front where alone it would say little or stand for several values.
  private func qualified(_ name: String, _ parent: String, isNested: Bool) -> String {
    guard isNested, !parent.isEmpty,
      sharedNames.contains(name) || names.contains(name) || Self.bareWords.contains(name)
    else { return name }
    let prefix = GuessText.identifier(parent)
    return prefix == name ? name : String((prefix + "_" + name).prefix(54))
  }

  private static func sharedNames(_ node: ObservedNode) -> Set<String> {
    var counts: [String: Int] = [:]
    func visit(_ node: ObservedNode, _ depth: Int) {
      for child in node.children where !child.isList {
        if child.kind != .branch { counts[GuessText.identifier(child.name), default: 0] += 1 }
        if depth < 40 { visit(child, depth + 1) }
      }
    }
    visit(node, 0)
    return Set(counts.filter { $0.value > 1 }.keys)
  }

  /// Words that say what a value is only beside the name of what it is of.
  private static let bareWords: Set<String> = [
    "ma", "ten", "id", "code", "name", "value", "type", "loai", "cap", "key", "date", "ngay", "so", "no",
    "number",
    "title", "text", "label", "first", "last", "middle", "status", "level", "kind", "from", "to", "start",
    "end", "unit",
  ]

  /// The words of an identifier.
  static func words(_ identifier: String) -> Set<String> {
    Set(identifier.split(separator: "_").map(String.init))
  }

  private static let keyWords: Set<String> = [
    "id", "ma", "code", "key", "so", "uuid", "guid", "no", "number", "identifier",
  ]
  private static let periodWords: Set<String> = [
    "nam", "year", "quy", "quarter", "thang", "month", "ky", "period", "ngay", "date", "day", "hoc",
  ]
  private static let orderWords: Set<String> = ["stt", "line", "rank", "index", "order", "position", "row"]

  // MARK: Keys

  private func addChildKey(_ node: ObservedNode) {
    if case .member = node.entry, !node.isArray {
      add(Field(name: "code", path: "name()", type: .text))
      key = [fields[0].name]
    } else {
      key = [addPosition()]
      if case .member = node.entry { add(Field(name: "code", path: "name()", type: .text)) }
    }
  }

  private func chooseKey(_ place: GuessedRecords.Place) {
    var best: (name: String, score: Int)?
    for field in fields {
      if let score = field.keyScore, score > best?.score ?? Int.min { best = (field.name, score) }
    }
    let isNested = place.ancestors.enumerated().contains { $1.node.isList || ($0 == 0 && $1.node.count > 1) }
    if let best {
      key = [best.name]
      isIdentified = true
      keyRemark = "a guess: every record of the sample has it, each another value"
      return
    }
    if let pair = firstPair() {
      key = pair
      isIdentified = true
      keyRemark = "a guess: every record of the sample has both, and together they are each time others"
      return
    }
    if !isNested {
      key = [addPosition()]
      keyRemark =
        "no field identifies a record: this is its number in the payload. Name a better key, and mode: merge"
    }
  }

  /// The first two fields, in their order, that are unique together, one of them named as keys are.
  private func firstPair() -> [String]? {
    let parts = fields.filter { $0.digests != nil }.prefix(12)
    for (index, first) in parts.enumerated() {
      for second in parts.dropFirst(index + 1) {
        let isNamed = [first, second].contains { !Self.words($0.name).isDisjoint(with: Self.keyWords) }
        if isNamed, let one = first.digests, let other = second.digests, one.count == other.count,
          Set(zip(one, other).map(Pair.init)).count == one.count
        {
          return [first.name, second.name]
        }
      }
    }
    return nil
  }

  private struct Pair: Hashable {
    var first: Int
    var second: Int

    init(_ values: (Int, Int)) { (first, second) = values }
  }

  // MARK: Nested lists

  private func addLists(_ node: ObservedNode) {
    var found: [(String, ObservedNode)] = []
    func visit(_ node: ObservedNode, _ path: String, _ depth: Int) {
      if depth > 0, node.isMixed { return }
      for child in node.children where child.canBeNamed {
        let step = (path.isEmpty ? "" : path + "/") + guess.step(child)
        if child.entry == .item, node.children.count > 1 {
          remarks.append(
            "left out: lists in the list \(path), because '*' would mean its objects' members too")
          continue
        }
        if child.isList {
          found.append((step, child))
        } else if depth < 40 {
          visit(child, step, depth + 1)
        }
      }
    }
    visit(node, "", 0)
    for (path, child) in found {
      guard !key.isEmpty else {
        remarks.append("left out: the list \(path), because no field identifies the record it belongs to")
        continue
      }
      guard depth < Self.deepestNesting, root.all.count < Self.mostEntities else {
        remarks.append("left out: the list \(path), nested too deep or one of too many")
        continue
      }
      let base = String((name + "_" + label(child, path)).prefix(56))
      var childName = base
      var number = 2
      while !root.entityNames.insert(childName).inserted {
        childName = "\(base)_\(number)"
        number += 1
      }
      lists.append(
        (path, GuessedEntity(name: childName, node: child, parent: self, guess: guess, entityNames: [])))
    }
  }

  private var root: GuessedEntity { parent?.root ?? self }

  /// What to call a list: itself, or where it is entered by `*`, what holds it.
  private func label(_ node: ObservedNode, _ path: String) -> String {
    if !node.name.isEmpty { return GuessText.identifier(node.name) }
    let last = path.split(separator: "/").last { $0 != "*" }
    return last.map { GuessText.identifier(String($0)) } ?? "items"
  }

  // MARK: Text

  /// - Parameter encoding: that of the fields' text, for all of them.
  func transform(indentation: String, encoding: LegacyEncoding? = nil) -> String {
    var text = remarks.prefix(20).map { "\(indentation)# \(GuessText.comment($0))\n" }.joined()
    text += "\(indentation)to: \(name)\n"
    if let encoding {
      text +=
        "\(indentation)encoding: \(encoding.rawValue)   # a guess from the letters: look at names in the preview\n"
    }
    text += "\(indentation)map:\n"
    for field in fields { text += "\(indentation)  \(GuessText.quoted(field.name)): \(entry(field))\n" }
    if !lists.isEmpty {
      text += "\(indentation)children:\n"
      for (path, entity) in lists {
        let body = entity.transform(indentation: indentation + "    ")
        text += "\(indentation)  - records: \(GuessText.quoted(path))\n" + body
      }
    }
    return text
  }

  private func entry(_ field: Field) -> String {
    let keys = field.keys + field.type.formats
    let path = GuessText.quoted(field.path)
    return keys.isEmpty ? path : "{ from: \(path), \(keys.joined(separator: ", ")) }"
  }

  var schema: String {
    var text = "entity: \(name)\n"
    if let parent { text += "parent: \(parent.name)\n" }
    if key.isEmpty {
      text +=
        "# No single field tells the records apart: if several do, name them ('key: [a, b]')\n"
      text += "# and write 'mode: merge' in the pipeline.\n"
    } else {
      text += "key: [\(key.map(GuessText.quoted).joined(separator: ", "))]"
      text += keyRemark.isEmpty ? "\n" : "   # \(keyRemark)\n"
    }
    text += "fields:\n"
    for field in fields { text += "  \(GuessText.quoted(field.name)): { type: \(field.type.schemaText) }\n" }
    return text
  }
}
