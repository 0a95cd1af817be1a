// SPDX-License-Identifier: Apache-2.0

import Components
import PipelineTesting
import Records
import Testing

@testable import Loaders

@Suite("Records of one key within a batch")
struct DuplicateTests {
  private func records(_ lines: [String]) -> [TestRecord] { lines.map { TestRecord($0) } }

  /// Loads the lines in one chunk and in a chunk each: both must give the same.
  private func both(
    _ standing: [String], _ lines: [String], version: String? = "rev"
  ) throws -> (counted: String, findings: [String], rows: [String], passes: [Int]) {
    var results: [(String, [String], [String])] = []
    var passes: [Int] = []
    for chunks in [[records(lines)], lines.map { records([$0]) }] {
      let bench = try Bench(version: version)
      if !standing.isEmpty { try bench.load([records(standing)]) }
      let outcome = try bench.load(chunks)
      passes.append(outcome.passes)
      results.append(
        (
          outcome.counted, outcome.findings,
          try bench.center.rows("SELECT code, name, rev FROM asset ORDER BY code")
        ))
    }
    #expect(results[0] == results[1], "chunks must not matter")
    return (results[0].0, results[0].1, results[0].2, passes)
  }

  @Test("identical records count as duplicates without a note")
  func identical() throws {
    let found = try both([], ["A | one | 1", "A | one | 1", "A | one | 1"])
    #expect(found.counted == "inserted 1 duplicate 2")
    #expect(found.findings == [])
  }

  @Test("the highest version stands, wherever it is")
  func highestVersion() throws {
    let found = try both([], ["A | one | 2", "A | old | 1", "A | new | 3", "A | null | -"])
    #expect(found.counted == "inserted 1 duplicate 3")
    #expect(found.findings == ["1 note duplicate ", "2 note duplicate ", "4 note duplicate "])
    #expect(found.rows == ["A | new | 3"])
  }

  @Test("without a version the last stands")
  func last() throws {
    let found = try both([], ["A | one | 9", "A | two | 1"], version: nil)
    #expect(found.counted == "inserted 1 duplicate 1")
    #expect(found.rows == ["A | two | 1"])
  }

  @Test("a record that takes the place of an inserted one brings nothing of it along")
  func afterInserted() throws {
    let bench = try Bench(.merge, Bench.assetWithChildren)
    let first = TestRecord(
      "A | one | 1", children: [[TestRecord("1 | x", children: [[TestRecord("p")]])], [TestRecord("red")]])
    let second = TestRecord("A | ~ | 2", children: [[], []])
    let outcome = try bench.load([[first], [second]], keeping: ["asset.name"])
    #expect(outcome.counted == "inserted 1 duplicate 1")
    #expect(try bench.center.rows("SELECT code, name, rev FROM asset") == ["A | NULL | 2"])
    for table in ["line", "part", "tag"] { #expect(try bench.center.rows("SELECT * FROM \(table)") == []) }
  }

  @Test("a record that takes the place of an unchanged one updates the row")
  func afterUnchanged() throws {
    let found = try both(["A | one | 1"], ["A | one | 1", "A | two | 2"])
    #expect(found.counted == "updated 1 duplicate 1")
    #expect(found.passes == [1, 1])
  }

  @Test("a record that takes the place of a stale one is judged against the row")
  func afterStale() throws {
    let found = try both(["A | one | 5"], ["A | old | 3", "A | older | 4"])
    #expect(found.counted == "stale 1 duplicate 1")
    let other = try both(["A | one | 5"], ["A | old | 3", "A | new | 6"])
    #expect(other.counted == "updated 1 duplicate 1")
    #expect(other.rows == ["A | new | 6"])
  }

  @Test("a record that takes the place of an updated one is loaded in a second pass")
  func afterUpdated() throws {
    let found = try both(["A | one | 1"], ["A | two | 2", "A | three | 3", "A | three | 3"])
    #expect(found.counted == "updated 1 duplicate 2")
    #expect(found.findings == ["1 note duplicate "])
    #expect(found.rows == ["A | three | 3"])
    #expect(found.passes == [2, 2])
  }

  @Test("back to the standing values counts as unchanged")
  func backAgain() throws {
    let found = try both(["A | one | 1"], ["A | two | 1", "A | one | 1"])
    #expect(found.counted == "unchanged 1 duplicate 1")
  }

  @Test("a rejected record leaves its key to the others")
  func rejected() throws {
    let bench = try Bench(.merge, Bench.assetWithChildren)
    let broken = TestRecord(
      "A | two | 2",
      children: [[TestRecord("1 | x", children: [[]]), TestRecord("1 | y", children: [[]])], []])
    let outcome = try bench.load([[TestRecord("A | one | 1", children: [[], []]), broken]])
    #expect(outcome.counted == "inserted 1 rejected 1")
    #expect(outcome.findings == ["2 reject key.child line[2].line"])
  }

  @Test("a record without a key is rejected")
  func emptyKey() throws {
    let outcome = try Bench().load("- | one | 1", "A | one | 1")
    #expect(outcome.counted == "inserted 1 rejected 1")
    #expect(outcome.findings == ["1 reject required code"])
  }

  @Test("keys beyond the memory's limit are settled in a temporary file", arguments: [nil, "rev"])
  func spilled(version: String?) throws {
    let center = TemporaryCenter()
    let plan = LoadPlan(
      pipeline: "p", mode: .merge, version: version, kinds: [Bench.asset],
      entities: Bench.entities(Bench.asset))
    let connection = try SQLiteConnection(path: center.path, plan: plan, keysInMemory: 2)
    let lines = ["A", "B", "C", "D", "E", "D", "A", "E"].enumerated().map { "\($1) | \($0) | \($0)" }
    let batch = LoadBatch(batch: "B1", attempt: 1, run: "R", planDigest: "d", loadedAt: 0)
    let outcome = try LoadDriver.load(batch, into: connection) {
      [TableBuilder.chunk(records(lines), of: Bench.asset)]
    }
    #expect(outcome.counted == "inserted 5 duplicate 3")
    #expect(
      try center.rows("SELECT code, name FROM asset ORDER BY code") == [
        "A | 6", "B | 1", "C | 2", "D | 5", "E | 7",
      ])
  }
}
