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
  /// Digest of the payload last ended.
  private var last: String?
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
    let payload = LandingPayload(head: head, batchID: try environment.ledger.newBatchID(), follower: follower)
    self.writer = writer
    self.payload = payload
    // A payload that is followed goes over at once; another one when it is durable, so that a discarded try costs nothing.
    if follower != nil { try queue.push(payload) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard let writer else { preconditionFailure("bytes came before a payload was begun") }
    do { try writer.append(bytes) } catch { throw give(up: error) }
  }

  func end(resume checkpoint: Checkpoint?) throws {
    guard let writer, let payload else { preconditionFailure("no payload was begun") }
    do {
      let landed = try writer.finish()
      FailPoint.hit("engine.landed")
      last = landed.digest
      payload.checkpoint = checkpoint?.json
      let known = try known(landed.digest, origin: payload.head.origin)
      if let known, !options.isFull, known.isSettled(for: plan) {
        payload.resolve(.known(known))
      } else {
        let row = BatchRow(
          id: payload.batchID, run: run, pipeline: plan.pipeline, origin: payload.head.origin,
          name: payload.head.name, request: payload.head.request, response: payload.head.response,
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
  private(set) var finalCheckpoint: String?

  func finish(resume checkpoint: Checkpoint) throws { finalCheckpoint = checkpoint.json }

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

  func values(at paths: [RecordPath]) throws -> [String?] {
    var decode = plan.decode
    decode.kinds = []
    decode.documentSlots = paths.map { CaptureSlot(.path($0), take: .first) }
    return try peek(decode).documentValues
  }

  func recordCount() throws -> Int {
    var decode = plan.decode
    decode.documentSlots = []
    decode.kinds = decode.kinds.map { RecordKind(records: $0.records, slots: []) }
    return try peek(decode).records
  }

  private func peek(_ decode: DecodePlan) throws -> DecodeSummary {
    guard let last else { preconditionFailure("no payload was ended") }
    let sink = DroppingSink(decode)
    let reader = try environment.landing.reader(last)
    let session = try plan.decoder.session(decode, late: nil, into: sink)
    let text = PayloadText(plan, into: session)
    while let block = try reader.nextBlock() { try text.feed(block.bindMemory(to: UInt8.self)) }
    try text.finish()
    return try session.finish()
  }

  func pause(seconds: Double) throws {
    let until = environment.clock.monotonic() + seconds
    while environment.clock.monotonic() < until {
      if isCancelled { throw QueueCancelled() }
      usleep(useconds_t(min(0.05, max(0.001, until - environment.clock.monotonic())) * 1e6))
    }
  }
}

/// Takes chunks only to empty them again: for passes that look at document values or count records.
private final class DroppingSink: ChunkSink {
  private let pool: ChunkPool

  init(_ plan: DecodePlan) { pool = ChunkPool(plan) }

  func emptyChunk(kind: Int) -> Chunk { pool.take(kind: kind) }
  func take(_ chunk: Chunk) throws { pool.giveBack(chunk) }
}

extension BatchRow {
  /// Whether landing the same bytes again would bring nothing new: loaded, or failed by its data under today's files.
  func isSettled(for plan: Plan) -> Bool {
    switch status {
    case .loaded: true
    case .failed: fault == .data && planDigest == plan.digest
    case .superseded, .landed: false
    }
  }
}
