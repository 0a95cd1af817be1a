// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Engine
import Foundation
import Records
import Store
import Testing

@Suite("A replay")
struct ReplayTests {
  @Test("applies today's pipeline file to the landed bytes, although the source is gone")
  func todaysFile() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    try bench.run("people")
    try bench.remove("in/1.xml")
    try bench.write(
      "Pipelines/people.yaml", People.pipeline().replacing("name: n", with: "name: { value: Ẩn danh }"))
    let report = try bench.replay("people", ReplayRequest(.all))
    #expect(report.exit == .done)
    #expect(report.counters.updated == 1)
    #expect(try bench.rows("SELECT name FROM person") == ["Ẩn danh"])
  }

  @Test("done again changes nothing")
  func idempotent() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    try bench.run("people")
    let before = try bench.rows("SELECT * FROM person")
    for _ in 0..<3 { #expect(try bench.replay("people", ReplayRequest(.all)).counters.unchanged == 1) }
    #expect(try bench.rows("SELECT * FROM person") == before)
  }

  @Test("of an old batch leaves newer rows as they are, without a version by landing order")
  func oldAfterNewWithoutVersion() throws {
    let bench = try People.bench([
      ("A1", "cũ", "01/02/1990", "01/01/2026"), ("A2", "Lan", "01/02/1990", "01/01/2026"),
    ])
    try bench.run("people")
    let old = try bench.ledger().batches().first?.id ?? ""
    try bench.write("in/2.xml", People.payload([("A1", "mới", "01/02/1990", "01/01/2026")]))
    try bench.run("people")
    let report = try bench.replay("people", ReplayRequest(.batches([old])))
    #expect(report.counters.stale == 1 && report.counters.unchanged == 1)
    #expect(try bench.rows("SELECT code, name FROM person ORDER BY 1") == ["A1|mới", "A2|Lan"])
  }

  @Test("of an old batch is not held back by a newer record that the loader kept out")
  func oldAfterNewThatWasRejected() throws {
    let bench = try Workbench([
      "Pipelines/people.yaml": """
      pipeline: people
      extract: { file: { path: "in/*.json" } }
      decode: { json: { records: /data } }
      transform:
        to: person
        map: { code: c, name: n }
        children: [{ to: phone, records: p, map: { line: l } }]
      load: { center: { mode: merge } }
      """,
      "Pipelines/schema/person.yaml":
        "entity: person\nkey: [code]\nfields:\n  code: { type: text }\n  name: { type: text }",
      "Pipelines/schema/phone.yaml":
        "entity: phone\nparent: person\nkey: [line]\nfields:\n  line: { type: integer }",
      "in/1.json": #"{"data": [{"c": "A1", "n": "Mai", "p": [{"l": 1}]}]}"#,
      // Two nested rows with one key: only the loader can tell.
      "in/2.json": #"{"data": [{"c": "A1", "n": "Lan", "p": [{"l": 1}, {"l": 1}]}, {"c": "A2", "n": "Hà"}]}"#,
    ])
    #expect(try bench.run("people").counters.rejected == 1)
    let pipeline = try String(contentsOfFile: bench.pipelines + "/people.yaml", encoding: .utf8)
    try bench.write(
      "Pipelines/people.yaml",
      pipeline.replacing("name: n }", with: "name: { expr: upper(n) }, }")
        .replacing("map: { code", with: "let: { n: n }\n  map: { code"))
    let old = try #require(try bench.ledger().batches().last?.id)
    #expect(try bench.replay("people", ReplayRequest(.batches([old]))).counters.updated == 1)
    #expect(try bench.rows("SELECT code, name FROM person ORDER BY 1") == ["A1|MAI", "A2|Hà"])
  }

  @Test("of an old batch leaves newer rows as they are, with a version by the version")
  func oldAfterNewWithVersion() throws {
    let bench = try People.bench(
      [("A1", "mới", "01/02/1990", "05/01/2026")], load: "{ mode: merge, version: updated }")
    try bench.run("people")
    // The later payload holds an older state: the row that stands is the first batch's.
    try bench.write("in/2.xml", People.payload([("A1", "cũ", "01/02/1990", "01/01/2026")]))
    #expect(try bench.run("people").counters.stale == 1)
    #expect(try bench.replay("people", ReplayRequest(.all)).counters.updated == 0)
    #expect(try bench.rows("SELECT name FROM person") == ["mới"])
  }

  @Test("of rejects carries on only the named records and closes them")
  func onlyRejects() throws {
    let bench = try People.bench([
      ("A1", "Mai", "01/02/1990", "01/01/2026"), ("A2", "Lan", "1990-03-04", "01/01/2026"),
    ])
    try bench.run("people")
    try bench.write(
      "Pipelines/people.yaml",
      People.pipeline().replacing("born: b", with: "born: { from: b, dates: [yyyy-MM-dd, dd/MM/yyyy] }"))
    let report = try bench.replay("people", ReplayRequest(.all, onlyRejects: true))
    #expect(report.counters.read == 1 && report.counters.inserted == 1)
    #expect(try bench.rows("SELECT code FROM person ORDER BY 1") == ["A1", "A2"])
    #expect(try bench.ledger().rejects(.init(status: nil)).map(\.status) == [.resolved])
    let batch = try #require(try bench.ledger().batches().first)
    #expect(batch.counters.rejected == 0 && batch.counters.inserted == 2 && batch.counters.isBalanced)
  }

  @Test("of one reject carries on that record alone, and closes it although its key reads otherwise today")
  func oneReject() throws {
    let bench = try People.bench([
      ("A1", "Mai", "01/02/1990", "01/01/2026"), ("a2", "Lan", "x", "01/01/2026"),
      ("a3", "Hoa", "y", "01/01/2026"),
    ])
    try bench.run("people")
    let reject = try #require(try bench.ledger().rejects().first { $0.record == 2 })
    try bench.write(
      "Pipelines/people.yaml",
      People.pipeline().replacing("code: \"@c\"", with: "code: { expr: upper(c) }")
        .replacing("born: b", with: "born: { value: 01/01/2000 }")
        .replacing("  dates:", with: "  let: { c: \"@c\" }\n  dates:"))
    let report = try bench.replay("people", ReplayRequest(.rejects([reject.id])))
    #expect(report.counters.read == 1 && report.counters.inserted == 1)
    #expect(try bench.rows("SELECT code FROM person ORDER BY 1") == ["A1", "A2"])
    #expect(
      try bench.ledger().rejects(.init(status: nil)).map { "\($0.record) \($0.status)" } == [
        "2 resolved", "3 open",
      ])
  }

  @Test("of rejects refuses when the decode section changed, and names the batch to replay")
  func decodeChanged() throws {
    let bench = try People.bench([
      ("A1", "Mai", "01/02/1990", "01/01/2026"), ("A2", "Lan", "x", "01/01/2026"),
    ])
    try bench.run("people")
    try bench.write("Pipelines/people.yaml", People.pipeline().replacing("/p/r }", with: "\"/p/r[@c]\" }"))
    let report = try bench.replay("people", ReplayRequest(.all, onlyRejects: true))
    #expect(report.exit == .files)
    #expect(report.error?.id == "replay.decode-changed")
    let batch = try #require(try bench.ledger().batches().first)
    #expect(report.error?.help.contains(batch.id) == true)
  }

  @Test("as a dry run says what would change, and changes nothing")
  func dryRun() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    try bench.run("people")
    try bench.write(
      "Pipelines/people.yaml", People.pipeline().replacing("name: n", with: "name: { value: Lan }"))
    let before = try bench.rows("SELECT * FROM person")
    let report = try bench.replay("people", ReplayRequest(.all, isDryRun: true))
    let change = try #require(report.batches.first?.changes.first)
    #expect(change.key.contains("A1"))
    #expect(change.fields.map(\.field) == ["name"])
    #expect(change.fields.first?.before == "Mai" && change.fields.first?.after == "Lan")
    #expect(try bench.rows("SELECT * FROM person") == before)
    #expect(try bench.ledger().attempts(batch: report.batches[0].batch).count == 1)
  }

  @Test("in append mode replaces the batch's own rows")
  func append() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")], load: "{ mode: append }")
    try bench.run("people")
    try bench.write(
      "Pipelines/people.yaml",
      People.pipeline(load: "{ mode: append }").replacing("name: n", with: "name: { value: Lan }"))
    #expect(try bench.replay("people", ReplayRequest(.all)).exit == .done)
    #expect(try bench.rows("SELECT code, name FROM person") == ["A1|Lan"])
  }
}
