// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records
import Store

extension RunSession {
  /// A run whose unit of commit is the batch (`append`, `merge`): first what earlier runs left, then what is new.
  func runBatches(_ options: RunOptions) throws {
    try tellIfFilesChanged()
    try settleEarlier(limit: nil)
    try loadNew(options)
  }

  private func tellIfFilesChanged() throws {
    guard let last = try environment.ledger.lastLoadedPlanDigest(pipeline: plan.pipeline), last != plan.digest
    else {
      return
    }
    notice(
      "\(plan.file), its schema or its code lists changed since the last load; 'terrace replay \(plan.pipeline)' applies "
        + "that to what is already loaded, 'terrace replay \(plan.pipeline) --rejects' to what was rejected.")
  }

  /// Batches that landed but failed on our side, and those that failed by their data under other files than today's.
  private func settleEarlier(limit: Int?) throws {
    let ours = try environment.ledger.unsettled(pipeline: plan.pipeline)
    let changed = try environment.ledger.failedByData(pipeline: plan.pipeline).filter {
      $0.planDigest != plan.digest
    }
    for row in (ours + changed).sorted(by: { $0.id < $1.id }) {
      try Interruption.check()
      _ = try work(landed: row, kind: .run, newerKeys: try newerKeys(than: row))
    }
  }

  private func loadNew(_ options: RunOptions) throws {
    let extraction = Extraction(environment, plan, run: run, options: options)
    var total = RunTotal()
    defer { extraction.stop() }
    while let payload = try extraction.nextPayload() {
      try Interruption.check()
      try load(payload, options, &total)
    }
    // An extractor that was told to stop ends quietly.
    try Interruption.check()
    if let failure = extraction.failure {
      if let interruption = failure as? RunInterrupted { throw interruption }
      failed(StageFailure(wrapping: failure))
      return
    }
    if options.limit != nil { return }
    try judge(total)
    guard failures.isEmpty, let checkpoint = extraction.finalCheckpoint,
      try !environment.ledger.hasUnsettled(pipeline: plan.pipeline)
    else { return }
    try environment.ledger.advanceCheckpoint(checkpoint, pipeline: plan.pipeline)
  }

  private func load(_ payload: LandingPayload, _ options: RunOptions, _ total: inout RunTotal) throws {
    guard let follower = payload.follower else {
      switch payload.resolution() {
      case .landed(let row):
        total.add(try work(landed: row, kind: .run, limit: options.limit))
      case .known(let row): try pass(payload, known: row, &total)
      case .failed(let error): throw error
      case .discarded, .landing: break
      }
      return
    }
    var request = BatchWorker.Request(
      kind: .run, attempt: 1, batchID: payload.batchID,
      facts: PayloadFacts(
        name: payload.head.name, request: payload.head.request, landingDate: environment.clock.landingDate),
      open: FirstFollowThenRead(payload, follower, environment.landing).open,
      landed: { try payload.landedRow() })
    request.limit = options.limit
    request.movesCheckpoint =
      try !environment.ledger.hasUnsettled(
        pipeline: plan.pipeline, before: payload.batchID, exceptOrigin: payload.head.origin)
    progress.beginPayload(expectedBytes: payload.head.expectedBytes)
    do {
      let outcome = try worker().work(request)
      keep(outcome)
      if case .known = outcome, case .known(let row) = payload.resolution() {
        try pass(payload, known: row, &total)
      } else {
        total.add(outcome)
      }
    } catch {
      follower.cancel()
      switch payload.resolution() {
      case .discarded: return
      case .failed(let cause): throw cause
      case .known(let row): try pass(payload, known: row, &total)
      case .landed(let row):
        if let failure = error as? StageFailure {
          try? environment.ledger.failBatch(row.id, fault: .ours, error: ErrorRow(failure))
        }
        throw error
      case .landing: throw error
      }
    }
  }

  /// Passes over a payload whose bytes are settled already: only the checkpoint may move.
  private func pass(_ payload: LandingPayload, known row: BatchRow, _ total: inout RunTotal) throws {
    total.add(known: row)
    guard row.status == .loaded, let checkpoint = payload.checkpoint,
      try !environment.ledger.hasUnsettled(
        pipeline: plan.pipeline, before: payload.batchID, exceptOrigin: payload.head.origin)
    else { return }
    try environment.ledger.advanceCheckpoint(checkpoint, pipeline: plan.pipeline)
  }

  /// A declared total of the run is known when all payloads are: what is loaded stays, the checkpoint does not move.
  private func judge(_ total: RunTotal) throws {
    guard let declaration = plan.total else { return }
    declared(declaration.scope == .run ? total.last : total.sum)
    guard declaration.scope == .run, failures.isEmpty, let last = total.last, last != Int64(total.read) else {
      return
    }
    try environment.ledger.forgetCheckpoints(run: run, pipeline: plan.pipeline, to: checkpointBefore)
    failedWhole(
      StageFailure(
        id: "decode.total-differs", "the source declares \(last) records and sent \(total.read)",
        at: declaration.position.description,
        help: "run again: the source may have changed while it was read. If it stays, ask its owner.",
        exit: .data,
        state: "what was loaded stays; the checkpoint did not move"))
  }
}

/// Adds up what the payloads of a run declare and hold.
struct RunTotal {
  private(set) var last: Int64?
  private(set) var sum: Int64?
  private(set) var read = 0

  mutating func add(_ outcome: BatchWorker.Outcome) {
    switch outcome {
    case .loaded(let batch), .failed(let batch, _), .staged(let batch, _):
      add(declared: batch.declared, read: batch.counters.read)
    case .known: break
    }
  }

  mutating func add(known row: BatchRow) { add(declared: row.declared, read: row.counters.read) }

  private mutating func add(declared: Int64?, read: Int) {
    if let declared {
      last = declared
      sum = (sum ?? 0) + declared
    }
    self.read += read
  }
}

/// Opens a payload's bytes: the first time while they are still arriving, from the landing zone after that.
private final class FirstFollowThenRead: @unchecked Sendable {
  private let payload: LandingPayload
  private let landing: LandingZone
  private var follower: PayloadReader?

  init(_ payload: LandingPayload, _ follower: PayloadReader, _ landing: LandingZone) {
    self.payload = payload
    self.follower = follower
    self.landing = landing
  }

  func open() throws -> any PayloadBlocks {
    if let first = follower {
      follower = nil
      return LandedBlocks(first)
    }
    guard let row = try payload.landedRow() else { throw QueueCancelled() }
    return LandedBlocks(try landing.reader(row.digest))
  }
}

extension LandingPayload {
  /// The batch once it is durable, nil when its digest is known.
  func landedRow() throws -> BatchRow? {
    switch resolution() {
    case .landed(let row): return row
    case .known: return nil
    case .failed(let error): throw error
    case .discarded, .landing: throw QueueCancelled()
    }
  }
}
