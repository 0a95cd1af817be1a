// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc

/// Options that every command takes.
struct GlobalOptions: ParsableArguments {
  @Option(name: .long, help: "Folder with the pipeline files.")
  var pipelines = "Pipelines"

  @Option(
    name: .long,
    help: "Folder for ledger, landing zone and locks (default .terrace beside the pipelines folder, or TERRACE_HOME).")
  var home: String?

  @Option(name: .long, help: "Where to load: sqlite:PATH (default <home>/center.db, or TERRACE_CENTER).")
  var center: String?

  @Option(name: .customShort("C"), help: "Work as if started in this folder.")
  var directory: String?

  @Option(name: .long, help: "How to print: text or json.")
  var format = OutputFormat.text

  @Flag(name: .shortAndLong, help: "Say more, also when the output is not a terminal.")
  var verbose = false

  @Flag(name: .customLong("no-color"), help: "Print without colour.")
  var noColor = false

  func validate() throws {
    if let directory, chdir(directory) != 0 {
      throw ValidationError("cannot enter '\(directory)': \(String(cString: strerror(errno)))")
    }
  }

  /// Home, from the option or `TERRACE_HOME`; nil means beside the pipelines folder.
  var homePath: String? { home ?? environment("TERRACE_HOME") }

  var centerURL: String? { center ?? environment("TERRACE_CENTER") }

  private func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case text, json }
