// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc

/// Options that every command takes.
struct GlobalOptions: ParsableArguments {
  static let usualPipelines = "Pipelines"

  @Option(name: .long, help: ArgumentHelp("Folder with the pipeline files.", valueName: "dir"))
  var pipelines = Self.usualPipelines

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Folder for ledger, landing zone and locks (default: TERRACE_HOME, or .terrace beside the pipelines folder).",
      valueName: "dir"))
  var home: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Where to load: sqlite:PATH (default: TERRACE_CENTER, or sqlite:<home>/center.db).", valueName: "url"))
  var center: String?

  @Option(name: .customShort("C"), help: ArgumentHelp("Work as if started in this folder.", valueName: "dir"))
  var directory: String?

  @Option(name: .long, help: ArgumentHelp("How to print.", valueName: "format"))
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
