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
    commandName: "waive", abstract: "Let rejects be: they count as dealt with. Recorded in the ledger.",
    usage: "terrace waive <reject> …")

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Argument(help: ArgumentHelp("Rejects (J…).", valueName: "reject"))
  var rejects: [String]

  func run() throws {
    let workspace = Workspace(global)
    let ledger = try workspace.ledger()
    for id in rejects where try !ledger.waive(id) {
      throw workspace.fail(
        StageFailure(
          id: "waive.no-open-reject", "there is no open reject '\(id)'",
          help: "'terrace rejects' lists them.",
          exit: .usage))
    }
  }
}
