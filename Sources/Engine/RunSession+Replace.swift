// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records
import Store

extension RunSession {
  /// A run whose unit of commit is the run (`replace`): its batches fill staging tables, and one transaction puts them in
  /// place if every batch succeeded and totals balance.
  func runReplacing(_ options: RunOptions) throws {
    if options.limit != nil {
      throw StageFailure(
        id: "run.limit-replaces", "'--limit' would replace a whole table by a part of its rows",
        help: "use 'terrace preview \(plan.pipeline) --rows N' to see some rows.", exit: .usage)
    }
    // What an earlier run left cannot be published without the rest of its run: this run takes the source anew.
    let left = try environment.ledger.unsettled(pipeline: plan.pipeline)
    try environment.ledger.supersede(batches: left.map(\.id))
    if options.backfill != nil { throw noSpans }
    var fresh = options
    fresh.isFull = true
    let extraction = Extraction(environment, plan, run: run, options: fresh)
    defer { extraction.stop() }
    var rows: [BatchRow] = []
    while let payload = try extraction.nextPayload() {
      try Interruption.check()
      payload.follower?.cancel()
      switch payload.resolution() {
      case .landed(let row): rows.append(row)
      case .failed(let error): throw error
      case .known, .discarded, .landing, .mark: break
      }
    }
    // An extractor that was told to stop ends quietly: what it brought is not the whole.
    try Interruption.check()
    if let failure = extraction.failure {
      if let interruption = failure as? RunInterrupted { throw interruption }
      throw StageFailure(wrapping: failure)
    }
    if !options.isFull, try isUnchanged(rows) {
      try environment.ledger.forget(landed: rows.map(\.id))
    } else {
      try replace(by: rows, kind: .run)
      if !failures.isEmpty { return }
    }
    // The table is what the source has: nothing of an earlier run waits any more.
    let failed = try environment.ledger.failedByData(pipeline: plan.pipeline)
    try environment.ledger.supersede(batches: failed.map(\.id))
  }

  /// Stages the batches of one run and publishes them together.
  func replace(by rows: [BatchRow], kind: AttemptRow.Kind, isDryRun: Bool = false) throws {
    var staged: [(report: BatchReport, closing: AttemptClosing)] = []
    var total = RunTotal()
    do {
      for row in rows {
        try Interruption.check()
        let outcome = try work(landed: row, kind: kind, isDryRun: isDryRun, stages: true)
        total.add(outcome)
        if case .staged(let report, let closing) = outcome { staged.append((report, closing)) }
      }
      guard failures.isEmpty, judgeStaged(total), !isDryRun else {
        try connection.discardStaged(run: run)
        return
      }
      try publish(staged)
    } catch {
      try? connection.discardStaged(run: run)
      throw error
    }
  }

  private func publish(_ staged: [(report: BatchReport, closing: AttemptClosing)]) throws {
    let batches = staged.map { item in
      LoadBatch(
        batch: item.closing.batch, attempt: item.closing.attempt, run: run, planDigest: plan.digest,
        loadedAt: item.closing.closedAt)
    }
    FailPoint.hit("engine.staged")
    let counters = try connection.publish(run: run, batches: batches)
    FailPoint.hit("engine.published")
    for var (report, closing) in staged {
      closing.counters = counters[closing.batch] ?? closing.counters
      try environment.ledger.closeAttempt(closing)
      report.counters = closing.counters
      report.status = .loaded
      add(report)
    }
  }

  private func judgeStaged(_ total: RunTotal) -> Bool {
    // A misspelt path and a source that lost its data look alike: neither may empty a table.
    if total.read == 0, !plan.decode.allowsEmpty {
      failed(
        StageFailure(
          id: "load.nothing-to-replace-with", "the source sent no records to replace the table by",
          help:
            "look at 'records' with 'terrace preview \(plan.pipeline)'; if the source may be empty, add 'empty: allowed' "
            + "under 'decode.\(plan.decoderName)'.", exit: .data, state: "nothing was replaced"))
      return false
    }
    guard let declaration = plan.total else { return true }
    declared(declaration.scope == .run ? total.last : total.sum)
    guard declaration.scope == .run, let last = total.last, last != Int64(total.read) else { return true }
    failed(
      StageFailure(
        id: "decode.total-differs", "the source declares \(last) records and sent \(total.read)",
        at: declaration.position.description,
        help: "run again: the source may have changed while it was read. If it stays, ask its owner.",
        exit: .data,
        state: "nothing was replaced"))
    return false
  }

  /// Whether the source sent exactly what the last published run holds.
  private func isUnchanged(_ rows: [BatchRow]) throws -> Bool {
    guard try environment.ledger.lastLoadedPlanDigest(pipeline: plan.pipeline) == plan.digest else {
      return false
    }
    let standing = try environment.ledger.standingDigests(pipeline: plan.pipeline)
    return try !standing.isEmpty && standing == rows.map(\.digest) && hasNewestLoad()
  }
}
