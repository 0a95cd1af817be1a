// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import PipelineFiles
import Planning

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Parse, read and plan: every mistake of every file, nothing run.",
    usage: "terrace check [<pipeline> …]",
    discussion: """
      terrace check                    every file of the folder
      terrace check public_assets      one pipeline and the files it uses
      terrace check -v                 also what was found right
      """)

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Argument(help: ArgumentHelp("Pipelines by name or file; none means all.", valueName: "pipeline"))
  var pipelines: [String] = []

  func run() throws {
    let workspace = Workspace(global, naming: pipelines)
    let (folder, planner) = workspace.files()
    let (plans, found) = planner.plan(pipelines.map(workspace.pipelineWord))
    // Named pipelines show what concerns them; all of them, everything that stands in the folder.
    let diagnostics = found + (pipelines.isEmpty ? folder.diagnostics.filter { !found.contains($0) } : [])
    let errors = diagnostics.filter { $0.severity == .error }
    switch global.format {
    case .json:
      workspace.console.write(
        JSONText.object([
          ("pipelines", .array(plans.map { .string($0.pipeline) })),
          ("diagnostics", .array(diagnostics.map(DiagnosticJSON.object))),
        ]).text())
    case .text:
      workspace.show(diagnostics, folder.sources)
      if errors.isEmpty, workspace.console.isTalkative {
        let names = plans.map(\.pipeline).joined(separator: ", ")
        workspace.console.write("\(plans.count) pipeline\(plans.count == 1 ? "" : "s") checked: \(names)")
      }
    }
    if let exit = Workspace.exit(of: errors) { throw ExitCode(exit.rawValue) }
  }
}

enum DiagnosticJSON {
  static func object(_ diagnostic: Diagnostic) -> JSONText {
    .object([
      ("severity", .string(diagnostic.severity.rawValue)), ("id", .string(diagnostic.id)),
      ("message", .string(diagnostic.message)), ("file", .optional(diagnostic.position?.file)),
      ("line", .optional(diagnostic.position.map { Int64($0.line) })),
      ("column", .optional(diagnostic.position.map { Int64($0.column) })), ("help", .string(diagnostic.help)),
    ])
  }
}
