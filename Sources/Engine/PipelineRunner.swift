// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records
import Store

/// How a run was asked for.
public struct RunOptions: Sendable {
  /// Ignore checkpoint and known digests.
  public var isFull = false
  /// Take so many records of each payload; checks no total, moves no checkpoint.
  public var limit: Int?
  /// Take what the source has of these days, and leave the checkpoint where it is.
  public var backfill: DaySpan?

  public init(isFull: Bool = false, limit: Int? = nil, backfill: DaySpan? = nil) {
    self.isFull = isFull
    self.limit = limit
    self.backfill = backfill
  }
}

/// Runs one pipeline: settles what an earlier run left, then extracts, lands and loads what is new.
public final class PipelineRunner {
  let environment: EngineEnvironment
  let plan: Plan

  public init(_ environment: EngineEnvironment, _ plan: Plan) {
    self.environment = environment
    self.plan = plan
  }

  /// Carries out one run. Never throws: whatever happens is in the report and in the ledger.
  public func run(_ options: RunOptions) -> RunReport {
    session(options.backfill != nil ? .backfill : options.limit == nil ? .run : .limited) { session in
      // A table that is replaced as a whole needs nothing of what the center had.
      if !options.isFull, plan.load.mode != .replace { try session.requireCenter() }
      if session.commitsRun(options) {
        try session.runReplacing(options)
      } else {
        try session.runBatches(options)
      }
    }
  }

  /// Opens lock, center and ledger row around some work, and closes them whatever happens.
  func session(_ kind: RunRow.Kind, _ body: (RunSession) throws -> Void) -> RunReport {
    let started = environment.clock.monotonic()
    defer { environment.observer?.ended(pipeline: plan.pipeline) }
    var report = RunReport(run: "", pipeline: plan.pipeline)
    do {
      let lock = try RunLock(
        environment, pipeline: plan.pipeline, command: kind == .replay ? "replay" : "run")
      defer { lock.release() }
      let run = try environment.ledger.newRunID()
      report.run = run
      try environment.ledger.startRun(
        RunRow(
          id: run, pipeline: plan.pipeline, kind: kind, startedAt: environment.clock.seconds(),
          planDigest: plan.digest))
      let session = RunSession(environment, plan, run: run, report: report)
      let opened = Result { try session.open() }
      // After it, for it closes the attempts that a killed run left open, and they count.
      try environment.ledger.closeUnfinishedRuns(
        pipeline: plan.pipeline, except: run, at: environment.clock.seconds())
      do {
        defer { session.close() }
        try opened.get()
        try body(session)
      } catch {
        session.stopped(by: error)
      }
      report = session.conclude(seconds: environment.clock.monotonic() - started)
      try environment.ledger.finishRun(
        RunRow(report, plan, startedAt: nil, endedAt: environment.clock.seconds()))
    } catch let held as RunLock.Held {
      report.status = .locked
      report.exit = .tryAgain
      report.error = held.failure
    } catch {
      report.status = .failed
      var failure = StageFailure(wrapping: error)
      let isLoaded = report.batches.contains { $0.status == .loaded }
      failure.state = failure.state ?? (isLoaded ? "batches loaded before stay loaded" : "nothing was loaded")
      report.error = failure
      report.exit = report.error?.exit ?? .bug
    }
    report.seconds = environment.clock.monotonic() - started
    return report
  }
}

extension StageFailure {
  /// An error of any kind as a stage failure; one that no stage knows is a defect of ours.
  init(wrapping error: any Error) {
    if let failure = error as? StageFailure {
      self = failure
    } else {
      self.init(
        id: "engine.unexpected", "\(error)",
        help: "this is a defect of Terrace: report it with this message. Running again is safe.", exit: .bug)
    }
  }
}

extension RunRow {
  init(_ report: RunReport, _ plan: Plan, startedAt: Int64?, endedAt: Int64) {
    self.init(
      id: report.run, pipeline: report.pipeline, status: report.status, startedAt: startedAt ?? endedAt,
      endedAt: endedAt, exit: report.exit.rawValue, error: report.error.map(ErrorRow.init),
      planDigest: plan.digest, declared: report.declared, bytes: report.bytes, counters: report.counters,
      filled: report.filled)
  }
}
