// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import Engine
import PipelineFiles
import Planning

struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Run the tests that stand beside pipelines (x.test.yaml), offline.",
    usage: "terrace test [<pipeline> …]",
    discussion: """
      terrace test                     every pipeline that has tests
      terrace test public_assets -v    one of them, and how many passed
      """)

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Argument(help: ArgumentHelp("Pipelines by name or file; none means all.", valueName: "pipeline"))
  var pipelines: [String] = []

  func run() throws {
    let workspace = Workspace(global, naming: pipelines)
    let (folder, planner) = workspace.files()
    let planned = planner.plan(pipelines.map(workspace.pipelineWord))
    var diagnostics = planned.diagnostics.filter { $0.severity == .error }
    var sources = folder.sources
    var results: [PipelineTestResult] = []
    for plan in planned.plans {
      guard let (file, source) = folder.testFile(of: plan.file, diagnostics: &diagnostics) else { continue }
      sources[source.file] = source
      let runner = PipelineTestRunner(plan, baseFolder: workspace.baseFolder)
      results += file.cases.map(runner.run)
    }
    workspace.show(diagnostics, sources)
    let failed = results.filter { !$0.differences.isEmpty }
    switch global.format {
    case .json:
      workspace.console.write(
        JSONText.object([
          (
            "tests",
            .array(
              results.map {
                .object([
                  ("pipeline", .string($0.pipeline)), ("name", .string($0.name)),
                  ("passed", .boolean($0.differences.isEmpty)),
                  ("differences", .array($0.differences.map(JSONText.string))),
                ])
              })
          ),
          ("passed", .count(results.count - failed.count)), ("failed", .count(failed.count)),
        ]).text())
    case .text:
      for result in failed {
        workspace.console.message("\(result.position): FAILED \(result.pipeline): \(result.name)")
        for difference in result.differences.prefix(20) { workspace.console.message("  \(difference)") }
      }
      if workspace.console.isTalkative || !failed.isEmpty {
        workspace.console.write(
          "\(results.count - failed.count) pipeline tests passed, \(failed.count) failed")
      }
    }
    if !diagnostics.isEmpty { throw ExitCode(Diagnostics.ExitCode.files.rawValue) }
    if !failed.isEmpty { throw ExitCode(Diagnostics.ExitCode.data.rawValue) }
  }
}
