// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Glibc
import Paths
import Planning
import Records
import Store

/// A payload on its way into the landing zone, as the processing side sees it.
final class LandingPayload: @unchecked Sendable {
  enum State {
    case landing
    /// Durable and in the ledger.
    case landed(BatchRow)
    /// Its digest is known under the same origin: nothing to do.
    case known(BatchRow)
    case discarded
    case failed(any Error)
    /// No payload: a checkpoint that holds once everything landed before it is settled.
    case mark(String)
  }

  let head: PayloadHead
  let batchID: String
  /// Reads the payload while it is still arriving; only when the processing side was idle when it began.
  let follower: PayloadReader?
  private let mutex = Mutex()
  private var state = State.landing
  /// What the extractor handed over with the payload; set before it is resolved.
  var checkpoint: String?

  init(head: PayloadHead, batchID: String, follower: PayloadReader?) {
    self.head = head
    self.batchID = batchID
    self.follower = follower
  }

  static func mark(_ checkpoint: Checkpoint, id: String) -> LandingPayload {
    let mark = LandingPayload(head: PayloadHead(origin: "", name: ""), batchID: id, follower: nil)
    mark.state = .mark(checkpoint.json)
    return mark
  }

  func resolve(_ state: State) {
    mutex.locked {
      self.state = state
      mutex.wakeAll()
    }
  }

  /// Waits until the payload is no longer landing.
  func resolution() -> State {
    mutex.locked {
      while case .landing = state { mutex.wait() }
      return state
    }
  }
}

/// Where the extractor puts what it brings in: bytes to the landing zone, the finished payload to the ledger and on to
/// the processing side. Used by the extraction thread.
final class EngineLandingWriter: LandingWriter {
  private let environment: EngineEnvironment
  private let plan: Plan
  private let run: String
  private let options: RunOptions
  private let queue: BoundedQueue<LandingPayload>
  private let isProcessorIdle: () -> Bool
  private var writer: PayloadWriter?
  private var payload: LandingPayload?
  /// Facts of the response that came behind its head.
  private var facts: [String: String] = [:]
  /// The payload last ended.
  private var last: (digest: String, name: String)?
  let landingDate: CalendarDate

  init(
    _ environment: EngineEnvironment, _ plan: Plan, run: String, options: RunOptions,
    queue: BoundedQueue<LandingPayload>, isProcessorIdle: @escaping () -> Bool
  ) {
    self.environment = environment
    self.plan = plan
    self.run = run
    self.options = options
    self.queue = queue
    self.isProcessorIdle = isProcessorIdle
    landingDate = environment.clock.landingDate
  }

  var isCancelled: Bool { Interruption.requested != nil || queue.isEnded }
  var baseFolder: String { environment.baseFolder }
  var isFull: Bool { options.isFull }

  func begin(_ head: PayloadHead) throws {
    precondition(writer == nil, "a payload was begun before the last one ended")
    if isCancelled { throw QueueCancelled() }
    let writer = try environment.landing.makeWriter()
    // A limited run stops decoding before the payload is durable, and must not hold the center until then.
    let follows = options.limit == nil && isProcessorIdle()
    let follower = follows ? writer.makeFollower() : nil
    let payload = LandingPayload(
      head: head.redacted, batchID: try environment.ledger.newBatchID(), follower: follower)
    self.writer = writer
    self.payload = payload
    facts = payload.head.response
    // A payload that is followed goes over at once; another one when it is durable, so that a discarded try costs nothing.
    if follower != nil { try queue.push(payload) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard let writer else { preconditionFailure("bytes came before a payload was begun") }
    do { try writer.append(bytes) } catch { throw give(up: error) }
  }

  func note(_ facts: [String: String]) {
    self.facts.merge(facts.mapValues(Redaction.redacted)) { _, new in new }
  }

  func end(resume checkpoint: Checkpoint?) throws {
    guard let writer, let payload else { preconditionFailure("no payload was begun") }
    do {
      let landed = try writer.finish()
      FailPoint.hit("engine.landed")
      last = (landed.digest, payload.head.name)
      // A backfill fills in what was, and leaves alone where the next run goes on from.
      let checkpoint = options.backfill == nil ? checkpoint : nil
      payload.checkpoint = checkpoint?.json
      let known = try known(landed.digest, origin: payload.head.origin)
      if let known, !takesKnown, known.isSettled(for: plan) {
        payload.resolve(.known(known))
      } else {
        let row = BatchRow(
          id: payload.batchID, run: run, pipeline: plan.pipeline, origin: payload.head.origin,
          name: payload.head.name, request: payload.head.request, response: facts,
          digest: landed.digest, bytes: landed.bytes, landedAt: environment.clock.seconds(),
          landingDate: landingDate.description, checkpoint: checkpoint?.json)
        try environment.ledger.land(row)
        FailPoint.hit("engine.batch-landed")
        payload.resolve(.landed(row))
      }
    } catch { throw give(up: error) }
    self.writer = nil
    self.payload = nil
    if payload.follower == nil { try queue.push(payload) }
  }

  /// A page that did not change belongs with those that did: where they are loaded together, all are taken again.
  private var takesKnown: Bool { options.isFull || plan.load.commitUnit == .run }

  /// The batch that makes landing these bytes needless. Added rows need not be added twice; for rows that are
  /// overwritten the state counts, and that is what the origin sent last.
  private func known(_ digest: String, origin: String) throws(StageFailure) -> BatchRow? {
    if plan.load.mode == .append {
      return try environment.ledger.knownBatch(pipeline: plan.pipeline, origin: origin, digest: digest)
    }
    let newest = try environment.ledger.newestBatch(pipeline: plan.pipeline, origin: origin)
    return newest?.digest == digest ? newest : nil
  }

  /// The checkpoint that holds once every payload of the run is settled, if the extractor gave one.
  private(set) var finalCheckpoint: (@Sendable (HighestValue?) -> Checkpoint)?
  private(set) var notices: [String] = []

  func finish(resume checkpoint: @escaping @Sendable (HighestValue?) -> Checkpoint) throws {
    finalCheckpoint = checkpoint
  }

  func reach(resume checkpoint: Checkpoint) throws {
    if options.backfill != nil { return }
    try queue.push(.mark(checkpoint, id: environment.ledger.newBatchID()))
  }

  func notice(_ text: String) { notices.append(text) }

  func discard() {
    writer?.discard()
    payload?.resolve(.discarded)
    writer = nil
    payload = nil
  }

  private func give(up error: any Error) -> any Error {
    writer?.discard()
    payload?.resolve(.failed(error))
    writer = nil
    payload = nil
    return error
  }

  func pause(seconds: Double) throws {
    let until = environment.clock.monotonic() + seconds
    while environment.clock.monotonic() < until {
      if isCancelled { throw QueueCancelled() }
      usleep(useconds_t(min(0.05, max(0.001, until - environment.clock.monotonic())) * 1e6))
    }
  }
}

// MARK: - What an extractor asks

extension EngineLandingWriter {
  func values(at paths: [RecordPath]) throws -> [String?] {
    try PayloadPeek(plan: plan).values(at: paths, name: lastEnded.name, blocks)
  }

  func recordCount() throws -> Int {
    try PayloadPeek(plan: plan).recordCount(name: lastEnded.name, blocks)
  }

  func lastValue(at path: RecordPath) throws -> String? {
    try PayloadPeek(plan: plan).lastValue(at: path, blocks)
  }

  func values(in bytes: [UInt8], every path: RecordPath, decoder: String) throws -> [String] {
    try PayloadPeek(plan: plan).values(every: path, decoder: decoder) { take in
      try bytes.withUnsafeBufferPointer(take)
    }
  }

  func codes(of list: String) throws -> [String] {
    SourceFacts(plan: plan, landingDate: landingDate).codes(of: list)
  }

  func centerValues(of field: String) throws -> [String] {
    try SourceFacts(plan: plan, landingDate: landingDate).centerValues(of: field, center: environment.center)
  }

  func centerRows(
    of query: String, take: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> [String] {
    try SourceFacts(plan: plan, landingDate: landingDate)
      .centerRows(of: query, center: environment.center, isCancelled: { isCancelled }, take: take)
  }

  func known(origin: String) throws -> KnownPayload? {
    guard !takesKnown,
      let row = try environment.ledger.newestBatch(pipeline: plan.pipeline, origin: origin),
      row.isSettled(for: plan), environment.landing.contains(row.digest)
    else { return nil }
    return KnownPayload(batch: row.id, response: row.response)
  }

  func keep(_ payload: KnownPayload, head: PayloadHead) throws {
    guard let row = try environment.ledger.batch(payload.batch) else {
      preconditionFailure("batch \(payload.batch) is not known")
    }
    last = (row.digest, row.name)
    let kept = LandingPayload(head: head, batchID: try environment.ledger.newBatchID(), follower: nil)
    kept.resolve(.known(row))
    try queue.push(kept)
  }

  func gate(for system: SystemSpec) throws -> any SystemGate {
    try SystemGateFile(system, in: environment.home, command: environment.command)
  }

  var backfill: DaySpan? { options.backfill }

  func isFinished(part: String) throws -> Bool {
    // What an earlier run had finished of it was not loaded without the rest.
    guard let span = options.backfill, plan.load.commitUnit == .batch else { return false }
    return try environment.ledger.isFinished(part: part, of: span.name, pipeline: plan.pipeline)
  }

  func finish(part: String) throws {
    guard let span = options.backfill, plan.load.commitUnit == .batch else { return }
    try environment.ledger.finish(part: part, of: span.name, pipeline: plan.pipeline)
  }

  var scratchFolder: String { environment.home.landingPath }

  private var lastEnded: (digest: String, name: String) {
    guard let last else { preconditionFailure("no payload was ended") }
    return last
  }

  private func blocks(_ take: (UnsafeBufferPointer<UInt8>) throws -> Void) throws {
    let reader = try environment.landing.reader(lastEnded.digest)
    while let block = try reader.nextBlock() { try take(block.bindMemory(to: UInt8.self)) }
  }
}

extension SystemGateFile: SystemGate {}

extension PayloadHead {
  /// Without the secrets that a source may have sent back. The origin stays: it is an identity, made without them.
  fileprivate var redacted: PayloadHead {
    var head = self
    head.name = Redaction.redacted(name)
    head.request = request.mapValues(Redaction.redacted)
    head.response = response.mapValues(Redaction.redacted)
    return head
  }
}

extension DaySpan {
  /// As the ledger names a backfill.
  var name: String { "\(first)..\(last)" }
}

extension BatchRow {
  /// Whether landing the same bytes again would bring nothing new: loaded, given up, or failed by its data under today's
  /// files.
  func isSettled(for plan: Plan) -> Bool {
    switch status {
    case .loaded, .waived: true
    case .failed: fault == .data && planDigest == plan.digest
    case .superseded, .landed: false
    }
  }
}
