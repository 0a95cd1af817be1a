// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Diagnostics

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look at everything a run needs, and say what to mend; changes nothing.",
    usage: "terrace doctor [--offline]",
    discussion: """
      Files and secrets, home and disk, clock, center, schedules and locks, and whether each system answers: its name,
      its certificate, and whether it turns us away. Each system is asked once, for its base_url; no data are pulled.
      Leaves with 0, or with the gravest code of what it found.
      """)

  @OptionGroup(title: "Options everywhere") var global: GlobalOptions

  @Flag(help: "Leave the systems alone.")
  var offline = false

  func run() throws {
    let workspace = Workspace(global)
    let findings = DoctorExamination(workspace: workspace, asksSystems: !offline).findings()
    let exit = Diagnostics.ExitCode.gravest(findings.compactMap(\.exit))
    switch global.format {
    case .json:
      workspace.console.write(
        JSONText.object([
          ("findings", .array(findings.map(\.json))), ("exit", .integer(Int64(exit.rawValue))),
        ]).text())
    case .text:
      let faults = findings.count { $0.exit != nil }
      let end = faults == 0 ? "all is well" : "\(faults) fault\(faults == 1 ? "" : "s")"
      workspace.console.write((findings.map(\.text) + [end]).joined(separator: "\n"))
    }
    if exit != .done { throw ArgumentParser.ExitCode(exit.rawValue) }
  }
}
