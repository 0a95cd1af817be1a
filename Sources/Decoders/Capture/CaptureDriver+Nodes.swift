// SPDX-License-Identifier: Apache-2.0

import Records

// What happens when a wanted step is entered and left.
extension CaptureDriver {
  func enter(
    _ node: NodePointer, name: UnsafeBufferPointer<UInt8>, attributes: AttributeRun, kind: ContentKind
  ) -> CaptureWants {
    // Under a key of a wildcard step the key itself is data, so that a record stands there.
    if kind == .nothing, node.pointee.kinds.count > 0, !node.pointee.isAny { return [] }
    if node.pointee.predicates.count > 0, !admits(node, name: name, attributes: attributes) { return [] }
    let level = state.pointee.level
    if level.pointee.count == 0 { level.pointee.node = node }
    level.pointee.nodes?[level.pointee.count] = node
    level.pointee.count += 1
    if node.pointee.isProvisional { openScope(node) }
    if node.pointee.keepsName {
      node.pointee.name.count = 0
      if let base = name.baseAddress { node.pointee.name.append(base, count: name.count) }
    }
    for value in node.pointee.anchored { reset(value) }
    for child in node.pointee.counting {
      child.pointee.matches = 0
      for index in child.pointee.predicates.indices { child.pointee.predicates[index].counter = 0 }
    }
    for kind in node.pointee.countingKinds { kind.pointee.pathIndex = -1 }
    if node.pointee.isRecordParent, !node.pointee.wasSeen {
      node.pointee.wasSeen = true
      state.pointee.engine._withUnsafeGuaranteedRef { $0.sawRecordParent() }
    }
    var wants: CaptureWants = []
    for kind in node.pointee.kinds {
      openRow(kind)
      if kind.pointee.root == nil {
        wants = .position
        level.pointee.endWanted = true
      }
    }
    if state.pointee.hasFailed { return [] }
    if !node.pointee.isProvisional { acceptMatch(node) }
    for value in node.pointee.names { put(value, name) }
    if attributes.count > 0 { putAttributes(node, attributes) }
    if node.pointee.values.count > 0 {
      let kind = nilled(kind, attributes)
      for value in node.pointee.values { begin(value, kind: kind) }
      if state.pointee.pendingRaws > 0 {
        wants = .position
        level.pointee.endWanted = true
      }
    }
    return wants
  }

  private func acceptMatch(_ node: NodePointer) {
    node.pointee.matches += 1
    for value in node.pointee.positions { put(value, number: node.pointee.matches) }
  }

  func leave(_ node: NodePointer, end offset: Int64) {
    var at = node.pointee.values.count
    while at > 0 {
      at -= 1
      if node.pointee.values[at].pointee.isOpen { end(node.pointee.values[at]) }
    }
    if node.pointee.isProvisional {
      guard closeScope(node) else { return }
      acceptMatch(node)
    }
    for column in node.pointee.deferred {
      guard let storage = column.storage.pointee.storage else { continue }
      while storage.pointee.states.count < column.kind.pointee.rows {
        copyCell(column.source, to: storage)
      }
    }
    for kind in node.pointee.kinds { closeRow(kind, end: offset) }
    for value in node.pointee.anchored where value.pointee.isLate {
      state.pointee.engine._withUnsafeGuaranteedRef { $0.keepLate(value) }
    }
  }

  /// Begins a register anew for another instance of its anchor.
  private func reset(_ value: ValuePointer) {
    value.pointee.instance += 1
    value.pointee.count = 0
    value.pointee.state = .absent
    value.pointee.start = 0
    value.pointee.bytes.pointee.count = 0
    value.pointee.isCopied = false
    value.pointee.isLate = false
    value.pointee.isLocked = false
    state.pointee.engine._withUnsafeGuaranteedRef { $0.recallLate(value) }
  }

  // MARK: Predicates

  /// Decides what can be decided when a step is opened.
  private func admits(
    _ node: NodePointer, name: UnsafeBufferPointer<UInt8>, attributes: AttributeRun
  ) -> Bool {
    let predicates = node.pointee.predicates
    var hasOpenIndex = false
    for index in predicates.indices {
      let predicate = predicates.baseAddress.unsafelyUnwrapped + index
      var isMet = true
      switch predicate.pointee.subject {
      case .content: continue
      case .index:
        if index > node.pointee.firstContent {
          hasOpenIndex = true
          continue
        }
        predicate.pointee.counter += 1
        isMet = predicate.pointee.counter == predicate.pointee.number
      case .attribute: isMet = predicate.pointee.accepts(predicate.pointee.value(in: attributes))
      case .name: isMet = predicate.pointee.accepts(name)
      }
      predicate.pointee.isMet = isMet
      // An index not yet counted must see this sibling, though it is already lost.
      if !isMet, !hasOpenIndex { return false }
    }
    return true
  }

  private func holds(_ node: NodePointer) -> Bool {
    let predicates = node.pointee.predicates
    for index in node.pointee.firstContent..<predicates.count {
      let predicate = predicates.baseAddress.unsafelyUnwrapped + index
      switch predicate.pointee.subject {
      case .content:
        guard let probe = predicate.pointee.probe else { return false }
        let isMet: Bool =
          switch predicate.pointee.test {
          case .equals, .differs: probe.pointee.isMatched
          case .has: probe.pointee.count > 0
          case .hasNot: probe.pointee.count == 0
          }
        if !isMet { return false }
      case .index:
        predicate.pointee.counter += 1
        if predicate.pointee.counter != predicate.pointee.number { return false }
      case .attribute, .name:
        if !predicate.pointee.isMet { return false }
      }
    }
    return true
  }

  // MARK: Scopes

  private func openScope(_ node: NodePointer) {
    state.pointee.undecided += 1
    for index in node.pointee.predicates.indices {
      guard let probe = node.pointee.predicates[index].probe else { continue }
      probe.pointee.count = 0
      probe.pointee.isMatched = false
      probe.pointee.bytes.pointee.count = 0
    }
    for index in node.pointee.scope.indices {
      let value = node.pointee.scope[index].value
      node.pointee.scope[index] = ValueSnapshot(
        value: value, start: value.pointee.start, count: value.pointee.count, state: value.pointee.state,
        bytes: value.pointee.bytes.pointee.count, isMatched: value.pointee.isMatched)
    }
    for index in node.pointee.scopeKinds.indices {
      node.pointee.scopeKinds[index].rows = node.pointee.scopeKinds[index].kind.pointee.rows
    }
    for kind in node.pointee.kinds where kind.pointee.root == nil { state.pointee.undecidedRecords += 1 }
  }

  /// Decides a step at its close. If it does not hold, everything captured within is as if never met.
  private func closeScope(_ node: NodePointer) -> Bool {
    state.pointee.undecided -= 1
    for kind in node.pointee.kinds where kind.pointee.root == nil { state.pointee.undecidedRecords -= 1 }
    if holds(node) { return true }
    for snapshot in node.pointee.scope {
      let value = snapshot.value
      value.pointee.start = snapshot.start
      value.pointee.count = snapshot.count
      value.pointee.state = snapshot.state
      value.pointee.isMatched = snapshot.isMatched
      value.pointee.bytes.pointee.count = snapshot.bytes
    }
    for snapshot in node.pointee.scopeKinds { dropRows(snapshot.kind, to: snapshot.rows) }
    for kind in node.pointee.kinds where kind.pointee.root == nil {
      state.pointee.engine._withUnsafeGuaranteedRef { $0.dropOrdinal(kind.pointee.openOrdinal) }
    }
    return false
  }
}
