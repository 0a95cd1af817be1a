// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("References between units, by the program")
struct GraphRunTests {
  private static func schema(_ references: String) -> String {
    """
    entity: unit
    key: [code]
    fields:
      code: { type: text }
      parent: { type: text, references: \(references) }
      closed: { type: date }
    """
  }

  private static let held =
    "{ to: unit.code, else: note, acyclic: true, open: { to: closed, at: closed } }"

  private func program(_ references: String, _ units: String, mode: String = "merge") throws -> Program {
    try Program([
      "Pipelines/schema/unit.yaml": Self.schema(references),
      "Pipelines/units.yaml": """
      pipeline: units
      extract: { file: { path: "in/*.csv" } }
      decode: { csv: {} }
      transform: { to: unit, nulls: [""], map: { code: code, parent: parent, closed: closed } }
      load: { center: { mode: \(mode) } }
      """,
      "in/units.csv": "code,parent,closed\n" + units,
    ])
  }

  private func findings(_ program: Program, _ options: String...) throws -> [String] {
    let ended = try program.run(["rejects", "--format", "json"] + options)
    let document = try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any]
    let rejects = document?["rejects"] as? [[String: Any]] ?? []
    return rejects.filter { $0["status"] as? String == "open" }.flatMap { reject in
      (reject["failures"] as? [[String: Any]] ?? []).map { failure in
        "\(reject["record"] ?? 0) \(failure["rule"] ?? "") \(failure["message"] ?? "")"
      }
    }.sorted()
  }

  @Test(
    "a run rejects what leads back and notes what is below a closed unit, in merge and in replace",
    arguments: ["merge", "replace"])
  func run(mode: String) throws {
    let program = try program(
      Self.held, "A,B,\nB,A,\nC,,2020-06-30\nD,C,\nE,X,\nF,C,2020-06-30\n", mode: mode)
    let run = try program.run("run")
    #expect(run.exit == 0, "\(run.errors)")
    #expect(
      try findings(program) == [
        "1 references.cycle following 'parent' comes back to this record: A → B → A",
        "2 references.cycle following 'parent' comes back to this record: B → A → B",
      ])
    #expect(
      try findings(program, "--notes") == [
        "4 references.closed the row of 'unit' is open until 2020-06-30, and this record refers to it without an end",
        "5 references.unit no row of 'unit' has this value in 'code'",
      ])
  }

  @Test("a rule that is declared later finds by a replay what stands already, and leaves it standing")
  func replay() throws {
    let program = try program("unit.code", "A,B,\nB,A,\nC,,\n")
    #expect(try program.run("run").exit == 0)
    try program.write("Pipelines/schema/unit.yaml", Self.schema(Self.held))
    let replay = try program.run("replay", "units")
    #expect(replay.exit == 0, "\(replay.errors)")
    #expect(try findings(program).map { $0.prefix(18) } == ["1 references.cycle", "2 references.cycle"])
    try program.write("in/units.csv", "code,parent,closed\nA,,\nB,A,\nC,,\n")
    #expect(try program.run("run").exit == 0)
    #expect(try findings(program).isEmpty)
  }

  @Test("a pipeline test with an empty center shows them")
  func pipelineTest() throws {
    let program = try program(Self.held, "A,,\n")
    let test = """
      tests:
        - name: a cycle, and a unit below it
          center: empty
          payload: "code,parent,closed\\nA,B,\\nB,A,\\nC,A,\\n"
          rejects:
            - { record: 1, rule: references.cycle, field: parent, value: B }
            - { record: 2, rule: references.cycle }
          notes: [{ record: 3, rule: references.unit }]
          rows: { unit: [{ code: C, parent: A }] }
          counters: { rejected: 2 }

      """
    try program.write("Pipelines/units.test.yaml", test)
    let passed = try program.run("test", "-v")
    #expect(passed.exit == 0, "\(passed.output)\(passed.errors)")
    try program.write("Pipelines/units.test.yaml", test.replacing("    center: empty\n", with: ""))
    let failed = try program.run("test", "-v")
    #expect(failed.exit == 65 && failed.errors.contains("missing reject: record 1"), "\(failed)")
    try program.write("Pipelines/units.test.yaml", test.replacing("center: empty", with: "center: full"))
    let wrong = try program.run("test", "-v")
    #expect(wrong.exit == 78 && wrong.errors.contains("write 'center: empty'"), "\(wrong)")
  }
}
