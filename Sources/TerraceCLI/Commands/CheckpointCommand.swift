// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import Store

struct CheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint", abstract: "Show or reset where a pipeline's extractor goes on from.",
    subcommands: [Show.self, Reset.self], defaultSubcommand: Show.self)

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the checkpoint.", usage: "terrace checkpoint show <pipeline>")
    @OptionGroup(title: "Options everywhere") var global: GlobalOptions
    @Argument(help: "The pipeline.") var pipeline: String

    func run() throws {
      let workspace = Workspace(global, naming: [pipeline])
      let ledger = try workspace.ledger()
      let checkpoint = try ledger.checkpoint(pipeline: workspace.pipeline(pipeline, in: ledger))
      workspace.console.write(checkpoint ?? "no checkpoint: the next run begins at the beginning")
    }
  }

  struct Reset: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Forget the checkpoint: the next run begins at the beginning. Recorded in the ledger.",
      usage: "terrace checkpoint reset <pipeline>")
    @OptionGroup(title: "Options everywhere") var global: GlobalOptions
    @Argument(help: "The pipeline.") var pipeline: String

    func run() throws {
      let workspace = Workspace(global, naming: [pipeline])
      let ledger = try workspace.ledger()
      try ledger.clearCheckpoint(pipeline: workspace.pipeline(pipeline, in: ledger))
    }
  }
}

struct WaiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "waive",
    abstract: "Let rejects or failed batches be: they count as dealt with. Recorded in the ledger.",
    usage: "terrace waive <id> … [--reason <text>]",
    discussion: """
      A waived reject stays waived while it is met exactly as it was. A waived batch no longer holds the checkpoint, and is
      not tried again while the source sends the same bytes; 'terrace replay' still takes it by its id.

        terrace waive J12 --reason "the office has closed"
        terrace waive B1M8
      """)

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Argument(help: ArgumentHelp("Rejects (J…) or failed batches (B…).", valueName: "id"))
  var ids: [String]

  @Option(help: ArgumentHelp("Why, for the record.", valueName: "text"))
  var reason = ""

  func run() throws {
    let workspace = Workspace(global)
    let ledger = try workspace.ledger()
    for id in ids where try !isWaived(id, ledger) {
      throw workspace.fail(
        StageFailure(
          id: "waive.nothing-open", "there is no open reject and no failed batch '\(id)'",
          help: "'terrace rejects' lists the ones, 'terrace batches --failed' the others.",
          exit: .usage, state: ids.first == id ? "nothing was waived" : "those before it were waived"))
    }
    if workspace.console.isTalkative { workspace.console.message("waived: \(ids.joined(separator: ", "))") }
  }

  private func isWaived(_ id: String, _ ledger: Ledger) throws -> Bool {
    switch try ledger.find(id) {
    case .reject(let row): return try ledger.waive(row.id, reason: reason)
    case .batch(let row): return try ledger.waive(batch: row.id, reason: reason)
    case .ambiguous(let ids):
      throw ValidationError("'\(id)' may be \(ids.joined(separator: ", ")): write more of it")
    case .run, .unknown: return false
    }
  }
}
