// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Engine
import Foundation
import Records
import Store
import Testing

// The workbench's clock shows 2026-01-05.
@Suite("What a source is asked for")
struct AskingTests {
  private static func ward(_ code: String, _ name: String = "x") -> HTTPSource.Answer {
    HTTPSource.Answer(body: Ward.json([Ward(code: code, name: name, updated: "2026-01-01")]))
  }

  @Test("lists ids by a decoder of its own, asks for each, and supersedes what failed")
  func list() throws {
    let source = try HTTPSource { request in
      request.target.hasPrefix("/list")
        ? HTTPSource.Answer(body: "<l><i id='7'/><i/><i id='9'/></l>")
        : request.target == "/ward/7" ? HTTPSource.Answer(body: "{\"data\": [") : Self.ward("9")
    }
    let bench = try Ward.bench(
      source, "path: \"/ward/${id}\"\nlist: { path: /list, ids: /l/i/@id, decode: xml }")
    #expect(try bench.run("wards").status == .partial)
    #expect(source.takeTargets() == ["/list", "/ward/7", "/ward/9"])
    source.change {
      $0.target.hasPrefix("/list") ? HTTPSource.Answer(body: "<l><i id='7'/></l>") : Self.ward("7")
    }
    let again = try bench.run("wards")
    #expect(again.exit == .done && again.counters.inserted == 1)
    #expect(try bench.ledger().batches(BatchFilter(status: .superseded)).count == 1)
    #expect(try bench.rows("SELECT code FROM ward ORDER BY 1") == ["7", "9"])
  }

  @Test(
    "tells an empty list from an answer that is none",
    arguments: [
      ("json", "/data/id", "{\"data\":[],\"ok\":1}", true), ("json", "/data/id", "{\"status\":0}", false),
      ("json", "/ids", "{\"ok\":\"\",\"ids\":[]}", true), ("json", "/ids", "{\"ids\":[]}", false),
      ("json", "/", " [ ]\n", true), ("json", "/", "", false),
      ("xml", "/l/i/@id", "<l/>", true), ("xml", "/l/i", "<fault/>", false),
    ])
  func emptyList(_ decoder: String, _ path: String, _ answer: String, _ isList: Bool) throws {
    let source = try HTTPSource { _ in HTTPSource.Answer(body: answer) }
    let bench = try Ward.bench(
      source, "path: \"/w/${id}\"\nlist: { path: /list, ids: \(path), decode: \(decoder), present: /ok }")
    let report = try bench.run("wards")
    #expect(report.exit == (isList ? .done : .data), "\(String(describing: report.error))")
    #expect(try bench.ledger().batches().isEmpty)
  }

  @Test("a page is short by the records of the first transform, however many transforms read them once more")
  func shortPageOfSeveralTransforms() throws {
    let source = try HTTPSource { request in
      let codes = request.parameter("page") == "1" ? ["1", "2"] : ["3"]
      return HTTPSource.Answer(
        body: Ward.json(codes.map { Ward(code: $0, name: "x", updated: "2026-01-01") }))
    }
    let bench = try Ward.bench(source, "path: /w\npaginate: { page: { parameter: page, size: 2 } }")
    try bench.write("Pipelines/schema/day.yaml", Ward.schema.replacing("entity: ward", with: "entity: day"))
    let file = bench.pipelines + "/wards.yaml"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try bench.write(
      "Pipelines/wards.yaml",
      text.replacing(
        "  to: ward\n  map:", with: "  - to: day\n    map: { code: updated }\n  - to: ward\n    map:"))
    #expect(try bench.run("wards").status == .loaded)
    #expect(source.takeTargets() == ["/w?page=1", "/w?page=2"])
  }

  @Test("asks for each code that is valid on the day, and for each value of the center")
  func each() throws {
    let source = try HTTPSource { Self.ward($0.parameter("c") ?? "") }
    let bench = try Ward.bench(
      source, "path: /w\neach: { code_list: commune, parameter: c }",
      files: [
        "Pipelines/codelists/commune.csv": """
        code,name,valid_from,valid_to
        01,A,,
        02,B,,2025-06-30
        03,C,2025-07-01,
        """
      ])
    #expect(try bench.run("wards").counters.inserted == 2)
    #expect(source.takeTargets() == ["/w?c=01", "/w?c=03"])
    let center = try Ward.bench(source, "path: \"/w/${each}\"\neach: { center: \"ward.code\" }")
    #expect(try center.run("wards").notices == ["'each' has nothing to ask for"])
    try FileManager.default.removeItem(atPath: center.home)
    try FileManager.default.copyItem(atPath: bench.home, toPath: center.home)
    try center.run("wards")
    #expect(source.takeTargets() == ["/w/01", "/w/03"])
  }

  @Test(
    "says what 'each' and 'list' name that is not there",
    arguments: [
      ("each: { code_list: comune, parameter: c }", "there is no code list 'comune'"),
      ("each: { center: \"wart.code\", parameter: c }", "there is no entity 'wart'"),
      ("each: { center: \"ward.kode\", parameter: c }", "there is no field of 'ward' 'kode'"),
      ("each: { center: code, parameter: c }", "'code' names no field of an entity"),
      ("list: { path: /l, ids: /i, decode: jason }\nquery: { i: \"${id}\" }", "there is no decoder 'jason'"),
    ])
  func needs(_ http: String, _ expected: String) throws {
    let source = try HTTPSource { _ in HTTPSource.Answer(body: "") }
    let bench = try Ward.bench(source, "path: /w\n" + http)
    #expect { try bench.plan("wards") } throws: {
      let text = ($0 as? Workbench.Problem)?.description ?? ""
      return text.hasPrefix("Pipelines/wards.yaml:6:") && text.hasSuffix(expected)
    }
  }

  @Test("stops at the first page that is an error answer")
  func errorPage() throws {
    let source = try HTTPSource { request in
      request.parameter("page") == "2"
        ? HTTPSource.Answer(body: "{\"status\":\"0\",\"data\":[]}")
        : Self.ward(request.parameter("page") ?? "")
    }
    let bench = try Ward.bench(
      source, "path: /w\npaginate: { page: { parameter: page } }\nsince: { parameter: from }",
      decode: ", errors: { when: /status, is: \"0\" }")
    let report = try bench.run("wards")
    #expect(report.exit == .data && report.error?.id == "decode.error-answer")
    #expect(source.takeTargets() == ["/w?page=1", "/w?page=2"])
    #expect(try bench.ledger().checkpoint(pipeline: "wards") == nil)
  }

  @Test("asks only for what is not known, says since when it stands, and asks for all with --full")
  func conditional() throws {
    let source = try HTTPSource { request in
      request.headers.contains("if-none-match: \"v1\"")
        ? HTTPSource.Answer(status: 304, body: "")
        : HTTPSource.Answer(body: Self.ward("1").body, headers: ["ETag: \"v1\""])
    }
    let bench = try Ward.bench(
      source, "path: /w\nsince: { value: updated, parameter: from, first: 2026-01-01 }")
    try bench.run("wards")
    bench.now += 3600
    let again = try bench.run("wards")
    #expect(again.status == .unchanged && again.exit == .done)
    #expect(again.notices == ["1 payload is unchanged since 2026-01-05T00:00:00Z"])
    #expect(source.takeRequests().map { $0.headers.contains("if-none-match") } == [false, true])
    #expect(
      try bench.ledger().checkpoint(pipeline: "wards")?.contains("\"value\":\"date 2026-01-01\"") == true)
    try bench.run("wards", full: true)
    #expect(source.takeRequests().map { $0.headers.contains("if-none-match") } == [false])
  }

  @Test("asks without a condition for what failed on our side, or whose payload is gone")
  func conditionalGone() throws {
    let source = try HTTPSource { _ in HTTPSource.Answer(body: Self.ward("1").body, headers: ["ETag: \"v1\""])
    }
    let bench = try Ward.bench(source, "path: /w")
    #expect(try Program.run("run", in: bench, failpoint: "engine.prepared:1:kill").exit == -9)
    try bench.run("wards")
    try FileManager.default.removeItem(atPath: bench.home + "/landing")
    try bench.run("wards")
    let conditions = source.takeRequests().map { $0.headers.contains("if-none-match") }
    // What the killed run landed is settled first, and known then.
    #expect(conditions == [false, true, false])
  }

  private static let windows = """
    path: /w
    windows: { step: 1d, from_parameter: d }
    since: { first: 2026-01-03 }
    """

  @Test("a backfill asks for its days, leaves the checkpoint, and goes on where a killed one stopped")
  func backfill() throws {
    let source = try HTTPSource { Self.ward($0.parameter("d") ?? "") }
    let bench = try Ward.bench(source, Self.windows)
    try bench.run("wards")
    #expect(source.takeTargets() == ["/w?d=2026-01-03", "/w?d=2026-01-04", "/w?d=2026-01-05"])
    let checkpoint = try bench.ledger().checkpoint(pipeline: "wards")
    #expect(checkpoint != nil)
    var isBroken = true
    source.change { request in
      isBroken && request.parameter("d") == "2025-01-03"
        ? HTTPSource.Answer(status: 500, body: "") : Self.ward(request.parameter("d") ?? "")
    }
    let days = ["--from", "2025-01-01", "--to", "2025-01-04"]
    let broken = try Program(["run", "wards"] + days, in: bench).end()
    #expect(broken.exit == 75, "\(broken)")
    #expect(source.takeTargets() == ["/w?d=2025-01-01", "/w?d=2025-01-02", "/w?d=2025-01-03"])
    isBroken = false
    #expect(try Program(["run", "wards"] + days, in: bench).end().exit == 0)
    #expect(source.takeTargets() == ["/w?d=2025-01-03", "/w?d=2025-01-04"])
    #expect(try bench.ledger().checkpoint(pipeline: "wards") == checkpoint)
    #expect(try bench.rows("SELECT count(*) FROM ward") == ["7"])
    // Complete: the same days again are asked for again.
    #expect(try Program(["run", "wards"] + days, in: bench).end().exit == 0)
    #expect(source.takeTargets().count == 4)
  }

  @Test("a run killed within its windows goes on behind those that are settled")
  func windowKills() throws {
    // The program's clock is the real one.
    let today = CalendarDate(days: Int32((time(nil) + 7 * 3600) / 86_400))
    let days = (0..<3).map { CalendarDate(days: today.days - 2 + $0).description }
    var asked: Set<Int> = []
    for step in stride(from: 1, to: 120, by: 4) {
      let source = try HTTPSource { Self.ward($0.parameter("d") ?? "") }
      let bench = try Ward.bench(source, Self.windows.replacing("2026-01-03", with: days[0]))
      bench.now = Int64(time(nil))
      let killed = try Program.run("run", in: bench, failpoint: "any:\(step):kill")
      _ = source.takeTargets()
      #expect(try bench.run("wards").exit == .done)
      asked.insert(source.takeTargets().count)
      if killed.exit == 0 { break }
      #expect(try bench.rows("SELECT code FROM ward ORDER BY 1") == days, "step \(step)")
    }
    // Killed in the first window, the second and the last one.
    #expect(asked.isSuperset(of: [3, 2, 1]))
  }

  @Test("refuses a span for a pipeline that cannot be asked for one")
  func noSpans() throws {
    let source = try HTTPSource { _ in Self.ward("1") }
    let bench = try Ward.bench(source, "path: /w")
    let ended = try Program.run("run", "wards", "--from", "2025-01-01", in: bench)
    #expect(ended.exit == 64 && ended.errors.contains("[run.no-spans]"), "\(ended)")
    for wrong in [
      ["--from", "2025-02-30"], ["--to", "2025-01-01"], ["--from", "2025-01-02", "--to", "2025-01-01"],
    ] {
      #expect(try Program(["run", "wards"] + wrong, in: bench).end().exit == 64)
    }
    #expect(source.takeTargets() == [])
  }
}
