// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Foundation
import Records
import Store
import Testing

// The workbench's clock shows 2026-01-05.
@Suite("Going on from the highest value")
struct SinceValueTests {
  private static let http = """
    path: /wards
    since: { value: updated, parameter: from, overlap: 1d }
    paginate: { page: { parameter: page, size: 2 } }
    """

  /// Pages of two of the wards changed since the day that is asked from.
  private static func answer(_ wards: [Ward], _ request: HTTPSource.Request) -> HTTPSource.Answer {
    let from = request.parameter("from") ?? ""
    let page = Int(request.parameter("page") ?? "") ?? 1
    let found = wards.filter { $0.updated >= from }
    return HTTPSource.Answer(body: Ward.json(Array(found.dropFirst((page - 1) * 2).prefix(2))))
  }

  private static let wards = [
    Ward(code: "1", name: "a", updated: "2026-01-01"), Ward(code: "2", name: "b", updated: "2026-01-03"),
    Ward(code: "3", name: "c", updated: "2026-01-02"),
  ]

  @Test("takes the highest of the run, whatever its order, and reaches back by the overlap")
  func highest() throws {
    let source = try HTTPSource { Self.answer(Self.wards, $0) }
    let bench = try Ward.bench(source, Self.http)
    #expect(try bench.run("wards").status == .loaded)
    #expect(source.takeTargets() == ["/wards?page=1", "/wards?page=2"])
    #expect(
      try bench.ledger().checkpoint(pipeline: "wards")?.contains("\"value\":\"date 2026-01-03\"") == true)
    // Changed late, with the highest day met and the day before it.
    let late =
      Self.wards + [
        Ward(code: "4", name: "d", updated: "2026-01-03"), Ward(code: "5", name: "e", updated: "2026-01-02"),
      ]
    source.change { Self.answer(late, $0) }
    try bench.run("wards")
    #expect(
      source.takeTargets() == [
        "/wards?from=2026-01-02&page=1", "/wards?from=2026-01-02&page=2", "/wards?from=2026-01-02&page=3",
      ])
    #expect(try bench.rows("SELECT code FROM ward ORDER BY code") == ["1", "2", "3", "4", "5"])
  }

  @Test("counts no value that is ahead of the day, and none of a record that was rejected")
  func mistakes() throws {
    var wards = Self.wards + [Ward(code: "4", name: "d", updated: "2026-01-06")]
    wards.insert(Ward(code: "5", name: "e", updated: "2026-13-01"), at: 1)
    let source = try HTTPSource { Self.answer(wards, $0) }
    let bench = try Ward.bench(source, Self.http)
    let report = try bench.run("wards")
    #expect(report.counters.inserted == 4 && report.counters.rejected == 1)
    #expect(
      try bench.ledger().checkpoint(pipeline: "wards")?.contains("\"value\":\"date 2026-01-03\"") == true)
  }

  @Test("moves only when the last page came and nothing waits")
  func gaps() throws {
    var isBroken = true
    let source = try HTTPSource { request in
      if isBroken, request.parameter("page") == "2" { return HTTPSource.Answer(status: 500, body: "") }
      return Self.answer(Self.wards, request)
    }
    let bench = try Ward.bench(source, Self.http)
    let broken = try bench.run("wards")
    #expect(broken.status == .partial && broken.exit == .tryAgain)
    #expect(try bench.ledger().checkpoint(pipeline: "wards") == nil)
    isBroken = false
    _ = source.takeTargets()
    // The first page is known by now, and its highest value counts all the same.
    let mended = try bench.run("wards")
    #expect(mended.exit == .done && mended.counters.inserted == 1)
    #expect(source.takeTargets() == ["/wards?page=1", "/wards?page=2"])
    #expect(try bench.ledger().checkpoint(pipeline: "wards")?.contains("date 2026-01-03") == true)
  }

  @Test("does not pass a batch that failed by its data; once it is replayed, the next run moves on")
  func failedBatch() throws {
    let source = try HTTPSource { request in
      request.parameter("page") == "1"
        ? HTTPSource.Answer(
          body: "{\"data\":[{\"code\":\"1\",\"updated\":\"x\"},{\"code\":\"2\",\"updated\":\"x\"}]}")
        : Self.answer(Self.wards, request)
    }
    let bench = try Ward.bench(source, Self.http)
    #expect(try bench.run("wards").exit == .data)
    #expect(try bench.ledger().checkpoint(pipeline: "wards") == nil)
    source.change { Self.answer(Self.wards, $0) }
    #expect(try bench.run("wards").exit == .done)
    #expect(try bench.ledger().checkpoint(pipeline: "wards")?.contains("date 2026-01-03") == true)
  }

  @Test("a run killed at any step, then run again, misses nothing and stands where an undisturbed run stands")
  func kills() throws {
    var step = 1
    while step < 200 {
      let source = try HTTPSource { Self.answer(Self.wards, $0) }
      let bench = try Ward.bench(source, Self.http)
      let killed = try Program.run("run", in: bench, failpoint: "any:\(step):kill")
      if killed.exit == 0 { break }
      #expect(killed.exit == -9, "step \(step): \(killed)")
      let before = try bench.ledger().checkpoint(pipeline: "wards")
      if before != nil { #expect(try bench.rows("SELECT count(*) FROM ward") == ["3"], "step \(step)") }
      #expect(try bench.run("wards").exit == .done, "step \(step)")
      #expect(try bench.rows("SELECT code FROM ward ORDER BY code") == ["1", "2", "3"], "step \(step)")
      #expect(
        try bench.ledger().checkpoint(pipeline: "wards")?.contains("date 2026-01-03") == true, "step \(step)")
      step += 2
    }
    #expect((20..<200).contains(step))
  }

  @Test(
    "is checked with its place before anything is asked",
    arguments: [
      ("value: nane", "Pipelines/wards.yaml:6:21: there is no mapped field 'nane'"),
      (
        "value: name, overlap: 1d",
        "Pipelines/wards.yaml:6:36: 'name' is text, which takes no date format and no overlap"
      ),
      (
        "value: updated, first: abc",
        "Pipelines/wards.yaml:6:21: 'updated' is date, and 'first: abc' is no day"
      ),
    ])
  func checks(_ since: String, _ expected: String) throws {
    let source = try HTTPSource { _ in HTTPSource.Answer(body: "") }
    let bench = try Ward.bench(source, "path: /w\nsince: { \(since), parameter: p }")
    do {
      _ = try bench.plan("wards")
      Issue.record("the plan was made")
    } catch let problem as Workbench.Problem {
      #expect(problem.description == expected)
    }
  }
}
