// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import Engine
import Glibc

struct GuessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "guess", abstract: "Guess.")
  @OptionGroup(title: "Options everywhere") var global: GlobalOptions
  func run() throws {}
}
