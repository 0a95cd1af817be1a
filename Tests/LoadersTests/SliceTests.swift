// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineTesting
import Records
import Testing

@testable import Loaders

/// Reports of budget units: a slice is what one unit sends for one period.
enum Report {
  /// `code | unit | period | spent`
  static let line = LoadKind(
    entity: EntitySchema(
      name: "line", key: ["code"],
      fields: [
        EntityField(name: "code", type: .text), EntityField(name: "unit", type: .text),
        EntityField(name: "period", type: .integer), EntityField(name: "spent", type: .integer),
      ]), mapped: ["code", "unit", "period", "spent"])

  /// The same without a key.
  static let keyless = LoadKind(
    entity: EntitySchema(name: "line", fields: line.entity.fields), mapped: line.mapped)

  /// Each may be `of` another line: `code | unit | period | of`
  static let corrections = LoadKind(
    entity: EntitySchema(
      name: "line", key: ["code"],
      fields: [
        EntityField(name: "code", type: .text), EntityField(name: "unit", type: .text),
        EntityField(name: "period", type: .integer),
        EntityField(
          name: "of", type: .text, references: EntityReference(entity: "line", field: "code")),
      ]), mapped: ["code", "unit", "period", "of"])

  /// With `tag` below each line.
  static let tagged = LoadKind(
    entity: line.entity, mapped: line.mapped,
    children: [
      LoadKind(
        entity: EntitySchema(name: "tag", fields: [EntityField(name: "tag", type: .text)], parent: "line"),
        mapped: ["tag"])
    ])

  static let slice = ["unit", "period"]

  static func bench(
    _ kind: LoadKind = line, pipeline: String = "reports", in center: TemporaryCenter = TemporaryCenter(),
    keysInMemory: Int = KeySet.usualLimit
  ) throws -> Bench {
    try Bench(
      .replaceSlice, slice: slice, pipeline: pipeline, kind, in: center, keysInMemory: keysInMemory)
  }
}

extension Bench {
  var lines: [String] {
    get throws { try center.rows("SELECT code, unit, period, spent, _batch FROM line ORDER BY 1, 2, 3, 4") }
  }
}

@Suite("Replacing slices in an SQLite center")
struct SliceTests {
  @Test(
    "a slice that is sent again replaces the earlier one whole; other slices stay, rows that do not differ too"
  )
  func replaces() throws {
    let bench = try Report.bench()
    #expect(
      try bench.load("A | U1 | 1 | 5", "B | U1 | 1 | 6", "C | U1 | 2 | 7", "D | U2 | 1 | 8").counted
        == "inserted 4")
    #expect(
      try bench.load("A | U1 | 1 | 5", "E | U1 | 1 | 9").counted == "inserted 1 unchanged 1 vanished 1")
    #expect(
      try bench.lines == [
        "A | U1 | 1 | 5 | B1", "C | U1 | 2 | 7 | B1", "D | U2 | 1 | 8 | B1", "E | U1 | 1 | 9 | B2",
      ])
  }

  @Test("the same records again change nothing")
  func same() throws {
    let bench = try Report.bench()
    try bench.load("A | U1 | 1 | 5", "B | U1 | 1 | 6")
    #expect(try bench.load("A | U1 | 1 | 5", "B | U1 | 1 | 6").counted == "unchanged 2")
    #expect(try bench.load("A | U1 | 1 | 5", as: bench.batch("B1", attempt: 2)).counted == "stale 1")
    #expect(try bench.lines == ["A | U1 | 1 | 5 | B1", "B | U1 | 1 | 6 | B1"])
  }

  @Test("what vanishes takes its nested rows along")
  func children() throws {
    let bench = try Report.bench(Report.tagged)
    func record(_ line: String, _ tags: String...) -> TestRecord {
      TestRecord(line, children: [tags.map { TestRecord($0) }])
    }
    try bench.load([[record("A | U1 | 1 | 5", "red", "old"), record("B | U1 | 1 | 6", "new")]])
    #expect(
      try bench.load([[record("B | U1 | 1 | 6", "blue")]]).counted == "updated 1 vanished 1 children 1")
    #expect(try bench.center.rows("SELECT code, tag FROM tag") == ["B | blue"])
  }

  @Test("rows of an entity without a key are deleted and inserted anew, by a replay likewise")
  func keyless() throws {
    let bench = try Report.bench(Report.keyless)
    #expect(
      try bench.load("A | U1 | 1 | 5", "A | U1 | 1 | 5", "C | U2 | 1 | 7").counted == "inserted 3")
    #expect(try bench.load("A | U1 | 1 | 6").counted == "inserted 1 vanished 2")
    #expect(try bench.lines == ["A | U1 | 1 | 6 | B2", "C | U2 | 1 | 7 | B1"])
    let again = bench.batch("B2", attempt: 2, isReplay: true)
    #expect(try bench.load("A | U1 | 1 | 6", as: again).counted == "inserted 1 vanished 1")
    #expect(try bench.lines == ["A | U1 | 1 | 6 | B2", "C | U2 | 1 | 7 | B1"])
  }

  @Test(
    "a record that refers to a row which goes with its slice stays out, and what refers to that record too")
  func refersToWhatGoes() throws {
    let bench = try Report.bench(Report.corrections)
    #expect(
      try bench.load("A | U1 | 1 | -", "B | U1 | 1 | A", "C | U2 | 1 | A", "E | U1 | 1 | -").counted
        == "inserted 4")
    let again = try bench.load("B | U1 | 1 | A", "C | U2 | 1 | B", "D | U2 | 1 | -", "E | U1 | 1 | -")
    #expect(again.counted == "inserted 1 unchanged 1 rejected 2 vanished 3")
    #expect(again.findings == ["1 reject references.line of", "2 reject references.line of"])
    #expect(try bench.center.rows("SELECT code, unit FROM line ORDER BY 1") == ["D | U2", "E | U1"])
  }

  @Test("an older batch leaves a slice that a later one brought as it is, and may have its others")
  func stale() throws {
    let bench = try Report.bench()
    try bench.load("A | U1 | 1 | 5", "B | U1 | 2 | 6", "X | U1 | 2 | 6")
    try bench.load("C | U1 | 1 | 7")
    let replay = bench.batch("B1", attempt: 2, isReplay: true)
    #expect(
      try bench.load("A | U1 | 1 | 5", "B | U1 | 2 | 60", as: replay).counted
        == "updated 1 stale 1 vanished 1")
    #expect(try bench.lines == ["B | U1 | 2 | 60 | B1", "C | U1 | 1 | 7 | B2"])
  }

  @Test("a slice that a later batch emptied of its keys by moving them stays the later one's")
  func moves() throws {
    let bench = try Report.bench()
    try bench.load("A | U1 | 1 | 5", "B | U1 | 1 | 6")
    #expect(try bench.load("A | U1 | 2 | 5").counted == "updated 1")
    #expect(try bench.lines == ["A | U1 | 2 | 5 | B2", "B | U1 | 1 | 6 | B1"])
    let replay = bench.batch("B1", attempt: 2, isReplay: true)
    #expect(
      try bench.load("A | U1 | 1 | 5", "B | U1 | 1 | 6", as: replay).counted == "unchanged 1 stale 1")
    #expect(try bench.lines == ["A | U1 | 2 | 5 | B2", "B | U1 | 1 | 6 | B1"])
    #expect(try bench.load("A | U1 | 1 | 5", "B | U1 | 1 | 6").counted == "updated 1 unchanged 1")
  }

  @Test("a record without its slice is rejected, and says which field is missing")
  func noValue() throws {
    let bench = try Report.bench()
    let outcome = try bench.load("A | U1 | 1 | 5", "B | U1 | - | 6", "C | ~ | 1 | 6")
    #expect(outcome.counted == "inserted 1 rejected 2")
    #expect(outcome.findings == ["2 reject slice.no_value period", "3 reject slice.no_value unit"])
  }

  @Test("a slice of which every record is rejected stays; of another the good records replace it")
  func rejected() throws {
    let bench = try Report.bench(pipeline: "others")
    try bench.load("X | U9 | 9 | 0")
    let mine = try Report.bench(in: bench.center)
    try mine.load("A | U1 | 1 | 5", "B | U1 | 2 | 6", as: mine.batch("B2"))
    let outcome = try mine.load("X | U1 | 1 | 5", "C | U1 | 2 | 7", "X | U1 | 2 | 8", as: mine.batch("B3"))
    #expect(outcome.counted == "inserted 1 rejected 2 vanished 1")
    #expect(outcome.findings == ["1 reject key.other_pipeline code", "3 reject key.other_pipeline code"])
    #expect(
      try mine.lines == ["A | U1 | 1 | 5 | B2", "C | U1 | 2 | 7 | B3", "X | U9 | 9 | 0 | B1"])
  }

  @Test("rows of another pipeline in the same slice stay")
  func otherPipeline() throws {
    let other = try Bench(.merge, pipeline: "others", Report.line)
    try other.load("X | U1 | 1 | 0")
    let mine = try Report.bench(in: other.center)
    try mine.load("A | U1 | 1 | 5", as: mine.batch("B2"))
    #expect(try mine.load("B | U1 | 1 | 5", as: mine.batch("B3")).counted == "inserted 1 vanished 1")
    #expect(try mine.center.rows("SELECT code FROM line ORDER BY 1") == ["B", "X"])
  }

  @Test(
    "a part of the records deletes nothing, and the slice is the batch's from then on",
    arguments: [true, false])
  func parts(isReplay: Bool) throws {
    let bench = try Report.bench()
    try bench.load("A | U1 | 1 | 5")
    var part = bench.batch("B2", isReplay: isReplay, only: isReplay ? [7] : nil)
    part.isCut = !isReplay
    #expect(try bench.load("B | U1 | 1 | 6", as: part).counted == "inserted 1")
    #expect(try bench.lines == ["A | U1 | 1 | 5 | B1", "B | U1 | 1 | 6 | B2"])
    let old = bench.batch("B1", attempt: 2, isReplay: true)
    #expect(try bench.load("A | U1 | 1 | 5", as: old).counted == "stale 1")
    #expect(
      try bench.load("B | U1 | 1 | 6", as: bench.batch("B2", attempt: 2)).counted == "unchanged 1 vanished 1")
  }

  @Test("a dry run names the rows that would vanish, and leaves everything as it is")
  func dryRun() throws {
    let bench = try Report.bench()
    try bench.load("A | U1 | 1 | 5", "B | U1 | 1 | 6")
    let outcome = try bench.load("B | U1 | 1 | 7", as: bench.batch("B2", isDryRun: true))
    #expect(outcome.counted == "updated 1 vanished 1")
    #expect(outcome.changes.map { "\($0.outcome) \($0.key)" } == ["updated B", "vanished A"])
    #expect(try bench.lines == ["A | U1 | 1 | 5 | B1", "B | U1 | 1 | 6 | B1"])
    // Nor is the slice the batch's that only looked.
    #expect(
      try bench.load("A | U1 | 1 | 5", as: bench.batch("B1", attempt: 2)).counted == "unchanged 1 vanished 1")
  }

  @Test("of records of one key the last stands, and each slice that came is replaced")
  func duplicates() throws {
    let bench = try Report.bench()
    try bench.load("A | U1 | 1 | 5", "B | U1 | 1 | 6", "C | U2 | 1 | 7")
    let outcome = try bench.load("A | U1 | 1 | 9", "A | U2 | 1 | 9", "D | U3 | 1 | 1", "D | U3 | 1 | 2")
    #expect(outcome.counted == "inserted 1 updated 1 duplicate 2 vanished 2")
    #expect(try bench.lines == ["A | U2 | 1 | 9 | B2", "D | U3 | 1 | 2 | B2"])
  }

  @Test("rows changed by hand are put right, and those added by hand go")
  func byHand() throws {
    let bench = try Report.bench()
    try bench.load("A | U1 | 1 | 5", "B | U1 | 1 | 6")
    try bench.center.execute(
      """
      UPDATE line SET spent = 0, unit = 'U7' WHERE code = 'A';
      DELETE FROM line WHERE code = 'B';
      INSERT INTO line VALUES ('Z', 'U1', 1, 1, 'B1', 'reports', '')
      """)
    #expect(
      try bench.load("A | U1 | 1 | 5", "B | U1 | 1 | 6").counted == "inserted 1 updated 1 vanished 1")
    #expect(try bench.lines == ["A | U1 | 1 | 5 | B2", "B | U1 | 1 | 6 | B2"])
  }

  @Test("rows that the pipeline had loaded before it replaced slices are replaced like all")
  func formerMode() throws {
    let before = try Bench(.merge, pipeline: "reports", Report.line)
    try before.load("A | U1 | 1 | 5", "B | U1 | 2 | 5")
    let bench = try Report.bench(in: before.center)
    #expect(try bench.load("C | U1 | 1 | 5", as: bench.batch("B2")).counted == "inserted 1 vanished 1")
    #expect(try bench.center.rows("SELECT code FROM line ORDER BY 1") == ["B", "C"])
  }

  @Test("slices that other fields name now are not overwritten by an older batch")
  func otherFields() throws {
    let before = try Report.bench()
    try before.load("A | U1 | 1 | 5", "B | U2 | 1 | 5")
    try before.load("A | U1 | 1 | 6")
    let bench = try Bench(.replaceSlice, slice: ["unit"], pipeline: "reports", Report.line, in: before.center)
    let replay = bench.batch("B1", attempt: 2, isReplay: true)
    #expect(try bench.load("A | U1 | 1 | 5", "B | U2 | 1 | 5", as: replay).counted == "unchanged 1 stale 1")
    #expect(try bench.load("C | U1 | 1 | 7", as: bench.batch("B3")).counted == "inserted 1 vanished 1")
  }

  @Test("says which slices another batch of the run had brought, and hides personal values")
  func twice() throws {
    var kind = Report.line
    kind.entity.fields[1].personal = .basic
    let bench = try Report.bench(kind)
    func twice(_ batch: LoadBatch, _ lines: String...) throws -> [String] {
      let session = try bench.connection.begin(batch)
      try session.load(TableBuilder.chunk(lines.map { TestRecord($0) }, of: kind))
      guard case .loaded(var counters, _) = try session.finish() else { return ["again"] }
      counters.read = counters.accountedFor
      try session.commit(counters)
      return session.slicesTwice.map { "\($0.entity) \($0.slice) \($0.earlier)" }
    }
    #expect(try twice(bench.batch("B1"), "A | U1 | 1 | 5", "B | U2 | 1 | 5") == [])
    #expect(
      try twice(bench.batch("B2"), "C | U1 | 1 | 5", "D | U3 | 1 | 5") == ["line unit •••, period 1 B1"])
    var next = bench.batch("B3")
    next.run = "R2"
    #expect(try twice(next, "C | U1 | 1 | 5") == [])
  }

  @Test("many slices and keys go through temporary files")
  func many() throws {
    let bench = try Report.bench(keysInMemory: 50)
    func records(_ spent: Int, _ numbers: some Sequence<Int>) -> [TestRecord] {
      // Neighbours are of different slices.
      numbers.map { TestRecord("K\($0) | U\($0 % 331) | \($0 % 7) | \(spent)") }
    }
    try bench.load([records(1, 0..<3000)])
    let odd = stride(from: 1, to: 3000, by: 2)
    #expect(try bench.load([records(1, odd)]).counted == "unchanged 1500 vanished 683")
    #expect(try bench.center.rows("SELECT count(*) FROM line") == ["2317"])
  }

  @Test("makes an index only once rows stand, and none where the key begins with the slice")
  func index() throws {
    func indexes(_ bench: Bench) throws -> [String] {
      try bench.center.rows("SELECT name FROM sqlite_schema WHERE name LIKE '_slices%'")
    }
    let bench = try Report.bench()
    try bench.load("A | U1 | 1 | 5")
    #expect(try indexes(bench) == [])
    try bench.load("A | U1 | 1 | 5")
    #expect(try indexes(bench) == ["_slices_of_line.period.unit"])
    var keyed = Report.line
    keyed.entity.key = ["period", "unit", "code"]
    let other = try Report.bench(keyed)
    try other.load("A | U1 | 1 | 5")
    try other.load("A | U1 | 1 | 5")
    #expect(try indexes(other) == [])
    #expect(try other.load("B | U1 | 1 | 5").counted == "inserted 1 vanished 1")
  }

  @Test("asks for slice fields that are mapped", arguments: [[], ["unit", "year"]])
  func unmapped(slice: [String]) {
    let failure = #expect(throws: StageFailure.self) {
      _ = try Bench(.replaceSlice, slice: slice, Report.line)
    }
    #expect(failure?.id == "load.slice-not-mapped")
  }

  @Test("a batch that is given up leaves the slice as it was")
  func aborted() throws {
    let bench = try Report.bench()
    try bench.load("A | U1 | 1 | 5")
    let session = try bench.connection.begin(bench.batch())
    try session.load(TableBuilder.chunk([TestRecord("B | U1 | 1 | 6")], of: Report.line))
    _ = try session.finish()
    session.abort()
    #expect(try bench.lines == ["A | U1 | 1 | 5 | B1"])
    #expect(try bench.load("A | U1 | 1 | 5", as: bench.batch("B1", attempt: 2)).counted == "unchanged 1")
  }
}

@Suite("Replacing the slices that a run brings over several batches")
struct SliceRunTests {
  private func bench() throws -> Bench {
    try Bench(.replaceSlice, slice: Report.slice, unit: .run, Report.line)
  }

  /// Stages pages and publishes them together.
  private func run(_ bench: Bench, _ name: String, _ pages: [String: [String]]) throws -> [String] {
    let names = pages.keys.sorted()
    let batches = names.map { page in
      var batch = bench.batch(page)
      batch.run = name
      batch.unit = names[0]
      return batch
    }
    for batch in batches {
      try bench.load([(pages[batch.batch] ?? []).map { TestRecord($0) }], as: batch)
    }
    let counters = try bench.connection.publish(run: name, batches: batches)
    return names.map { counters[$0]?.counted ?? "nothing" }
  }

  @Test("a slice is what all batches of the run hold of it")
  func union() throws {
    let bench = try bench()
    #expect(
      try run(
        bench, "R1",
        ["B1": ["A | U1 | 1 | 5", "B | U1 | 1 | 6"], "B2": ["C | U1 | 1 | 7", "D | U2 | 1 | 8"]])
        == ["inserted 2", "inserted 2"])
    #expect(
      try run(bench, "R2", ["B3": ["A | U1 | 1 | 5"], "B4": ["C | U1 | 1 | 9", "E | U1 | 1 | 1"]])
        == ["unchanged 1", "inserted 1 updated 1 vanished 1"])
    #expect(
      try bench.lines == [
        "A | U1 | 1 | 5 | B1", "C | U1 | 1 | 9 | B4", "D | U2 | 1 | 8 | B2", "E | U1 | 1 | 1 | B4",
      ])
  }

  @Test("the last record of a key stands, and the slice that lost it is replaced too")
  func moved() throws {
    let bench = try bench()
    _ = try run(bench, "R1", ["B1": ["A | U1 | 1 | 5", "B | U1 | 1 | 6"]])
    #expect(
      try run(bench, "R2", ["B2": ["A | U1 | 1 | 5"], "B3": ["A | U2 | 1 | 5"]])
        == ["duplicate 1", "updated 1 vanished 1"])
    #expect(try bench.lines == ["A | U2 | 1 | 5 | B3"])
  }

  @Test("an earlier run again leaves slices that a later one brought")
  func stale() throws {
    let bench = try bench()
    let first = ["B1": ["A | U1 | 1 | 5", "B | U2 | 1 | 6"], "B2": ["C | U2 | 1 | 7"]]
    _ = try run(bench, "R1", first)
    _ = try run(bench, "R2", ["B3": ["D | U1 | 1 | 1"]])
    #expect(try run(bench, "R3", first) == ["unchanged 1 stale 1", "unchanged 1"])
    #expect(try bench.center.rows("SELECT code FROM line ORDER BY 1") == ["B", "C", "D"])
  }

  @Test("single records of a page go in at once, delete nothing, and leave the run its slice")
  func part() throws {
    let bench = try bench()
    let pages = ["B1": ["A | U1 | 1 | 5"], "B2": ["B | U1 | 1 | 6"]]
    _ = try run(bench, "R1", pages)
    var part = bench.batch("B2", attempt: 2, isReplay: true, only: [9])
    part.unit = "B1"
    #expect(try bench.load("C | U1 | 1 | 7", as: part).counted == "inserted 1")
    #expect(try bench.lines.count == 3)
    #expect(try run(bench, "R2", pages) == ["unchanged 1", "unchanged 1 vanished 1"])
  }

  @Test("rehearsed, it says what would become of every row, and leaves all as it is")
  func rehearsed() throws {
    let bench = try bench()
    _ = try run(bench, "R1", ["B1": ["A | U1 | 1 | 5", "B | U1 | 1 | 6"]])
    var batch = bench.batch("B2")
    batch.run = "R2"
    try bench.load("B | U1 | 1 | 7", as: batch)
    let found = try bench.connection.rehearse(run: "R2", batches: [batch])
    guard case .loaded(let counters, let changes) = found["B2"] else { return #expect(Bool(false)) }
    #expect(counters.counted == "updated 1 vanished 1")
    #expect(changes.map { "\($0.outcome) \($0.key)" } == ["updated B", "vanished A"])
    #expect(try bench.lines == ["A | U1 | 1 | 5 | B1", "B | U1 | 1 | 6 | B1"])
  }
}
