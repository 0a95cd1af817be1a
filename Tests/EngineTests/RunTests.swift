// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Engine
import Records
import Store
import Testing

@Suite("A run")
struct RunTests {
  @Test("loads good records and keeps the bad one with its position and bytes")
  func loadsAndRejects() throws {
    let bench = try People.bench([
      ("A1", "Mai", "01/02/1990", "01/01/2026"), ("A2", "Lan", "31/02/1990", "01/01/2026"),
    ])
    let report = try bench.run("people")
    #expect(report.status == .loaded)
    #expect(report.exit == .done)
    #expect(report.counters.read == 2 && report.counters.inserted == 1 && report.counters.rejected == 1)
    #expect(try bench.rows("SELECT code, name, born FROM person") == ["A1|Mai|1990-02-01"])
    let rejects = try bench.ledger().rejects()
    #expect(rejects.count == 1)
    #expect(rejects.first?.record == 2)
    #expect(rejects.first?.failures.map(\.rule) == ["type.date"])
    #expect(rejects.first?.failures.first?.value == "31/02/1990")
    let payload = Array(
      People.payload([
        ("A1", "Mai", "01/02/1990", "01/01/2026"), ("A2", "Lan", "31/02/1990", "01/01/2026"),
      ]).utf8)
    if let reject = rejects.first {
      let slice = payload[Int(reject.offset)..<Int(reject.offset + reject.length)]
      #expect(
        String(decoding: slice, as: UTF8.self) == "<r c='A2'><n>Lan</n><b>31/02/1990</b><u>01/01/2026</u></r>"
      )
    }
  }

  @Test("loads nothing of an error answer whose sign is an object")
  func errorObject() throws {
    let bench = try Workbench([
      "Pipelines/a.yaml": """
      pipeline: a
      extract: { file: { path: "in/*.json" } }
      decode: { json: { records: /data, errors: /error } }
      transform: { to: a, map: { code: c } }
      load: { center: { mode: append } }
      """,
      "Pipelines/schema/a.yaml": "entity: a\nfields:\n  code: { type: text }",
      "in/1.json": #"{"data":[{"c":1}],"error":{"code":5}}"#,
    ])
    let report = try bench.run("a")
    #expect(report.exit == .data && report.error?.id == "decode.error-answer")
    #expect(report.counters.inserted == 0)
  }

  @Test("ends well without records, and says what stands where they should", arguments: ["merge", "append"])
  func nothingMatched(mode: String) throws {
    let bench = try Workbench([
      "Pipelines/a.yaml": """
      pipeline: a
      extract: { file: { path: "in/*.json" } }
      decode: { json: { records: /data/items } }
      transform: { to: a, map: { code: c } }
      load: { center: { mode: \(mode) } }
      """,
      "Pipelines/schema/a.yaml": "entity: a\nkey: [code]\nfields:\n  code: { type: text }",
      "in/1.json": #"{"data":{"item":[{"c":1},{"c":2}]}}"#,
    ])
    let report = try bench.run("a")
    #expect(report.exit == .done && report.counters.read == 0)
    let said = "/data/items matched nothing; /data has 'item' (2 times): did you mean /data/item?"
    #expect(report.batches.map(\.nothingMatched) == [said])
    let environment = try bench.environment()
    let preview = try PreviewSource(bench.plan("a"), bench.folder, environment.clock)
      .preview(rows: 5, payload: bench.folder + "/in/1.json")
    #expect(preview.nothingMatched == said)
  }

  @Test("has nothing to do when the payload is known")
  func knownPayload() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    try bench.run("people")
    let second = try bench.run("people")
    #expect(second.status == .unchanged)
    #expect(second.exit == .done)
    #expect(second.counters.read == 0)
  }

  @Test("loads a file that returns to an earlier content: what its origin sent last stands")
  func earlierContent() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    for name in ["Mai", "Mai Anh", "Mai"] {
      try bench.write("in/1.xml", People.payload([("A1", name, "01/02/1990", "01/01/2026")]))
      #expect(try bench.run("people").status == .loaded)
      #expect(try bench.rows("SELECT name FROM person") == [name])
    }
    #expect(try bench.run("people").status == .unchanged)
  }

  @Test("supersedes a failed payload when the file returns to the content loaded before it")
  func earlierContentAfterFailure() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    let good = People.payload([("A1", "Mai", "01/02/1990", "01/01/2026")])
    for (payload, exit) in [(good, Int32(0)), ("<p><r>", 65), (good, 0)] {
      try bench.write("in/1.xml", payload)
      #expect(try bench.run("people").exit.rawValue == exit)
    }
    #expect(try bench.ledger().batches().map(\.status) == [.loaded, .superseded, .loaded])
  }

  @Test("in append mode adds the rows of a content once, also when a file returns to it")
  func earlierContentAppended() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")], load: "{ mode: append }")
    for code in ["A1", "A2", "A1"] {
      try bench.write("in/1.xml", People.payload([(code, "Mai", "01/02/1990", "01/01/2026")]))
      #expect(try bench.run("people").exit == .done)
    }
    #expect(try bench.rows("SELECT code FROM person ORDER BY 1") == ["A1", "A2"])
  }

  @Test("with --full takes a known payload again and finds every row unchanged")
  func fullTakesAgain() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    try bench.run("people")
    let again = try bench.run("people", full: true)
    #expect(again.status == .loaded)
    #expect(again.counters.unchanged == 1 && again.counters.inserted == 0)
  }

  @Test("closes an open reject when a later payload loads its record")
  func laterPayloadResolves() throws {
    let bench = try People.bench([
      ("A1", "Mai", "x", "01/01/2026"), ("A2", "Lan", "01/01/1990", "01/01/2026"),
    ])
    try bench.run("people")
    try bench.write("in/2.xml", People.payload([("A1", "Mai", "02/02/1990", "02/01/2026")]))
    try bench.run("people")
    let rejects = try bench.ledger().rejects(.init(status: nil))
    #expect(rejects.map(\.status) == [.resolved])
    #expect(try bench.rows("SELECT count(*) FROM person") == ["2"])
  }

  @Test("fails a batch in which every record is rejected, and loads nothing of it")
  func allRejected() throws {
    let bench = try People.bench([("A1", "Mai", "x", "01/01/2026")])
    let report = try bench.run("people")
    #expect(report.exit == .data)
    #expect(report.status == .failed)
    #expect(report.error?.id == "validate.all-rejected")
    #expect(try bench.rows("SELECT count(*) FROM person") == ["0"])
    #expect(try bench.ledger().rejects().count == 1)
  }

  @Test("loads the other batches when one is not well-formed, and says partial")
  func partial() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    try bench.write("in/2.xml", "<p><r c='B'>")
    try bench.write("in/3.xml", People.payload([("A3", "Hoa", "01/02/1990", "01/01/2026")]))
    let report = try bench.run("people")
    #expect(report.status == .partial)
    #expect(report.exit == .data)
    #expect(try bench.rows("SELECT code FROM person ORDER BY 1") == ["A1", "A3"])
    #expect(report.batches.map(\.status) == [.loaded, .failed, .loaded])
  }

  @Test("loads the files beside one that cannot be uncompressed, and takes it once it is mended")
  func brokenCompression() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    try bench.write("Pipelines/people.yaml", People.pipeline(path: "in/*"))
    try bench.write("in/0.gz", "no gzip")
    try bench.write("in/2.xml", People.payload([("A2", "Lan", "01/02/1990", "01/01/2026")]))
    let report = try bench.run("people")
    #expect(report.status == .partial && report.exit == .sourceProtocol)
    #expect(report.error?.id == "extract.broken-compression" && report.error?.place == "in/0.gz")
    #expect(try bench.rows("SELECT code FROM person ORDER BY 1") == ["A1", "A2"])
    let again = try bench.run("people")
    #expect(again.status == .failed && again.exit == .sourceProtocol && again.batches.isEmpty)
    try bench.write("in/0.gz", "")
    #expect(try bench.run("people").exit == .data)
  }

  @Test("says again what is wrong when the source sends a payload again that failed")
  func failsAgain() throws {
    let bench = try People.bench([])
    try bench.write(
      "Pipelines/people.yaml",
      People.pipeline().replacing("records: /p/r", with: "records: /p/r, total: /p/@n"))
    try bench.write("in/1.xml", "<p n='2'><r c='A1'><n>Mai</n></r></p>")
    for _ in 0..<3 {
      let report = try bench.run("people")
      #expect(report.exit == .data && report.status == .failed)
      #expect(report.error?.id == "decode.total-differs")
    }
    #expect(try bench.ledger().batches().count == 1)
  }

  @Test("stops when the center is not the one that the ledger tells of; a replay loads it again")
  func lostCenter() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    try bench.run("people")
    try bench.remove("home/center.db")
    let report = try bench.run("people")
    #expect(report.exit == .storage && report.error?.id == "load.center-lost")
    #expect(report.error?.help.contains("'terrace replay people'") == true)
    #expect(try bench.replay("people", ReplayRequest(.all)).exit == .done)
    #expect(try bench.rows("SELECT code FROM person") == ["A1"])
    #expect(try bench.run("people").status == .unchanged)
    try bench.remove("home/center.db")
    #expect(try bench.run("people", full: true).exit == .done)
    #expect(try bench.rows("SELECT code FROM person") == ["A1"])
  }

  @Test(
    "tries a batch that failed by its data again once the pipeline file changed, without landing it twice")
  func changedFileRetries() throws {
    let bench = try People.bench([("A1", "Mai", "1990-02-01", "01/01/2026")])
    #expect(try bench.run("people").exit == .data)
    #expect(try bench.run("people").batches.isEmpty)
    try bench.write(
      "Pipelines/people.yaml",
      People.pipeline().replacing("born: b", with: "born: { from: b, dates: [yyyy-MM-dd, dd/MM/yyyy] }"))
    let report = try bench.run("people")
    #expect(report.exit == .done)
    #expect(try bench.rows("SELECT code, born FROM person") == ["A1|1990-02-01"])
    #expect(try bench.ledger().rejects(.init(status: .open)).isEmpty)
    #expect(try bench.ledger().batches().count == 1)
  }

  @Test("a failed batch is superseded when a later payload of its origin loads")
  func superseded() throws {
    let bench = try People.bench([("A1", "Mai", "x", "01/01/2026")])
    try bench.run("people")
    try bench.write("in/1.xml", People.payload([("A1", "Mai", "01/02/1990", "01/01/2026")]))
    let report = try bench.run("people")
    #expect(try bench.ledger().batches().map(\.status) == [.loaded, .superseded])
    #expect(try bench.ledger().rejects(.init(status: .open)).isEmpty)
    let ids = try bench.ledger().batches().map(\.id)
    #expect(
      report.notices == [
        "batch \(ids[1]), which failed, gave way to batch \(ids[0]) of the same origin (1.xml); if it held what this one "
          + "does not, 'terrace replay \(ids[1])' loads it once what is at fault is mended."
      ])
  }

  @Test("a waived batch holds nothing up, is not tried again as it is, and can still be replayed")
  func waived() throws {
    let bench = try People.bench([("A1", "Mai", "x", "01/01/2026")])
    try bench.run("people")
    let batch = try #require(try bench.ledger().batches().first)
    #expect(try bench.ledger().waive(batch: batch.id, by: "lan", reason: "sent in error"))
    #expect(try bench.ledger().batch(batch.id)?.status == .waived)
    #expect(try bench.ledger().rejects(.init(status: .open)).isEmpty)
    let report = try bench.run("people")
    #expect(report.exit == .done && report.status == .unchanged)
    #expect(try bench.ledger().waive(batch: batch.id) == false)
    #expect(
      try bench.ledger().actions().map { "\($0.who) \($0.what) \($0.subject == batch.id) \($0.detail)" }
        == ["lan waive true sent in error"])
    try bench.write("Pipelines/people.yaml", People.pipeline().replacing("born: b, ", with: ""))
    #expect(try bench.replay("people", ReplayRequest(.all)).batches.isEmpty)
    #expect(try bench.replay("people", ReplayRequest(.batches([batch.id]))).counters.inserted == 1)
    #expect(try bench.ledger().batch(batch.id)?.status == .loaded)
  }

  @Test("a let value that is classed hides what could not be read of it, though no field is made of it")
  func personalLet() throws {
    let bench = try People.bench([("A1", "Mai", "secret", "01/01/2026")])
    let pipeline = People.pipeline().replacing(
      "born: b, ", with: ""
    ).replacing(
      "map:",
      with: "let: { day: { from: b, type: date, personal: basic } }\n  filter: day is not null\n  map:")
    try bench.write("Pipelines/people.yaml", pipeline)
    try bench.run("people")
    let failure = try #require(try bench.ledger().rejects().first?.failures.first)
    #expect(failure.personal == "basic" && failure.field == "day")
    #expect(!failure.message.contains("secret"))
  }

  @Test("with a limit loads some records, and the next run the rest")
  func limited() throws {
    let bench = try People.bench([
      ("A1", "Mai", "01/02/1990", "01/01/2026"), ("A2", "Lan", "01/02/1990", "01/01/2026"),
      ("A3", "Hoa", "01/02/1990", "01/01/2026"),
    ])
    #expect(try bench.run("people", limit: 2).counters.inserted == 2)
    let rest = try bench.run("people")
    #expect(rest.counters.inserted == 1 && rest.counters.unchanged == 2)
    #expect(rest.notices == [])
    #expect(try bench.ledger().batches().map(\.status) == [.loaded])
  }

  @Test("a declared total that differs fails the batch before its commit")
  func totalDiffers() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    try bench.write(
      "Pipelines/people.yaml",
      People.pipeline().replacing("records: /p/r", with: "records: /p/r, total: /p/@n"))
    try bench.write("in/1.xml", "<p n='2'><r c='A1'><n>Mai</n></r></p>")
    let report = try bench.run("people")
    #expect(report.exit == .data)
    #expect(report.error?.id == "decode.total-differs")
    #expect(try bench.rows("SELECT count(*) FROM person") == ["0"])
  }

  @Test("a declared total of the run that differs fails the run; what is loaded stays")
  func runTotalDiffers() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    try bench.write(
      "Pipelines/people.yaml",
      People.pipeline().replacing("records: /p/r", with: "records: /p/r, total: { path: /p/@n, of: run }"))
    try bench.write("in/1.xml", "<p n='2'><r c='A1'><n>Mai</n></r></p>")
    let report = try bench.run("people")
    #expect(report.exit == .data && report.status == .failed)
    #expect(report.batches.map(\.status) == [.loaded])
    #expect(try bench.rows("SELECT count(*) FROM person") == ["1"])
  }

  @Test("a declared total that is absent is an error")
  func totalAbsent() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    try bench.write(
      "Pipelines/people.yaml",
      People.pipeline().replacing("records: /p/r", with: "records: /p/r, total: /p/@n"))
    #expect(try bench.run("people").error?.id == "decode.total-absent")
  }
}
