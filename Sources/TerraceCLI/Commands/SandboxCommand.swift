// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Sandbox

struct SandboxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sandbox", abstract: "Serve the sector systems on loopback, with invented data.")

  @OptionGroup var global: GlobalOptions

  @Option(help: "Port to listen on; 0 takes a free one.")
  var port: UInt16 = 8800

  @Option(help: "Records per system.")
  var records = 1000

  @Option(help: "Seed of the invented data: the same seed gives the same bytes.")
  var seed: UInt64 = 1

  func run() throws {}
}
