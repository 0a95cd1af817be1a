// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records
import Store

extension RunSession {
  /// A run whose unit of commit is the batch: first what earlier runs left, then what is new.
  func runBatches(_ options: RunOptions) throws {
    if options.backfill != nil, !plan.extractor.needs.takesSpans { throw noSpans }
    try tellIfFilesChanged()
    // Where the run is the unit of commit (this one is limited) what is left of one cannot be settled alone.
    if plan.load.commitUnit == .batch { try settleEarlier(limit: nil) }
    try loadNew(options)
  }

  var noSpans: StageFailure {
    StageFailure(
      id: "run.no-spans", "\(plan.pipeline) cannot be run for a span of days",
      at: plan.file,
      help: plan.load.mode == .replace
        ? "'mode: replace' takes the whole source each time: run it without --from and --to"
        : "say under 'windows' how the source is asked for a span, or run it without --from and --to",
      exit: .usage)
  }

  func tellIfFilesChanged() throws {
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
    // What this run has just settled is no news where the source still has it.
    var total = RunTotal(settled: Set(report.batches.map(\.batch)))
    defer { extraction.stop() }
    while let payload = try extraction.nextPayload() {
      try Interruption.check()
      try load(payload, options, &total)
    }
    // An extractor that was told to stop ends quietly.
    try Interruption.check()
    for text in extraction.notices { notice(text) }
    tellUnchanged(total)
    if let failure = extraction.failure {
      if let interruption = failure as? RunInterrupted { throw interruption }
      failed(StageFailure(wrapping: failure))
    } else if options.limit == nil {
      try judge(total)
      if !failures.isEmpty { return }
    }
    if let span = options.backfill {
      if extraction.failure == nil {
        try environment.ledger.forgetParts(of: span.name, pipeline: plan.pipeline)
      }
      return
    }
    guard options.limit == nil, let checkpoint = extraction.finalCheckpoint,
      try !environment.ledger.hasUnsettled(pipeline: plan.pipeline)
    else { return }
    try environment.ledger.advanceCheckpoint(checkpoint(total.highest).json, pipeline: plan.pipeline)
  }

  /// What the source still has as it was is a success of its own, and is said.
  private func tellUnchanged(_ total: RunTotal) {
    guard let first = total.unchangedSince.min() else { return }
    let since = Instant(microseconds: first * 1_000_000)
    let count = total.unchangedSince.count
    notice(
      count == 1
        ? "1 payload is unchanged since \(since)" : "\(count) payloads are unchanged since \(since) or later")
  }

  private func load(_ payload: LandingPayload, _ options: RunOptions, _ total: inout RunTotal) throws {
    guard let follower = payload.follower else {
      switch payload.resolution() {
      case .landed(let row):
        total.add(try work(landed: row, kind: .run, limit: options.limit))
      case .known(let row): try pass(payload, known: row, &total)
      case .mark(let checkpoint): try reach(checkpoint, before: payload.batchID)
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
      try options.backfill == nil
      && !environment.ledger.hasUnsettled(
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
      case .landing, .mark: throw error
      }
    }
  }

  /// Moves the checkpoint to a mark that the extractor set, unless something before it waits.
  private func reach(_ checkpoint: String, before id: String) throws {
    guard failures.isEmpty,
      try !environment.ledger.hasUnsettled(pipeline: plan.pipeline, before: id, exceptOrigin: "")
    else { return }
    try environment.ledger.advanceCheckpoint(checkpoint, pipeline: plan.pipeline)
  }

  /// Passes over a payload whose bytes are settled already: only the checkpoint may move.
  private func pass(_ payload: LandingPayload, known row: BatchRow, _ total: inout RunTotal) throws {
    total.add(known: row)
    if row.status == .failed, let error = row.error {
      failed(
        StageFailure(
          id: error.id, error.message, at: error.where, help: error.help,
          exit: ExitCode(rawValue: error.exit) ?? .data,
          state:
            "\(row.name) is as it was when it failed as batch \(row.id), and nothing of it is loaded; once what is at "
            + "fault is mended it is tried again, and 'terrace waive \(row.id)' gives it up"))
    }
    guard row.status != .failed, let checkpoint = payload.checkpoint,
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
  /// Of the watched field.
  private(set) var highest: HighestValue?
  /// When payloads landed that the source still has as they were.
  private(set) var unchangedSince: [Int64] = []
  private let settled: Set<String>

  /// - Parameter settled: batches that the run had worked through before.
  init(settled: Set<String> = []) { self.settled = settled }

  mutating func add(_ outcome: BatchWorker.Outcome) {
    switch outcome {
    case .loaded(let batch), .failed(let batch, _), .staged(let batch, _):
      add(declared: batch.declared, read: batch.counters.read)
      highest = .higher(highest, batch.highest)
    case .known: break
    }
  }

  mutating func add(known row: BatchRow) {
    add(declared: row.declared, read: row.counters.read)
    highest = .higher(highest, row.highest)
    if row.status != .failed, !settled.contains(row.id) { unchangedSince.append(row.landedAt) }
  }

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
    case .discarded, .landing, .mark: throw QueueCancelled()
    }
  }
}
