// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// A compiled plan in memory; frees it when it goes away.
final class CaptureLayout {
  let nodes: List<CaptureNode>
  let values: List<CapturedValue>
  let kinds: List<CapturedKind>
  let rootKinds: [KindPointer]
  let documentValues: [ValuePointer]
  let cells: [(row: Int, column: Int, value: ValuePointer)]
  let state: UnsafeMutablePointer<CaptureState>
  /// What else to free: blocks of plain values.
  private var blocks: [UnsafeMutableRawPointer] = []
  private var buffers: [UnsafeMutablePointer<GrowableBuffer<UInt8>>] = []

  init(_ draft: CapturePlanDraft, limits: DecodeLimits, engine: Unmanaged<CaptureEngine>) {
    nodes = .allocate(capacity: draft.nodes.count)
    values = .allocate(capacity: draft.values.count)
    kinds = .allocate(capacity: draft.kinds.count)
    state = .allocate(capacity: 1)
    let nodeBase = nodes.baseAddress.unsafelyUnwrapped
    let valueBase = UnsafeMutablePointer(mutating: values.baseAddress.unsafelyUnwrapped)
    let kindBase = kinds.baseAddress.unsafelyUnwrapped
    rootKinds = draft.rootKinds.map { kindBase + $0 }
    documentValues = draft.documentValues.map { valueBase + $0 }
    cells = draft.cells.map { ($0.row, $0.column, valueBase + $0.value) }

    var blocks: [UnsafeMutableRawPointer] = []
    func list<Element>(_ elements: [Element]) -> List<Element> {
      guard !elements.isEmpty else { return List(start: nil, count: 0) }
      let list = List<Element>.allocate(capacity: elements.count)
      _ = list.initialize(from: elements)
      blocks.append(UnsafeMutableRawPointer(list.baseAddress.unsafelyUnwrapped))
      return list
    }

    // One level before the root's, which never has a node, and one for each level of depth.
    let levels = UnsafeMutablePointer<CaptureLevel>.allocate(capacity: limits.depth + 2)
    levels.initialize(repeating: CaptureLevel(), count: limits.depth + 2)
    for depth in 0...limits.depth {
      let count = draft.nodes.count { $0.depth == depth }
      guard count > 0 else { break }
      let nodes = UnsafeMutablePointer<NodePointer>.allocate(capacity: count)
      levels[depth + 1].nodes = nodes
      blocks.append(UnsafeMutableRawPointer(nodes))
    }
    let captures = UnsafeMutablePointer<ValuePointer>.allocate(capacity: draft.values.count + 1)
    let raws = UnsafeMutablePointer<ValuePointer>.allocate(capacity: draft.values.count + 1)
    blocks += [
      UnsafeMutableRawPointer(levels), UnsafeMutableRawPointer(captures), UnsafeMutableRawPointer(raws),
    ]
    state.initialize(
      to: CaptureState(
        level: levels, base: levels + 1, deepest: levels,
        limit: levels + 1 + limits.depth, captures: captures,
        textLimit: limits.textBytes, raws: raws, root: nodeBase, engine: engine))

    for (number, value) in draft.values.enumerated() {
      // Columns are bound with each chunk; until then, and for registers and probes, the bytes are their own.
      let own = UnsafeMutablePointer<GrowableBuffer<UInt8>>.allocate(capacity: 1)
      own.initialize(to: GrowableBuffer(capacity: value.kind == nil ? 64 : 1))
      buffers.append(own)
      (valueBase + number).initialize(
        to: CapturedValue(
          bytes: own,
          isPlain: value.kind != nil && (value.take == .only || value.take == .first)
            && !value.isOwnText && !value.isRaw,
          take: value.take, isOwnText: value.isOwnText, isRaw: value.isRaw,
          isRegister: value.isRegister, nth: value.nth, number: number))
    }
    for node in draft.nodes {
      for value in node.values { valueBase[value].depth = node.depth }
    }
    for (number, kind) in draft.kinds.enumerated() {
      (kindBase + number).initialize(
        to: CapturedKind(
          index: draft.rootKinds.firstIndex(of: number) ?? -1, node: nodeBase + kind.node.number,
          root: kind.root.map { kindBase + $0 }, parent: kind.parent.map { kindBase + $0 },
          children: list(kind.children.map { kindBase + $0 }),
          columns: list(
            kind.columns.map {
              KindColumn(role: $0.role, column: valueBase + $0.column, source: valueBase + $0.source)
            }),
          parents: GrowableBuffer(), ordinals: GrowableBuffer(), offsets: GrowableBuffer(),
          lengths: GrowableBuffer(), lines: GrowableBuffer(), siblings: GrowableBuffer(),
          pathIndexes: GrowableBuffer()))
    }
    for node in draft.nodes {
      let predicates = list(
        node.predicates.map { predicate in
          CapturePredicate(
            subject: predicate.subject, test: predicate.test, keys: list(predicate.keys),
            words: list(predicate.words.map { list(Array($0.utf8)) }),
            probe: predicate.probe.map { valueBase + $0 }, number: predicate.number)
        })
      for index in predicates.indices {
        predicates[index].probe?.pointee.predicate = predicates.baseAddress.unsafelyUnwrapped + index
      }
      let scope = node.isProvisional ? draft.scope(of: node) : (values: [], kinds: [])
      (nodeBase + node.number).initialize(
        to: CaptureNode(
          edges: list(
            node.edges.flatMap { edge in
              (edge.keys.isEmpty ? [.unknown] : edge.keys).map { key in
                CaptureEdge(
                  key: key, child: nodeBase + edge.number,
                  leaf: draft.isPlainLeaf(edge) ? valueBase + edge.values[0] : nil, isAny: edge.keys.isEmpty)
              }
            }),
          isSimple: node.isSimple, isQuiet: draft.isQuiet(node), depth: node.depth,
          parent: node.parent.map { nodeBase + $0.number },
          isAny: node.step != nil && node.keys.isEmpty,
          values: list(node.values.map { valueBase + $0 }),
          attributes: list(
            node.attributes.map { CapturedAttribute(key: $0.key, value: valueBase + $0.value) }),
          names: list(node.names.map { valueBase + $0 }),
          positions: list(node.positions.map { valueBase + $0 }),
          kinds: list(node.kinds.map { kindBase + $0 }),
          anchored: list(node.anchored.map { valueBase + $0 }),
          deferred: list(
            node.deferred.map {
              DeferredColumn(
                kind: kindBase + $0.kind, storage: valueBase + $0.column, source: valueBase + $0.source)
            }),
          counting: list(node.edges.filter(\.isCounted).map { nodeBase + $0.number }),
          countingKinds: list(
            draft.rootKinds.filter { draft.kinds[$0].node.parent === node }.map { kindBase + $0 }),
          predicates: predicates, firstContent: node.firstContent,
          scope: list(scope.values.map { ValueSnapshot(value: valueBase + $0) }),
          scopeKinds: list(scope.kinds.map { KindSnapshot(kind: kindBase + $0) }),
          isRecordParent: node.isRecordParent, keepsList: node.keepsList, keepsName: node.isOnRecordPath,
          name: GrowableBuffer(capacity: 16)))
    }
    state.pointee.keepsLists = draft.nodes.contains(where: \.keepsList)
    self.blocks = blocks
  }

  deinit {
    for node in nodes { node.name.deallocate() }
    for kind in kinds {
      kind.parents.deallocate()
      for buffer in [kind.ordinals, kind.offsets, kind.lengths, kind.lines, kind.siblings] {
        buffer.deallocate()
      }
      kind.pathIndexes.deallocate()
    }
    for buffer in buffers {
      buffer.pointee.deallocate()
      buffer.deallocate()
    }
    for block in blocks { block.deallocate() }
    nodes.deallocate()
    values.deallocate()
    kinds.deallocate()
    state.deallocate()
  }
}

extension NodeDraft {
  var isSimple: Bool {
    let keys = edges.flatMap(\.keys)
    return edges.allSatisfy { !$0.keys.isEmpty } && Set(keys).count == keys.count
  }

  /// Whether its place among its siblings matters.
  var isCounted: Bool {
    isOnRecordPath || !positions.isEmpty || predicates.contains { $0.subject == .index }
  }
}

extension CapturePlanDraft {
  func isPlainLeaf(_ node: NodeDraft) -> Bool {
    node.values.count == 1 && !values[node.values[0]].isRaw && node.edges.isEmpty && node.names.isEmpty
      && node.positions.isEmpty && node.attributes.isEmpty && node.predicates.isEmpty
      && node.kinds.isEmpty && node.anchored.isEmpty && node.deferred.isEmpty && !node.isOnRecordPath
  }

  func isQuiet(_ node: NodeDraft) -> Bool {
    node.values.isEmpty && node.names.isEmpty && node.positions.isEmpty && node.predicates.isEmpty
      && node.kinds.isEmpty && node.anchored.isEmpty && node.deferred.isEmpty && !node.isOnRecordPath
      && !node.edges.contains(where: \.isCounted)
  }

  /// What must be taken back when a step turns out not to hold: values hung below it that belong to something
  /// above it, and the rows of kinds at or below it.
  func scope(of node: NodeDraft) -> (values: [Int], kinds: [Int]) {
    let below = node.subtree
    let kinds = below.flatMap(\.kinds)
    let ownProbes = node.predicates.compactMap(\.probe)
    var hung: [Int] = []
    for step in below {
      hung += step.values + step.names + step.positions + step.attributes.map(\.value)
    }
    let values = hung.filter { number in
      !ownProbes.contains(number) && self.values[number].kind.map { !kinds.contains($0) } ?? true
    }
    return (values, kinds)
  }
}
