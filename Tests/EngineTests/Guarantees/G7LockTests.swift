// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Glibc
import Store
import Testing

@Suite("G7 One run at a time per pipeline")
struct G7LockTests {
  private static let rows = [("A1", "Mai", "01/02/1990", "01/01/2026")]

  @Test("while one runs, ten others leave with 75 and say who holds it; killed, it holds nothing")
  func tenOthers() throws {
    let bench = try People.bench(Self.rows)
    let holder = try Program(["run"], in: bench, failpoint: "engine.prepared:1:stop")
    #expect(holder.stops())
    let clock = ContinuousClock.now
    let others = try (0..<10).map { try Program($0 % 2 == 0 ? ["run"] : ["replay", "people"], in: bench) }
    for other in others {
      let ended = try other.end()
      #expect(ended.exit == 75, "\(ended)")
      #expect(
        ended.errors.contains("[engine.locked]") && ended.errors.contains("process \(holder.process) on "),
        "\(ended)")
      #expect(ended.errors.contains("nothing was done"), "\(ended)")
    }
    #expect(ContinuousClock.now - clock < .seconds(10))
    let json = try Program.run("run", "--format", "json", in: bench)
    let run = try #require((try json.json()["runs"] as? [[String: Any]])?.first)
    #expect(run["status"] as? String == "locked")
    #expect(try Program.run("status", in: bench).output.contains("\(holder.process)"))
    holder.signal(SIGKILL)
    #expect(try holder.end().exit == -9)
    #expect(try Program.run("run", in: bench).exit == 0)
    #expect(try bench.rows("SELECT code FROM person") == ["A1"])
  }

  @Test("of ten started at once each either runs or leaves with 75, and the rows are there once")
  func atOnce() throws {
    let bench = try People.bench(Self.rows, load: "{ mode: append }")
    let all = try (0..<10).map { _ in try Program(["run"], in: bench) }
    let exits = try all.map { try $0.end() }
    #expect(exits.allSatisfy { [0, 75].contains($0.exit) }, "\(exits)")
    #expect(exits.contains { $0.exit == 0 })
    #expect(try bench.rows("SELECT count(*) FROM person") == ["1"])
    #expect(try bench.ledger().batches().count == 1)
  }

  @Test("another pipeline runs meanwhile")
  func otherPipeline() throws {
    let bench = try People.bench(Self.rows)
    try bench.write(
      "Pipelines/others.yaml",
      People.pipeline(path: "others/*.xml").replacing("pipeline: people", with: "pipeline: others"))
    try bench.write("others/1.xml", People.payload([("B1", "Lan", "01/02/1990", "01/01/2026")]))
    // Stopped before it holds the center, which one transaction at a time may write.
    let holder = try Program(["run", "people"], in: bench, failpoint: "landing.create:1:stop")
    #expect(holder.stops())
    let other = try Program.run("run", "others", in: bench)
    #expect(other.exit == 0, "\(other)")
    holder.signal(SIGCONT)
    #expect(try holder.end().exit == 0)
    #expect(try bench.rows("SELECT code FROM person ORDER BY 1") == ["A1", "B1"])
  }
}
