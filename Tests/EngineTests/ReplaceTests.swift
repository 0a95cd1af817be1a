// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Engine
import Records
import Store
import Testing

@Suite("A run that replaces")
struct ReplaceTests {
  @Test("puts what the run brought in place of what stood, over all its payloads")
  func replaces() throws {
    let bench = try People.bench(
      [("A1", "Mai", "01/02/1990", "01/01/2026"), ("A2", "Lan", "01/02/1990", "01/01/2026")],
      load: "{ mode: replace }")
    try bench.write("in/2.xml", People.payload([("A3", "Hoa", "01/02/1990", "01/01/2026")]))
    #expect(try bench.run("people").counters.inserted == 3)
    try bench.write("in/1.xml", People.payload([("A1", "Mai Anh", "01/02/1990", "01/01/2026")]))
    let report = try bench.run("people")
    #expect(report.exit == .done)
    #expect(report.counters.updated == 1 && report.counters.unchanged == 1 && report.counters.vanished == 1)
    #expect(try bench.rows("SELECT code, name FROM person ORDER BY 1") == ["A1|Mai Anh", "A3|Hoa"])
  }

  @Test("tells of rows that refer to what it took away")
  func lostReferences() throws {
    let bench = try Workbench([
      "Pipelines/units.yaml": """
      pipeline: units
      extract: { file: { path: "in/*.json" } }
      decode: { json: { records: /data } }
      transform: { to: unit, map: { code: c, parent: p } }
      load: { center: { mode: replace } }
      """,
      "Pipelines/schema/unit.yaml":
        "entity: unit\nkey: [code]\nfields:\n  code: { type: text }\n  parent: { type: text, references: unit.code }",
      "in/1.json":
        #"{"data": [{"c": "A"}, {"c": "B", "p": "A"}, {"c": "C", "p": "B"}, {"c": "D", "p": "A"}]}"#,
    ])
    #expect(try bench.run("units").notices == [])
    try bench.write(
      "in/1.json", #"{"data": [{"c": "B", "p": "A"}, {"c": "C", "p": "B"}, {"c": "D", "p": "A"}]}"#)
    let report = try bench.run("units")
    #expect(report.counters.unchanged == 3 && report.counters.vanished == 1)
    #expect(
      report.notices == [
        "2 rows of 'unit' refer in 'parent' to rows of 'unit' that the source no longer sends; a replay of this run will keep "
          + "such records out."
      ])
    #expect(try bench.replay("units", ReplayRequest(.all)).counters.rejected == 2)
  }

  @Test("replaces nothing when one of its batches fails")
  func nothingOnFailure() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")], load: "{ mode: replace }")
    try bench.run("people")
    try bench.write("in/1.xml", People.payload([("A9", "Mới", "01/02/1990", "01/01/2026")]))
    try bench.write("in/2.xml", "<p><r>")
    let report = try bench.run("people")
    #expect(report.exit == .data)
    #expect(try bench.rows("SELECT code FROM person") == ["A1"])
  }

  @Test("is unchanged when the source sends the same again")
  func unchanged() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")], load: "{ mode: replace }")
    try bench.run("people")
    let again = try bench.run("people")
    #expect(again.status == .unchanged && again.exit == .done)
    #expect(try bench.ledger().batches().map(\.status) == [.loaded])
    #expect(try bench.replay("people", ReplayRequest(.all)).counters.unchanged == 1)
  }

  @Test("loads into a center that was lost what the source sends, the same or not")
  func lostCenter() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")], load: "{ mode: replace }")
    try bench.run("people")
    try bench.remove("home/center.db")
    #expect(try bench.run("people").counters.inserted == 1)
    #expect(try bench.rows("SELECT code FROM person") == ["A1"])
  }

  @Test("leaves no failed batch behind once the table is what the source has", arguments: [true, false])
  func failedOriginGone(isUnchanged: Bool) throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")], load: "{ mode: replace }")
    try bench.run("people")
    try bench.write("in/2.xml", People.payload([("A2", "Lan", "x", "01/01/2026")]))
    #expect(try bench.run("people").exit == .data)
    #expect(try bench.ledger().rejects().count == 1)
    try bench.remove("in/2.xml")
    if !isUnchanged {
      try bench.write("in/1.xml", People.payload([("A1", "Mai Anh", "01/02/1990", "01/01/2026")]))
    }
    #expect(try bench.run("people").exit == .done)
    #expect(try bench.ledger().batches(.init(status: .failed)).isEmpty)
    #expect(try bench.ledger().rejects().isEmpty)
  }

  @Test("does not empty the table when the source sends no records, unless an empty list is allowed")
  func neverEmpty() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")], load: "{ mode: replace }")
    try bench.run("people")
    try bench.write("in/1.xml", "<p/>")
    let report = try bench.run("people")
    #expect(report.exit == .data && report.error?.id == "load.nothing-to-replace-with")
    #expect(try bench.rows("SELECT code FROM person") == ["A1"])
    try bench.write(
      "Pipelines/people.yaml",
      People.pipeline(load: "{ mode: replace }").replacing(
        "records: /p/r", with: "records: /p/r, empty: allowed"))
    #expect(try bench.run("people").counters.vanished == 1)
  }

  @Test("is not undone by the replay of an older run")
  func olderRun() throws {
    let bench = try People.bench([("A1", "cũ", "01/02/1990", "01/01/2026")], load: "{ mode: replace }")
    try bench.run("people")
    let old = try #require(try bench.ledger().batches().first).id
    try bench.write("in/1.xml", People.payload([("A1", "mới", "01/02/1990", "01/01/2026")]))
    try bench.run("people")
    let report = try bench.replay("people", ReplayRequest(.batches([old])))
    #expect(report.error?.id == "replay.overtaken")
    #expect(try bench.rows("SELECT name FROM person") == ["mới"])
    #expect(try bench.replay("people", ReplayRequest(.all)).counters.unchanged == 1)
  }

  @Test("refuses a limit")
  func refusesLimit() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")], load: "{ mode: replace }")
    #expect(try bench.run("people", limit: 1).exit == .usage)
  }
}
