// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths

/// How a format turns a name of a path into the keys that its events carry for it: several where a prefix stands
/// for several namespaces.
typealias NameResolver = (_ name: String, _ isAttribute: Bool) throws(StageFailure) -> [NameKey]

/// A path taken apart: how far it climbs, the steps it goes down, and what is taken at its end.
struct PlainPath {
  enum Tail: Equatable { case value, text, name, position, list, attribute(String) }

  var climbs = 0
  var steps: [RecordPath.Step] = []
  var tail = Tail.value

  /// Whether records can stand at its end: members, or arrays that are not entered.
  var isOfRecords: Bool { tail == .value || (tail == .list && !steps.isEmpty) }

  init(_ path: RecordPath) {
    for step in path.steps {
      switch step {
      case .parent: if steps.isEmpty { climbs += 1 } else { steps.removeLast() }
      case .child, .any: steps.append(step)
      case .attribute(let name): tail = .attribute(name.written)
      case .text: tail = .text
      case .name: tail = .name
      case .position: tail = .position
      case .list: tail = .list
      }
    }
  }
}

/// A step of the wanted paths while the plan is compiled.
final class NodeDraft {
  let number: Int
  let step: RecordPath.Step?
  /// Any of these is the step; none for `*` and the document.
  let keys: [NameKey]
  /// The plan keeps all steps alive; a strong reference here would keep them for ever.
  unowned let parent: NodeDraft?
  let depth: Int
  var edges: [NodeDraft] = []
  var values: [Int] = []
  var names: [Int] = []
  var positions: [Int] = []
  var attributes: [(key: NameKey, value: Int)] = []
  var predicates: [PredicateDraft] = []
  var kinds: [Int] = []
  var anchored: [Int] = []
  var deferred: [(kind: Int, column: Int, source: Int)] = []
  var isOnRecordPath = false
  var isRecordParent = false
  /// An array that stands here is opened itself, not entered.
  var keepsList = false

  init(number: Int, step: RecordPath.Step?, keys: [NameKey] = [], parent: NodeDraft?) {
    self.number = number
    self.step = step
    self.keys = keys
    self.parent = parent
    depth = parent.map { $0.depth + 1 } ?? 0
  }

  var firstContent: Int { predicates.firstIndex { $0.subject == .content } ?? predicates.count }
  var isProvisional: Bool { firstContent < predicates.count }

  /// The node itself and all below.
  var subtree: [NodeDraft] { [self] + edges.flatMap(\.subtree) }
}

struct PredicateDraft {
  var subject: CapturePredicate.Subject
  var test = CapturePredicate.Test.has
  var keys: [NameKey] = []
  var words: [String] = []
  var probe: Int?
  var number = 0
}

struct ValueDraft {
  var take: CapturedValue.Take
  var nth = 0
  var isOwnText = false
  var isRaw = false
  /// The kind whose current row it is made for; nil for registers and probes.
  var kind: Int?
  var isRegister = false
}

struct KindDraft {
  var node: NodeDraft
  var root: Int?
  var parent: Int?
  var children: [Int] = []
  var columns: [(role: KindColumn.Role, column: Int, source: Int)] = []
}

/// The plan as a tree of steps, values and kinds, before it is laid out in memory.
struct CapturePlanDraft {
  private(set) var nodes: [NodeDraft] = []
  private(set) var values: [ValueDraft] = []
  private(set) var kinds: [KindDraft] = []
  private(set) var rootKinds: [Int] = []
  private(set) var documentValues: [Int] = []
  /// Registers that a format fills by row and column.
  private(set) var cells: [(row: Int, column: Int, value: Int)] = []
  private let resolve: NameResolver

  init(_ plan: DecodePlan, resolve: @escaping NameResolver) throws(StageFailure) {
    self.resolve = resolve
    let root = NodeDraft(number: 0, step: nil, parent: nil)
    nodes.append(root)
    for kind in plan.kinds {
      let path = PlainPath(kind.records)
      guard path.climbs == 0, path.isOfRecords else { throw Self.notPossible(kind.records) }
      let chain = try descend(path.steps, from: [root], of: kind.records)
      if let early = chain.dropLast().first(where: { $0.isProvisional }) {
        throw StageFailure(
          id: "decode.path-not-possible",
          "the step '\(early.step?.description ?? "")' of the record path '\(kind.records)' asks for content",
          help: "only the last step of a record path may ask for anything but attributes", exit: .files)
      }
      rootKinds.append(try add(kind, chain: chain, rootDepth: chain.count - 1, root: nil, parent: nil))
    }
    for slot in plan.documentSlots { documentValues.append(try addDocument(slot, root)) }
    for node in nodes where node.keepsList { try checkList(node) }
  }

  /// An array is opened itself or entered, for all paths.
  private func checkList(_ node: NodeDraft) throws(StageFailure) {
    let others = node.parent?.edges.filter { $0 !== node } ?? []
    guard
      let other = others.first(where: { other in
        !other.keepsList
          && (other.keys.isEmpty || node.keys.isEmpty || other.keys.contains(where: node.keys.contains))
      })
    else { return }
    throw StageFailure(
      id: "decode.path-not-possible",
      "the step '\(node.step?.description ?? "")' takes arrays whole (list()), and "
        + "'\(other.step?.description ?? "")' beside it may enter the same arrays",
      help: "let all paths to these arrays count from the record: '*[1]' is its first item", exit: .files)
  }

  static func notPossible(_ path: RecordPath) -> StageFailure {
    StageFailure(
      id: "decode.path-not-possible", "the path '\(path)' leads to no place that can be read here",
      help: "a record path goes down by names; a value's '..' may climb no further than the document; "
        + "a predicate looks inside its own element",
      exit: .files)
  }

  // MARK: Kinds

  private mutating func add(
    _ kind: RecordKind, chain: [NodeDraft], rootDepth: Int, root: Int?, parent: Int?
  ) throws(StageFailure) -> Int {
    let index = kinds.count
    let node = chain[chain.count - 1]
    kinds.append(KindDraft(node: node, root: root, parent: parent))
    node.kinds.append(index)
    if PlainPath(kind.records).tail == .list { node.keepsList = true }
    for step in chain { step.isOnRecordPath = true }
    if root == nil, chain.count > 1 { chain[chain.count - 2].isRecordParent = true }
    for slot in kind.slots {
      try addColumn(slot, kind: index, chain: chain, rootDepth: rootDepth)
    }
    for child in kind.children {
      let path = PlainPath(child.records)
      guard child.records.origin == .record, path.climbs == 0, path.isOfRecords, !path.steps.isEmpty
      else { throw Self.notPossible(child.records) }
      let below = try descend(path.steps, from: chain, of: child.records)
      let number = try add(
        child, chain: below, rootDepth: rootDepth, root: root ?? index, parent: index)
      kinds[index].children.append(number)
    }
    return index
  }

  private mutating func addColumn(
    _ slot: CaptureSlot, kind: Int, chain: [NodeDraft], rootDepth: Int
  ) throws(StageFailure) {
    let column = addValue(slot, kind: kind)
    guard case .path(let path) = slot.source else {
      guard case .cell(let row, let cell) = slot.source else { return }
      let register = addRegister(slot)
      cells.append((row, cell, register))
      kinds[kind].columns.append((.copied, column, register))
      return
    }
    let plain = PlainPath(path)
    var anchor: Int
    var steps = plain.steps[...]
    if path.origin == .document {
      guard plain.climbs == 0 else { throw Self.notPossible(path) }
      // A path that begins like the record path follows the record's own ancestors.
      anchor = 0
      while anchor + 1 < chain.count, let step = steps.first, try follows(chain[anchor + 1], step) {
        anchor += 1
        steps.removeFirst()
      }
    } else {
      anchor = chain.count - 1 - plain.climbs
    }
    guard anchor >= 0 else { throw Self.notPossible(path) }
    let target = try descend(Array(steps), from: [chain[anchor]], of: path)
    let node = target[target.count - 1]
    if anchor == chain.count - 1 {
      kinds[kind].columns.append((.own, column, column))
      try hang(column, on: node, plain.tail)
    } else {
      let register = addRegister(slot)
      try hang(register, on: node, plain.tail)
      chain[anchor].anchored.append(register)
      if anchor >= rootDepth {
        kinds[kind].columns.append((.deferred, column, register))
        chain[anchor].deferred.append((kind, column, register))
      } else {
        kinds[kind].columns.append((.copied, column, register))
      }
    }
  }

  /// Whether a step of an absolute path is a step of the record path; without predicates it is any instance's.
  private func follows(_ node: NodeDraft, _ step: RecordPath.Step) throws(StageFailure) -> Bool {
    if node.step == step { return true }
    switch (node.step, step) {
    case (.child(let name, _), .child(let other, let predicates)):
      guard predicates.isEmpty else { return false }
      let known = try resolve(name.written, false)
      return try known == resolve(other.written, false)
    case (.any, .any(let predicates)): return predicates.isEmpty
    default: return false
    }
  }

  private mutating func addDocument(_ slot: CaptureSlot, _ root: NodeDraft) throws(StageFailure) -> Int {
    var first = slot
    if first.take == .only { first.take = .first }
    let register = addRegister(first)
    switch slot.source {
    case .cell(let row, let column): cells.append((row, column, register))
    case .path(let path):
      let plain = PlainPath(path)
      guard plain.climbs == 0 else { throw Self.notPossible(path) }
      let target = try descend(plain.steps, from: [root], of: path)
      try hang(register, on: target[target.count - 1], plain.tail)
    }
    return register
  }

  // MARK: Steps and values

  /// Follows steps down, adding what is not there; answers the whole chain.
  private mutating func descend(
    _ steps: [RecordPath.Step], from chain: [NodeDraft], of path: RecordPath
  ) throws(StageFailure) -> [NodeDraft] {
    var chain = chain
    for step in steps {
      let parent = chain[chain.count - 1]
      if let known = parent.edges.first(where: { $0.step == step }) {
        chain.append(known)
        continue
      }
      var keys: [NameKey] = []
      var predicates: [RecordPath.Predicate] = []
      switch step {
      case .child(let name, let found):
        keys = try resolve(name.written, false)
        predicates = found
      case .any(let found): predicates = found
      default: throw Self.notPossible(path)
      }
      let node = NodeDraft(number: nodes.count, step: step, keys: keys, parent: parent)
      nodes.append(node)
      parent.edges.append(node)
      for predicate in predicates { try add(predicate, to: node) }
      chain.append(node)
    }
    return chain
  }

  private mutating func add(_ predicate: RecordPath.Predicate, to node: NodeDraft) throws(StageFailure) {
    let path: RecordPath
    var draft = PredicateDraft(subject: .content)
    switch predicate {
    case .index(let number):
      draft.subject = .index
      draft.number = number
      return node.predicates.append(draft)
    case .equals(let inner, let words): (path, draft.test, draft.words) = (inner, .equals, words)
    case .differs(let inner, let words): (path, draft.test, draft.words) = (inner, .differs, words)
    case .has(let inner): (path, draft.test) = (inner, .has)
    case .hasNot(let inner): (path, draft.test) = (inner, .hasNot)
    }
    let plain = PlainPath(path)
    guard path.origin == .record, plain.climbs == 0, plain.tail != .position else {
      throw Self.notPossible(path)
    }
    if plain.steps.isEmpty {
      switch plain.tail {
      case .attribute(let name):
        draft.subject = .attribute
        draft.keys = try resolve(name, true)
        return node.predicates.append(draft)
      case .name:
        draft.subject = .name
        return node.predicates.append(draft)
      default: break
      }
    }
    values.append(ValueDraft(take: .probe))
    let probe = values.count - 1
    draft.probe = probe
    node.predicates.append(draft)
    let target = try descend(plain.steps, from: [node], of: path)
    try hang(probe, on: target[target.count - 1], plain.tail)
  }

  private mutating func hang(_ value: Int, on node: NodeDraft, _ tail: PlainPath.Tail) throws(StageFailure) {
    switch tail {
    case .value: node.values.append(value)
    case .text:
      values[value].isOwnText = true
      node.values.append(value)
    case .name: node.names.append(value)
    case .position: node.positions.append(value)
    case .list:
      throw StageFailure(
        id: "decode.path-not-possible", "list() stands at the end of a value's path",
        help: "list() makes records of arrays; leave it out here", exit: .files)
    case .attribute(let name):
      for key in try resolve(name, true) { node.attributes.append((key, value)) }
    }
  }

  private mutating func addRegister(_ slot: CaptureSlot) -> Int {
    let number = addValue(slot, kind: nil)
    values[number].isRegister = true
    return number
  }

  private mutating func addValue(_ slot: CaptureSlot, kind: Int?) -> Int {
    var draft = ValueDraft(take: .only, isRaw: slot.isRaw, kind: kind)
    switch slot.take {
    case .only: draft.take = .only
    case .first: draft.take = .first
    case .last: draft.take = .last
    case .nth(let number):
      draft.take = .nth
      draft.nth = number
    case .count: draft.take = .count
    case .all: draft.take = .all
    }
    values.append(draft)
    return values.count - 1
  }
}
