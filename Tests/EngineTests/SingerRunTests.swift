// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Records
import Store
import Testing

@Suite("A run of a Singer tap")
struct SingerRunTests {
  private func bench() throws -> Workbench {
    try Workbench([
      "Pipelines/people.yaml": """
      pipeline: people
      extract: { singer: { run: [sh, tap.sh], stream: people, payload_bytes: 1 } }
      decode: { ndjson: {} }
      transform:
        to: person
        map: { code: code, age: age }
      validate: [{ rejects: { at_most: 0 } }]
      load: { center: { mode: merge } }
      """,
      "Pipelines/schema/person.yaml":
        "entity: person\nkey: [code]\nfields: { code: { type: text }, age: { type: integer } }\n",
    ])
  }

  /// A tap that gives the records behind the one its state names, each with a state.
  private func tap(_ ages: [String], exit: Int = 0) -> String {
    let lines = ages.enumerated().map { index, age in
      """
      if [ \(index + 1) -gt "$from" ]; then
        echo '{"type":"RECORD","stream":"people","record":{"code":"A\(index + 1)","age":\(age)}}'
        echo '{"type":"STATE","value":\(index + 1)}'
      fi
      """
    }
    return """
      from=0
      [ "$1" = --state ] && from=$(cat "$2")
      echo '{"type":"SCHEMA","stream":"people","schema":{}}'
      \(lines.joined(separator: "\n"))
      exit \(exit)
      """
  }

  private func checkpoint(_ bench: Workbench) throws -> String? {
    try bench.ledger().checkpoint(pipeline: "people")
  }

  @Test("goes on from the state of the last records that were loaded")
  func goesOn() throws {
    let bench = try bench()
    try bench.write("tap.sh", tap(["1", "2"], exit: 1))
    #expect(try bench.run("people").exit == .unavailable)
    #expect(try bench.rows("SELECT code FROM person ORDER BY code") == ["A1", "A2"])
    #expect(try checkpoint(bench) == #"{"singer":2}"#)
    try bench.write("tap.sh", tap(["1", "2", "3"]))
    let report = try bench.run("people")
    #expect(report.exit == .done)
    #expect(report.counters.read == 1 && report.counters.inserted == 1)
    #expect(try checkpoint(bench) == #"{"singer":3}"#)
  }

  @Test("moves no state past records that failed, and asks for them again")
  func failedRecords() throws {
    let bench = try bench()
    try bench.write("tap.sh", tap(["1", "\"x\"", "3"]))
    #expect(try bench.run("people").exit == .data)
    #expect(try checkpoint(bench) == #"{"singer":1}"#)
    try bench.write("tap.sh", tap(["1", "2", "3"]))
    #expect(try bench.run("people").exit == .done)
    #expect(try bench.rows("SELECT code, age FROM person ORDER BY code") == ["A1|1", "A2|2", "A3|3"])
    #expect(try checkpoint(bench) == #"{"singer":3}"#)
  }
}
