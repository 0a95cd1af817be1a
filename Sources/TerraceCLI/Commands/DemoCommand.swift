// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "demo", abstract: "Demo.")
  @OptionGroup var global: GlobalOptions
  func run() throws {}
}
