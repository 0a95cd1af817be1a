// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records
import Store

/// One try at one batch: decode to validate on one thread, load on this one, then the commit in its fixed order.
///
/// The order is what makes a kill at any moment harmless (docs/ARCHITECTURE.md, "Commit"): the payload is durable, the
/// findings and the intended closing are durable in the ledger, the center commits, the ledger closes the attempt.
struct BatchWorker {
  let environment: EngineEnvironment
  let plan: Plan
  let connection: any LoadConnection
  let run: String
  /// Identities of this pipeline's open rejects when the run began.
  let openRejects: Set<String>
  let progress: Progress
  /// Of the whole run, so that a small payload costs little more than its records.
  let pool: ChunkPool
  let sessions: RecordSessions

  struct Request {
    var kind: AttemptRow.Kind
    var attempt: Int
    var batchID: String
    var facts: PayloadFacts
    /// Opens the payload's bytes for one pass; called again for another pass.
    var open: () throws -> any PayloadBlocks
    /// Waits until the payload is durable and the batch is in the ledger; nil when its digest is known already.
    var landed: () throws -> BatchRow?
    var only: Set<Int64>?
    /// Identities of the rejects that are replayed, by ordinal.
    var replayed: [Int64: String] = [:]
    var limit: Int?
    var newerKeys: (@Sendable (KeyDigest) -> Bool)?
    /// See ``LoadBatch/unit``; nil: the batch.
    var unit: String?
    var isDryRun = false
    /// The run is the unit of commit: the batch only fills staging tables; the run publishes and closes.
    var stages = false
    /// Whether the pipeline's checkpoint may move to this batch's.
    var movesCheckpoint = true
  }

  enum Outcome {
    case loaded(BatchReport)
    case failed(BatchReport, StageFailure)
    /// In the staging tables; its attempt is prepared and is closed when the run publishes.
    case staged(BatchReport, AttemptClosing)
    /// The payload's digest was loaded before under the same origin.
    case known
  }

  /// - Throws: ``RunInterrupted``, or a ``StageFailure`` of ours that ends the run (disk, center). Failures of the data
  ///   are an outcome.
  func work(_ request: Request) throws -> Outcome {
    var earlier = RecordFlow.EarlierPasses()
    var settled: [Int64: SettledOutcome] = [:]
    while true {
      let findings = Findings(
        plan, batch: request.batchID, attempt: request.attempt, openRejects: openRejects,
        replayed: request.replayed,
        write: { rows in
          if !request.isDryRun { try environment.ledger.addFindings(rows) }
        })
      let transaction = CenterTransaction { [settled] in
        try connection.begin(
          LoadBatch(
            batch: request.batchID, attempt: request.attempt, run: run, planDigest: plan.digest,
            loadedAt: environment.clock.seconds(), unit: request.unit, isReplay: request.kind != .run,
            only: request.only, isCut: request.limit != nil, settled: settled, newerKeys: request.newerKeys,
            isDryRun: request.isDryRun && !request.stages))
      }
      var complete: (result: RecordFlow.Result, loaded: Counters, changes: [RowChange])?
      do {
        switch try pass(request, transaction, findings, earlier) {
        case .decodeAgain(let passes):
          transaction.abort()
          try discardFindings(request)
          earlier = passes
        case .loadAgain(let outcomes):
          transaction.abort()
          try discardFindings(request)
          settled = outcomes
        case .complete(let result, let loaded, let changes):
          try addLateNotes(transaction.opened().lateNotes, request, findings, earlier)
          complete = (result, loaded, changes)
        }
      } catch is SourceIsSlow {
        transaction.abort()
        try discardFindings(request)
        guard try request.landed() != nil else { return .known }
      } catch let failure as StageFailure where failure.isOfData {
        transaction.abort()
        return try fail(request, findings, failure, counters: Counters(), filled: [:])
      } catch {
        transaction.abort()
        try? discardFindings(request)
        throw error
      }
      guard let complete else { continue }
      // From here on nothing that was found is dropped: the center may have committed when an error comes. The next
      // start closes the attempt, or sees that it never was.
      defer { transaction.abort() }
      return try settle(
        request, transaction.opened(), findings, complete.result, complete.loaded, complete.changes)
    }
  }

  // MARK: One pass

  private enum Pass {
    case decodeAgain(RecordFlow.EarlierPasses)
    case loadAgain([Int64: SettledOutcome])
    case complete(RecordFlow.Result, Counters, [RowChange])
  }

  private func pass(
    _ request: Request, _ transaction: CenterTransaction, _ findings: Findings,
    _ earlier: RecordFlow.EarlierPasses
  ) throws -> Pass {
    progress.beginPass()
    let decoding = DecodingThread(
      plan, request, earlier: earlier, pool: pool, sessions: sessions, counting: progress.read,
      pace: ArrivalPace(environment.clock))
    do {
      while let chunk = try decoding.next() {
        try Interruption.check()
        try transaction.opened().load(chunk)
        try findings.collect(chunk)
        progress.add(records: chunk.rows)
        decoding.pool.giveBack(chunk)
      }
    } catch {
      decoding.stop()
      throw error
    }
    try Interruption.check()
    let result = try decoding.result()
    if let passes = result.again { return .decodeAgain(passes) }
    switch try transaction.opened().finish() {
    case .again(let outcomes): return .loadAgain(outcomes)
    case .loaded(let counters, let changes): return .complete(result, counters, changes)
    }
  }

  /// Writes down what the loader found about records whose chunks had gone: they are cut out of the payload once
  /// more, for their places.
  private func addLateNotes(
    _ notes: [LoadNote], _ request: Request, _ findings: Findings,
    _ earlier: RecordFlow.EarlierPasses
  ) throws {
    if notes.isEmpty { return }
    let byOrdinal = Dictionary(grouping: notes, by: \.ordinal)
    let blocks = try request.open()
    let flow = try RecordFlow(
      plan, facts: request.facts, only: Set(byOrdinal.keys), earlier: earlier, pool: pool, sessions: sessions
    ) { chunk in
      chunk.failures = []
      for row in 0..<chunk.rows where chunk.table.fates[row].isLoaded {
        for note in byOrdinal[chunk.positions.ordinals[row]] ?? [] {
          var failure = note.failure
          failure.row = row
          chunk.failures.append(failure)
        }
      }
      try findings.collect(chunk)
      pool.giveBack(chunk)
    }
    _ = try flow.run { try blocks.next() }
  }

  // MARK: Judging and committing

  private func settle(
    _ request: Request, _ session: any LoadSession, _ findings: Findings, _ result: RecordFlow.Result,
    _ loaded: Counters, _ changes: [RowChange]
  ) throws -> Outcome {
    var counters = loaded
    counters.read = result.read
    counters.filtered = result.filtered
    counters.rejected = loaded.rejected + result.rejected
    counters.noted = findings.noted
    let verdict = BatchVerdict(plan, request, result, counters)
    if let failure = verdict.failure {
      session.abort()
      return try fail(
        request, findings, failure, counters: counters, filled: result.filled, declared: verdict.declared)
    }
    if request.isDryRun, !request.stages {
      session.abort()
      var dry = report(request, counters, result.filled, verdict.declared, status: .loaded, changes)
      dry.nothingMatched = result.summary.nothingMatched
      return .loaded(dry)
    }
    guard let row = try request.landed() else {
      session.abort()
      try discardFindings(request)
      return .known
    }
    try findings.flush()
    var closing = self.closing(request, row, findings, counters, result.filled, verdict.declared)
    closing.highest = result.highest?.ledgerText
    if !request.isDryRun {
      try environment.ledger.prepareAttempt(attemptRow(request, counters), closing: closing)
    }
    FailPoint.hit("engine.prepared")
    try session.commit(counters)
    FailPoint.hit("engine.committed")
    if request.stages {
      var staged = report(
        request, counters, result.filled, verdict.declared, status: .landed, changes, row)
      staged.highest = result.highest
      staged.nothingMatched = result.summary.nothingMatched
      return .staged(staged, closing)
    }
    let superseded = try environment.ledger.closeAttempt(closing)
    FailPoint.hit("engine.closed")
    var loaded = report(
      request, counters, result.filled, verdict.declared, status: closing.batchStatus, changes, row)
    loaded.highest = result.highest
    loaded.slicesTwice = session.slicesTwice
    loaded.superseded = superseded
    loaded.nothingMatched = result.summary.nothingMatched
    return .loaded(loaded)
  }

  /// Closes the attempt as failed by its data: nothing of it is in the center, its rejects stay as evidence.
  private func fail(
    _ request: Request, _ findings: Findings, _ failure: StageFailure, counters: Counters,
    filled: [String: Int], declared: Int64? = nil
  ) throws -> Outcome {
    var failure = failure
    failure.state = failure.state ?? "nothing of this batch was loaded"
    var counters = counters
    // What was counted on the way in was rolled back: only what was met is said.
    counters.inserted = 0
    counters.updated = 0
    counters.unchanged = 0
    counters.stale = 0
    counters.duplicate = 0
    counters.deleted = 0
    counters.vanished = 0
    counters.children = 0
    if request.isDryRun {
      return .failed(report(request, counters, filled, declared, status: .failed, []), failure)
    }
    guard let row = try request.landed() else {
      try discardFindings(request)
      return .known
    }
    try findings.flush()
    var closing = self.closing(request, row, findings, counters, filled, declared)
    closing.outcome = .failed
    closing.resolved = []
    closing.checkpoint = nil
    closing.error = ErrorRow(failure)
    // A replay that fails leaves what an earlier attempt loaded as it is.
    closing.batchStatus = row.status == .loaded ? .loaded : .failed
    // A defect of ours is not the payload's fault: a run of a program that is mended tries it again.
    closing.fault = row.status == .loaded ? nil : failure.exit == .bug ? .ours : .data
    if row.status == .loaded { closing.counters = row.counters }
    try environment.ledger.prepareAttempt(attemptRow(request, counters), closing: closing)
    try environment.ledger.closeAttempt(closing)
    var failed = report(request, counters, filled, declared, status: closing.batchStatus, [], row)
    failed.error = failure
    return .failed(failed, failure)
  }

  private func closing(
    _ request: Request, _ row: BatchRow, _ findings: Findings, _ counters: Counters,
    _ filled: [String: Int], _ declared: Int64?
  ) -> AttemptClosing {
    let isPart = request.only != nil
    return AttemptClosing(
      batch: row.id, attempt: request.attempt, outcome: .committed,
      closedAt: environment.clock.seconds(),
      counters: counters, declared: declared ?? row.declared, filled: filled,
      // A limited run has not settled its payload: the next run works it through.
      batchStatus: request.limit == nil ? .loaded : .landed,
      resolved: findings.resolved, isWhole: !isPart && request.limit == nil,
      checkpoint: request.movesCheckpoint && request.limit == nil ? row.checkpoint : nil)
  }

  private func attemptRow(_ request: Request, _ counters: Counters) -> AttemptRow {
    AttemptRow(
      batch: request.batchID, number: request.attempt, run: run, kind: request.kind,
      planDigest: plan.digest, decodeDigest: plan.decodeDigest,
      startedAt: environment.clock.seconds(), counters: counters)
  }

  private func discardFindings(_ request: Request) throws {
    if !request.isDryRun {
      try environment.ledger.discardFindings(batch: request.batchID, attempt: request.attempt)
    }
  }

  private func report(
    _ request: Request, _ counters: Counters, _ filled: [String: Int], _ declared: Int64?,
    status: BatchRow.Status, _ changes: [RowChange], _ row: BatchRow? = nil
  ) -> BatchReport {
    var report = BatchReport(batchID: request.batchID, name: request.facts.name)
    if let row {
      report.payload = row.digest
      report.bytes = row.bytes
    }
    report.status = status
    report.attempt = request.attempt
    report.declared = declared
    report.counters = counters
    report.filled = filled
    report.changes = changes
    return report
  }
}

/// The bytes of a payload, piece by piece. Used by the decode thread.
protocol PayloadBlocks: AnyObject {
  /// Whether the payload is still landing when it is opened, so that the source may keep `next` waiting.
  var isArriving: Bool { get }
  /// The next piece, valid until the next call; nil at the end.
  func next() throws -> UnsafeBufferPointer<UInt8>?
  /// Ends the reading from another thread: `next` throws or answers nil soon.
  func cancel()
}

extension StageFailure {
  /// The payload is at fault, not our side: the batch fails, the run goes on.
  var isOfData: Bool { exit == .data }
}

extension ErrorRow {
  init(_ failure: StageFailure) {
    self.init(
      id: failure.id, message: failure.message, where: failure.place, help: failure.help,
      exit: failure.exit.rawValue)
  }
}
