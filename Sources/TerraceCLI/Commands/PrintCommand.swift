// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct PrintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "print", abstract: "Print.")
  @OptionGroup var global: GlobalOptions
  func run() throws {}
}
