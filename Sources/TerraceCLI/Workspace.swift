// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Components
import Diagnostics
import Engine
import Glibc
import PipelineFiles
import Planning
import Records
import Store

/// What a command works in: the folders, the files, the terminal, as the global options say.
struct Workspace {
  let options: GlobalOptions
  let console: Console
  let clock = EngineClock()
  /// The folder with the pipeline files, from the root.
  let pipelinesFolder: String

  /// - Parameter words: pipelines by name or file. Where `--pipelines` says nothing, the file's own folder is meant.
  init(_ options: GlobalOptions, naming words: [String] = []) {
    self.options = options
    console = Console(options)
    let usual = Self.absolutePath(options.pipelines)
    let isUsual = options.pipelines == GlobalOptions.usualPipelines
    pipelinesFolder = isUsual ? Self.folder(of: words, usual: usual) ?? usual : usual
  }

  /// Folder that holds the pipelines folder: relative paths of pipelines count from it, wherever cron starts.
  var baseFolder: String { Self.parent(of: pipelinesFolder) }

  /// Home stands beside the pipelines folder unless a path says otherwise: cron starts anywhere.
  var homePath: String {
    options.homePath.map(Self.absolutePath) ?? (baseFolder == "/" ? "" : baseFolder) + "/.terrace"
  }

  // MARK: Files

  /// The pipelines folder, read once, and a planner over it.
  ///
  /// - Parameter redirect: gives other addresses to systems, by base URL.
  func files(
    environment: [String: String] = ProcessFacts.environment, redirect: (String) -> String? = { _ in nil }
  ) -> (folder: PipelineFolder, planner: Planner) {
    let resolver = ReferenceResolver(environment: environment, secretsFolder: homePath + "/secrets")
    let folder = PipelineFolder(pipelinesFolder, resolver: resolver).redirectingSystems(redirect)
    return (folder, Planner(catalog: TerraceProgram.catalog, folder: folder, resolver: resolver))
  }

  /// The plans of the named pipelines, or of all; prints every diagnostic, and ends with its exit code (78, 77 for an
  /// exposed secret, 64 for a name that means no pipeline) if one is an error.
  func plans(
    _ names: [String], environment: [String: String] = ProcessFacts.environment,
    asksSystems: Bool = true, redirect: (String) -> String? = { _ in nil }
  ) throws -> [Plan] {
    let (plans, errors) = checked(
      names, environment: environment, asksSystems: asksSystems, redirect: redirect)
    guard let exit = Self.exit(of: errors) else { return plans }
    throw refused(errors, exit)
  }

  /// The pipelines to run: those named, all of them sound; or, of all, the sound ones, with what is wrong with the others.
  ///
  /// - Throws: when nothing is left to run.
  func plansToRun(_ names: [String]) throws -> (plans: [Plan], errors: [Diagnostic]) {
    let (plans, errors) = checked(names)
    guard let exit = Self.exit(of: errors), !names.isEmpty || plans.isEmpty else { return (plans, errors) }
    throw refused(errors, exit)
  }

  private func refused(_ errors: [Diagnostic], _ exit: Diagnostics.ExitCode) -> ArgumentParser.ExitCode {
    if options.format == .json { console.write(ReportJSON.nothingRan(errors.map(ReportJSON.error)).text()) }
    return ArgumentParser.ExitCode(exit.rawValue)
  }

  private func checked(
    _ names: [String], environment: [String: String] = ProcessFacts.environment,
    asksSystems: Bool = true, redirect: (String) -> String? = { _ in nil }
  ) -> (plans: [Plan], errors: [Diagnostic]) {
    let (folder, planner) = files(environment: environment, redirect: redirect)
    // By name, so that a file which no pipeline uses (a system whose secrets are elsewhere) stands in nobody's way.
    let wanted = names.isEmpty ? planner.pipelineNames : names.map(pipelineWord)
    let planned = planner.plan(wanted)
    let diagnostics = asksSystems ? planned.diagnostics.requiringSecrets() : planned.diagnostics
    show(diagnostics.filter { $0.severity == .error || console.isTalkative }, folder.sources)
    return (planned.plans, diagnostics.filter { $0.severity == .error })
  }

  /// What errors of files end a command with; a name that means no pipeline is a wrong word, not a wrong file.
  static func exit(of errors: [Diagnostic]) -> Diagnostics.ExitCode? {
    !errors.isEmpty && errors.allSatisfy { $0.id == "pipeline.unknown" } ? .usage : errors.exit
  }

  func show(_ diagnostics: [Diagnostic], _ sources: [String: SourceText]) {
    guard !diagnostics.isEmpty else { return }
    let printer = DiagnosticPrinter(sources: sources, isColoured: console.usesErrorColor)
    console.message(printer.text(of: diagnostics))
  }

  // MARK: State

  func environment(observer: (any RunObserver)?) throws -> EngineEnvironment {
    do {
      let home = try Home(homePath)
      return EngineEnvironment(
        home: home, ledger: try Ledger(home: home), landing: try LandingZone(home: home),
        center: centerURL(),
        baseFolder: baseFolder, clock: clock, observer: observer)
    } catch { throw fail(error, isOfRuns: true) }
  }

  func ledger() throws -> Ledger {
    do { return try Ledger(home: Home(homePath)) } catch { throw fail(error) }
  }

  /// Where to load, with an absolute path.
  func centerURL() -> String {
    guard let url = options.centerURL else { return "sqlite:\(homePath)/center.db" }
    guard url.hasPrefix("sqlite:") else { return url }
    return "sqlite:" + Self.absolutePath(String(url.dropFirst("sqlite:".count)))
  }

  /// Whether the records of a pipeline may hold personal values; yes when its files cannot be read.
  func hasPersonalFields(_ pipeline: String) -> Bool {
    guard let plan = files().planner.plan([pipeline]).plans.first else { return true }
    return plan.load.kinds.contains(where: \.hasPersonalFields)
  }

  /// The regulation that a broken rule of today's files comes from, or that of its field.
  func basis(of failure: FailureRow, entity: String, pipeline: String) -> String? {
    guard let plan = files().planner.plan([pipeline]).plans.first else { return nil }
    let rules = plan.transforms.flatMap(\.rules)
    if let rule = rules.first(where: { "\($0.position)" == failure.ruleAt }) { return rule.basis }
    return plan.load.entities[entity]?.field(failure.field)?.basis
  }

  // MARK: Ending

  /// Prints a failure and gives the error that ends the process with its exit code.
  ///
  /// - Parameter isOfRuns: whether the command's JSON document is one of runs.
  func fail(_ failure: StageFailure, isOfRuns: Bool = false) -> any Error {
    var failure = failure
    failure.state = failure.state ?? "nothing was begun"
    console.message(StageFailurePrinter(isColoured: console.usesErrorColor).text(of: failure))
    if options.format == .json {
      let error = ReportJSON.error(failure)
      console.write((isOfRuns ? ReportJSON.nothingRan([error]) : .object([("error", error)])).text())
    }
    return ArgumentParser.ExitCode(failure.exit.rawValue)
  }

  /// Prints what runs did and ends with the gravest exit code.
  func finish(
    _ reports: [RunReport], errors: [Diagnostic] = [], isDryRun: Bool = false, printsBalance: Bool = true
  ) throws {
    if !printsBalance {
      // Whoever asked has printed it in a form of its own.
    } else if options.format == .json {
      console.write(ReportJSON.runs(reports, errors: errors.map(ReportJSON.error)).text())
    } else if console.isTalkative, !reports.isEmpty {
      if isDryRun { console.write(DryRunText.text(reports)) }
      console.write(BalanceText.table(reports))
    } else if isDryRun {
      console.write(DryRunText.text(reports))
    }
    let printer = StageFailurePrinter(isColoured: console.usesErrorColor)
    for report in reports {
      let named = reports.count > 1 ? "\(report.pipeline): " : ""
      if console.isTalkative { for notice in report.notices { console.message("note: \(named)\(notice)") } }
      if console.isTalkative {
        for text in Set(report.batches.compactMap(\.nothingMatched)).sorted() {
          console.message("notice: \(text)")
        }
      }
      let failed = report.batches.filter { $0.error != nil }
      let failures = failed.compactMap(\.error)
      for (batch, failure) in zip(failed, failures).prefix(5) {
        let name = batch.name.isEmpty ? "" : " (\(batch.name))"
        console.message(
          printer.text(
            of: failure, doing: "pipeline '\(report.pipeline)' failed", batch: batch.batch + name))
      }
      if failures.count > 5 {
        console.message(
          "… and \(failures.count - 5) more failed batches: 'terrace batches --failed' lists them all.")
      }
      let others = ([report.error].compactMap(\.self) + report.failures).reduce(into: [StageFailure]()) {
        others, error in
        let isTold = (failures + others).contains {
          $0.id == error.id && $0.message == error.message && ($0.state == error.state || $0.state == nil)
        }
        if !isTold { others.append(error) }
      }
      for error in others.prefix(5) {
        console.message(printer.text(of: error, doing: "pipeline '\(report.pipeline)' failed"))
      }
      if others.count > 5 {
        console.message(
          "… and \(others.count - 5) more that failed before: 'terrace batches --failed' lists them all.")
      }
    }
    var exit = Diagnostics.ExitCode.gravest(reports.map(\.exit) + [Self.exit(of: errors)].compactMap(\.self))
    if let interrupted = Interruption.requested { exit = interrupted }
    if exit != .done { throw ArgumentParser.ExitCode(exit.rawValue) }
  }
}

extension LoadKind {
  fileprivate var hasPersonalFields: Bool {
    entity.fields.contains { $0.personal != .none } || children.contains(where: \.hasPersonalFields)
  }
}
