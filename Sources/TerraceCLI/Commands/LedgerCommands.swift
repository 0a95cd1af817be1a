// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Engine
import Records
import Store

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "List runs, newest first.",
    usage: "terrace runs [<pipeline> …] [--limit <n>]")

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Argument(help: ArgumentHelp("Only these pipelines.", valueName: "pipeline"))
  var pipelines: [String] = []

  @Option(help: ArgumentHelp("How many to list.", valueName: "n"))
  var limit = 20

  func run() throws {
    let workspace = Workspace(global, naming: pipelines)
    let rows = try LedgerListing(workspace.ledger(), in: workspace).runs(pipelines, limit: limit)
    switch global.format {
    case .json: workspace.console.write(JSONText.object([("runs", .array(rows.map(ReportJSON.run)))]).text())
    case .text:
      var table = TableText([
        ("run", .left), ("pipeline", .left), ("started", .left), ("status", .left), ("read", .right),
        ("loaded", .right), ("rejected", .right), ("exit", .right),
      ])
      for row in rows {
        table.add([
          row.id, row.pipeline, LocalTime.text(row.startedAt), row.status.rawValue, String(row.counters.read),
          String(row.counters.loaded), String(row.counters.rejected), row.exit.map(String.init) ?? "–",
        ])
      }
      workspace.console.write(rows.isEmpty ? "no runs yet; 'terrace run' starts one" : table.text)
    }
  }
}

struct BatchesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batches", abstract: "List batches, newest first.",
    usage: "terrace batches [<target> …] [--failed] [--limit <n>]",
    discussion: """
      terrace batches --failed         what waits for a replay or the next run
      terrace batches last             those of the newest run
      """)

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Argument(help: ArgumentHelp("Only these pipelines or runs.", valueName: "target"))
  var pipelines: [String] = []

  @Flag(help: "Only those that failed, and those that landed and are not loaded.")
  var failed = false

  @Option(help: ArgumentHelp("How many to list.", valueName: "n"))
  var limit = 100

  func run() throws {
    let workspace = Workspace(global, naming: pipelines)
    let rows = try LedgerListing(workspace.ledger(), in: workspace)
      .batches(pipelines, onlyFailed: failed, limit: limit)
    switch global.format {
    case .json:
      workspace.console.write(JSONText.object([("batches", .array(rows.map(ReportJSON.batch)))]).text())
    case .text:
      var table = TableText([
        ("batch", .left), ("pipeline", .left), ("payload", .left), ("landed", .left), ("status", .left),
        ("read", .right), ("loaded", .right), ("rejected", .right), ("error", .left),
      ])
      for row in rows {
        table.add([
          row.id, row.pipeline, row.name, LocalTime.text(row.landedAt), row.status.rawValue,
          String(row.counters.read), String(row.counters.loaded), String(row.counters.rejected),
          row.error?.message ?? "",
        ])
      }
      workspace.console.write(rows.isEmpty ? (failed ? "no failed batches" : "no batches yet") : table.text)
    }
  }
}

struct RejectsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rejects", abstract: "List records kept out, with every rule they broke.",
    usage: "terrace rejects [<target> …] [--by cause] [--all] [--notes] [--reveal] [--limit <n>]",
    discussion: """
      terrace rejects --by cause       what is wrong with the sources, the most frequent first
      terrace rejects public_assets    open rejects of one pipeline
      """)

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Argument(help: ArgumentHelp("Only these pipelines, runs or batches.", valueName: "target"))
  var targets: [String] = []

  @Option(help: ArgumentHelp("Group them.", valueName: "what"))
  var by: Grouping?

  @Flag(help: "Also those resolved, superseded or waived. JSON lists them all, each with its status.")
  var all = false

  @Flag(help: "Notes (findings on loaded records) instead of rejects.")
  var notes = false

  @Flag(help: "Show personal values; recorded in the ledger.")
  var reveal = false

  @Option(help: ArgumentHelp("How many to list.", valueName: "n"))
  var limit = 1000

  enum Grouping: String, ExpressibleByArgument, CaseIterable { case cause }

  func run() throws {
    let workspace = Workspace(global, naming: targets)
    let ledger = try workspace.ledger()
    if by == .cause { return try showCauses(workspace, ledger) }
    let listsAll = all || global.format == .json
    let rows = try LedgerListing(ledger, in: workspace)
      .rejects(targets, onlyOpen: !listsAll, notes: notes, limit: limit)
    if reveal {
      try ledger.recordAction(
        ActionRow(
          at: workspace.clock.seconds(), who: Ledger.currentUser, what: "reveal", subject: "rejects",
          detail: rows.map(\.id).joined(separator: " ")))
    }
    switch global.format {
    case .json:
      workspace.console.write(
        JSONText.object([("rejects", .array(rows.map { ReportJSON.reject($0, reveals: reveal) }))]).text())
    case .text:
      var columns: [(String, TableText.Alignment)] = [
        (notes ? "note" : "reject", .left), ("pipeline", .left),
      ]
      if all { columns.append(("status", .left)) }
      columns += [("record", .right), ("line", .right), ("field", .left), ("rule", .left), ("value", .left)]
      var table = TableText(columns + [("why", .left)])
      table.cellWidth = 60
      for row in rows {
        var head = [row.id, row.pipeline] + (all ? [row.status.rawValue] : [])
        head += [String(row.record), String(row.line)]
        for failure in row.failures {
          table.add(
            head + [
              failure.field, failure.rule, Masking.value(failure, reveals: reveal) ?? "",
              Masking.message(failure, reveals: reveal),
            ])
          // What a record broke besides stands below, without saying once more which one it is.
          head = head.map { _ in "" }
        }
      }
      workspace.console.write(rows.isEmpty ? (notes ? "no notes" : "no open rejects") : table.text)
    }
  }

  private func showCauses(_ workspace: Workspace, _ ledger: Ledger) throws {
    let causes = try LedgerListing(ledger, in: workspace).causes(targets, notes: notes)
    switch global.format {
    case .json:
      workspace.console.write(
        JSONText.object([
          (
            "causes",
            .array(
              causes.map {
                .object([
                  ("pipeline", .string($0.pipeline)), ("rule", .string($0.rule)),
                  ("field", .string($0.field)),
                  ("count", .count($0.records)), ("example", .string($0.example)),
                ])
              })
          )
        ]).text())
    case .text:
      var table = TableText([
        ("count", .right), ("pipeline", .left), ("rule", .left), ("field", .left), ("for example", .left),
      ])
      for cause in causes {
        table.add([String(cause.records), cause.pipeline, cause.rule, cause.field, cause.example])
      }
      workspace.console.write(causes.isEmpty ? "no open rejects" : table.text)
    }
  }
}

extension Counters {
  /// Records that are in the center after the batch.
  var loaded: Int { inserted + updated + unchanged }
}
