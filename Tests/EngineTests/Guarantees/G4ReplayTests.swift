// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Engine
import Foundation
import Records
import Store
import Testing

@Suite("G4 Replay is exact and order-safe")
struct G4ReplayTests {
  private static let loads = ["{ mode: merge }", "{ mode: merge, version: updated }"]

  /// Three states of one person and one person each, landed in order.
  private func bench(_ load: String, lastUpdated: String = "03/01/2026") throws -> Workbench {
    let bench = try People.bench(
      [("A", "một", "01/02/1990", "01/01/2026"), ("B", "Lan", "01/02/1990", "01/01/2026")], load: load)
    try bench.run("people")
    try bench.write(
      "in/2.xml",
      People.payload([("A", "hai", "01/02/1990", "02/01/2026"), ("C", "Hoa", "01/02/1990", "01/01/2026")]))
    try bench.run("people")
    try bench.write(
      "in/3.xml",
      People.payload([("A", "ba", "01/02/1990", lastUpdated), ("D", "Na", "01/02/1990", "01/01/2026")]))
    try bench.run("people")
    return bench
  }

  private func batches(_ bench: Workbench) throws -> [String] {
    try bench.ledger().batches().map(\.id).sorted()
  }

  @Test("every batch in any order, many times, leaves every row as it is", arguments: loads)
  func anyOrder(load: String) throws {
    let bench = try bench(load)
    let before = try bench.rows("SELECT * FROM person ORDER BY code")
    let ids = try batches(bench)
    var random = SeededRandom(seed: 20_260_105)
    for _ in 0..<6 {
      for id in ids.shuffled(using: &random) {
        let report = try bench.replay("people", ReplayRequest(.batches([id])))
        #expect(report.exit == .done && report.counters.inserted == 0 && report.counters.updated == 0)
      }
    }
    #expect(try bench.rows("SELECT * FROM person ORDER BY code") == before)
  }

  @Test(
    "after a change of the pipeline file an old batch changes its own rows and no newer one", arguments: loads
  )
  func changedFile(load: String) throws {
    let bench = try bench(load)
    try bench.write(
      "Pipelines/people.yaml", People.pipeline(load: load).replacing("name: n", with: "name: { value: mới }"))
    let old = try batches(bench)[0]
    #expect(try bench.replay("people", ReplayRequest(.batches([old]))).exit == .done)
    #expect(try bench.rows("SELECT code, name FROM person ORDER BY 1") == ["A|ba", "B|mới", "C|Hoa", "D|Na"])
    #expect(try bench.replay("people", ReplayRequest(.all)).exit == .done)
    #expect(try bench.rows("SELECT DISTINCT name FROM person") == ["mới"])
  }

  @Test("with a version the highest version stands, also when it landed first")
  func versionBeforeLanding() throws {
    let bench = try bench("{ mode: merge, version: updated }", lastUpdated: "01/01/2020")
    #expect(try bench.rows("SELECT name FROM person WHERE code = 'A'") == ["hai"])
    for id in try batches(bench) { try bench.replay("people", ReplayRequest(.batches([id]))) }
    #expect(try bench.rows("SELECT name FROM person WHERE code = 'A'") == ["hai"])
  }

  @Test("comes to what the first run with that file would have come to", arguments: Harvest.modes)
  func asIfFirst(mode: Harvest.Mode) throws {
    let today = mode.pipeline(dates: "[yyyy-MM-dd, dd/MM/yyyy]")
    let fresh = try mode.bench()
    try fresh.write("Pipelines/people.yaml", today)
    try fresh.run("people")
    let bench = try mode.bench()
    try bench.run("people")
    try bench.write("Pipelines/people.yaml", today)
    try bench.replay("people", ReplayRequest(.all))
    for table in [
      "SELECT code, name, born, updated FROM person ORDER BY 1, 2, 3, 4",
      "SELECT code, line, day FROM trip ORDER BY 1, 2, 3",
    ] {
      #expect(try bench.rows(table) == fresh.rows(table))
    }
    func open(_ bench: Workbench) throws -> [String] {
      try bench.ledger().rejects().filter { !$0.isNote }.map {
        "\($0.record) \($0.failures.map(\.rule)) \($0.identity)"
      }.sorted()
    }
    #expect(try open(bench) == open(fresh))
  }

  @Test("of an old batch does not open a reject again whose record a newer batch has loaded")
  func resolvedStays() throws {
    let bench = try People.bench([
      ("A1", "Mai", "hôm qua", "01/01/2026"), ("A2", "Lan", "01/02/1990", "01/01/2026"),
    ])
    try bench.run("people")
    try bench.write("in/2.xml", People.payload([("A1", "Mai", "01/02/1990", "02/01/2026")]))
    try bench.run("people")
    let old = try batches(bench)[0]
    for _ in 0..<3 { try bench.replay("people", ReplayRequest(.batches([old]))) }
    #expect(
      try bench.ledger().rejects(.init(status: nil)).map { "\($0.status) seen \($0.seen)" } == [
        "resolved seen 4"
      ])
  }

  @Test("opens a reject again that only its own batch had resolved")
  func opensAgain() throws {
    let bench = try People.bench([
      ("A1", "Mai", "1990-02-01", "01/01/2026"), ("A2", "Lan", "01/02/1990", "01/01/2026"),
    ])
    try bench.run("people")
    try bench.write(
      "Pipelines/people.yaml", People.pipeline().replacing("born: b", with: "born: { value: 01/02/1990 }"))
    try bench.replay("people", ReplayRequest(.all))
    try bench.write("Pipelines/people.yaml", People.pipeline())
    try bench.replay("people", ReplayRequest(.all))
    #expect(try bench.ledger().rejects(.init(status: nil)).map(\.status) == [.resolved, .open])
  }

  @Test("without the newer payloads and a version it refuses, and --force lets the older rows win")
  func newerGone() throws {
    let bench = try bench("{ mode: merge }")
    try bench.write(
      "Pipelines/people.yaml", People.pipeline().replacing("name: n", with: "name: { value: mới }"))
    let rows = try bench.ledger().batches().sorted { $0.id < $1.id }
    try LandingZone(home: Home(bench.home)).remove(rows[2].digest)
    let before = try bench.rows("SELECT * FROM person ORDER BY code")
    let refused = try bench.replay("people", ReplayRequest(.batches([rows[0].id])))
    #expect(refused.exit == .storage && refused.error?.id == "replay.newer-payload-gone")
    #expect(
      refused.error?.message.contains(rows[2].id) == true && refused.error?.help.contains("--force") == true)
    #expect(try bench.rows("SELECT * FROM person ORDER BY code") == before)
    // Refusing is no failure of the batch: it stays as it was loaded.
    #expect(try bench.ledger().batch(rows[0].id) == rows[0])
    #expect(try bench.replay("people", ReplayRequest(.batches([rows[0].id]), isForced: true)).exit == .done)
    #expect(try bench.rows("SELECT name FROM person WHERE code = 'B'") == ["mới"])
  }

  @Test("with a version a purged newer payload is no hindrance")
  func newerGoneWithVersion() throws {
    let bench = try bench("{ mode: merge, version: updated }")
    let rows = try bench.ledger().batches().sorted { $0.id < $1.id }
    try LandingZone(home: Home(bench.home)).remove(rows[2].digest)
    #expect(try bench.replay("people", ReplayRequest(.batches([rows[0].id]))).exit == .done)
    #expect(try bench.rows("SELECT name FROM person WHERE code = 'A'") == ["ba"])
  }

  @Test("of a payload that was purged it refuses before anything is replayed")
  func payloadGone() throws {
    let bench = try bench("{ mode: merge }")
    let rows = try bench.ledger().batches().sorted { $0.id < $1.id }
    try LandingZone(home: Home(bench.home)).remove(rows[1].digest)
    let report = try bench.replay("people", ReplayRequest(.all))
    #expect(report.exit == .storage && report.error?.id == "replay.payload-gone")
    #expect(report.error?.state == "nothing was replayed")
    #expect(try bench.ledger().batches().map(\.attempt) == [1, 1, 1])
  }

  @Test("of a loaded batch that fails today leaves what is loaded, and says why")
  func failsToday() throws {
    let bench = try bench("{ mode: merge }")
    let before = try bench.rows("SELECT * FROM person ORDER BY code")
    try bench.write("Pipelines/people.yaml", People.pipeline().replacing("born: b", with: "born: n"))
    let report = try bench.replay("people", ReplayRequest(.all))
    #expect(report.exit == .data && report.error?.id == "validate.all-rejected")
    #expect(try bench.rows("SELECT * FROM person ORDER BY code") == before)
    #expect(try bench.ledger().batches().map(\.status) == [.loaded, .loaded, .loaded])
  }

  @Test("of a loaded batch that fails on our side leaves it loaded")
  func failsOnOurSide() throws {
    let bench = try bench("{ mode: merge }")
    let before = try Twin.state(of: bench, tables: ["person"])
    let report = try Program.run("replay", "people", in: bench, failpoint: "center.commit:1:error")
    #expect(report.exit == 74)
    #expect(try bench.ledger().batches().map(\.status) == [.loaded, .loaded, .loaded])
    #expect(try bench.run("people").exit == .done)
    #expect(try Twin.state(of: bench, tables: ["person"]) == before)
  }

  @Test("does not call the source")
  func withoutSource() throws {
    let bench = try bench("{ mode: merge }")
    try FileManager.default.removeItem(atPath: bench.folder + "/in")
    #expect(try bench.replay("people", ReplayRequest(.all)).exit == .done)
  }
}

/// A generator with a seed that a failing test prints by its constant.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
