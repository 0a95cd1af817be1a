// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import Engine
import PipelineFiles
import Planning
import Records
import Store

extension CodeListCommand {
  struct Coverage: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show codes that sources sent and a list does not have, with the nearest it has.",
      usage: "terrace codelist coverage [<list> …] [--reveal]",
      discussion: """
        Counts the open rejects and the notes of the ledger, and looks through the center's columns of codes. What is
        in the list but was not valid on its day is shown with its validity and what followed it. Personal values are
        masked without --reveal.
        """)

    @OptionGroup(title: "Options everywhere") var global: GlobalOptions

    @Argument(help: "Only these code lists.")
    var list: [String] = []

    @Flag(help: "Show personal values; recorded in the ledger.")
    var reveal = false

    func run() throws {
      let workspace = Workspace(global)
      let (folder, planner) = workspace.files()
      for name in list where folder.lists[name] == nil {
        throw workspace.fail(
          StageFailure(
            id: "codelist.unknown-list", "there is no code list '\(name)'",
            help: Suggestion.help(for: name, among: folder.lists.keys.sorted()), exit: .usage))
      }
      let ledger = try workspace.ledger()
      let coverage: CodeListCoverage
      do throws(StageFailure) {
        coverage = try CodeListCoverage(
          of: list, lists: folder.lists, ledger: ledger, plans: planner.plan(planner.pipelineNames).plans,
          center: workspace.centerURL())
      } catch { throw workspace.fail(error) }
      if reveal {
        try ledger.recordAction(
          ActionRow(
            at: workspace.clock.seconds(), who: Ledger.currentUser, what: "reveal",
            subject: "codelist coverage", detail: list.joined(separator: " ")))
      }
      let text = CoverageText(coverage.misses, reveals: reveal)
      switch global.format {
      case .json: workspace.console.write(text.json.text())
      case .text: workspace.console.write(text.table)
      }
    }
  }
}
