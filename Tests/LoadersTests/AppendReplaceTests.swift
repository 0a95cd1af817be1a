// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineTesting
import Records
import Testing

@testable import Loaders

@Suite("Appending and replacing in an SQLite center")
struct AppendReplaceTests {
  private static let reading = LoadKind(
    entity: EntitySchema(
      name: "reading",
      fields: [EntityField(name: "meter", type: .text), EntityField(name: "value", type: .integer)]),
    mapped: ["meter", "value"])

  @Test("appends records without a key as they come")
  func appends() throws {
    let bench = try Bench(.append, Self.reading)
    #expect(try bench.load("M1 | 5", "M1 | 5", "- | 6").counted == "inserted 3")
    #expect(try bench.center.rows("SELECT meter, value FROM reading") == ["M1 | 5", "M1 | 5", "NULL | 6"])
  }

  @Test("rejects an appended record whose key stands")
  func keyExists() throws {
    let bench = try Bench(.append)
    try bench.load("A | one | 1")
    let outcome = try bench.load([
      [TestRecord("A | x | 1"), TestRecord("B | x | 1")], [TestRecord("A | y | 1")],
    ])
    #expect(outcome.counted == "inserted 1 duplicate 1 rejected 1")
    #expect(outcome.findings == ["1 note duplicate ", "3 reject key.exists code"])
    #expect(try bench.center.rows("SELECT code, name FROM asset ORDER BY code") == ["A | one", "B | x"])
  }

  @Test("a replay replaces the batch's own rows with their children")
  func replay() throws {
    let bench = try Bench(.append, Bench.assetWithChildren)
    func record(_ line: String, _ tags: [String]) -> TestRecord {
      TestRecord(line, children: [[], tags.map { TestRecord($0) }])
    }
    try bench.load([[record("A | one | 1", ["red"]), record("B | one | 1", [])]])
    try bench.load([[record("C | one | 1", ["old"])]])
    let replay = bench.batch("B1", attempt: 2, isReplay: true)
    #expect(
      try bench.load([[record("A | two | 1", ["blue"])]], as: replay).counted == "inserted 1 children 1")
    #expect(
      try bench.center.rows("SELECT code, name, _batch FROM asset ORDER BY code") == [
        "A | two | B1", "C | one | B2",
      ])
    #expect(try bench.center.rows("SELECT code, tag FROM tag ORDER BY code") == ["A | blue", "C | old"])
  }

  @Test("a replay of single rejects keeps the batch's other rows")
  func replayOfSome() throws {
    let bench = try Bench(.append, Self.reading)
    try bench.load("M1 | 1", "M2 | 2")
    let replay = bench.batch("B1", attempt: 2, isReplay: true, only: [3])
    try bench.load("M3 | 3", as: replay)
    #expect(try bench.center.rows("SELECT meter FROM reading") == ["M1", "M2", "M3"])
  }

  @Test("publishing shows a run at once: new, changed and vanished rows with their children")
  func publishes() throws {
    let bench = try Bench(.replace, Bench.assetWithChildren)
    func record(_ line: String, _ tags: [String] = []) -> TestRecord {
      TestRecord(line, children: [[], tags.map { TestRecord($0) }])
    }
    func run(_ pages: [[TestRecord]]) throws -> [String] {
      let batches = pages.map { _ in bench.batch() }
      for (batch, page) in zip(batches, pages) { try bench.load([page], as: batch) }
      let counters = try bench.connection.publish(run: "R1", batches: batches)
      for batch in batches {
        #expect(try bench.connection.committed(batch: batch.batch, attempt: 1) == counters[batch.batch])
      }
      return batches.map { counters[$0.batch]?.counted ?? "nothing" }
    }
    #expect(
      try run([[record("A | one | 1", ["red"]), record("B | one | 1", ["old"])], [record("C | one | 1")]])
        == ["inserted 2 children 2", "inserted 1"])
    #expect(
      try run([[record("A | one | 1", ["red"])], [record("C | two | 1"), record("D | new | 1")]])
        == ["unchanged 1", "inserted 1 updated 1 vanished 1"])
    #expect(
      try bench.center.rows("SELECT code, name, _batch FROM asset ORDER BY code")
        == ["A | one | B1", "C | two | B4", "D | new | B4"])
    #expect(try bench.center.rows("SELECT code, tag FROM tag") == ["A | red"])
    #expect(try bench.center.rows("SELECT count(*) FROM _terrace_stage") == ["0"])
  }

  @Test("a reader sees the old rows until the run is published")
  func neverEmpty() throws {
    let bench = try Bench(.replace)
    try bench.load("A | one | 1", as: bench.batch())
    _ = try bench.connection.publish(
      run: "R1", batches: [LoadBatch(batch: "B1", attempt: 1, run: "R1", planDigest: "d", loadedAt: 0)])
    let next = bench.batch()
    let session = try bench.connection.begin(next)
    try session.load(TableBuilder.chunk([TestRecord("B | two | 1")], of: bench.plan.kinds[0]))
    #expect(try bench.center.rows("SELECT code FROM asset") == ["A"])
    guard case .loaded(let counters, _) = try session.finish() else { return #expect(Bool(false)) }
    var whole = counters
    whole.read = counters.accountedFor
    try session.commit(whole)
    #expect(try bench.center.rows("SELECT code FROM asset") == ["A"])
    #expect(try bench.connection.committed(batch: "B2", attempt: 1) == nil)
    _ = try bench.connection.publish(run: "R1", batches: [next])
    #expect(try bench.center.rows("SELECT code FROM asset") == ["B"])
  }

  @Test("a run that is discarded, or whose process died, leaves nothing")
  func discarded() throws {
    let bench = try Bench(.replace)
    try bench.load("A | one | 1")
    try bench.connection.discardStaged(run: "R1")
    #expect(try bench.center.rows("SELECT count(*) FROM _terrace_stage") == ["0"])
    try bench.load("B | one | 1")
    var next = bench.batch("B9")
    next.run = "R2"
    try bench.load("C | one | 1", as: next)
    #expect(try bench.connection.publish(run: "R2", batches: [next])["B9"]?.counted == "inserted 1")
    #expect(try bench.center.rows("SELECT code FROM asset") == ["C"])
    #expect(try bench.center.rows("SELECT count(*) FROM _terrace_stage") == ["0"])
  }

  @Test("settles one key across the batches of a run: highest version, then last")
  func acrossBatches() throws {
    let bench = try Bench(.replace, version: "rev")
    let batches = [bench.batch(), bench.batch()]
    try bench.load("A | high | 10", "B | same | 2", "C | null | -", as: batches[0])
    try bench.load("A | low | 9", "B | later | 2", "C | number | -3", as: batches[1])
    let counters = try bench.connection.publish(run: "R1", batches: batches)
    #expect(
      batches.map { counters[$0.batch]?.counted } == ["inserted 1 duplicate 2", "inserted 2 duplicate 1"])
    #expect(try bench.center.rows("SELECT name FROM asset ORDER BY code") == ["high", "later", "number"])
  }

  @Test("touches only rows of its pipeline, and rejects another's key")
  func otherPipeline() throws {
    let bench = try Bench(.merge, pipeline: "others")
    try bench.load("X | theirs | 1")
    let mine = try Bench(.replace, in: bench.center)
    let batch = mine.batch("B5")
    let outcome = try mine.load("X | mine | 1", "Y | mine | 1", as: batch)
    #expect(outcome.counted == "inserted 1 rejected 1")
    #expect(outcome.findings == ["1 reject key.other_pipeline code"])
    _ = try mine.connection.publish(run: "R1", batches: [batch])
    let empty = mine.batch("B6")
    try mine.load([], as: empty)
    #expect(try mine.connection.publish(run: "R1", batches: [empty])["B6"]?.counted == "vanished 1")
    #expect(try bench.center.rows("SELECT code, name FROM asset") == ["X | theirs"])
  }

  @Test("a key that another pipeline loads before publishing stops the run")
  func overtakenByAnother() throws {
    let mine = try Bench(.replace)
    let batch = mine.batch("B5")
    try mine.load("X | mine | 1", as: batch)
    let other = try Bench(.merge, pipeline: "others", in: mine.center)
    try other.load("X | theirs | 1", as: other.batch("B6"))
    let failure = #expect(throws: StageFailure.self) {
      _ = try mine.connection.publish(run: "R1", batches: [batch])
    }
    #expect(failure?.id == "load.other-pipeline")
    #expect(failure?.exit == .tryAgain)
    #expect(try mine.center.rows("SELECT code, name FROM asset") == ["X | theirs"])
  }

  @Test("replaces rows without a key as a whole")
  func withoutKey() throws {
    let bench = try Bench(.replace, Self.reading)
    for (lines, expected) in [(["M1 | 1", "M1 | 1"], "inserted 2"), (["M2 | 2"], "inserted 1 vanished 2")] {
      let batch = bench.batch()
      try bench.load([lines.map { TestRecord($0) }], as: batch)
      #expect(try bench.connection.publish(run: "R1", batches: [batch])[batch.batch]?.counted == expected)
    }
    #expect(try bench.center.rows("SELECT meter FROM reading") == ["M2"])
  }
}
