// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import Engine
import Foundation
import PipelineFiles
import Planning
import Sandbox
import Store

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Start the sandbox on loopback, run every pipeline into an embedded center, print the balance.",
    usage: "terrace demo [--records <n>] [--seed <n>]",
    discussion:
      "The home of real runs is left alone; the last lines say where the demo's is, and where to look next.")

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Option(help: ArgumentHelp("Records per system.", valueName: "n"))
  var records = 1000

  @Option(help: ArgumentHelp("Seed of the invented data.", valueName: "n"))
  var seed: UInt64 = 1

  func validate() throws {
    if records < 0 { throw ValidationError("--records is a number from 0") }
  }

  func run() throws {
    var options = global
    // A demo begins with nothing, and leaves the home of real runs alone.
    let home =
      global.home ?? FileManager.default.temporaryDirectory.appending(path: "terrace-demo-\(getpid())").path()
    options.home = home
    let workspace = Workspace(options)
    let (records, seed) = (self.records, self.seed)
    let server = try AsyncBridge.wait { try await SandboxServer(records: records, seed: seed) }
    defer { try? AsyncBridge.wait { await server.stop() } }
    let plans = try plans(workspace, server)
    let environment = try workspace.environment(observer: nil)
    var reports: [RunReport] = []
    for plan in plans where Interruption.requested == nil {
      reports.append(PipelineRunner(environment, plan).run(RunOptions()))
    }
    if global.format == .text {
      workspace.console.write(
        "\(plans.count) pipelines pulled invented records, \(records) of each long list, from \(server.url) into \(home)/center.db\n"
      )
      workspace.console.write(BalanceText.table(reports))
      try showCauses(workspace, environment.ledger, home)
    }
    try workspace.finish(reports, printsBalance: global.format == .json)
  }

  /// The pipelines of the folder, with their systems at the sandbox's address and the sandbox's secrets.
  private func plans(_ workspace: Workspace, _ server: SandboxServer) throws -> [Plan] {
    var environment = ProcessFacts.environment
    for (name, value) in SandboxServer.secrets { environment["TERRACE_SECRET_\(name)"] = value }
    let usual = "http://127.0.0.1:\(SandboxServer.usualPort)"
    return try workspace.plans([], environment: environment) { url in
      url.hasPrefix(usual) ? server.url + url.dropFirst(usual.count) : nil
    }
  }

  private func showCauses(_ workspace: Workspace, _ ledger: Ledger, _ home: String) throws {
    let causes = try LedgerListing(ledger, in: workspace).causes([], notes: false)
    if !causes.isEmpty {
      var table = TableText([
        ("rejected", .right), ("pipeline", .left), ("rule", .left), ("field", .left), ("for example", .left),
      ])
      for cause in causes.prefix(8) {
        table.add([String(cause.records), cause.pipeline, cause.rule, cause.field, cause.example])
      }
      workspace.console.write("\n" + table.text)
    }
    let example = causes.first?.example ?? "J1"
    workspace.console.write(
      """

      where to look next (export TERRACE_HOME=\(home)):
        terrace show \(example)                 one reject: every rule it broke, where it stood, its bytes
        terrace rejects --by cause      what is wrong with the sources
        terrace status                  how the pipelines stand
        sqlite3 \(home)/center.db .tables
        Pipelines/*.yaml                what you have just run
      """)
  }
}
