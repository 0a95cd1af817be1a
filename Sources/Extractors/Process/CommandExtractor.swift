// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Runs a program and lands what it prints as one payload, which counts only when the program leaves well.
public struct CommandExtractor: Extractor {
  static let success = Setting.list(
    "success", "Exit codes that mean that all was printed.", default: ["0"])
  static let since = Setting.group(
    "since", "What '${since}' stands for: when the last complete run began.", SinceSettings.counting)

  public static let description = ComponentDescription(
    "command", "Runs a program that prints data.",
    example: """
      command:
        run: [xlsx2csv, --sheetname, "Giá", "in/prices.xlsx"]
        environment: { TOKEN: "${secret:PRICES_TOKEN}" }
        timeout: 10m
      """,
    ProgramSettings.first + [success.description, since.description] + ProgramSettings.last)

  let program: ProgramSettings
  let success: Set<Int32>
  let since: SinceSettings?
  var clock = RequestClock()
  var grace = 5.0

  public init(_ settings: Settings) throws(Diagnostic) {
    program = try ProgramSettings(settings)
    since = try settings.find(Self.since).map { group throws(Diagnostic) in try SinceSettings(group) }
    var codes: Set<Int32> = []
    for text in try settings[Self.success] {
      guard let code = Int32(text), (0...255).contains(code) else {
        throw CommandDiagnostics.badExitCode(text, at: settings.tree["success"] ?? settings.tree)
      }
      codes.insert(code)
    }
    success = codes
    if program.usesSince, since?.first == nil {
      throw CommandDiagnostics.sinceWithoutFirst(at: settings.tree["run"] ?? settings.tree)
    }
  }

  public var isPaging: Bool { false }

  public var needs: ExtractorNeeds {
    var needs = ExtractorNeeds()
    needs.watched = since?.watched(formatsSince: program.formatsSince ? program.written : nil)
    return needs
  }

  public func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {
    if landing.isCancelled { return }
    let started = clock.now()
    let before = checkpoint.map { SinceCheckpoint($0) } ?? SinceCheckpoint()
    var values = RequestValues(runDate: landing.landingDate)
    if let since {
      values.since = since.since(before)
      values.sinceFormat = since.format
      values.zoneMinutes = since.zoneMinutes
    }
    let run = ProgramRun(program, values, landing, grace: grace)
    let name = program.name ?? program.programName(values)
    try landing.begin(
      PayloadHead(origin: "command:\(program.name ?? program.shown(values))", name: name))
    do {
      guard let departure = try run.output({ try landing.write($0) }) else {
        landing.discard()
        return
      }
      try run.check(departure, success: success)
      landing.note(run.facts(departure))
    } catch {
      landing.discard()
      throw error
    }
    try landing.end(resume: nil)
    try since?.finish(landing, before: before, started: started)
  }
}
