// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Components
import Diagnostics
import Engine
import Foundation
import Records
import Store
import Testing

/// Monthly reports of budget units: what a unit sends for a month is a slice.
enum Spending {
  static let schema = """
    entity: spending
    key: [code]
    fields:
      code: { type: text }
      unit: { type: text }
      month: { type: integer }
      amount: { type: integer }
    """

  static func pipeline(
    _ extract: String = "{ file: { path: \"in/*.json\" } }",
    load: String = "{ mode: replace_slice, slice: [unit, month] }", decode: String = ""
  ) -> String {
    """
    pipeline: spending
    extract: \(extract)
    decode:
      json: { records: /data\(decode) }
    transform:
      to: spending
      map: { code: c, unit: u, month: m, amount: a }
    load: { center: \(load) }
    """
  }

  /// Each line as `code unit month amount`.
  static func json(_ lines: [String], _ more: String = "") -> String {
    let items = lines.map { line in
      let words = line.split(separator: " ").map { $0 == "-" ? "null" : "\"\($0)\"" }
      return "{\"c\":\(words[0]),\"u\":\(words[1]),\"m\":\(words[2]),\"a\":\(words[3])}"
    }
    return "{\"data\":[\(items.joined(separator: ","))]\(more)}"
  }

  static func bench(_ files: [String: [String]], _ pipeline: String = pipeline()) throws -> Workbench {
    let bench = try Workbench([
      "Pipelines/spending.yaml": pipeline, "Pipelines/schema/spending.yaml": schema,
    ])
    for (name, lines) in files { try bench.send(name, lines) }
    return bench
  }

  /// Pages of two lines.
  static func answer(_ lines: [String], _ request: HTTPSource.Request) -> HTTPSource.Answer {
    let page = Int(request.parameter("page") ?? "") ?? 1
    return HTTPSource.Answer(body: json(Array(lines.dropFirst((page - 1) * 2).prefix(2))))
  }

  static let paged =
    "{ http: { system: s, path: /spending, paginate: { page: { parameter: page, size: 2 } } } }"

  static func bench(
    _ source: HTTPSource, _ extract: String = paged, decode: String = "",
    load: String = "{ mode: replace_slice, slice: [unit, month] }"
  ) throws -> Workbench {
    let bench = try bench([:], pipeline(extract, load: load, decode: decode))
    try bench.write("Pipelines/systems.yaml", source.systems)
    return bench
  }
}

extension Workbench {
  fileprivate func send(_ name: String, _ lines: [String]) throws {
    try write("in/\(name).json", Spending.json(lines))
  }

  fileprivate var spending: [String] {
    get throws { try rows("SELECT code, unit, month, amount FROM spending ORDER BY 1, 2, 3, 4") }
  }

  fileprivate var batchIDs: [String] { get throws { try ledger().batches().map(\.id).sorted() } }
}

@Suite("A run that replaces slices, each payload for itself")
struct SliceBatchTests {
  private static let first = ["1": ["A U1 1 5", "B U1 1 6", "C U1 2 7"], "2": ["D U2 1 8"]]

  @Test("a month that a unit sends again replaces that month of that unit, and nothing else")
  func resent() throws {
    let bench = try Spending.bench(Self.first)
    #expect(try bench.run("spending").counters.inserted == 4)
    #expect(try bench.run("spending").status == .unchanged)
    try bench.send("3", ["A U1 1 5", "E U1 1 9"])
    let report = try bench.run("spending")
    #expect(report.counters.inserted == 1 && report.counters.unchanged == 1 && report.counters.vanished == 1)
    #expect(report.notices.allSatisfy { !$0.contains("slice") })
    #expect(try bench.spending == ["A|U1|1|5", "C|U1|2|7", "D|U2|1|8", "E|U1|1|9"])
    #expect(try bench.run("spending").status == .unchanged)
  }

  @Test("of two payloads of a run with one slice the later stands, and the run names slice and payloads")
  func twice() throws {
    let bench = try Spending.bench(["1": ["A U1 1 5", "C U1 2 7"], "2": ["B U1 1 6"]])
    let report = try bench.run("spending")
    #expect(report.exit == .done)
    #expect(try bench.spending == ["B|U1|1|6", "C|U1|2|7"])
    let ids = try bench.batchIDs
    #expect(
      report.notices == [
        "two payloads of this run brought the slice unit U1, month 1 of 'spending': what batch \(ids[1]) (2.json) holds stands, what batch \(ids[0]) (1.json) held was replaced."
      ])
  }

  @Test("of many slices that come twice in one run it names some and counts the others")
  func manyTwice() throws {
    let units = (1...8).map { "U\($0)" }
    let bench = try Spending.bench([
      "1": units.map { "A\($0) \($0) 1 5" }, "2": units.map { "B\($0) \($0) 1 5" },
    ])
    let report = try bench.run("spending")
    #expect(report.notices.count == 6)
    #expect(
      report.notices.last
        == "3 or more other slices came twice in this run, the last in batch \(try bench.batchIDs[1]) (2.json); of each what "
        + "came later stands.")
  }

  @Test("a preview says of which records the slice is unknown, as a run does")
  func preview() throws {
    let bench = try Spending.bench(["1": ["A U1 1 5", "B - 1 5", "C U1 - x"]])
    let source = try PreviewSource(bench.plan("spending"), bench.folder, bench.environment().clock)
    let preview = try source.preview(rows: nil, payload: bench.folder + "/in/1.json")
    #expect(
      preview.rejects.map {
        "\($0.record) " + $0.failures.map { "\($0.rule) \($0.field)" }.joined(separator: ", ")
      }
        == ["2 slice.no_value unit", "3 type.integer amount"])
    #expect(try bench.run("spending").counters.rejected == 2)
  }

  @Test("a payload that cannot be decoded leaves the slice as it was")
  func undecodable() throws {
    let bench = try Spending.bench(Self.first)
    try bench.run("spending")
    let before = try bench.spending
    try bench.write("in/3.json", String(Spending.json(["A U1 1 9", "E U1 1 9"]).dropLast(20)))
    #expect(try bench.run("spending").exit == .data)
    #expect(try bench.spending == before)
  }

  @Test("rejects stay open while the others replace the slice; replayed, they join it and delete nothing")
  func rejects() throws {
    let bench = try Spending.bench(Self.first)
    try bench.run("spending")
    try bench.send("3", ["A U1 1 x", "E U1 1 9", "F U1 - 9", "C U1 2 x"])
    let report = try bench.run("spending")
    #expect(report.counters.rejected == 3 && report.counters.inserted == 1 && report.counters.vanished == 2)
    #expect(try bench.spending == ["C|U1|2|7", "D|U2|1|8", "E|U1|1|9"])
    #expect(
      try bench.ledger().rejects().flatMap { $0.failures.map { "\($0.rule) \($0.field)" } }.sorted() == [
        "slice.no_value month", "type.integer amount", "type.integer amount",
      ])
    try bench.write(
      "Pipelines/spending.yaml",
      Spending.pipeline().replacing("amount: a", with: "amount: { value: \"1\" }"))
    let replay = try bench.replay("spending", ReplayRequest(.all, onlyRejects: true))
    #expect(replay.counters.inserted == 1 && replay.counters.updated == 1 && replay.counters.vanished == 0)
    #expect(try bench.spending == ["A|U1|1|1", "C|U1|2|1", "D|U2|1|8", "E|U1|1|9"])
    #expect(try bench.ledger().rejects().map(\.record) == [3])
  }

  @Test("replays of any batches in any order leave what was sent last")
  func anyOrder() throws {
    let bench = try Spending.bench(Self.first)
    try bench.run("spending")
    try bench.send("3", ["A U1 1 5", "E U1 1 9"])
    try bench.run("spending")
    try bench.send("4", ["C U3 1 1", "D U2 1 80"])
    try bench.run("spending")
    let before = try bench.rows("SELECT * FROM spending ORDER BY code")
    let ids = try bench.batchIDs
    var random = SeededRandom(seed: 20_260_105)
    for _ in 0..<5 {
      for id in ids.shuffled(using: &random) {
        let report = try bench.replay("spending", ReplayRequest(.batches([id])))
        #expect(report.exit == .done && report.counters.vanished == 0)
      }
    }
    #expect(try bench.rows("SELECT * FROM spending ORDER BY code") == before)
  }

  @Test("an older batch is not in the way of a newer one although its payload is gone")
  func purged() throws {
    let bench = try Spending.bench(Self.first)
    try bench.run("spending")
    try bench.send("3", ["E U1 1 9"])
    try bench.run("spending")
    let rows = try bench.ledger().batches().sorted { $0.id < $1.id }
    try LandingZone(home: Home(bench.home)).remove(rows[2].digest)
    let report = try bench.replay("spending", ReplayRequest(.batches([rows[0].id])))
    #expect(report.exit == .done && report.counters.stale == 2 && report.counters.unchanged == 1)
    #expect(try bench.spending == ["C|U1|2|7", "D|U2|1|8", "E|U1|1|9"])
  }

  @Test("a limited run deletes nothing, and the next one works its payload through")
  func limited() throws {
    let bench = try Spending.bench(Self.first)
    try bench.run("spending")
    try bench.send("3", ["A U1 1 50", "E U1 1 9"])
    let report = try bench.run("spending", limit: 1)
    #expect(report.counters.updated == 1 && report.counters.vanished == 0)
    #expect(try bench.spending == ["A|U1|1|50", "B|U1|1|6", "C|U1|2|7", "D|U2|1|8"])
    try bench.run("spending")
    #expect(try bench.spending == ["A|U1|1|50", "C|U1|2|7", "D|U2|1|8", "E|U1|1|9"])
  }

  @Test("a dry run says what would vanish, and changes nothing")
  func dryRun() throws {
    let bench = try Spending.bench(Self.first)
    try bench.run("spending")
    try bench.write(
      "Pipelines/spending.yaml",
      Spending.pipeline().replacing("  map:", with: "  filter: code != 'B'\n  map:"))
    let before = try bench.rows("SELECT * FROM spending")
    let report = try bench.replay("spending", ReplayRequest(.all, isDryRun: true))
    #expect(report.counters.vanished == 1)
    #expect(report.batches.flatMap(\.changes).map { "\($0.outcome) \($0.key)" } == ["vanished B"])
    #expect(try bench.rows("SELECT * FROM spending") == before)
  }

  @Test("each kind of record has its own slices")
  func kinds() throws {
    let bench = try Spending.bench([:])
    try bench.write(
      "Pipelines/schema/income.yaml",
      Spending.schema.replacing("entity: spending", with: "entity: income").replacing(
        "key: [code]\n", with: ""))
    try bench.write(
      "Pipelines/spending.yaml",
      """
      pipeline: spending
      extract: { file: { path: "in/*.json" } }
      decode: json
      transform:
        - { to: spending, records: /data, map: { code: c, unit: u, month: m, amount: a } }
        - { to: income, records: /more, map: { code: c, unit: u, month: m, amount: a } }
      load: { center: { mode: replace_slice, slice: [unit, month] } }
      """)
    func send(_ name: String, _ spent: [String], _ earned: [String]) throws {
      let more = Spending.json(earned).dropFirst("{\"data\":".count).dropLast()
      try bench.write("in/\(name).json", Spending.json(spent, ",\"more\":\(more)"))
    }
    try send("1", ["A U1 1 5", "B U1 2 6"], ["A U1 1 5", "A U1 1 5"])
    #expect(try bench.run("spending").counters.inserted == 4)
    try send("2", ["C U1 2 6"], ["Z U1 1 5"])
    let report = try bench.run("spending")
    #expect(report.counters.inserted == 2 && report.counters.vanished == 3)
    #expect(try bench.spending == ["A|U1|1|5", "C|U1|2|6"])
    #expect(try bench.rows("SELECT code, month FROM income") == ["Z|1"])
  }

  @Test("a table that was emptied by hand is filled again by replays, by none twice")
  func emptied() throws {
    let bench = try Spending.bench(Self.first)
    try bench.run("spending")
    try bench.send("3", ["A U1 1 5", "E U1 1 9"])
    try bench.run("spending")
    let before = try bench.spending
    try bench.center("DELETE FROM spending")
    #expect(try bench.replay("spending", ReplayRequest(.all)).exit == .done)
    #expect(try bench.spending == before)
  }
}

@Suite("A run that replaces slices, all its pages together")
struct SlicePagesTests {
  @Test("a slice is what all pages hold of it, also where a page is as it was")
  func pages() throws {
    var lines = ["A U1 1 5", "B U1 1 6", "C U1 1 7", "D U2 1 8"]
    let source = try HTTPSource { Spending.answer(lines, $0) }
    let bench = try Spending.bench(source)
    #expect(try bench.run("spending").counters.inserted == 4)
    #expect(try bench.run("spending").status == .unchanged)
    #expect(try bench.ledger().batches().count == 3)
    lines[2] = "E U1 1 9"
    let report = try bench.run("spending")
    #expect(report.exit == .done && report.notices == [])
    #expect(report.counters.inserted == 1 && report.counters.unchanged == 3 && report.counters.vanished == 1)
    #expect(try bench.spending == ["A|U1|1|5", "B|U1|1|6", "D|U2|1|8", "E|U1|1|9"])
    // A month that is not sent stays.
    lines = ["D U2 1 9"]
    #expect(try bench.run("spending").counters.updated == 1)
    #expect(try bench.spending.count == 4)
  }

  @Test(
    "one page that fails, or a total that differs, leaves every slice as it was",
    arguments: ["page", "bytes", "total"])
  func allOrNothing(fault: String) throws {
    var isBroken = false
    let lines = ["A U1 1 5", "B U1 1 6", "C U1 1 7"]
    let source = try HTTPSource { request in
      let isSecond = request.parameter("page") == "2"
      let sent = isBroken ? lines.map { $0.replacing("U1 1 ", with: "U1 1 1") } : lines
      var answer = Spending.answer(sent, request)
      let total = isBroken && fault == "total" ? 4 : 3
      answer.body = String(answer.body.dropLast()) + ",\"total\":\(total)}"
      if isBroken, isSecond, fault == "page" { answer = HTTPSource.Answer(status: 500, body: "") }
      if isBroken, isSecond, fault == "bytes" { answer.body = "{\"total\":3,\"data\":[{\"c\":\"C\"" }
      return answer
    }
    let bench = try Spending.bench(source, decode: ", total: /total")
    try bench.run("spending")
    let before = try bench.rows("SELECT * FROM spending")
    isBroken = true
    #expect(try bench.run("spending").exit != .done)
    #expect(try bench.rows("SELECT * FROM spending") == before)
    #expect(try bench.rows("SELECT count(*) FROM _terrace_stage") == ["0"])
    isBroken = false
    #expect(try bench.run("spending").exit == .done)
    #expect(try bench.rows("SELECT * FROM spending") == before)
    #expect(try bench.ledger().batches(.init(status: .failed)).isEmpty)
  }

  @Test("goes on from the highest value, once all is loaded")
  func since() throws {
    let lines = ["A U1 1 5", "B U1 2 6", "C U1 2 7"]
    let source = try HTTPSource { request in
      let from = Int(request.parameter("from") ?? "") ?? 0
      return Spending.answer(lines.filter { (Int($0.split(separator: " ")[2]) ?? 0) >= from }, request)
    }
    let bench = try Spending.bench(
      source, Spending.paged.replacing("paginate", with: "since: { value: month, parameter: from }, paginate")
    )
    try bench.run("spending")
    _ = source.takeTargets()
    // What did not change moves it too.
    try bench.ledger().clearCheckpoint(pipeline: "spending")
    #expect(try bench.run("spending").status == .unchanged)
    #expect(try bench.run("spending").counters.unchanged == 2)
    #expect(
      source.takeTargets().filter { $0.contains("page=1") } == [
        "/spending?page=1", "/spending?from=2&page=1",
      ])
    #expect(try bench.spending == ["A|U1|1|5", "B|U1|2|6", "C|U1|2|7"])
  }

  @Test("replaying one page replays its run; slices that a later run brought stay")
  func replay() throws {
    var lines = ["A U1 1 5", "B U1 1 6", "C U1 1 7", "D U2 1 8"]
    let source = try HTTPSource { Spending.answer(lines, $0) }
    let bench = try Spending.bench(source)
    try bench.run("spending")
    let second = try bench.batchIDs[1]
    lines = ["D U2 1 80", "E U2 1 9"]
    try bench.run("spending")
    let before = try bench.rows("SELECT * FROM spending ORDER BY code")
    let report = try bench.replay("spending", ReplayRequest(.batches([second])))
    #expect(report.exit == .done && report.batches.count == 3)
    #expect(report.counters.unchanged == 3 && report.counters.stale == 1 && report.counters.vanished == 0)
    #expect(try bench.replay("spending", ReplayRequest(.all)).batches.count == 5)
    #expect(try bench.rows("SELECT * FROM spending ORDER BY code") == before)
    try bench.write(
      "Pipelines/spending.yaml",
      Spending.pipeline(Spending.paged).replacing("amount: a", with: "amount: { value: \"1\" }"))
    #expect(try bench.replay("spending", ReplayRequest(.batches([second]))).counters.updated == 3)
    #expect(try bench.spending == ["A|U1|1|1", "B|U1|1|1", "C|U1|1|1", "D|U2|1|80", "E|U2|1|9"])
  }

  @Test("single rejects of a page join their slice and delete nothing")
  func rejects() throws {
    let source = try HTTPSource { Spending.answer(["A U1 1 5", "B U1 1 x", "C U1 1 x", "D U1 1 8"], $0) }
    let bench = try Spending.bench(source)
    #expect(try bench.run("spending").counters.rejected == 2)
    try bench.write(
      "Pipelines/spending.yaml",
      Spending.pipeline(Spending.paged).replacing("amount: a", with: "amount: { value: \"1\" }"))
    let reject = try #require(try bench.ledger().rejects().last)
    let report = try bench.replay("spending", ReplayRequest(.rejects([reject.id])))
    #expect(report.counters.inserted == 1 && report.counters.vanished == 0)
    #expect(try bench.spending.count == 3)
    #expect(try bench.replay("spending", ReplayRequest(.all, onlyRejects: true)).counters.inserted == 1)
    #expect(try bench.replay("spending", ReplayRequest(.all)).counters.vanished == 0)
    #expect(try bench.spending.count == 4)
  }

  @Test("a dry run tells the whole run's outcome, and leaves center and ledger as they are")
  func dryRun() throws {
    let source = try HTTPSource { Spending.answer(["A U1 1 5", "B U1 1 6", "C U1 1 7"], $0) }
    let bench = try Spending.bench(source)
    try bench.run("spending")
    try bench.write(
      "Pipelines/spending.yaml",
      Spending.pipeline(Spending.paged).replacing("  map:", with: "  filter: code != 'B'\n  map:"))
    let before = try bench.rows("SELECT * FROM spending")
    let report = try bench.replay("spending", ReplayRequest(.all, isDryRun: true))
    #expect(report.exit == .done)
    #expect(report.counters.unchanged == 2 && report.counters.filtered == 1 && report.counters.vanished == 1)
    #expect(report.batches.flatMap(\.changes).map { "\($0.outcome) \($0.key)" } == ["vanished B"])
    #expect(try bench.rows("SELECT * FROM spending") == before)
    #expect(try bench.rows("SELECT count(*) FROM _terrace_stage") == ["0"])
    #expect(try bench.ledger().batches().allSatisfy { $0.status == .loaded && $0.attempt == 1 })
  }

  @Test("a run that broke off is not replayed as if it were whole")
  func incomplete() throws {
    var isBroken = false
    var lines = ["A U1 1 5", "B U1 1 6", "C U1 1 7"]
    let source = try HTTPSource { request in
      if isBroken, request.parameter("page") == "2" { return HTTPSource.Answer(status: 500, body: "") }
      return Spending.answer(lines, request)
    }
    let bench = try Spending.bench(source)
    try bench.run("spending")
    isBroken = true
    lines[0] = "A U1 1 50"
    try bench.run("spending")
    let left = try #require(try bench.ledger().batches(.init(status: .landed)).first)
    let refused = try bench.replay("spending", ReplayRequest(.batches([left.id])))
    #expect(refused.error?.id == "replay.run-incomplete" && refused.exit == .usage)
    let all = try bench.replay("spending", ReplayRequest(.all))
    #expect(all.exit == .done && all.counters.unchanged == 3)
    #expect(all.notices.contains { $0.contains("ended before all of its payloads had come") })
    #expect(try bench.spending == ["A|U1|1|5", "B|U1|1|6", "C|U1|1|7"])
  }

  @Test("a limited run deletes nothing and is taken anew by the next")
  func limited() throws {
    var lines = ["A U1 1 5", "B U1 1 6"]
    let source = try HTTPSource { Spending.answer(lines, $0) }
    let bench = try Spending.bench(source)
    try bench.run("spending")
    lines = ["C U1 1 7", "A U1 1 5"]
    let limited = try bench.run("spending", limit: 1)
    #expect(limited.exit == .done && limited.counters.inserted == 1 && limited.counters.vanished == 0)
    #expect(try bench.spending.count == 3)
    #expect(try bench.run("spending").counters.vanished == 1)
    #expect(try bench.spending == ["A|U1|1|5", "C|U1|1|7"])
  }

  @Test("a center that is not the ledger's stops it, for not all of the source would be asked for")
  func lostCenter() throws {
    let source = try HTTPSource { Spending.answer(["A U1 1 5"], $0) }
    let bench = try Spending.bench(source)
    try bench.run("spending")
    try bench.remove("home/center.db")
    #expect(try bench.run("spending").error?.id == "load.center-lost")
    #expect(try bench.run("spending", full: true).counters.inserted == 1)
  }

  @Test("what is asked for one by one is answered whole: each payload is loaded for itself")
  func oneByOne() throws {
    let source = try HTTPSource { request in
      let unit = request.parameter("unit") ?? ""
      return HTTPSource.Answer(body: Spending.json(unit == "U2" ? ["B U2 1 x"] : ["A \(unit) 1 5"]))
    }
    let bench = try Spending.bench(
      source, "{ http: { system: s, path: /spending, each: { values: [U1, U2, U3], parameter: unit } } }")
    let report = try bench.run("spending")
    #expect(report.status == .partial && report.exit == .data)
    // Both answers hold A, and the later has it.
    #expect(try bench.spending == ["A|U3|1|5"])
  }

  @Test("windows of days are loaded together, also of a span that is asked for")
  func windows() throws {
    let source = try HTTPSource { request in
      let day = request.parameter("from")?.suffix(2) ?? ""
      return HTTPSource.Answer(body: Spending.json(["A\(day) U1 1 5"]))
    }
    let bench = try Spending.bench(
      source,
      """
      { http: { system: s, path: /spending, windows: { step: 1d, from_parameter: from },
          since: { first: 2026-01-03 } } }
      """)
    let report = try bench.run("spending")
    #expect(report.exit == .done, "\(report)")
    #expect(try bench.spending == ["A03|U1|1|5", "A04|U1|1|5", "A05|U1|1|5"])
    let reached = try #require(try bench.ledger().checkpoint(pipeline: "spending"))
    let days = [1, 2].compactMap { CalendarDate(year: 2026, month: 1, day: $0) }
    let span = DaySpan(first: days[0], last: days[1])
    let backfill = try PipelineRunner(bench.environment(), bench.plan("spending"))
      .run(RunOptions(backfill: span))
    #expect(backfill.exit == .done && backfill.counters.inserted == 2 && backfill.counters.vanished == 3)
    #expect(try bench.spending == ["A01|U1|1|5", "A02|U1|1|5"])
    #expect(try bench.ledger().checkpoint(pipeline: "spending") == reached)
  }
}

extension Workbench {
  /// Changes the center as somebody with another program would.
  fileprivate func center(_ sql: String) throws {
    var database: OpaquePointer?
    defer { sqlite3_close(database) }
    guard sqlite3_open(center, &database) == SQLITE_OK,
      sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK
    else { throw Problem(description: "cannot change \(center)") }
  }
}
