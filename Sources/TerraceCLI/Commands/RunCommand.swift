// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics
import Engine

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run pipelines: extract, land, load.",
    discussion: "Silent on success when the output is not a terminal, unless --format json or -v is given.")

  @OptionGroup var global: GlobalOptions

  @Argument(help: "Pipelines by name or file; none means all.")
  var pipelines: [String] = []

  @Flag(help: "Ignore checkpoints and payloads seen before.")
  var full = false

  @Option(help: "Take so many records of each payload; checks no total and moves no checkpoint.")
  var limit: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1") }
  }

  func run() throws {
    let workspace = Workspace(global)
    let plans = try workspace.plans(pipelines)
    let environment = try workspace.environment(observer: ProgressLine(workspace.console))
    var reports: [RunReport] = []
    for plan in plans {
      if Interruption.requested != nil { break }
      reports.append(PipelineRunner(environment, plan).run(RunOptions(isFull: full, limit: limit)))
    }
    try workspace.finish(reports)
  }
}
