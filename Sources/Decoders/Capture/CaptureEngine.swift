// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import Records

/// Turns a format's events into the chunks a ``DecodePlan`` asks for. One engine serves one pass.
///
/// All wanted paths are folded into one tree of steps. While a payload streams by, the engine keeps the steps that
/// are open at each level, and lets text run straight into the columns of the rows being made. A format drives it
/// through ``driver``; see ``CaptureDriver`` for the events and their order. Then it calls ``finish()``.
final class CaptureEngine {
  /// Why decoding cannot go on, once the driver's `hasFailed` is set.
  private(set) var failure: (any Error)?
  /// Where the format stands, for failures: a text such as `line 12 (offset 345)`.
  var place: () -> String? = { nil }

  let plan: DecodePlan
  /// What failures call the format's section of the pipeline: `decode.xml`.
  let section: String
  private let sink: any ChunkSink
  private let late: LateValues?
  var layout: CaptureLayout?
  private var chunks: [Chunk?]
  private var paths: [[String]]
  private var names: [[String]]
  private var filled: [[Int]]
  private var foundLate: [Int: [LateCell]] = [:]
  private var lateBytes = 0
  private var recalled: [Int: [Int: LateCell]] = [:]
  private var census: Census
  private var childCensus: [ChildCensus]
  private var hasRecord = false
  /// Records handed on, by root kind.
  var handedOn: [Int]
  /// What formats find wrong with rows of the current chunks beyond their cells, by root kind.
  var rowFailures: [[Failure]]

  let driver: CaptureDriver

  /// - Parameters:
  ///   - format: the decoder's name in pipelines, for help texts.
  ///   - nilKey: the attribute that makes an element null, in formats that have one.
  ///   - resolve: gives the key of each name of the plan's paths.
  /// - Throws: a ``StageFailure`` (78) for a path that cannot be followed while streaming, or from `resolve`.
  init(
    _ plan: DecodePlan, format: String, late: LateValues?, into sink: any ChunkSink,
    nilKey: NameKey = .unknown, resolve: @escaping NameResolver
  ) throws(StageFailure) {
    self.plan = plan
    section = "decode.\(format)"
    self.sink = sink
    self.late = late
    chunks = Array(repeating: nil, count: plan.kinds.count)
    paths = Array(repeating: [], count: plan.kinds.count)
    names = Array(repeating: [], count: plan.kinds.count)
    filled = plan.kinds.map { Array(repeating: 0, count: Self.columnCount($0)) }
    census = Census()
    childCensus = Array(repeating: ChildCensus(), count: plan.kinds.count)
    rowFailures = Array(repeating: [], count: plan.kinds.count)
    handedOn = Array(repeating: 0, count: plan.kinds.count)
    let draft = try CapturePlanDraft(plan, resolve: resolve)
    // The state is needed before `self` is whole; the engine's address is filled in behind.
    let placeholder = Unmanaged<CaptureEngine>.fromOpaque(
      UnsafeRawPointer(bitPattern: 8).unsafelyUnwrapped)
    let layout = CaptureLayout(draft, limits: plan.limits, engine: placeholder)
    self.layout = layout
    driver = CaptureDriver(state: layout.state)
    layout.state.pointee.engine = .passUnretained(self)
    layout.state.pointee.nilKey = nilKey
    setCensus(open: layout.nodes.contains { $0.isRecordParent })
    for (number, cells) in late?.cells ?? [:] { recalled[number] = Self.unpack(cells) }
    for cell in layout.cells {
      cell.value.pointee.instance = 0
      recallLate(cell.value)
    }
  }

  private static func columnCount(_ kind: RecordKind) -> Int {
    kind.children.reduce(kind.slots.count) { $0 + columnCount($1) }
  }

  // MARK: Cells by row and column

  /// The cells a format must give by ``set(_:to:)``, by row and column from 1.
  var wantedCells: [(row: Int, column: Int, value: ValuePointer)] { layout?.cells ?? [] }

  /// Gives the value of a wanted cell.
  func set(_ cell: ValuePointer, to bytes: UnsafeBufferPointer<UInt8>) { driver.put(cell, bytes) }

  // MARK: Chunks

  func bind(_ kind: KindPointer) {
    let index = kind.pointee.index
    if settlePlaces(of: index) || !hasRecord {
      hasRecord = true
      sawRecordParent()
    }
    let chunk = sink.emptyChunk(kind: index)
    chunks[index] = chunk
    kind.pointee.isBound = true
    kind.pointee.chunkBytes = 0
    kind.pointee.pathIndex = -1
    bind(kind, to: chunk.table)
  }

  private func bind(_ kind: KindPointer, to table: Table) {
    precondition(table.captures.count == kind.pointee.columns.count, "a sink's chunk fits its plan")
    for (column, storage) in zip(kind.pointee.columns, table.captures.map(\.storage)) {
      column.column.pointee.storage = storage
      if let bytes = storage.pointer(to: \.bytes) { column.column.pointee.bytes = bytes }
    }
    kind.pointee.rows = 0
    kind.pointee.parents.count = 0
    for (child, below) in zip(kind.pointee.children, table.children) { bind(child, to: below) }
  }

  func handOnIfFull(_ kind: KindPointer) {
    guard
      kind.pointee.rows >= plan.limits.chunkRows || kind.pointee.chunkBytes >= plan.limits.chunkBytes,
      driver.state.pointee.undecidedRecords == 0
    else { return }
    handOn(kind)
  }

  private func handOn(_ kind: KindPointer) {
    let index = kind.pointee.index
    guard let chunk = chunks[index], failure == nil else { return }
    chunks[index] = nil
    kind.pointee.isBound = false
    var slot = 0
    fill(chunk.table, from: kind, counting: index, slot: &slot)
    for failure in rowFailures[index] { chunk.add(failure) }
    rowFailures[index].removeAll(keepingCapacity: true)
    let rows = kind.pointee.rows
    handedOn[index] += rows
    let positions = chunk.positions
    positions.ordinals.append(kind.pointee.ordinals.base, count: rows)
    positions.offsets.append(kind.pointee.offsets.base, count: rows)
    positions.lengths.append(kind.pointee.lengths.base, count: rows)
    positions.lines.append(kind.pointee.lines.base, count: rows)
    positions.siblings.append(kind.pointee.siblings.base, count: rows)
    positions.parentPathIndexes.append(kind.pointee.pathIndexes.base, count: rows)
    positions.parentPaths = paths[index]
    positions.names = names[index]
    paths[index].removeAll(keepingCapacity: true)
    names[index].removeAll(keepingCapacity: true)
    kind.pointee.ordinals.count = 0
    kind.pointee.offsets.count = 0
    kind.pointee.lengths.count = 0
    kind.pointee.lines.count = 0
    kind.pointee.siblings.count = 0
    kind.pointee.pathIndexes.count = 0
    kind.pointee.rows = 0
    do { try sink.take(chunk) } catch { fail(error) }
  }

  /// Writes what the engine kept beside the columns into a table, and counts the values it holds.
  private func fill(_ table: Table, from kind: KindPointer, counting root: Int, slot: inout Int) {
    table.fates.reserve(kind.pointee.rows)
    for _ in 0..<kind.pointee.rows { table.fates.append(.live) }
    if kind.pointee.root != nil {
      table.parents.append(kind.pointee.parents.base, count: kind.pointee.parents.count)
    }
    for column in table.captures {
      var count = 0
      let states = column.storage.pointee.states
      for row in 0..<states.count {
        let state = states.base[row].rawValue
        count +=
          state == CellState.value.rawValue
            || state >= CellState.many.rawValue
              && state != CellState.structure.rawValue
          ? 1 : 0
      }
      filled[root][slot] += count
      slot += 1
    }
    for (child, below) in zip(kind.pointee.children, table.children) {
      fill(below, from: child, counting: root, slot: &slot)
    }
  }

  /// Closes the innermost open member as ``CaptureDriver/close(at:)`` does, and rejects the records it makes.
  func close(at end: Int64, rule: String, value: String, message: String) {
    var open: [KindPointer] = []
    driver.forEachOpen { node in open += node.pointee.kinds.filter { $0.pointee.root == nil } }
    let rows = open.map(\.pointee.rows)
    for (kind, row) in zip(open, rows) {
      rowFailures[kind.pointee.index].append(
        // Whose value it is nobody knows: it may be a person's.
        Failure(row: row, rule: rule, field: "", value: value, message: message, personal: .basic))
    }
    driver.close(at: end)
    // A predicate may have found that it is no record after all.
    for (kind, row) in zip(open, rows) where kind.pointee.isBound && kind.pointee.rows == row {
      rowFailures[kind.pointee.index].removeLast()
    }
  }

  // MARK: Positions

  /// Finds the name and the parent's path of a row just closed.
  func nameRow(_ kind: KindPointer) {
    let index = kind.pointee.index
    let node = kind.pointee.node
    if names[index].isEmpty || node.pointee.isAny { names[index].append(Self.name(of: node)) }
    guard kind.pointee.pathIndex < 0 else { return }
    var steps: [String] = []
    var step = node.pointee.parent
    while let ancestor = step {
      let ordinal =
        ancestor.pointee.matches > 1 && !ancestor.pointee.isAny
        ? "[\(ancestor.pointee.matches)]" : ""
      let name = Self.name(of: ancestor)
      if ancestor.pointee.parent != nil || !ordinal.isEmpty { steps.append(name + ordinal) }
      step = ancestor.pointee.parent
    }
    let path = "/" + steps.reversed().joined(separator: "/")
    if paths[index].last != path { paths[index].append(path) }
    kind.pointee.pathIndex = paths[index].count - 1
  }

  private static func name(of node: NodePointer) -> String {
    let name = node.pointee.name
    return String(decoding: UnsafeBufferPointer(start: name.base, count: name.count), as: UTF8.self)
  }

  /// A record turned out to be none: those opened within it move up.
  func dropOrdinal(_ ordinal: Int64) {
    driver.state.pointee.ordinal -= 1
    guard let layout else { return }
    for kind in layout.rootKinds {
      var row = kind.pointee.ordinals.count - 1
      while row >= 0, kind.pointee.ordinals[row] > ordinal {
        kind.pointee.ordinals[row] -= 1
        row -= 1
      }
      if kind.pointee.openOrdinal > ordinal { kind.pointee.openOrdinal -= 1 }
    }
  }

  // MARK: Late values

  func keepLate(_ value: ValuePointer) {
    var bytes: [UInt8] = []
    let instance = UInt64(truncatingIfNeeded: value.pointee.instance)
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: instance >> shift))
    }
    var state = value.pointee.state
    if value.pointee.take == .count {
      bytes += Array(String(value.pointee.count).utf8)
      state = .value
    } else if state == .value || state == .many || state == .list {
      let text = value.pointee.bytes.pointee
      bytes += UnsafeBufferPointer(
        start: text.base + value.pointee.start, count: text.count - value.pointee.start)
    }
    lateBytes += bytes.count + 48
    foundLate[value.pointee.number, default: []].append(LateCell(state: state, bytes: bytes))
    if lateBytes > 256 << 20 {
      fail(
        StageFailure(
          id: "decode.too-many-late-values",
          "more than 256 MiB of values stand behind the records that need them", at: place(),
          help: "take those values from a place before the records, or make them records of their own",
          exit: .data))
    }
  }

  /// Each late cell begins with the number of its anchor's instance, so that only late ones need be kept.
  private static func unpack(_ cells: [LateCell]) -> [Int: LateCell] {
    var found: [Int: LateCell] = [:]
    for cell in cells where cell.bytes.count >= 8 {
      var instance: UInt64 = 0
      for index in 0..<8 { instance |= UInt64(cell.bytes[index]) << (8 * UInt64(index)) }
      found[Int(truncatingIfNeeded: instance)] = LateCell(
        state: cell.state, bytes: Array(cell.bytes.dropFirst(8)))
    }
    return found
  }

  func recallLate(_ value: ValuePointer) {
    guard !recalled.isEmpty, let cell = recalled[value.pointee.number]?[value.pointee.instance] else {
      return
    }
    value.pointee.isLocked = true
    value.pointee.state = cell.state
    value.pointee.start = 0
    value.pointee.bytes.pointee.count = 0
    for byte in cell.bytes { value.pointee.bytes.pointee.append(byte) }
  }

  // MARK: Failures

  func fail(_ error: any Error) {
    if failure == nil { failure = error }
    driver.state.pointee.hasFailed = true
  }

  func failTooDeep() {
    fail(
      StageFailure(
        id: "decode.too-deep", "the payload is nested deeper than \(plan.limits.depth) levels",
        at: place(), help: "raise '\(section).limits.depth' if the source means it", exit: .data))
  }

  func failTooLong() {
    fail(
      StageFailure(
        id: "decode.text-too-long", "a text is longer than \(plan.limits.textBytes) bytes", at: place(),
        help: "raise '\(section).limits.text' if the source means it", exit: .data))
  }

  func failTooLarge() {
    fail(
      StageFailure(
        id: "decode.record-too-large", "one record with its nested lists holds more than 1 GiB",
        at: place(),
        help: "make the nested list's path the record path, so that its items are records of their own",
        exit: .data))
  }

  // MARK: Nothing there

  func count(_ key: NameKey, _ name: UnsafeBufferPointer<UInt8>, level: Int, by step: Int = 1) {
    census.count(name, space: key.space, level: level, by: step)
  }

  func countChild(
    _ key: NameKey, _ name: UnsafeBufferPointer<UInt8>, of parent: NodePointer, isStructure: Bool,
    by step: Int
  ) {
    guard !hasRecord, let layout else { return }
    for kind in layout.rootKinds where kind.pointee.node.pointee.parent == parent {
      let isWanted = parent.pointee.edges.contains {
        $0.child == kind.pointee.node && ($0.isAny || $0.key == key)
      }
      if isWanted {
        childCensus[kind.pointee.index].sawWanted()
      } else {
        childCensus[kind.pointee.index].count(name, isStructure: isStructure, by: step)
      }
    }
  }

  func sawRecordParent() {
    guard let layout else { return }
    setCensus(open: layout.nodes.contains { $0.isRecordParent && !$0.wasSeen })
  }

  private func setCensus(open isOpen: Bool) {
    let state = driver.state
    state.pointee.isCensusOpen = isOpen
    state.pointee.awaitsRecord = !hasRecord && !plan.kinds.isEmpty
    state.pointee.deepest =
      isOpen || state.pointee.awaitsRecord ? state.pointee.base - 1 : state.pointee.limit
  }

  /// What was met so far of the plan's document slots.
  var documentValues: [DocumentValue] { layout?.documentValues.map(Self.documentValue) ?? [] }

  /// Hands on the last chunks and tells what was met.
  ///
  /// - Parameter spaceName: the URI of a namespace key, for the message that nothing matched.
  func finish(spaceName: (UInt) -> String? = { _ in nil }) throws -> DecodeSummary {
    if let failure { throw failure }
    guard let layout else { return DecodeSummary(records: 0, documentValues: [], filled: []) }
    for cell in layout.cells where cell.value.pointee.isLate { keepLate(cell.value) }
    for (index, kind) in plan.kinds.enumerated() where !(kind.allowsEmpty ?? plan.allowsEmpty) {
      let places = kind.list.map { list in plan.kinds.indices.filter { plan.kinds[$0].list == list } }
      if (places ?? [index]).contains(where: isThere) { continue }
      throw census.nothingMatched(
        kind.records, section: section, namespaces: plan.namespaces, spaceName: spaceName)
    }
    for kind in layout.rootKinds where kind.pointee.isBound && kind.pointee.rows > 0 { handOn(kind) }
    if let failure { throw failure }
    var summary = DecodeSummary(
      records: driver.state.pointee.records, listed: listed,
      documentValues: documentValues,
      filled: filled, late: foundLate.isEmpty ? nil : LateValues(cells: foundLate))
    if !hasRecord {
      summary.nothingMatched =
        layout.rootKinds.lazy.compactMap { [self] kind in
          childCensus[kind.pointee.index].notice(
            plan.kinds[kind.pointee.index].records, hasPrefixes: section == "decode.xml")
        }.first
    }
    return summary
  }
}
