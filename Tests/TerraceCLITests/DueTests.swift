// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("terrace run --due")
struct DueTests {
  private func program() throws -> Program {
    func pipeline(_ name: String, _ head: String) -> String {
      """
      pipeline: \(name)
      \(head)
      extract: { file: { path: "in/*.xml" } }
      decode: { xml: { records: /p/r } }
      transform: { to: person, map: { code: "@c" } }
      load: { center: { mode: append } }
      """
    }
    return try Program([
      "Pipelines/owing.yaml": pipeline("owing", "schedule: \"@yearly\""),
      "Pipelines/never.yaml": pipeline("never", ""),
      "Pipelines/schema/person.yaml": "entity: person\nkey: [code]\nfields: { code: { type: text } }\n",
      "in/1.xml": "<p><r c='A1'/></p>",
    ])
  }

  private func pipelines(_ json: String) throws -> [String] {
    let document = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    return (document?["runs"] as? [[String: Any]] ?? []).compactMap { $0["pipeline"] as? String }
  }

  @Test("runs what its schedule owes, once, and nothing that has no schedule")
  func owed() throws {
    let program = try program()
    let first = try program.run("run", "--due", "--format", "json")
    #expect(first.exit == 0 && first.errors == "")
    #expect(try pipelines(first.output) == ["owing"])
    #expect(try pipelines(try program.run("run", "--due", "--format", "json").output) == [])
    #expect(try pipelines(try program.run("run", "never", "--due", "--format", "json").output) == [])
    #expect(try pipelines(try program.run("run", "--format", "json").output) == ["never", "owing"])
  }

  @Test("is silent for cron when nothing is due, and says when asked what is next")
  func silent() throws {
    let program = try program()
    _ = try program.run("run", "--due")
    let silent = try program.run("run", "--due")
    #expect(silent.exit == 0 && silent.output == "" && silent.errors == "")
    let said = try program.run("run", "--due", "-v")
    #expect(said.errors.contains(/nothing is due; next is owing at \d{4}-01-01 00:00:00/))
    let never = try program.run("run", "never", "--due", "-v")
    #expect(never.errors.contains("nothing is ever due"))
  }

  @Test("refuses a schedule that means nothing, at its place")
  func badSchedule() throws {
    let program = try program()
    try program.write("Pipelines/bad.yaml", "pipeline: bad\nschedule: \"30 2\"\n")
    let result = try program.run("run", "--due")
    #expect(result.exit == 78 && result.errors.contains("Pipelines/bad.yaml:2:12"))
    #expect(result.errors.contains("a schedule has five fields"))
  }
}
