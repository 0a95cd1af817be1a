// SPDX-License-Identifier: Apache-2.0

import Components
import PipelineTesting
import Records
import Testing

@testable import Loaders

@Suite("Merging into an SQLite center")
struct MergeTests {
  @Test("inserts, updates and leaves unchanged rows untouched")
  func outcomes() throws {
    let bench = try Bench()
    #expect(try bench.load("A | one | 1", "B | two | 1").counted == "inserted 2")
    #expect(
      try bench.load("A | one | 1", "B | zwei | 1", "C | three | -").counted
        == "inserted 1 updated 1 unchanged 1")
    #expect(
      try bench.center.rows("SELECT * FROM asset ORDER BY code") == [
        "A | one | 1 | B1 | assets | 2023-11-14T22:13:21Z",
        "B | zwei | 1 | B2 | assets | 2023-11-14T22:13:22Z",
        "C | three | NULL | B2 | assets | 2023-11-14T22:13:22Z",
      ])
  }

  @Test("lets the higher version stand, and null be the lowest")
  func versions() throws {
    let bench = try Bench(version: "rev")
    try bench.load("A | one | 5", "B | one | -", "C | one | 5")
    #expect(
      try bench.load("A | old | 4", "B | new | 1", "C | none | -", "D | x | -").counted
        == "inserted 1 updated 1 stale 2")
    #expect(
      try bench.center.rows("SELECT code, name FROM asset ORDER BY code") == [
        "A | one", "B | new", "C | one", "D | x",
      ])
  }

  @Test("on equal versions a first load wins, and a replay loses unless the row is its own")
  func equalVersions() throws {
    let bench = try Bench(version: "rev")
    try bench.load("A | one | 5", "B | one | 5")
    #expect(try bench.load("A | two | 5").counted == "updated 1")
    let replay = bench.batch("B1", attempt: 2, isReplay: true)
    #expect(try bench.load("A | again | 5", "B | again | 5", as: replay).counted == "updated 1 stale 1")
    #expect(
      try bench.center.rows("SELECT code, name, _batch FROM asset ORDER BY code") == [
        "A | two | B2", "B | again | B1",
      ])
  }

  @Test("compares versions that are decimals or fractions of a second as numbers")
  func numericVersions() throws {
    for (type, low, high) in [
      (FieldType.decimal(precision: 38, scale: 2), "9.50", "10.00"),
      (.decimal(precision: 38, scale: 2), "-10.00", "-9.50"),
      (.timestamp, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.25Z"), (.date, "1969-12-31", "1970-01-01"),
    ] {
      let entity = EntitySchema(
        name: "asset", key: ["code"],
        fields: [EntityField(name: "code", type: .text), EntityField(name: "rev", type: type)])
      let bench = try Bench(version: "rev", LoadKind(entity: entity, mapped: ["code", "rev"]))
      try bench.load("A | \(low)")
      #expect(try bench.load("A | \(high)").counted == "updated 1", "\(type) \(low) \(high)")
      #expect(try bench.load("A | \(low)").counted == "stale 1", "\(type) \(low) \(high)")
    }
  }

  @Test("without a version, keys that later batches loaded are stale in a replay")
  func landingOrder() throws {
    let bench = try Bench()
    try bench.load("A | one | 1", "B | one | 1", "C | one | 1")
    try bench.load("A | two | 1", "C | one | 1")
    var replay = bench.batch("B1", attempt: 2, isReplay: true)
    var hasher = KeyHasher()
    let column = TextColumn()
    for key in ["A", "C", "D"] { column.append(key) }
    let newer = Set(
      (0..<3).map { row in
        hasher = KeyHasher()
        hasher.combine(.text(column), row: row)
        return hasher.finish()
      })
    replay.newerKeys = { newer.contains($0) }
    #expect(
      try bench.load("A | one | 1", "B | fixed | 1", "C | one | 1", "D | gone | 1", as: replay).counted
        == "updated 1 unchanged 1 stale 2")
    #expect(
      try bench.center.rows("SELECT code, name FROM asset ORDER BY code") == [
        "A | two", "B | fixed", "C | one",
      ])
  }

  @Test("writes null over a value, and leaves it where the field says absent: keep")
  func nullAndAbsent() throws {
    let bench = try Bench()
    try bench.load("A | one | 1", "B | two | 2", "C | three | 3")
    #expect(
      try bench.load("A | - | 1", "B | ~ | 2", "C | ~ | 9", "D | ~ | 4", keeping: ["asset.name"]).counted
        == "inserted 1 updated 2 unchanged 1")
    #expect(
      try bench.center.rows("SELECT code, name, rev FROM asset ORDER BY code") == [
        "A | NULL | 1", "B | two | 2", "C | three | 9", "D | NULL | 4",
      ])
    #expect(try bench.load("B | ~ | 2").counted == "updated 1")
  }

  @Test("tells the empty text from null")
  func emptyText() throws {
    let bench = try Bench()
    try bench.load([[TestRecord([.value("A"), .value(""), .null])]])
    #expect(try bench.center.rows("SELECT name IS NULL, length(name) FROM asset") == ["0 | 0"])
    #expect(try bench.load("A | - | -").counted == "updated 1")
  }

  @Test("writes only mapped fields, so that several pipelines feed one entity")
  func mappedFieldsOnly() throws {
    let bench = try Bench()
    try bench.load("A | one | 1")
    let other = try Bench(
      pipeline: "revisions", LoadKind(entity: Bench.asset.entity, mapped: ["code", "rev"]), in: bench.center)
    #expect(try other.load("A | 7", "B | 8", as: other.batch("B9")).counted == "inserted 1 updated 1")
    #expect(
      try bench.center.rows("SELECT code, name, rev, _batch, _pipeline FROM asset ORDER BY code") == [
        "A | one | 7 | B9 | revisions", "B | NULL | 8 | B9 | revisions",
      ])
  }

  @Test("keeps every digit of a decimal, and puts types as the design says")
  func types() throws {
    let entity = EntitySchema(
      name: "sample", key: ["code"],
      fields: [
        EntityField(name: "code", type: .integer),
        EntityField(name: "large", type: .decimal(precision: 38, scale: 4)),
        EntityField(name: "whole", type: .decimal(precision: 18, scale: 0)),
        EntityField(name: "wide", type: .decimal(precision: 38, scale: 0)),
        EntityField(name: "yes", type: .boolean),
        EntityField(name: "day", type: .date), EntityField(name: "moment", type: .timestamp),
      ])
    let bench = try Bench(.merge, LoadKind(entity: entity, mapped: entity.fields.map(\.name)))
    let line =
      "0 | 1234567890123456789012345678901234.5678 | -999999999999999999 | 99999999999999999999999999999999999999 "
      + "| true | 1899-12-31 | 2026-11-22T23:59:59.000001Z"
    try bench.load(line, "1 | -0.05 | 0 | -1 | false | 9999-12-31 | 1969-12-31T23:59:59.5Z")
    #expect(
      try bench.center.rows("SELECT large, whole, wide, yes, day, moment FROM sample ORDER BY code") == [
        "1234567890123456789012345678901234.5678 | -999999999999999999 | 99999999999999999999999999999999999999 | 1 "
          + "| 1899-12-31 | 2026-11-22T23:59:59.000001Z",
        "-0.0500 | 0 | -1 | 0 | 9999-12-31 | 1969-12-31T23:59:59.5Z",
      ])
    #expect(
      try bench.center.rows(
        "SELECT typeof(large), typeof(whole), typeof(wide), typeof(yes), typeof(day) FROM sample LIMIT 1")
        == ["text | integer | text | integer | text"])
    #expect(try bench.load(line).counted == "unchanged 1")
  }

  @Test("abort leaves everything as it was")
  func abort() throws {
    let bench = try Bench()
    try bench.load("A | one | 1")
    let session = try bench.connection.begin(bench.batch())
    try session.load(
      TableBuilder.chunk([TestRecord("A | two | 2"), TestRecord("B | new | 1")], of: bench.plan.kinds[0]))
    _ = try session.finish()
    session.abort()
    session.abort()
    #expect(try bench.center.rows("SELECT code, name FROM asset") == ["A | one"])
    #expect(try bench.connection.committed(batch: "B2", attempt: 1) == nil)
    #expect(try bench.connection.committed(batch: "B1", attempt: 1)?.counted == "inserted 1")
  }

  @Test("a dry run tells what would change, and changes nothing")
  func dryRun() throws {
    let bench = try Bench(.merge, Bench.assetWithChildren)
    try bench.load([
      [
        TestRecord("A | one | 1", children: [[], [TestRecord("red")]]),
        TestRecord("B | two | 2", children: [[], []]),
      ]
    ])
    let records = [
      TestRecord("A | eins | 1", children: [[], []]), TestRecord("B | two | 2", children: [[], []]),
      TestRecord("C | - | 3", children: [[], []]),
    ]
    let outcome = try bench.load([records], as: bench.batch(isDryRun: true))
    #expect(outcome.counted == "inserted 1 updated 1 unchanged 1")
    #expect(
      outcome.changes.map { "\($0.ordinal) \($0.outcome) \($0.entity) \($0.key)" }
        == ["1 updated asset A", "3 inserted asset C"])
    #expect(
      outcome.changes[0].fields.map { "\($0.field): \($0.before ?? "-") → \($0.after ?? "-")" }
        == ["name: one → eins", "tag: 1 rows → 0 rows"])
    #expect(try bench.center.rows("SELECT code, name FROM asset ORDER BY code") == ["A | one", "B | two"])
  }
}
