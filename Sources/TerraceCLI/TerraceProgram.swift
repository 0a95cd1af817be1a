// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Components
import Diagnostics
import Engine
import Synchronization

/// The whole program. One line starts it with a catalog of components: the shipped one, or one's own.
public enum TerraceProgram {
  public static let version = "0.1.0"

  /// The components this process knows; set once, before any command runs.
  nonisolated(unsafe) private(set) static var catalog = Catalog()

  /// Runs the command line and ends the process with the documented exit code.
  public static func main(_ catalog: Catalog) {
    self.catalog = catalog
    Interruption.catchSignals()
    do {
      var command = try TerraceCommand.parseAsRoot(CommandWords.ordered(CommandLine.arguments.dropFirst()))
      try command.run()
    } catch let failure as StageFailure {
      end(with: failure)
    } catch {
      if asksForJSON, !Console.hasWritten.load(ordering: .relaxed) { writeDocument(of: error) }
      TerraceCommand.exit(withError: error)
    }
  }

  /// What no command took care of: a disk that failed, a ledger that another process holds.
  private static func end(with failure: StageFailure) -> Never {
    if asksForJSON, !Console.hasWritten.load(ordering: .relaxed) {
      Console.write(JSONText.object([("error", ReportJSON.error(failure))]).text())
    }
    Console.write(bytes: StageFailurePrinter(isColoured: false).text(of: failure), to: 2)
    TerraceCommand.exit(withError: ArgumentParser.ExitCode(failure.exit.rawValue))
  }

  /// Looked for in the words themselves: it may be another word that cannot be read.
  private static var asksForJSON: Bool {
    let words = CommandLine.arguments
    return words.contains("--format=json")
      || zip(words, words.dropFirst()).contains { $0 == "--format" && $1 == "json" }
  }

  /// Who reads JSON gets a document also for words that cannot be read.
  private static func writeDocument(of error: any Error) {
    let exit = TerraceCommand.exitCode(for: error).rawValue
    if exit == 0 { return }
    let error = JSONText.object([
      ("id", .string(exit == 64 ? "usage.wrong-words" : "cli.failed")),
      ("message", .string(TerraceCommand.message(for: error))), ("where", .null),
      ("help", .string("'terrace help' lists commands and options.")),
    ])
    Console.write(JSONText.object([("error", error)]).text())
  }
}

struct TerraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "terrace",
    abstract:
      "Pull XML, JSON and CSV from sector systems into one shared schema, from declarative pipeline files.",
    discussion: """
      Begin with one of
        terrace demo                     see it at work on invented data
        terrace guess PAYLOAD            a first pipeline and entity file from a sample
        terrace check                    every mistake in every file
        terrace preview PIPELINE         rows and rejects, nothing written
        terrace run                      run every pipeline; --due runs what the schedules owe
        terrace status                   how things stand
        terrace rejects --by cause       what was kept out, and why
        terrace replay --failed          once the cause is mended
      """,
    version: TerraceProgram.version,
    groupedSubcommands: [
      CommandGroup(
        name: "Write pipelines",
        subcommands: [
          GuessCommand.self, CheckCommand.self, PreviewCommand.self, TestCommand.self, DescribeCommand.self,
          PrintCommand.self, NewCommand.self,
        ]),
      CommandGroup(name: "Run them", subcommands: [DemoCommand.self, RunCommand.self, ReplayCommand.self]),
      CommandGroup(
        name: "See what happened",
        subcommands: [
          StatusCommand.self, RunsCommand.self, BatchesCommand.self, RejectsCommand.self, ShowCommand.self,
        ]),
      CommandGroup(
        name: "Keep house",
        subcommands: [
          DoctorCommand.self, CheckpointCommand.self, WaiveCommand.self, CodeListCommand.self,
          SandboxCommand.self,
        ]),
    ])
}
