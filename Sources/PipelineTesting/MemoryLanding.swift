// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import Records

/// A landing zone in memory that notes how it was used. For tests of extractors; waits are noted, not waited.
public final class MemoryLanding: LandingWriter {
  public struct Payload: Equatable {
    public var head: PayloadHead
    public var bytes: [UInt8]
    public var checkpoint: Checkpoint?

    public init(head: PayloadHead, bytes: [UInt8], checkpoint: Checkpoint? = nil) {
      self.head = head
      self.bytes = bytes
      self.checkpoint = checkpoint
    }

    public var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  public private(set) var payloads: [Payload] = []
  /// Heads of payloads that were begun and dropped.
  public private(set) var discarded: [PayloadHead] = []
  public private(set) var pauses: [Double] = []
  public private(set) var finished: Checkpoint?
  public private(set) var hasFinished = false
  /// What the extractor did that no extractor may do.
  public private(set) var violations: [String] = []
  /// What a decoder would answer for a payload.
  public var countRecords: (Payload) throws -> Int = { _ in 0 }
  public var readValues: (Payload, [RecordPath]) throws -> [String?] = { _, paths in paths.map { _ in nil } }
  public var readLastValue: (Payload, RecordPath) throws -> String? = { _, _ in nil }
  /// What a decoder would answer of an answer that is no payload.
  public var readEvery: ([UInt8], RecordPath, String) throws -> [String] = { _, _, _ in [] }
  public var codesOfLists: [String: [String]] = [:]
  public var valuesOfCenter: [String: [String]] = [:]
  /// Rows as JSON objects, and entities that count as empty, for any query of the center.
  public var rowsOfCenter: [String] = []
  public var entitiesNotLoaded: [String] = []
  /// Settled payloads by origin: head and bytes of each.
  public var knownPayloads: [String: Payload] = [:]
  /// Heads of payloads that were kept as they are.
  public private(set) var kept: [PayloadHead] = []
  public private(set) var notices: [String] = []
  public var backfill: DaySpan?
  public var finishedParts: [String] = []
  /// Checkpoints that were set on the way, with the payloads landed before each.
  public private(set) var marks: [(payloads: Int, checkpoint: Checkpoint)] = []
  /// What the engine would say of the watched field when everything is settled.
  public var highest: HighestValue?
  public var makeGate: (SystemSpec) throws -> any SystemGate = { SoloGate($0) }
  /// Called in each pause: to let time go on.
  public var onPause: (Double) throws -> Void = { _ in }
  /// Called before each piece is taken: to change the world in the middle of a payload, or to fail.
  public var onWrite: (Int) throws -> Void = { _ in }
  /// Cancels when this many payloads are landed.
  public var cancelsAfter: Int?
  /// Cancels when a payload is begun.
  public var cancelsWithinPayload = false
  /// Cancels when this payload, counted from 1, is begun.
  public var cancelsWithin: Int?
  /// Cancels in this pause, counted from 1.
  public var cancelsInPause: Int?
  /// Fails at this step: beginnings, writes, ends and the finish are counted together, from 1.
  public var failsAt: Int?
  /// Steps taken.
  public private(set) var steps = 0
  /// Steps taken when each payload had ended.
  public private(set) var stepsAtEnd: [Int] = []

  /// What ``failsAt`` throws.
  public static let failure = StageFailure(
    id: "kit.landing-failed", "the landing zone failed because the kit asks for it",
    help: "pass the error on", exit: .storage)

  public let baseFolder: String
  public let landingDate: CalendarDate
  public let isFull: Bool
  private var open: Payload?
  private var begun = 0
  private var wasCancelled = false
  private var hasFailed = false
  private var bytesAfterCancellation = 0

  /// A piece that is on its way when a run is cancelled may still come; a whole response may not.
  private static let mostAfterCancellation = 4 << 20
  private var last: Payload?

  public init(
    baseFolder: String = "/", landingDate: CalendarDate = CalendarDate(days: 20_779), isFull: Bool = false
  ) {
    self.baseFolder = baseFolder
    self.landingDate = landingDate
    self.isFull = isFull
  }

  public var isCancelled: Bool {
    let isWithin = open != nil && (cancelsWithinPayload || cancelsWithin == begun)
    let isBehind = cancelsAfter.map { payloads.count >= $0 } ?? false
    let isInPause = cancelsInPause.map { pauses.count >= $0 } ?? false
    if isWithin || isBehind || isInPause { wasCancelled = true }
    return wasCancelled
  }

  /// Counts a step, and fails at the one asked for.
  private func step(_ name: String) throws {
    if hasFailed { violations.append("\(name) was called after the landing zone had failed") }
    steps += 1
    guard failsAt == steps else { return }
    hasFailed = true
    // As the real one does: what was begun is gone.
    if name != "begin", let payload = open { discarded.append(payload.head) }
    open = nil
    throw Self.failure
  }

  public func begin(_ head: PayloadHead) throws {
    if isCancelled { violations.append("a payload was begun after a cancellation: \(head.origin)") }
    if open != nil { violations.append("a payload was begun within another: \(head.origin)") }
    if hasFinished { violations.append("a payload was begun after the end: \(head.origin)") }
    if head.origin.isEmpty || head.name.isEmpty { violations.append("a payload has no origin or no name") }
    try step("begin")
    begun += 1
    open = Payload(head: head, bytes: [])
    _ = isCancelled
  }

  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    if open == nil { violations.append("bytes were written outside a payload") }
    try onWrite(open?.bytes.count ?? 0)
    if wasCancelled {
      let before = bytesAfterCancellation
      bytesAfterCancellation += bytes.count
      if before <= Self.mostAfterCancellation, bytesAfterCancellation > Self.mostAfterCancellation {
        violations.append("a payload went on for more than 4 MiB after a cancellation")
      }
    }
    try step("write")
    open?.bytes += bytes
  }

  public func note(_ facts: [String: String]) {
    if open == nil { violations.append("facts were noted outside a payload") }
    open?.head.response.merge(facts) { _, new in new }
  }

  public func end(resume checkpoint: Checkpoint?) throws {
    guard var payload = open else {
      violations.append("a payload was ended that was not begun")
      return
    }
    try step("end")
    payload.checkpoint = checkpoint
    payloads.append(payload)
    stepsAtEnd.append(steps)
    last = payload
    open = nil
  }

  public func finish(resume checkpoint: @escaping @Sendable (HighestValue?) -> Checkpoint) throws {
    if open != nil { violations.append("the end was said within a payload") }
    if hasFinished { violations.append("the end was said twice") }
    try step("finish")
    (finished, hasFinished) = (checkpoint(highest), true)
  }

  public func discard() {
    // Dropping what a failure has dropped already is right: whoever sees the error cannot know.
    if hasFailed, open == nil { return }
    guard let payload = open else {
      violations.append("a payload was dropped that was not begun")
      return
    }
    discarded.append(payload.head)
    open = nil
  }

  public func values(at paths: [RecordPath]) throws -> [String?] {
    guard let last, open == nil else {
      violations.append("values were asked of no payload")
      return paths.map { _ in nil }
    }
    return try readValues(last, paths)
  }

  public func recordCount() throws -> Int {
    guard let last, open == nil else {
      violations.append("records were counted of no payload")
      return 0
    }
    return try countRecords(last)
  }

  public func lastValue(at path: RecordPath) throws -> String? {
    guard let last, open == nil else {
      violations.append("a value was asked of no payload")
      return nil
    }
    return try readLastValue(last, path)
  }

  public func values(in bytes: [UInt8], every path: RecordPath, decoder: String) throws -> [String] {
    try readEvery(bytes, path, decoder)
  }

  public func codes(of list: String) throws -> [String] { codesOfLists[list] ?? [] }
  public func centerValues(of field: String) throws -> [String] { valuesOfCenter[field] ?? [] }
  public func centerRows(
    of query: String, take: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> [String] {
    for row in rowsOfCenter { try Array((row + "\n").utf8).withUnsafeBytes { try take($0) } }
    return entitiesNotLoaded
  }
  public func notice(_ text: String) { notices.append(text) }

  public func known(origin: String) throws -> KnownPayload? {
    isFull ? nil : knownPayloads[origin].map { KnownPayload(batch: origin, response: $0.head.response) }
  }

  public func keep(_ payload: KnownPayload, head: PayloadHead) throws {
    if open != nil { violations.append("a payload was kept within another: \(head.origin)") }
    last = knownPayloads[payload.batch]
    if last == nil { violations.append("a payload was kept that is not known: \(head.origin)") }
    kept.append(head)
  }

  public func reach(resume checkpoint: Checkpoint) throws { marks.append((payloads.count, checkpoint)) }
  public func isFinished(part: String) throws -> Bool { finishedParts.contains(part) }
  public func finish(part: String) throws { finishedParts.append(part) }
  public var scratchFolder: String { "/tmp" }

  public func pause(seconds: Double) throws {
    if open != nil { violations.append("a payload was left open over a pause") }
    if !(seconds >= 0 && seconds < 86_400) {
      violations.append("a pause of \(seconds) seconds was asked for")
    }
    pauses.append(seconds)
    try onPause(seconds)
  }

  public func gate(for system: SystemSpec) throws -> any SystemGate { try makeGate(system) }

  /// What holds when the extractor has returned or thrown.
  public func close() {
    if open != nil { violations.append("a payload was neither ended nor dropped") }
  }

  /// What a next run would be given.
  public var checkpoint: Checkpoint? {
    finished ?? marks.last?.checkpoint ?? payloads.last { $0.checkpoint != nil }?.checkpoint
  }
}
