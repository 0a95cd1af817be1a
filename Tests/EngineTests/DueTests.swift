// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Planning
import Records
import Store
import Testing

@Suite("What a schedule owes")
struct DueTests {
  /// 2026-01-05 00:00 in Hà Giang, a Monday.
  private static let monday: Int64 = 1_767_571_200 - 7 * 3600
  private static let hour: Int64 = 3600
  private static let day: Int64 = 24 * hour

  @Test(
    "is a time after the start of the last settled run and not after now",
    arguments: [
      ("30 1 * * *", nil, 0, true),
      // Last Monday at 1:30; asked just before and at Tuesday 1:30.
      ("30 1 * * *", hour + 1800, day + hour + 1799, false),
      ("30 1 * * *", hour + 1800, day + hour + 1800, true),
      // Started a second early by hand: the time itself is still owed.
      ("30 1 * * *", hour + 1799, hour + 1800, true),
      // Missed nights are one run.
      ("30 1 * * *", hour + 1800, 5 * day, true),
      ("30 1 * * *", 4 * day + hour + 1800, 5 * day, false),
      // A time that came while the last run was at work.
      ("*/10 * * * *", 0, 700, true),
      ("*/10 * * * *", 600, 700, false),
      ("0 0 29 2 *", 0, 365 * day, false),
      // The last run is of tomorrow: nothing is due until then.
      ("* * * * *", day, hour, false),
    ] as [(String, Int64?, Int64, Bool)])
  func decision(_ text: String, _ settled: Int64?, _ now: Int64, _ expected: Bool) throws {
    let schedule = try CronSchedule(parsing: text)
    #expect(
      Due.isDue(schedule, settled: settled.map { $0 + Self.monday }, now: Self.monday + now) == expected)
  }

  @Test("is settled by data and by data at fault only", arguments: ExitCode.allCases)
  func exits(_ exit: ExitCode) {
    #expect(exit.settlesSchedule == [0, 65].contains(exit.rawValue))
  }

  // MARK: Over a ledger

  private func bench() throws -> Workbench {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    try bench.write("Pipelines/people.yaml", "schedule: \"0 6 * * *\"\n" + People.pipeline())
    bench.now = Self.monday + 8 * Self.hour
    return bench
  }

  private func due(_ bench: Workbench) throws -> [String] {
    try Due.plans(among: [bench.plan("people")], in: bench.environment()).map(\.pipeline)
  }

  @Test("is there before the first run, and again once a night was missed")
  func life() throws {
    let bench = try bench()
    #expect(try due(bench) == ["people"])
    try bench.run("people")
    #expect(try due(bench) == [])
    bench.now += Self.day
    #expect(try due(bench) == ["people"])
    #expect(try bench.run("people").status == .unchanged)
    #expect(try due(bench) == [])
  }

  @Test("is nothing without a schedule")
  func unscheduled() throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    #expect(try due(bench) == [])
    #expect(try Due.next(among: [bench.plan("people")], now: bench.now) == nil)
  }

  @Test("stays owed after a limited run and after a replay")
  func otherRuns() throws {
    let bench = try bench()
    try bench.run("people", limit: 1)
    #expect(try due(bench) == ["people"])
    try bench.run("people")
    bench.now += Self.day
    try bench.replay("people", ReplayRequest(.all))
    #expect(try due(bench) == ["people"])
    #expect(try bench.ledger().runs().map(\.kind) == [.replay, .run, .limited])
  }

  @Test("stays owed after a run that may go well later", arguments: [75, 74, 69, 77, 130] as [Int32])
  func passingFailure(_ exit: Int32) throws {
    let bench = try bench()
    try end(bench, exit)
    #expect(try due(bench) == ["people"])
  }

  @Test("is settled by a run whose data were at fault")
  func dataFailure() throws {
    let bench = try bench()
    try end(bench, 65)
    #expect(try due(bench) == [])
  }

  /// Writes a run that ended so.
  private func end(_ bench: Workbench, _ exit: Int32) throws {
    let ledger = try bench.ledger()
    let run = RunRow(id: try ledger.newRunID(), pipeline: "people", startedAt: bench.now, planDigest: "")
    try ledger.startRun(run)
    try ledger.finishRun(
      run.id, status: .failed, exit: exit, error: nil, counters: Counters(), declared: nil, bytes: 0,
      filled: [:],
      at: bench.now)
  }

  @Test("does not count a run of the future")
  func wrongClock() throws {
    let bench = try bench()
    bench.now += 1000 * Self.day
    try bench.run("people")
    bench.now -= 1000 * Self.day
    #expect(try due(bench) == ["people"])
  }

  @Test("says which pipeline is next, and when")
  func next() throws {
    let bench = try bench()
    let next = try #require(try Due.next(among: [bench.plan("people")], now: bench.now))
    #expect(next.pipeline == "people" && next.at == Self.monday + Self.day + 6 * Self.hour)
  }
}
