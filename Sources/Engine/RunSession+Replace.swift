// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records
import Store

extension RunSession {
  /// Whether a run is one unit of commit. A limited one of slices is not: it deletes nothing.
  func commitsRun(_ options: RunOptions) -> Bool {
    plan.load.commitUnit == .run && (plan.load.mode == .replace || options.limit == nil)
  }

  /// A run whose unit of commit is the run (`replace`, and `replace_slice` where a slice may lie across payloads): its
  /// batches fill staging tables, and one transaction puts them in place if every batch succeeded and totals balance.
  func runReplacing(_ options: RunOptions) throws {
    // Of slices only those that are new are asked for.
    let takesAll = plan.load.mode == .replace
    if options.limit != nil {
      throw StageFailure(
        id: "run.limit-replaces", "'--limit' would replace a whole table by a part of its rows",
        help: "use 'terrace preview \(plan.pipeline) --rows N' to see some rows.", exit: .usage)
    }
    // What an earlier run left cannot be published without the rest of its run: this run takes the source anew.
    let left = try environment.ledger.unsettled(pipeline: plan.pipeline)
    try environment.ledger.supersede(batches: left.map(\.id))
    if options.backfill != nil, takesAll || !plan.extractor.needs.takesSpans { throw noSpans }
    if !takesAll { try tellIfFilesChanged() }
    var fresh = options
    fresh.isFull = options.isFull || takesAll
    let extraction = Extraction(environment, plan, run: run, options: fresh)
    defer { extraction.stop() }
    var rows: [BatchRow] = []
    var mark: String?
    while let payload = try extraction.nextPayload() {
      try Interruption.check()
      payload.follower?.cancel()
      switch payload.resolution() {
      case .landed(let row):
        rows.append(row)
        if row.checkpoint != nil { mark = nil }
      case .mark(let checkpoint): mark = checkpoint
      case .failed(let error): throw error
      case .known, .discarded, .landing: break
      }
    }
    for text in extraction.notices { notice(text) }
    // An extractor that was told to stop ends quietly: what it brought is not the whole.
    try Interruption.check()
    for text in extraction.notices { notice(text) }
    if let failure = extraction.failure {
      if let interruption = failure as? RunInterrupted { throw interruption }
      throw StageFailure(wrapping: failure)
    }
    var total = RunTotal()
    if !options.isFull, let standing = try standing(as: rows) {
      for row in standing { total.add(known: row) }
      mark = mark ?? rows.lazy.compactMap(\.checkpoint).last
      try environment.ledger.forget(landed: rows.map(\.id))
    } else {
      total = try replace(by: rows, kind: .run)
      if !failures.isEmpty { return }
    }
    // What the source has stands: nothing of an earlier run waits any more.
    let failed = try environment.ledger.failedByData(pipeline: plan.pipeline)
    try environment.ledger.supersede(batches: failed.map(\.id))
    if takesAll || options.backfill != nil { return }
    let last = extraction.finalCheckpoint?(total.highest).json ?? mark
    if let last { try environment.ledger.advanceCheckpoint(last, pipeline: plan.pipeline) }
  }

  /// Stages the batches of one run and publishes them together.
  @discardableResult
  func replace(by rows: [BatchRow], kind: AttemptRow.Kind, isDryRun: Bool = false) throws -> RunTotal {
    var staged: Staged = []
    let failed = failures.count
    var total = RunTotal()
    do {
      for row in rows {
        try Interruption.check()
        let outcome = try work(landed: row, kind: kind, isDryRun: isDryRun, stages: true)
        total.add(outcome)
        if case .staged(let report, let closing) = outcome { staged.append((report, closing)) }
      }
      guard failures.count == failed, judgeStaged(total) else {
        try connection.discardStaged(run: run)
        return total
      }
      if isDryRun {
        try rehearse(staged)
      } else {
        try publish(staged)
      }
      return total
    } catch {
      try? connection.discardStaged(run: run)
      throw error
    }
  }

  private typealias Staged = [(report: BatchReport, closing: AttemptClosing)]

  private func loadBatches(_ staged: Staged) throws -> [LoadBatch] {
    let landed = try staged.first.flatMap { try environment.ledger.batch($0.closing.batch)?.run }
    let unit = try landed.flatMap { try firstBatch(of: $0) }
    return staged.map { item in
      LoadBatch(
        batch: item.closing.batch, attempt: item.closing.attempt, run: run, planDigest: plan.digest,
        loadedAt: item.closing.closedAt, unit: unit)
    }
  }

  /// By its first batch a run is told to be older or newer than another.
  func firstBatch(of run: String) throws -> String? {
    try environment.ledger.batches(BatchFilter(pipeline: plan.pipeline, run: run)).map(\.id).min()
  }

  private func rehearse(_ staged: Staged) throws {
    let outcomes = try connection.rehearse(run: run, batches: loadBatches(staged))
    tellLostReferences()
    try connection.discardStaged(run: run)
    for (var report, closing) in staged {
      if case .loaded(let counters, let changes) = outcomes[closing.batch] {
        report.counters = counters
        report.changes = changes
      }
      report.status = .loaded
      add(report)
    }
  }

  private func publish(_ staged: Staged) throws {
    let batches = try loadBatches(staged)
    FailPoint.hit("engine.staged")
    let counters = try connection.publish(run: run, batches: batches)
    FailPoint.hit("engine.published")
    tellLostReferences()
    for var (report, closing) in staged {
      closing.counters = counters[closing.batch] ?? closing.counters
      try environment.ledger.closeAttempt(closing)
      report.counters = closing.counters
      report.status = .loaded
      add(report)
    }
  }

  /// Batches of a run are judged one by one: what the run took away in the end still stood for them.
  private func tellLostReferences() {
    for lost in connection.lostReferences {
      let rows =
        lost.rows == 1 ? "1 row of '\(lost.entity)' refers" : "\(lost.rows) rows of '\(lost.entity)' refer"
      notice(
        "\(rows) in '\(lost.field)' to rows of '\(lost.target.entity)' that the source no longer sends; a replay of this run "
          + "will keep such records out.")
    }
  }

  private func judgeStaged(_ total: RunTotal) -> Bool {
    // A misspelt path and a source that lost its data look alike: neither may empty a table.
    // Slices are replaced only by what came of them.
    if plan.load.mode == .replace, total.read == 0, !plan.decode.allowsEmpty {
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

  /// The batches of the last published run, if the source sent exactly what they hold.
  private func standing(as rows: [BatchRow]) throws -> [BatchRow]? {
    guard try environment.ledger.lastLoadedPlanDigest(pipeline: plan.pipeline) == plan.digest else {
      return nil
    }
    let standing = try environment.ledger.standing(pipeline: plan.pipeline)
    guard standing.allSatisfy({ $0.planDigest == plan.digest }) else { return nil }
    let isSame = try !standing.isEmpty && standing.map(\.digest) == rows.map(\.digest) && hasNewestLoad()
    return isSame ? standing : nil
  }
}
