// SPDX-License-Identifier: Apache-2.0

import Components
import PipelineTesting
import Records
import Testing

@testable import Loaders

@Suite("A record is one atom with its children")
struct ChildrenTests {
  private func record(
    _ line: String = "A | one | 1", lines: [(String, [String])] = [("1 | x", ["p", "q"]), ("2 | y", [])],
    tags: [String] = ["red", "old"]
  ) -> TestRecord {
    TestRecord(
      line,
      children: [
        lines.map { TestRecord($0.0, children: [$0.1.map { TestRecord($0) }]) }, tags.map { TestRecord($0) },
      ])
  }

  private func loaded() throws -> Bench {
    let bench = try Bench(.merge, Bench.assetWithChildren)
    #expect(try bench.load([[record()]]).counted == "inserted 1 children 6")
    return bench
  }

  private func tables(_ bench: Bench) throws -> [String] {
    try bench.center.rows("SELECT code, line, remark, _batch FROM line ORDER BY line")
      + bench.center.rows("SELECT code, line, part, _batch FROM part ORDER BY line, part")
      + bench.center.rows("SELECT code, tag, _batch FROM tag ORDER BY rowid")
  }

  private static let standing = [
    "A | 1 | x | B1", "A | 2 | y | B1", "A | 1 | p | B1", "A | 1 | q | B1", "A | red | B1", "A | old | B1",
  ]

  @Test("writes nested lists under their parents' keys")
  func inserted() throws {
    #expect(try tables(loaded()) == Self.standing)
  }

  @Test("equal children leave the record unchanged; rows with a key may come in any order")
  func equal() throws {
    let bench = try loaded()
    #expect(
      try bench.load([[record(lines: [("2 | y", []), ("1 | x", ["q", "p"])])]]).counted == "unchanged 1")
    #expect(try tables(bench) == Self.standing)
  }

  @Test("a changed child makes its record updated, and only changed rows are written")
  func changed() throws {
    let bench = try loaded()
    #expect(
      try bench.load([[record(lines: [("1 | x", ["p", "q"]), ("2 | z", [])])]]).counted
        == "updated 1 children 1")
    #expect(try tables(bench)[1] == "A | 2 | z | B2")
    #expect(try bench.center.rows("SELECT _batch FROM asset") == ["B2"])
  }

  @Test("a child that is gone is removed with what stands below it")
  func removed() throws {
    let bench = try loaded()
    #expect(try bench.load([[record(lines: [("2 | y", [])])]]).counted == "updated 1")
    #expect(try tables(bench) == ["A | 2 | y | B1", "A | red | B1", "A | old | B1"])
  }

  @Test("a changed row two levels down makes the record updated")
  func changedBelow() throws {
    let bench = try loaded()
    #expect(
      try bench.load([[record(lines: [("1 | x", ["p", "r"]), ("2 | y", [])])]]).counted
        == "updated 1 children 1")
    #expect(try bench.center.rows("SELECT part FROM part ORDER BY part") == ["p", "r"])
  }

  @Test("rows without a key are compared in order and replaced together")
  func withoutKey() throws {
    let bench = try loaded()
    #expect(try bench.load([[record(tags: ["old", "red"])]]).counted == "updated 1 children 2")
    #expect(try bench.center.rows("SELECT tag, _batch FROM tag ORDER BY rowid") == ["old | B2", "red | B2"])
  }

  @Test("child rows that were dropped are left out")
  func dropped() throws {
    let bench = try loaded()
    var changed = record()
    changed.children[0][0].fate = .rejected
    #expect(try bench.load([[changed]]).counted == "updated 1")
    #expect(try bench.center.rows("SELECT line FROM line") == ["2"])
    #expect(try bench.center.rows("SELECT * FROM part") == [])
  }

  @Test("a stale record leaves the standing children alone")
  func stale() throws {
    let bench = try Bench(.merge, version: "rev", Bench.assetWithChildren)
    try bench.load([[record("A | one | 5")]])
    #expect(try bench.load([[record("A | one | 4", tags: [])]]).counted == "stale 1")
    #expect(try tables(bench) == Self.standing)
  }

  @Test("a pipeline that maps no child table leaves it alone")
  func unmapped() throws {
    let bench = try loaded()
    let other = try Bench(.merge, pipeline: "names", Bench.asset, in: bench.center)
    #expect(try other.load("A | uno | 1", as: other.batch("B7")).counted == "updated 1")
    #expect(try tables(bench) == Self.standing)
  }

  @Test("rows that were left behind by a row removed by hand do not stand in the way")
  func orphans() throws {
    let bench = try loaded()
    try bench.center.execute("DELETE FROM asset")
    #expect(try bench.load([[record(lines: [("1 | new", [])], tags: [])]]).counted == "inserted 1 children 1")
    #expect(try tables(bench) == ["A | 1 | new | B2"])
  }
}
