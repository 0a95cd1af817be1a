// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// Tells the capture engine what a JSON tokenizer finds.
///
/// Arrays are entered without a step: each item is opened under its array's key. The items of an array
/// at the root
/// are roots themselves. An item of an array directly within an array, or of one that is a record itself, has no
/// key of its own.
struct JSONBinding: JSONConsumer {
  /// An open object or array.
  private struct Frame {
    enum Kind: UInt8 {
      case object
      /// Its items are opened under the key it stands under.
      case array
      /// Its items are roots.
      case rootArray
      /// Directly within an array, or taken whole: opened itself, its items have no key.
      case innerArray
    }

    var kind: Kind
    /// The capture engine knows it as a member of its own.
    var isOpened: Bool
    var reader: JSONKeyMemory.Reader
    /// Under which key values in it stand: the last key of an object, the own key of an array.
    var member: JSONKeyMemory.Member
    /// Shape of objects that stand as values in it.
    var itemShape: Int
    /// The array's key, where nothing else keeps it.
    var keptKey: UnsafeMutablePointer<UInt8>?
  }

  private let engine: CaptureEngine
  private let driver: CaptureDriver
  private var keys: JSONKeyMemory
  private var frames: GrowableBuffer<Frame>
  private let emptyText = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
  private let noMember: JSONKeyMemory.Member

  /// Number of frames at which an unwanted value began; nothing within is told to the engine.
  private var skippedFrom = Int.max

  /// Where the last token stands, for failures.
  private(set) var offset: Int64 = 0
  private(set) var line: Int64 = 1

  /// The current piece, and the offset up to which raw values have been given their text.
  private var pieceBase: UnsafePointer<UInt8>?
  private var pieceOffset: Int64 = 0
  private var frontier: Int64 = 0

  init(_ engine: CaptureEngine, names table: NameTable, depth: Int) {
    self.engine = engine
    driver = engine.driver
    keys = JSONKeyMemory(table)
    frames = GrowableBuffer(capacity: depth + 1)
    emptyText.initialize(to: 0)
    noMember = JSONKeyMemory.Member(
      key: .unknown, text: UnsafePointer(emptyText), count: 0, shape: JSONKeyMemory.noShape)
  }

  func deallocate() {
    keys.deallocate()
    for index in 0..<frames.count { frames[index].keptKey?.deallocate() }
    frames.deallocate()
    emptyText.deallocate()
  }

  // MARK: Values

  /// Opens a value where it stands: as a root, or as a member under its key.
  @inline(__always)
  private func open(_ kind: ContentKind) -> CaptureWants {
    if frames.count == 0 { return driver.openRoot(kind: kind) }
    let frame = frames.base + (frames.count - 1)
    switch frame.pointee.kind {
    case .rootArray: return driver.openRoot(kind: kind)
    case .object, .array, .innerArray:
      return driver.open(
        frame.pointee.member.key,
        name: UnsafeBufferPointer(start: frame.pointee.member.text, count: frame.pointee.member.count),
        kind: kind)
    }
  }

  mutating func string(_ text: UnsafeBufferPointer<UInt8>, _ token: JSONToken) throws {
    if frames.count >= skippedFrom { return passOver(token) }
    if open(.text).contains(.position) { begin(token.offset, token.line) }
    if driver.wantsText, let base = text.baseAddress { driver.text(base, text.count) }
    try end(token)
  }

  mutating func literal(_ token: JSONToken) throws {
    if frames.count >= skippedFrom { return passOver(token) }
    if open(.text).contains(.position) { begin(token.offset, token.line) }
    if driver.wantsText, let base = token.source.baseAddress { driver.text(base, token.source.count) }
    try end(token)
  }

  mutating func null(_ token: JSONToken) throws {
    if frames.count >= skippedFrom { return passOver(token) }
    let isMember = frames.count > 0 && frames.base[frames.count - 1].kind == .object
    if open(isMember ? .nothing : .null).contains(.position) { begin(token.offset, token.line) }
    try end(token)
  }

  /// Ends a scalar.
  @inline(__always)
  private mutating func end(_ token: JSONToken) throws {
    if driver.hasRaw { giveRaw(token) }
    driver.close(at: token.end)
    if driver.hasFailed { throw failure(token.offset, token.line) }
  }

  // MARK: Objects

  mutating func beginObject(offset: Int64, line: Int64, start: UnsafePointer<UInt8>) throws {
    (self.offset, self.line) = (offset, line)
    let shape = itemShape()
    if frames.count >= skippedFrom {
      return push(.object, isOpened: false, member: noMember, shape: shape)
    }
    if open(.structure).contains(.position) { begin(offset, line) }
    if driver.hasFailed { throw failure(offset, line) }
    let isWanted = driver.wantsMembers
    push(.object, isOpened: true, member: noMember, shape: shape)
    if !isWanted { skippedFrom = frames.count }
    if isWanted, membersAreRecords { frames.base[frames.count - 1].reader.isExempt = true }
  }

  mutating func key(_ text: UnsafeBufferPointer<UInt8>, _ token: JSONToken) throws {
    let frame = frames.base + (frames.count - 1)
    let base = text.baseAddress ?? noMember.text
    guard let member = keys.find(base, text.count, &frame.pointee.reader) else {
      throw repeated(text, token)
    }
    frame.pointee.member = member
    if driver.hasRaw { giveCarried(token) }
  }

  mutating func endObject(offset: Int64, end: UnsafePointer<UInt8>) throws {
    let frame = frames.base + (frames.count - 1)
    keys.end(frame.pointee.reader)
    try pop(offset)
  }

  /// Whether the members of the object just opened are records by `*`: its keys are data then, and
  /// may repeat.
  private var membersAreRecords: Bool {
    var areRecords = false
    driver.forEachOpen { node in
      if node.pointee.isSimple { return }
      for edge in node.pointee.edges where edge.isAny && edge.child.pointee.kinds.count > 0 {
        areRecords = true
      }
    }
    return areRecords
  }

  // MARK: Arrays

  mutating func beginArray(offset: Int64, line: Int64, start: UnsafePointer<UInt8>) throws {
    (self.offset, self.line) = (offset, line)
    let shape = itemShape()
    if frames.count >= skippedFrom {
      return push(.array, isOpened: false, member: noMember, shape: shape)
    }
    guard frames.count > 0 else {
      return push(.rootArray, isOpened: false, member: noMember, shape: shape)
    }
    let outer = frames[frames.count - 1]
    let isKeyed = outer.kind == .object
    if isKeyed, !driver.keepsList(outer.member.key) {
      driver.meetList(
        outer.member.key, name: UnsafeBufferPointer(start: outer.member.text, count: outer.member.count))
      return push(.array, isOpened: false, member: outer.member, shape: shape, keepsKey: true)
    }
    if open(.structure).contains(.position) { begin(offset, line) }
    if driver.hasFailed { throw failure(offset, line) }
    let isWanted = driver.wantsMembers
    var member = outer.member
    member.key = .unknown
    push(.innerArray, isOpened: true, member: member, shape: shape, keepsKey: isKeyed)
    if !isWanted { skippedFrom = frames.count }
  }

  mutating func endArray(offset: Int64, end: UnsafePointer<UInt8>) throws { try pop(offset) }

  // MARK: Frames

  /// The shape of an object that stands here.
  private mutating func itemShape() -> Int {
    guard frames.count > 0 else { return 0 }
    let frame = frames.base + (frames.count - 1)
    guard frame.pointee.kind == .object else { return frame.pointee.itemShape }
    if frame.pointee.reader.isExempt {
      // Members keyed by code look alike: they share one shape.
      if frame.pointee.itemShape < 0 { frame.pointee.itemShape = keys.freshShape() }
      return frame.pointee.itemShape
    }
    return keys.shapeBelow(frame.pointee.member, of: frame.pointee.reader)
  }

  /// - Parameter keepsKey: an array under a key of its own, which must outlive the keys within the array.
  private mutating func push(
    _ kind: Frame.Kind, isOpened: Bool, member: JSONKeyMemory.Member, shape: Int, keepsKey: Bool = false
  ) {
    var member = member
    var kept: UnsafeMutablePointer<UInt8>?
    if keepsKey, member.count > 0, keys.isLoose(member) {
      let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: member.count)
      copy.initialize(from: member.text, count: member.count)
      member.text = UnsafePointer(copy)
      kept = copy
    }
    frames.append(
      Frame(
        kind: kind, isOpened: isOpened, reader: keys.reader(shape: shape, isExempt: false), member: member,
        itemShape: kind == .object ? JSONKeyMemory.noShape : shape, keptKey: kept))
  }

  private mutating func pop(_ offset: Int64) throws {
    let frame = frames[frames.count - 1]
    if frames.count == skippedFrom { skippedFrom = Int.max }
    frames.count -= 1
    frame.keptKey?.deallocate()
    guard frame.isOpened else { return }
    if driver.hasRaw { giveRaw(upTo: offset) }
    driver.close(at: offset)
    if driver.hasFailed { throw failure(offset, line) }
  }

  // MARK: Positions and source text

  mutating func beginPiece(_ base: UnsafePointer<UInt8>, offset: Int64) {
    pieceBase = base
    pieceOffset = offset
    if frontier < offset { frontier = offset }
  }

  /// Gives open raw values the text of the piece up to where a cut token begins.
  mutating func endPiece(upTo offset: Int64) {
    if driver.hasRaw { giveRaw(upTo: offset) }
  }

  private mutating func begin(_ offset: Int64, _ line: Int64) {
    (self.offset, self.line) = (offset, line)
    if driver.hasRaw { giveRaw(upTo: offset) }
    driver.begin(at: offset, line: line)
    frontier = offset
  }

  private mutating func giveRaw(upTo offset: Int64) {
    guard let pieceBase, offset > frontier else { return }
    let start = pieceBase + Int(frontier - pieceOffset)
    driver.raw(UnsafeBufferPointer(start: start, count: Int(offset - frontier)))
    frontier = offset
  }

  /// Gives a scalar's own source text, and what stands before it.
  private mutating func giveRaw(_ token: JSONToken) {
    if token.isCarried {
      giveCarried(token)
    } else {
      giveRaw(upTo: token.end)
    }
  }

  /// An unwanted scalar; a raw value around it wants its text all the same.
  @inline(__always)
  private mutating func passOver(_ token: JSONToken) {
    if token.isCarried, driver.hasRaw { giveCarried(token) }
  }

  /// A token put together from several pieces: what stood before it has been given at the end of its
  /// first piece.
  private mutating func giveCarried(_ token: JSONToken) {
    guard token.isCarried else { return }
    driver.raw(token.source)
    frontier = token.end
  }

  // MARK: Failures

  @inline(never)
  private mutating func failure(_ offset: Int64, _ line: Int64) -> any Error {
    engine.failure
      ?? StageFailure(
        id: "decode.failed", "decoding failed for an unknown reason", at: "line \(line) (offset \(offset))",
        help: "report this with the payload", exit: .bug)
  }

  @inline(never)
  private func repeated(_ text: UnsafeBufferPointer<UInt8>, _ token: JSONToken) -> StageFailure {
    StageFailure(
      id: "decode.duplicate-key",
      "an object has the key '\(String(decoding: text.prefix(80), as: UTF8.self))' twice",
      at: "line \(token.line) (offset \(token.offset))",
      help: "which of the two values holds cannot be known; the source must send each key once", exit: .data)
  }
}
