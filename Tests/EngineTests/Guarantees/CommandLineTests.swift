// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Glibc
import Store
import Testing

@Suite("The program under cron")
struct CommandLineTests {
  private static let rows = [("A1", "Mai", "01/02/1990", "01/01/2026"), ("A2", "Lan", "x", "01/01/2026")]

  @Test("says nothing when all is well, also with rejects, and when there was nothing new")
  func silence() throws {
    let bench = try People.bench(Self.rows)
    for words in [["run"], ["run"], ["run", "people"], ["replay", "people"], ["check"], ["run", "--full"]] {
      let ended = try Program(words, in: bench).end()
      #expect(ended.exit == 0 && ended.output.isEmpty && ended.errors.isEmpty, "\(words): \(ended)")
    }
  }

  @Test("prints one JSON document with the keys that are promised")
  func json() throws {
    let bench = try People.bench(Self.rows)
    let ended = try Program.run("run", "--format", "json", in: bench)
    #expect(ended.exit == 0 && ended.errors.isEmpty, "\(ended)")
    let run = try #require((try ended.json()["runs"] as? [[String: Any]])?.first)
    let counted = [
      "read": 2, "inserted": 1, "updated": 0, "unchanged": 0, "stale": 0, "duplicate": 0, "filtered": 0,
      "rejected": 1,
      "deleted": 0, "noted": 0, "vanished": 0, "children": 0, "exit": 0,
    ]
    for (key, value) in counted { #expect(run[key] as? Int == value, "\(key)") }
    #expect(run["pipeline"] as? String == "people" && run["status"] as? String == "loaded")
    #expect(
      run["declared"] is NSNull && run["error"] is NSNull && run["seconds"] is Double && run["bytes"] is Int)
    #expect((run["filled"] as? [String: Int])?["code"] == 2)
    let batch = try #require((run["batches"] as? [[String: Any]])?.first)
    #expect(
      batch["status"] as? String == "loaded" && batch["attempt"] as? Int == 1 && batch["read"] as? Int == 2)
    #expect(batch["error"] is NSNull && (batch["payload"] as? String)?.count == 64)
    let rejects = try #require(
      try Program.run("rejects", "--format", "json", in: bench).json()["rejects"] as? [[String: Any]])
    #expect(
      Set([
        "reject", "status", "batch", "pipeline", "entity", "record", "offset", "length", "line", "path",
        "failures",
      ])
      .subtracting(rejects[0].keys).isEmpty)
    #expect(try Program.run("batches", "--format", "json", in: bench).json()["batches"] is [[String: Any]])
  }

  @Test("tells where a changed pipeline file would be applied, and changes nothing by itself")
  func changedFile() throws {
    let bench = try People.bench(Self.rows)
    try bench.run("people")
    try bench.write("Pipelines/people.yaml", People.pipeline() + "\ntitle: Người\n")
    let ended = try Program.run("run", "-v", in: bench)
    #expect(ended.exit == 0 && ended.errors.contains("'terrace replay people'"), "\(ended)")
  }

  @Test("of several pipelines the gravest code wins, and the others run")
  func several() throws {
    let bench = try People.bench(Self.rows)
    try bench.write(
      "Pipelines/bad.yaml",
      People.pipeline(path: "bad/*").replacing("pipeline: people", with: "pipeline: bad"))
    try bench.write(
      "Pipelines/gone.yaml",
      People.pipeline(path: "gone.xml").replacing("pipeline: people", with: "pipeline: gone"))
    try bench.write("bad/1", "<p>")
    let ended = try Program.run("run", "--format", "json", in: bench)
    #expect(ended.exit == 65, "\(ended)")
    let runs = try #require(try ended.json()["runs"] as? [[String: Any]])
    #expect(
      runs.map { "\($0["pipeline"] ?? "") \($0["exit"] ?? "") \($0["status"] ?? "")" }
        == ["bad 65 failed", "gone 69 failed", "people 0 loaded"])
  }

  @Test(
    "SIGTERM and SIGINT end a run within two seconds with 143 and 130; the next run completes it",
    arguments: [(SIGTERM, Int32(143)), (SIGINT, Int32(130))])
  func signals(signal: Int32, exit: Int32) throws {
    let bench = try People.bench((0..<300).map { ("A\($0)", "Mai", "01/02/1990", "01/01/2026") })
    let program = try Program(["run", "--format", "json"], in: bench, failpoint: "center.load:1:stop")
    #expect(program.stops())
    program.signal(signal)
    program.signal(SIGCONT)
    let clock = ContinuousClock.now
    let ended = try program.end()
    #expect(ended.exit == exit, "\(ended)")
    #expect(ContinuousClock.now - clock < .seconds(2))
    let run = try #require((try ended.json()["runs"] as? [[String: Any]])?.first)
    #expect((run["error"] as? [String: Any])?["id"] as? String == "engine.interrupted")
    #expect(run["exit"] as? Int == Int(exit) && run["status"] as? String == "failed")
    #expect(try bench.rows("SELECT count(*) FROM person") == ["0"])
    #expect(try Program.run("run", in: bench).exit == 0)
    #expect(try bench.rows("SELECT count(*) FROM person") == ["300"])
  }
}
