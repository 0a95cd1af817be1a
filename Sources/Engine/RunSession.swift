// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records
import Store

/// One run at work: the open center, what was done so far, what went wrong. Used by the thread that loads.
final class RunSession {
  let environment: EngineEnvironment
  let plan: Plan
  let run: String
  private(set) var report: RunReport
  private(set) var failures: [StageFailure] = []
  private var hasFailedWhole = false
  private var interrupted: ExitCode?
  private var openConnection: (any LoadConnection)?
  private let pool: ChunkPool
  private let sessions = RecordSessions()
  private(set) lazy var progress = Progress(
    pipeline: plan.pipeline, clock: environment.clock, observer: environment.observer)

  init(_ environment: EngineEnvironment, _ plan: Plan, run: String, report: RunReport) {
    self.environment = environment
    self.plan = plan
    pool = ChunkPool(plan.decode)
    self.run = run
    self.report = report
  }

  var connection: any LoadConnection {
    guard let openConnection else { preconditionFailure("the session is not open") }
    return openConnection
  }

  /// The pipeline's checkpoint when the run began.
  private(set) var checkpointBefore: String?

  /// Connects the center and closes what a killed process left open.
  func open() throws {
    let connection = try plan.loader.connect(center: environment.center, plan: plan.load)
    openConnection = connection
    for (attempt, prepared) in try environment.ledger.preparedAttempts(pipeline: plan.pipeline) {
      if let counters = try connection.committed(batch: attempt.batch, attempt: attempt.number) {
        var closing = prepared
        if closing.outcome == .committed { closing.counters = counters }
        try environment.ledger.closeAttempt(closing)
      } else if prepared.outcome == .failed {
        try environment.ledger.closeAttempt(prepared)
      } else {
        try environment.ledger.abandonAttempt(batch: attempt.batch, number: attempt.number)
      }
    }
    try environment.ledger.discardOrphanFindings(pipeline: plan.pipeline)
    checkpointBefore = try environment.ledger.checkpoint(pipeline: plan.pipeline)
  }

  func close() { openConnection?.close() }

  /// Whether the center has what the ledger says was loaded last.
  func hasNewestLoad() throws -> Bool {
    guard let newest = try environment.ledger.newestLoaded(pipeline: plan.pipeline) else { return true }
    return try connection.committed(batch: newest.batch, attempt: newest.number) != nil
  }

  /// Stops where the center is not the one that the ledger tells of: what is known would never be loaded into it.
  func requireCenter() throws {
    if try hasNewestLoad() { return }
    throw StageFailure(
      id: "load.center-lost",
      "the center has nothing of what the ledger says was loaded last by '\(plan.pipeline)': it was deleted, put back to "
        + "an older state, or is another one", at: environment.center,
      help: "'terrace replay \(plan.pipeline)' loads everything again from the landing zone, "
        + "'terrace run \(plan.pipeline) --full' what the source has now; another center needs a '--home' of its own.",
      exit: .storage, state: "nothing was loaded")
  }

  // MARK: What happened

  func add(_ batch: BatchReport) {
    report.batches.append(batch)
    report.counters = report.counters + batch.counters
    report.bytes += batch.bytes
    for (field, count) in batch.filled { report.filled[field, default: 0] += count }
  }

  func failed(_ failure: StageFailure) { failures.append(failure) }

  /// The run as a whole is at fault, whatever became of its batches.
  func failedWhole(_ failure: StageFailure) {
    failures.append(failure)
    hasFailedWhole = true
  }

  func declared(_ total: Int64?) { report.declared = total }

  func notice(_ text: String) { report.notices.append(text) }

  /// The run cannot go on.
  func stopped(by error: any Error) {
    if let interruption = error as? RunInterrupted {
      interrupted = interruption.exit
    } else if !(error is QueueCancelled) {
      failures.append(StageFailure(wrapping: error))
    }
  }

  /// The report as it stands at the end.
  func conclude(seconds: Double) -> RunReport {
    tellSlicesTwice()
    report.seconds = seconds
    let worked = report.batches.contains { $0.status == .loaded || $0.status == .landed }
    let exits = failures.map(\.exit) + [interrupted].compactMap { $0 }
    report.exit = ExitCode.gravest(exits)
    report.failures = failures
    report.error = failures.first { $0.exit == report.exit }
    if let interrupted, report.error == nil {
      report.error = StageFailure(
        id: "engine.interrupted", "the run was interrupted",
        help: "run it again: it goes on where it stopped.", exit: interrupted,
        state: "batches already loaded stay; nothing else was loaded")
    }
    report.status =
      switch (report.exit, worked) {
      case (.done, true): .loaded
      case (.done, false): .unchanged
      case (_, true): hasFailedWhole ? .failed : .partial
      case (_, false): .failed
      }
    if report.error?.state == nil, report.error != nil {
      report.error?.state = worked ? "batches loaded before stay loaded" : "nothing was loaded"
    }
    return report
  }

  // MARK: Batches

  func worker() throws -> BatchWorker {
    BatchWorker(
      environment: environment, plan: plan, connection: connection, run: run,
      openRejects: try environment.ledger.openRejectIdentities(pipeline: plan.pipeline), progress: progress,
      pool: pool, sessions: sessions)
  }

  /// Works through a batch that is in the landing zone, and keeps what came of it.
  func work(
    landed row: BatchRow, kind: AttemptRow.Kind, limit: Int? = nil, rejects: [Int64: String]? = nil,
    newerKeys: (@Sendable (KeyDigest) -> Bool)? = nil, isDryRun: Bool = false, stages: Bool = false
  ) throws -> BatchWorker.Outcome {
    let landing = environment.landing
    var request = BatchWorker.Request(
      kind: kind, attempt: try environment.ledger.nextAttempt(batch: row.id), batchID: row.id,
      facts: try PayloadFacts(row), open: { LandedBlocks(try landing.reader(row.digest)) },
      landed: { row })
    request.limit = limit
    request.only = rejects.map { Set($0.keys) }
    request.replayed = rejects ?? [:]
    request.newerKeys = newerKeys
    request.isDryRun = isDryRun
    request.stages = stages
    if plan.load.commitUnit == .run, !stages { request.unit = try firstBatch(of: row.run) }
    // Batches that are staged wait together, and none that waits stands before them.
    request.movesCheckpoint =
      try kind == .run
      && (stages
        || !environment.ledger.hasUnsettled(pipeline: plan.pipeline, before: row.id, exceptOrigin: row.origin))
    progress.beginPayload(expectedBytes: row.bytes)
    do {
      let outcome = try worker().work(request)
      keep(outcome)
      return outcome
    } catch let failure as StageFailure where !isDryRun && row.status != .loaded {
      // What an earlier attempt loaded stays loaded, whatever became of this one.
      try? environment.ledger.failBatch(row.id, fault: .ours, error: ErrorRow(failure))
      throw failure
    }
  }

  /// Only the name is the same: what an earlier payload held need not be in the later one.
  private func tellSuperseded(_ batch: BatchReport) {
    for id in batch.superseded {
      notice(
        "batch \(id), which failed, gave way to batch \(batch.batch) of the same origin (\(batch.name)); if it held what "
          + "this one does not, 'terrace replay \(id)' loads it once what is at fault is mended.")
    }
  }

  /// Rejects do not keep their old rows: a slice that came with many of them may have lost what it should not.
  private func tellShrunk(_ batch: BatchReport) {
    let (vanished, rejected) = (batch.counters.vanished, batch.counters.rejected)
    guard plan.load.mode == .replaceSlice, vanished > 0, rejected > 0 else { return }
    notice(
      "batch \(batch.batch) (\(batch.name)) took \(vanished) row\(vanished == 1 ? "" : "s") away while \(rejected) of its "
        + "records were rejected: 'terrace rejects \(batch.batch)' shows them, and what they held comes back when they are "
        + "replayed.")
  }

  func keep(_ outcome: BatchWorker.Outcome) {
    switch outcome {
    case .loaded(let batch):
      add(batch)
      tellSuperseded(batch)
      tellShrunk(batch)
    case .failed(let batch, let failure):
      add(batch)
      failed(failure)
    case .staged, .known: break
    }
  }
}

/// A landed payload's bytes.
final class LandedBlocks: PayloadBlocks {
  private let reader: PayloadReader

  init(_ reader: PayloadReader) { self.reader = reader }

  var isArriving: Bool { reader.bytes == nil }

  func next() throws -> UnsafeBufferPointer<UInt8>? { try reader.nextBlock()?.bindMemory(to: UInt8.self) }

  func cancel() { reader.cancel() }
}

extension PayloadFacts {
  init(_ row: BatchRow) throws {
    guard let date = CalendarDate(iso: row.landingDate) else {
      throw StageFailure(
        id: "store.ledger-damaged", "batch \(row.id) has the landing date '\(row.landingDate)'",
        help: "restore the ledger from a backup.", exit: .storage)
    }
    self.init(name: row.name, request: row.request, landingDate: date)
  }
}
