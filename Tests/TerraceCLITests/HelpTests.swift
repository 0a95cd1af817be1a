// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("Help")
struct HelpTests {
  @Test(
    "names every option of a command in its usage",
    arguments: [
      "check", "preview", "test", "describe", "new extractor", "demo", "doctor", "run", "replay", "status",
      "runs",
      "batches", "rejects",
      "show", "waive", "sandbox", "codelist show", "checkpoint show", "checkpoint reset",
    ])
  func usage(_ command: String) throws {
    let words = command.split(separator: " ").map(String.init)
    let help = try Program().run(words + ["--help"]).output
    let lines = help.split(separator: "\n")
    let usage = try #require(lines.first { $0.hasPrefix("USAGE: terrace \(command)") })
    let own = lines.drop { $0 != "OPTIONS:" }.compactMap { $0.firstMatch(of: /^  (--[a-z-]+)/)?.1 }
    #expect(own.contains("--version"))
    for option in own where option != "--version" {
      #expect(usage.contains(option), "\(command): \(option)")
    }
  }

  @Test("begins with what to type first")
  func first() throws {
    let help = try Program().run("--help").output
    #expect(help.contains("terrace demo") && help.contains("terrace run") && help.contains("--due"))
  }
}
