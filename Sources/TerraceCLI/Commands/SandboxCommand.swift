// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import Engine
import Glibc
import Sandbox

struct SandboxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox", abstract: "Serve the sector systems on loopback, with invented data.",
    usage: "terrace sandbox [--port <n>] [--records <n>] [--seed <n>]",
    discussion: "Says the address and the secrets that 'terrace run' needs, then serves until Ctrl-C.")

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Option(help: ArgumentHelp("Port to listen on; 0 takes a free one.", valueName: "n"))
  var port: UInt16 = SandboxServer.usualPort

  @Option(help: ArgumentHelp("Records per system.", valueName: "n"))
  var records = 1000

  @Option(
    help: ArgumentHelp("Seed of the invented data: the same seed gives the same bytes.", valueName: "n"))
  var seed: UInt64 = 1

  func run() throws {
    let workspace = Workspace(global)
    let (port, records, seed) = (self.port, self.records, self.seed)
    let server: SandboxServer
    do {
      server = try AsyncBridge.wait { try await SandboxServer(port: port, records: records, seed: seed) }
    } catch {
      throw workspace.fail(
        StageFailure(
          id: "sandbox.cannot-listen", "cannot listen on port \(port): \(error)",
          help: "take another with --port, or 0 for a free one.", exit: .unavailable))
    }
    workspace.console.message("the sector systems stand at \(server.url); end with Ctrl-C")
    workspace.console.message("secrets for 'terrace run':")
    for (name, value) in SandboxServer.secrets.sorted(by: { $0.key < $1.key }) {
      workspace.console.message("  export TERRACE_SECRET_\(name)=\(value)")
    }
    while Interruption.requested == nil { usleep(100_000) }
    try AsyncBridge.wait { await server.stop() }
  }
}
