// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Records
import Store
import Testing

@Suite("A run of a program")
struct CommandRunTests {
  private func bench(_ script: String, mode: String = "merge") throws -> Workbench {
    try Workbench([
      "Pipelines/people.yaml": """
      pipeline: people
      extract: { command: { run: [sh, tap.sh], stall: 20s } }
      decode: { ndjson: {} }
      transform:
        to: person
        map: { code: code, name: name }
      load: { center: { mode: \(mode) } }
      """,
      "Pipelines/schema/person.yaml":
        "entity: person\nkey: [code]\nfields: { code: { type: text }, name: { type: text } }\n",
      "tap.sh": script,
    ])
  }

  @Test("loads what a program prints, and keeps how it left")
  func loads() throws {
    let bench = try bench(#"echo '{"code":"A1","name":"Mai"}'; echo slow today >&2"#)
    let report = try bench.run("people")
    #expect(report.exit == .done)
    #expect(try bench.rows("SELECT code, name FROM person") == ["A1|Mai"])
    let batch = try #require(try bench.ledger().batches().first)
    #expect(batch.response["exit"] == "0")
    #expect(batch.response["stderr"] == "slow today")
    #expect(batch.origin == "command:sh tap.sh")
    #expect(try bench.run("people").status == .unchanged)
  }

  @Test(
    "loads nothing of a program that leaves badly, however good the records before",
    arguments: ["merge", "append", "replace"])
  func badExit(_ mode: String) throws {
    let good = #"for n in $(seq 20000); do echo "{\"code\":\"A$n\",\"name\":\"Mai\"}"; done"#
    let bench = try bench(good + "; echo no more >&2; exit 75", mode: mode)
    let report = try bench.run("people")
    #expect(report.exit == .tryAgain)
    #expect(report.error?.message == "the program left with exit code 75: no more")
    #expect(report.counters.inserted == 0)
    #expect(try bench.rows("SELECT count(*) FROM person") == ["0"])
    #expect(try bench.ledger().batches().isEmpty)
    try bench.write("tap.sh", good)
    #expect(try bench.run("people").counters.inserted == 20_000)
  }
}
