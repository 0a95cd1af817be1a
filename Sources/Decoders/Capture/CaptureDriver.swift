// SPDX-License-Identifier: Apache-2.0

import Records

/// The face of the capture engine that a format drives: a bare pointer, copied freely, without reference counting.
///
/// A format tells what it meets, in document order:
///
/// - `openRoot(kind:)` … `close()` once for an XML document; for JSON once per root value, or per item of a root
///   array, or per NDJSON line; for CSV once per row.
/// - `open(key, name:, attributes:, kind:)` … `close()` for each element, member or cell. **Arrays are not opened**,
///   unless ``keepsList(_:)`` says so:
///   each item is opened under its array's key; an item of an array directly within an array is opened with
///   ``NameKey/unknown`` and the outer key's bytes as its name, inside the inner array, which is a `structure`.
/// - `text(…)` for each piece of a scalar's text between.
///
/// When `open` or `openRoot` answers `.position`, the format must call `begin(at:line:)` before anything else. When
/// ``closeWantsPosition`` is true, the innermost open member must be closed by `close(at:)`, else by `close()`.
///
/// While ``hasRaw`` is true, the source text itself is wanted (`as: raw`): the format keeps a frontier, set by
/// `begin(at:)`; it gives the bytes from the frontier on by `raw(…)` *before* `begin(at:)` (up to the new start)
/// and *before* `close(at:)` (up to its end), and before it forgets bytes.
///
/// After each call, or at the end of each piece, the format looks at ``hasFailed`` and throws the engine's `failure`.
struct CaptureDriver {
  let state: UnsafeMutablePointer<CaptureState>

  @inline(__always) var hasFailed: Bool { state.pointee.hasFailed }
  @inline(__always) var hasRaw: Bool { state.pointee.rawCount > 0 }
  @inline(__always) var closeWantsPosition: Bool { state.pointee.level.pointee.endWanted }
  /// Open levels without the root; -1 when not even that is open.
  var depth: Int { state.pointee.level - state.pointee.base }
  /// Whether text given now is wanted at all.
  @inline(__always) var wantsText: Bool { state.pointee.captureCount > 0 }
  /// Whether anything below the innermost open member can be wanted; if not, a format may skip it as a whole
  /// (it must still be checked for well-formedness).
  @inline(__always) var wantsMembers: Bool {
    state.pointee.isCensusOpen || state.pointee.captureCount > 0
      || state.pointee.level.pointee.node != nil
  }

  /// Opens an instance of the document's root.
  func openRoot(kind: ContentKind) -> CaptureWants {
    let level = state.pointee.base
    state.pointee.level = level
    level.pointee.node = nil
    level.pointee.leaf = nil
    level.pointee.count = 0
    level.pointee.endWanted = false
    let empty = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    return enter(state.pointee.root, name: empty, attributes: .none, kind: kind)
  }

  /// Opens a member of the innermost open one.
  ///
  /// - Parameters:
  ///   - key: its name, as the engine's names were resolved.
  ///   - name: its name for people and for `name()`: an XML local name, a JSON key. Read during the call only.
  @inline(__always)
  func open(
    _ key: NameKey, name: @autoclosure () -> UnsafeBufferPointer<UInt8>,
    attributes: AttributeRun = .none, kind: ContentKind
  ) -> CaptureWants {
    let level = state.pointee.level
    state.pointee.textRun = 0
    if level >= state.pointee.deepest {
      return openGuarded(key, name: name(), attributes: attributes, kind: kind)
    }
    let next = level + 1
    state.pointee.level = next
    next.pointee.node = nil
    next.pointee.leaf = nil
    next.pointee.count = 0
    next.pointee.endWanted = false
    guard let node = level.pointee.node else { return [] }
    if node.pointee.isSimple, level.pointee.count == 1 {
      guard let edge = Self.match(node, key) else { return [] }
      let child = edge.pointee.child
      if let leaf = edge.pointee.leaf {
        next.pointee.node = child
        next.pointee.leaf = leaf
        next.pointee.count = 1
        beginPlain(leaf, attributes: attributes, kind: kind)
        return []
      }
      if child.pointee.isQuiet {
        next.pointee.node = child
        next.pointee.count = 1
        if attributes.count > 0 { putAttributes(child, attributes) }
        return []
      }
      return enter(child, name: name(), attributes: attributes, kind: kind)
    }
    return openAll(level, key, name: name(), attributes: attributes, kind: kind)
  }

  /// Finds the one edge of a simple node.
  @inline(__always)
  private static func match(_ node: NodePointer, _ key: NameKey) -> UnsafeMutablePointer<CaptureEdge>? {
    let count = node.pointee.edges.count
    guard let edges = node.pointee.edges.baseAddress else { return nil }
    let hint = node.pointee.hint
    if hint < count, edges[hint].key == key {
      node.pointee.hint = hint &+ 1
      return edges + hint
    }
    var at = 0
    while at < count {
      if edges[at].key == key {
        node.pointee.hint = at &+ 1
        return edges + at
      }
      at &+= 1
    }
    return nil
  }

  @inline(never)
  private func openGuarded(
    _ key: NameKey, name: UnsafeBufferPointer<UInt8>, attributes: AttributeRun, kind: ContentKind
  ) -> CaptureWants {
    let level = state.pointee.level
    guard level < state.pointee.limit else {
      state.pointee.engine._withUnsafeGuaranteedRef { $0.failTooDeep() }
      return []
    }
    let next = level + 1
    state.pointee.level = next
    next.pointee.node = nil
    next.pointee.leaf = nil
    next.pointee.count = 0
    next.pointee.endWanted = false
    if state.pointee.isCensusOpen {
      state.pointee.engine._withUnsafeGuaranteedRef { $0.count(key, name, level: depth) }
    }
    if state.pointee.isCensusOpen || state.pointee.awaitsRecord {
      countChild(key, name, of: level, isStructure: kind == .structure, by: 1)
    }
    return openAll(level, key, name: name, attributes: attributes, kind: kind)
  }

  private func countChild(
    _ key: NameKey, _ name: UnsafeBufferPointer<UInt8>, of level: UnsafeMutablePointer<CaptureLevel>,
    isStructure: Bool, by step: Int
  ) {
    forEach(in: level) { node in
      guard node.pointee.isRecordParent else { return }
      state.pointee.engine._withUnsafeGuaranteedRef {
        $0.countChild(key, name, of: node, isStructure: isStructure, by: step)
      }
    }
  }

  /// Whether an array under this key is a record itself: then it is opened, as a `structure`.
  @inline(__always)
  func keepsList(_ key: NameKey) -> Bool { state.pointee.keepsLists && findsList(key) }

  @inline(never)
  private func findsList(_ key: NameKey) -> Bool {
    var isFound = false
    forEach(in: state.pointee.level) { node in
      for edge in node.pointee.edges where edge.child.pointee.keepsList && (edge.isAny || edge.key == key) {
        isFound = true
      }
    }
    return isFound
  }

  /// Tells of a list whose items, if it has any, are opened one by one.
  @inline(__always)
  func meetList(_ key: NameKey, name: @autoclosure () -> UnsafeBufferPointer<UInt8>) {
    if state.pointee.isCensusOpen || state.pointee.awaitsRecord { countList(key, name()) }
  }

  @inline(never)
  private func countList(_ key: NameKey, _ name: UnsafeBufferPointer<UInt8>) {
    if state.pointee.isCensusOpen {
      state.pointee.engine._withUnsafeGuaranteedRef { $0.count(key, name, level: depth + 1, by: 0) }
    }
    countChild(key, name, of: state.pointee.level, isStructure: false, by: 0)
  }

  @inline(never)
  private func openAll(
    _ level: UnsafeMutablePointer<CaptureLevel>, _ key: NameKey, name: UnsafeBufferPointer<UInt8>,
    attributes: AttributeRun, kind: ContentKind
  ) -> CaptureWants {
    var wants: CaptureWants = []
    forEach(in: level) { node in
      let edges = node.pointee.edges
      var index = 0
      while index < edges.count {
        if edges[index].isAny || edges[index].key == key {
          wants.formUnion(enter(edges[index].child, name: name, attributes: attributes, kind: kind))
        }
        index += 1
      }
    }
    return wants
  }

  /// Visits the wanted steps that the innermost open member is.
  func forEachOpen(_ visit: (NodePointer) -> Void) { forEach(in: state.pointee.level, visit) }

  /// Visits the steps open at a level, in the order they were opened.
  @inline(__always)
  private func forEach(in level: UnsafeMutablePointer<CaptureLevel>, _ visit: (NodePointer) -> Void) {
    guard level.pointee.count > 1, let nodes = level.pointee.nodes else {
      if let node = level.pointee.node { visit(node) }
      return
    }
    var at = 0
    while at < level.pointee.count {
      visit(nodes[at])
      at += 1
    }
  }

  /// Adds a piece of the innermost open member's text.
  @inline(__always)
  func text(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
    if let direct = state.pointee.direct {
      let start = direct.pointee.count
      let end = start &+ count
      if end <= direct.pointee.capacity, end <= state.pointee.directLimit {
        (direct.pointee.base + start).update(from: bytes, count: count)
        direct.pointee.count = end
      } else {
        textGuarded(bytes, count)
      }
      return
    }
    state.pointee.textRun &+= count
    if state.pointee.captureCount > 0 || state.pointee.textRun > state.pointee.textLimit {
      textGuarded(bytes, count)
    }
  }

  @inline(never)
  private func textGuarded(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
    if state.pointee.textRun > state.pointee.textLimit {
      return state.pointee.engine._withUnsafeGuaranteedRef { $0.failTooLong() }
    }
    textToAll(bytes, count)
  }

  private func textToAll(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
    var at = 0
    while at < state.pointee.captureCount {
      let value = state.pointee.captures[at]
      if !value.pointee.isOwnText || value.pointee.depth == depth {
        let bytesBefore = value.pointee.bytes.pointee.count - value.pointee.valueStart
        if bytesBefore + count > state.pointee.textLimit {
          return state.pointee.engine._withUnsafeGuaranteedRef { $0.failTooLong() }
        }
        value.pointee.bytes.pointee.append(bytes, count: count)
      }
      at += 1
    }
  }

  /// Source text of the raw values that are open.
  func raw(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let base = bytes.baseAddress else { return }
    var at = 0
    while at < state.pointee.rawCount {
      let value = state.pointee.raws[at]
      value.pointee.bytes.pointee.append(base, count: bytes.count)
      if value.pointee.bytes.pointee.count - value.pointee.valueStart > state.pointee.textLimit {
        state.pointee.engine._withUnsafeGuaranteedRef { $0.failTooLong() }
      }
      at += 1
    }
  }

  /// Tells where the member just opened begins in the payload's text.
  func begin(at offset: Int64, line: Int64) {
    state.pointee.rawCount += state.pointee.pendingRaws
    state.pointee.pendingRaws = 0
    forEach(in: state.pointee.level) { node in
      for kind in node.pointee.kinds {
        kind.pointee.openOffset = offset
        kind.pointee.openLine = line
      }
    }
  }

  /// Closes the innermost open member.
  ///
  /// - Parameter end: offset behind it; needed only when ``closeWantsPosition`` was true.
  @inline(__always)
  func close(at end: Int64 = 0) {
    state.pointee.textRun = 0
    let level = state.pointee.level
    state.pointee.level = level - 1
    if let leaf = level.pointee.leaf {
      if leaf.pointee.isOpen { endPlain(leaf) }
    } else if let node = level.pointee.node, !node.pointee.isQuiet || level.pointee.count > 1 {
      closeAll(level, end)
    }
  }

  @inline(never)
  private func closeAll(_ level: UnsafeMutablePointer<CaptureLevel>, _ end: Int64) {
    forEach(in: level) { leave($0, end: end) }
  }
}
