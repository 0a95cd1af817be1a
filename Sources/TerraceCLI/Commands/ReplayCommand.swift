// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import Engine
import Planning
import Records
import Store

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Run batches again from their landed bytes, with today's pipeline files.",
    usage: "terrace replay [<target> …] [--failed] [--rejects] [--dry-run] [--reveal] [--force]",
    discussion: """
      The source is not called. An old batch never overwrites newer rows.

        terrace replay --failed          every batch that failed
        terrace replay J12               one rejected record, once the pipeline file is mended
        terrace replay --rejects         the records of all open rejects
        terrace replay B1M8              one batch, by any unique beginning of its id
        terrace replay public_assets --dry-run
                                         what today's file would change in all that was loaded
      """)

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Argument(help: ArgumentHelp("Batches (B…), rejects (J…), runs (R…) or pipelines.", valueName: "target"))
  var targets: [String] = []

  @Flag(help: "Every failed batch.")
  var failed = false

  @Flag(help: "Only the records of open rejects.")
  var rejects = false

  @Flag(name: .customLong("dry-run"), help: "Show what would change, row by row; write nothing.")
  var dryRun = false

  @Flag(help: "Replay although newer payloads are gone and cannot be looked at.")
  var force = false

  @Flag(help: "With --dry-run, show personal values; recorded in the ledger.")
  var reveal = false

  func validate() throws {
    if reveal, !dryRun { throw ValidationError("--reveal goes with --dry-run: a replay shows no values") }
    if targets.isEmpty, !failed, !rejects {
      throw ValidationError("name what to replay: batches, pipelines, --failed or --rejects")
    }
  }

  func run() throws {
    let workspace = Workspace(global, naming: targets)
    let environment = try workspace.environment(observer: workspace.console.progress)
    let wanted = try ReplayTargets(targets, environment.ledger)
    // A replay asks no system: it needs no secrets.
    let plans = try workspace.plans(wanted.isOpen ? [] : wanted.pipelines, asksSystems: false)
    var reports: [RunReport] = []
    for plan in plans {
      if Interruption.requested != nil { break }
      let scope: ReplayRequest.Scope
      if let rejects = wanted.rejects[plan.pipeline] {
        scope = .rejects(rejects)
      } else if let batches = wanted.batches[plan.pipeline] {
        scope = .batches(batches)
      } else {
        scope = failed ? .failed : .all
      }
      let request = ReplayRequest(
        scope, onlyRejects: rejects, isDryRun: dryRun, isForced: force)
      var report = PipelineRunner(environment, plan).replay(request)
      if reveal {
        try environment.ledger.recordAction(
          ActionRow(
            at: workspace.clock.seconds(), who: Ledger.currentUser, what: "reveal", subject: plan.pipeline,
            detail: "replay --dry-run"))
      } else {
        for index in report.batches.indices { report.batches[index].changes.mask(plan.load) }
      }
      // Asked for everything, a pipeline with nothing to replay is no news.
      if wanted.isOpen, report.exit == .done, report.batches.isEmpty { continue }
      reports.append(report)
    }
    // Who replays rejects wants to know whether they are mended.
    for report in reports
    where !dryRun && (rejects || !wanted.rejects.isEmpty) && report.counters.rejected > 0 {
      workspace.console.message(
        "\(report.pipeline): \(report.counters.rejected) record\(report.counters.rejected == 1 ? " is" : "s are") still "
          + "rejected; 'terrace rejects \(report.pipeline)' says why")
    }
    try workspace.finish(reports, isDryRun: dryRun)
  }
}

/// What the words after `replay` mean: ids of the ledger, or pipelines.
struct ReplayTargets {
  /// Batches by pipeline, where batches or rejects were named.
  private(set) var batches: [String: [String]] = [:]
  /// Rejects by pipeline, where rejects were named.
  private(set) var rejects: [String: [String]] = [:]
  private(set) var pipelines: [String] = []

  /// Nothing was named: every pipeline is meant.
  var isOpen: Bool { pipelines.isEmpty }

  init(_ words: [String], _ ledger: Ledger) throws {
    for word in words {
      switch try ledger.find(word) {
      case .batch(let row):
        add(row.pipeline, row.id)
      case .reject(let row):
        if !pipelines.contains(row.pipeline) { pipelines.append(row.pipeline) }
        rejects[row.pipeline, default: []].append(row.id)
      case .run(let row):
        for batch in try ledger.batches(BatchFilter(run: row.id)) { add(batch.pipeline, batch.id) }
      case .ambiguous(let ids):
        throw ValidationError("'\(word)' may be \(ids.joined(separator: ", ")): write more of it")
      case .unknown:
        if !pipelines.contains(word) { pipelines.append(word) }
      }
    }
  }

  private mutating func add(_ pipeline: String, _ batch: String) {
    if !pipelines.contains(pipeline) { pipelines.append(pipeline) }
    if batches[pipeline]?.contains(batch) != true { batches[pipeline, default: []].append(batch) }
  }
}
