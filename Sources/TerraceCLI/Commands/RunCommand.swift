// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CMalloc
import Components
import Diagnostics
import Engine
import Planning
import Records
import Store

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run pipelines: extract, land, load.",
    usage: "terrace run [<pipeline> …] [--due] [--full] [--limit <n>] [--from <day> --to <day>]",
    discussion: """
      Silent on success when the output is not a terminal, unless --format json or -v is given.

        terrace run                      every pipeline
        terrace run public_assets        one of them
        terrace run --limit 100          a part of each payload; the next run takes the rest
        terrace run --due                what the schedules owe: one line of cron for all pipelines
        terrace run public_assets --full
                                         everything again, also what is known
        terrace run public_assets --from 2024-01-01 --to 2024-12-31
                                         what the source has of these days; no checkpoint moves
      """)

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Argument(help: ArgumentHelp("Pipelines by name or file; none means all.", valueName: "pipeline"))
  var pipelines: [String] = []

  @Flag(
    help: "Only those whose schedule owes a run, missed times included; those without a schedule never do.")
  var due = false

  @Flag(help: "Ignore checkpoints and payloads seen before.")
  var full = false

  @Option(
    help: ArgumentHelp(
      "Take so many records of each payload; checks no total and moves no checkpoint.", valueName: "n"))
  var limit: Int?

  @Option(
    help: ArgumentHelp(
      "Take what the source has from this day on, for pipelines with 'windows'; moves no checkpoint.",
      valueName: "day"))
  var from: String?

  @Option(help: ArgumentHelp("The last such day; without it today.", valueName: "day"))
  var to: String?

  func validate() throws {
    for day in [from, to].compactMap(\.self) where CalendarDate(iso: day) == nil {
      throw ValidationError("'\(day)' is no day; write it as 2024-01-31")
    }
    if to != nil, from == nil { throw ValidationError("--to needs --from") }
    if let from, let to, from > to { throw ValidationError("--from is after --to") }
    if from != nil, due || full || limit != nil {
      throw ValidationError("--from goes with none of --due, --full and --limit")
    }
    if let limit, limit < 1 { throw ValidationError("--limit takes a number from 1") }
  }

  func run() throws {
    let workspace = Workspace(global, naming: pipelines)
    let toRun = try workspace.plansToRun(pipelines)
    var plans = toRun.plans
    let environment = try workspace.environment(observer: workspace.console.progress)
    if due { plans = try owing(plans, workspace, environment) }
    var reports: [RunReport] = []
    var options = RunOptions(isFull: full, limit: limit)
    if let first = from.flatMap(CalendarDate.init(iso:)) {
      let last = to.flatMap(CalendarDate.init(iso:)) ?? workspace.clock.landingDate
      options.backfill = DaySpan(first: first, last: max(first, last))
    }
    for plan in plans {
      if Interruption.requested != nil { break }
      let report = PipelineRunner(environment, plan).run(options)
      reports.append(report)
      // The table comes at the end; whoever follows the log of a night's run wants to know how far it is.
      if global.verbose, plans.count > 1 {
        workspace.console.message(
          "\(report.pipeline): \(report.status.rawValue), \(BalanceText.line(report.counters)), "
            + "\(JSONText.number(report.seconds).text()) s")
      }
      // The allocator keeps what one pipeline freed; twenty of them in a row would add up.
      malloc_trim(0)
    }
    try workspace.finish(reports, errors: toRun.errors)
  }

  private func owing(_ plans: [Plan], _ workspace: Workspace, _ environment: EngineEnvironment) throws
    -> [Plan]
  {
    let owing: [Plan]
    do { owing = try Due.plans(among: plans, in: environment) } catch { throw workspace.fail(error) }
    if owing.isEmpty, workspace.console.isTalkative {
      let next = Due.next(among: plans, now: workspace.clock.seconds())
      workspace.console.message(
        next.map { "nothing is due; next is \($0.pipeline) at \(LocalTime.text($0.at))" }
          ?? "nothing is ever due: no pipeline declares a 'schedule'")
    }
    return owing
  }
}
