// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Engine
import PipelineFiles
import Planning
import Records
import Store
import Testing

@Suite("Sums of groups")
struct SumsTests {
  static let schema = """
    entity: line
    key: [code]
    fields:
      code: { type: text }
      unit: { type: text }
      amount: { type: "decimal(18,0)" }
      day: { type: date }
    """

  static func pipeline(_ rule: String, lets: String = "whole: /whole", load: String = "{ mode: merge }")
    -> String
  {
    """
    pipeline: lines
    extract: { file: { path: "in/*.json" } }
    decode: { json: { records: /lines } }
    transform:
      to: line
      let: { \(lets), of_unit: { from: tong, type: "decimal(18,0)" } }
      map: { code: ma, unit: dv, amount: tien, day: ngay }
    validate:
      - \(rule)
    load: { center: \(load) }
    """
  }

  /// `A1 X 10`: code, unit, amount, and the total of the unit where there is one.
  static func payload(_ lines: [String], whole: String? = nil) -> String {
    let records = lines.map { line in
      let cells = line.split(separator: " ")
      let total = cells.count > 3 ? ", \"tong\": \"\(cells[3])\"" : ""
      return "{\"ma\": \"\(cells[0])\", \"dv\": \"\(cells[1])\", \"tien\": \"\(cells[2])\"\(total)}"
    }
    let end = whole.map { ", \"whole\": \($0)" } ?? ""
    return "{\"lines\": [\(records.joined(separator: ",\n"))]\(end)}"
  }

  static func bench(_ rule: String, _ lines: [String], lets: String = "none: ma", whole: String? = nil) throws
    -> Workbench
  {
    try Workbench([
      "Pipelines/lines.yaml": pipeline(rule, lets: lets), "Pipelines/schema/line.yaml": schema,
      "in/1.json": payload(lines, whole: whole),
    ])
  }

  static let byUnit = "sums: { by: unit, parts: amount, total: of_unit }"
  static let mixed = ["A1 X 10 30", "B1 Y 5 9", "A2 X 20 30", "B2 Y 3 9", "C1 Z 7"]

  private func findings(_ bench: Workbench, notes: Bool = false) throws -> [String] {
    try bench.ledger().rejects(RejectFilter(status: nil, notes: notes)).sorted { $0.record < $1.record }
      .flatMap { row in row.failures.map { "\(row.record) \($0.rule): \($0.message)" } }
  }

  @Test("keeps out every record of a group that does not add up, and loads the others")
  func rejects() throws {
    let bench = try Self.bench(Self.byUnit, Self.mixed)
    let report = try bench.run("lines")
    #expect(report.exit == .done)
    #expect(report.counters.read == 5 && report.counters.inserted == 3 && report.counters.rejected == 2)
    #expect(report.counters.isBalanced)
    #expect(try bench.rows("SELECT code FROM line ORDER BY 1") == ["A1", "A2", "C1"])
    let sentence =
      "the parts do not add up to the total: unit 'Y': sum 8, total 9, difference -1, 2 parts"
    #expect(try findings(bench) == ["2 sums: \(sentence)", "4 sums: \(sentence)"])
  }

  @Test("notes a broken group once, at the record that carries its total, and loads all of it")
  func notes() throws {
    let bench = try Self.bench(
      "{ \(Self.byUnit), else: note, message: Cộng sai }", ["A1 X 10", "A2 X 20 31", "A3 X 0 31"])
    #expect(try bench.run("lines").counters.inserted == 3)
    #expect(
      try findings(bench, notes: true) == [
        "2 sums: Cộng sai: unit 'X': sum 30, total 31, difference -1, 3 parts"
      ])
  }

  @Test("stops the batch before its commit, and names the first groups and how many there are")
  func stops() throws {
    let lines = (1...5).flatMap { ["A\($0) U\($0) 1 3", "B\($0) U\($0) 1 3"] }
    let bench = try Self.bench("{ \(Self.byUnit), else: stop }", lines + ["C X 1 1"])
    let report = try bench.run("lines")
    #expect(report.exit == .data)
    let error = try #require(report.error)
    #expect(error.id == "validate.stopped" && error.place == "record 1, line 1")
    #expect(
      error.message == "the parts do not add up to the total in 5 groups: "
        + "unit 'U1' (sum 2, total 3, difference -1, 2 parts); "
        + "unit 'U2' (sum 2, total 3, difference -1, 2 parts); "
        + "unit 'U3' (sum 2, total 3, difference -1, 2 parts); and 2 more")
    #expect(try bench.rows("SELECT name FROM sqlite_master WHERE name = 'line'") == ["line"])
    #expect(try bench.rows("SELECT code FROM line") == [])
    #expect(try findings(bench).map { $0.prefix(6) } == ["1 sums", "3 sums", "5 sums", "7 sums", "9 sums"])
  }

  @Test("takes the whole batch for one group, with a control total that stands behind the records")
  func lateTotal() throws {
    let rule = "{ sums: { parts: amount, total: whole }, else: stop }"
    let lets = "whole: { from: /whole, type: integer }"
    let right = try Self.bench(rule, ["A1 X 10", "A2 Y 20"], lets: lets, whole: "30")
    #expect(try right.run("lines").counters.inserted == 2)
    let wrong = try Self.bench(rule, ["A1 X 10", "A2 Y 20"], lets: lets, whole: "31")
    let report = try wrong.run("lines")
    #expect(report.exit == .data)
    #expect(
      report.error?.message
        == "the parts do not add up to the total: sum 30, total 31, difference -1, 2 parts")
  }

  @Test("rejects groups together with values that stand behind the records and with duplicates of a key")
  func threePasses() throws {
    let bench = try Self.bench(
      Self.byUnit, ["A1 X 10 20", "A1 X 10 20", "B1 Y 5 9", "B2 Y 3 9", "C1 Z 1", "C1 Z 2"],
      lets: "whole: { from: /whole, type: integer }", whole: "1")
    let report = try bench.run("lines")
    #expect(report.counters.read == 6 && report.counters.inserted == 2 && report.counters.duplicate == 2)
    #expect(report.counters.rejected == 2 && report.counters.isBalanced)
    // Records that came twice count as often as they came.
    #expect(try bench.rows("SELECT code, amount FROM line ORDER BY 1") == ["A1|10", "C1|2"])
  }

  @Test("counts a part whose record another rule rejects, and does not judge where a part cannot be read")
  func rejectedParts() throws {
    let bench = try Workbench([
      "Pipelines/lines.yaml": Self.pipeline(Self.byUnit, lets: "none: ma"),
      "Pipelines/schema/line.yaml": Self.schema,
      "in/1.json": """
      {"lines": [
      {"ma": "A1", "dv": "X", "tien": "10", "tong": "30"},
      {"ma": "A2", "dv": "X", "tien": "20", "ngay": "never"},
      {"ma": "B1", "dv": "Y", "tien": "1", "tong": "30"},
      {"ma": "B2", "dv": "Y", "tien": "two"},
      {"ma": "C1", "dv": "Z", "tien": "1", "tong": "x"},
      {"ma": "C2", "dv": "Z", "tien": "1"}]}
      """,
    ])
    let report = try bench.run("lines")
    #expect(report.counters.rejected == 3 && report.counters.inserted == 3 && report.counters.noted == 2)
    #expect(try bench.rows("SELECT code FROM line ORDER BY 1") == ["A1", "B1", "C2"])
    #expect(
      try findings(bench, notes: true) == [
        "3 sums: not judged: a part of unit 'Y' could not be read",
        "6 sums: not judged: the total of unit 'Z' could not be read",
      ])
  }

  @Test("gives the same when it is replayed, and nothing less to a replay of its rejects alone")
  func replays() throws {
    let bench = try Self.bench(Self.byUnit, Self.mixed)
    try bench.run("lines")
    let rows = try bench.rows("SELECT code, unit, amount FROM line ORDER BY 1")
    let before = try findings(bench)
    #expect(try bench.replay("lines", ReplayRequest(.all)).counters.unchanged == 3)
    #expect(try findings(bench) == before)
    let rejects = try bench.replay("lines", ReplayRequest(.all, onlyRejects: true))
    #expect(rejects.counters.read == 2 && rejects.counters.rejected == 2)
    #expect(try bench.rows("SELECT code, unit, amount FROM line ORDER BY 1") == rows)
    try bench.write("Pipelines/lines.yaml", Self.pipeline("amount >= 0", lets: "none: ma"))
    let mended = try bench.replay("lines", ReplayRequest(.all, onlyRejects: true))
    #expect(mended.counters.inserted == 2)
    #expect(try bench.ledger().rejects(RejectFilter()).isEmpty)
  }

  @Test("are judged by a dry run as by a run")
  func dryRun() throws {
    let bench = try Self.bench(Self.byUnit, Self.mixed)
    try bench.run("lines")
    let dry = try bench.replay("lines", ReplayRequest(.all, isDryRun: true))
    #expect(dry.counters.rejected == 2 && dry.counters.unchanged == 3)
  }

  @Test("are not judged where only some records are taken")
  func limited() throws {
    let bench = try Self.bench(Self.byUnit, Self.mixed)
    #expect(try bench.run("lines", limit: 4).counters.rejected == 0)
    #expect(try bench.run("lines").counters.rejected == 2)
  }

  @Test("keep keys of groups that stay out from making older rows stale")
  func newerKeys() throws {
    let bench = try Self.bench(Self.byUnit, ["A1 X 10 10"])
    try bench.run("lines")
    let old = try bench.ledger().batches().first?.id ?? ""
    try bench.write("in/2.json", Self.payload(["A1 X 11 12", "B1 Y 1 1"]))
    try bench.run("lines")
    // Now every record is of unit Z, with two totals: the newer batch would load nothing.
    let mended = Self.pipeline(Self.byUnit, lets: "none: ma").replacing(
      "unit: dv", with: "unit: { value: Z }")
    try bench.write("Pipelines/lines.yaml", mended)
    let report = try bench.replay("lines", ReplayRequest(.batches([old])))
    #expect(report.counters.stale == 0 && report.counters.updated == 1)
    #expect(try bench.rows("SELECT unit FROM line WHERE code = 'A1'") == ["Z"])
  }

  @Test("stop at a group without a total only where one is required")
  func requiredTotal() throws {
    let rule = { (required: String) in
      "{ sums: { by: unit, parts: amount, total: of_unit\(required) }, else: stop }"
    }
    let lines = ["A1 X 10 30", "A2 X 20", "B1 Y 5", "B2 Y 3"]
    #expect(try Self.bench(rule(""), lines).run("lines").counters.inserted == 4)
    #expect(try Self.bench(rule(", required: false"), lines).run("lines").counters.inserted == 4)
    let bench = try Self.bench(rule(", required: true"), lines)
    let report = try bench.run("lines")
    #expect(
      report.error?.message
        == "the parts do not add up to the total in 1 group: unit 'Y' (sum 8, no total, 2 parts)")
    #expect(try bench.rows("SELECT code FROM line") == [])
  }

  @Test("use a totals row that the filter keeps out, which is no part")
  func totalsRow() throws {
    func bench(_ total: String) throws -> Workbench {
      try Workbench([
        "Pipelines/lines.yaml": """
        pipeline: lines
        extract: { file: { path: "in/*.csv" } }
        decode: { csv: { separator: ";" } }
        transform:
          to: line
          numbers: vi
          let: { label: Mã }
          filter: "label <> 'Tổng cộng'"
          map: { code: Mã, unit: ĐV, amount: Tiền }
        validate:
          - sums: { parts: amount, total: { value: amount, where: "label = 'Tổng cộng'" } }
            else: stop
        load: { center: { mode: merge } }
        """, "Pipelines/schema/line.yaml": Self.schema,
        "in/1.csv": "Mã;ĐV;Tiền\nA1;X;1.200\nA2;Y;34\nTổng cộng;;\(total)\n",
      ])
    }
    let right = try bench("1.234").run("lines")
    #expect(right.counters.inserted == 2 && right.counters.filtered == 1 && right.exit == .done)
    let wrong = try bench("1.235").run("lines")
    #expect(
      wrong.error?.message
        == "the parts do not add up to the total: sum 1234, total 1235, difference -1, 2 parts")
    let unreadable = try bench("1,234.5")
    #expect(try unreadable.run("lines").counters.inserted == 2)
    #expect(try findings(unreadable, notes: true) == ["1 sums: not judged: the total could not be read"])
  }

  @Test("show the same in a preview")
  func preview() throws {
    let bench = try Self.bench(Self.byUnit, Self.mixed)
    let source = PreviewSource(try bench.plan("lines"), bench.folder, EngineClock(seconds: { 1_767_571_200 }))
    let preview = try source.preview(rows: 20, payload: bench.folder + "/in/1.json")
    #expect(preview.rejected == 2 && preview.read == 5)
    #expect(preview.rejects.map(\.record) == [2, 4])
    // A part of the records is no group.
    #expect(try source.preview(rows: 2, payload: bench.folder + "/in/1.json").rejected == 0)
  }

  @Test("that stop a batch say so in a preview and in a pipeline's test")
  func stopSeen() throws {
    let bench = try Self.bench("{ \(Self.byUnit), else: stop }", Self.mixed)
    let plan = try bench.plan("lines")
    let source = PreviewSource(plan, bench.folder, EngineClock(seconds: { 1_767_571_200 }))
    let failure = try source.preview(rows: 20, payload: bench.folder + "/in/1.json").failure
    #expect(failure?.id == "validate.stopped")
    func differences(_ expectation: String) throws -> [String] {
      let (tree, _) = YAMLReader.read(
        "tests: [{ name: t, payload: { file: in/1.json }, \(expectation) }]", file: "lines.test.yaml")
      var diagnostics: [Diagnostic] = []
      let file = PipelineTestFile(try #require(tree), diagnostics: &diagnostics)
      return try PipelineTestRunner(plan, baseFolder: bench.folder).run(#require(file.cases.first))
        .differences
    }
    #expect(try differences("fails: validate.stopped") == [])
    #expect(try differences("rejects: []").count == 1)
  }

  @Test("keep groups out of a table that is replaced as a whole")
  func replaces() throws {
    let bench = try Self.bench(Self.byUnit, Self.mixed)
    try bench.write(
      "Pipelines/lines.yaml", Self.pipeline(Self.byUnit, lets: "none: ma", load: "{ mode: replace }"))
    let report = try bench.run("lines")
    #expect(report.counters.inserted == 3 && report.counters.rejected == 2 && report.counters.isBalanced)
    #expect(try bench.rows("SELECT code FROM line ORDER BY 1") == ["A1", "A2", "C1"])
  }

  @Test(
    "of more groups than memory holds go on in a temporary file; without one the run stops and tries again",
    arguments: [("sums", "{ by: code, parts: amount, total: total }", 4), ("unique", "code", 10)])
  func temporaryFile(rule: String, declaration: String, rejected: Int) throws {
    let bench = try Workbench([
      "Pipelines/rows.yaml": """
      pipeline: rows
      extract: { file: { path: "in/*.json" } }
      decode: { ndjson: {} }
      transform: { to: row, map: { code: c, amount: a, total: t } }
      validate:
        - \(rule): \(declaration)
      load: { center: { mode: append } }
      """,
      "Pipelines/schema/row.yaml": """
      entity: row
      fields: { code: { type: text }, amount: { type: integer }, total: { type: integer } }
      """,
      // One part of each of 65,990 groups, two of the first ten; three of the groups do not add up.
      "in/1.json": (0..<66_000).map { number in
        let group = number % 65_990
        return "{\"c\":\(group),\"a\":1,\"t\":\(group % 30_000 == 7 ? 3 : group < 10 ? 2 : 1)}"
      }.joined(separator: "\n"),
    ])
    let stuck = try Program.run("run", "rows", in: bench, environment: ["TMPDIR": "/nonexistent"])
    #expect(stuck.exit == ExitCode.storage.rawValue && stuck.errors.contains("that a '\(rule)' rule needs"))
    let report = try bench.run("rows")
    #expect(report.counters.rejected == rejected && report.counters.inserted == 66_000 - rejected)
    let first = try bench.ledger().rejects(RejectFilter(status: nil)).map(\.record).min()
    #expect(first == (rule == "sums" ? 8 : 65_991))
  }
}
