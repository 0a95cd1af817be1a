// SPDX-License-Identifier: Apache-2.0

import Components
import PipelineTesting
import Records
import Testing

@testable import Loaders

/// Units below units: `code | parent | opened | closed`.
enum UnitGraph {
  static func unit(
    missing: ReferenceRules.Outcome = .reject, closed: ReferenceRules.Outcome? = .reject,
    personal: PersonalClass = .none
  ) -> LoadKind {
    LoadKind(
      entity: EntitySchema(
        name: "unit", key: ["code"],
        fields: [
          EntityField(name: "code", type: .text, personal: personal),
          EntityField(
            name: "parent", type: .text, references: EntityReference(entity: "unit", field: "code"),
            referenceRules: ReferenceRules(
              whenMissing: missing, isAcyclic: true,
              open: closed.map {
                OpenRule(from: "opened", to: "closed", at: ["opened", "closed"], otherwise: $0)
              }), personal: personal),
          EntityField(name: "opened", type: .date), EntityField(name: "closed", type: .date),
        ]), mapped: ["code", "parent", "opened", "closed"])
  }

  /// `entry | unit | effective_on`, which must be open then.
  static func entry(_ otherwise: ReferenceRules.Outcome = .note) -> LoadKind {
    LoadKind(
      entity: EntitySchema(
        name: "entry", key: ["entry"],
        fields: [
          EntityField(name: "entry", type: .text),
          EntityField(
            name: "unit", type: .text, references: EntityReference(entity: "unit", field: "code"),
            referenceRules: ReferenceRules(
              whenMissing: .note,
              open: OpenRule(from: "opened", to: "closed", at: ["effective_on"], otherwise: otherwise))),
          EntityField(name: "effective_on", type: .date),
        ]), mapped: ["entry", "unit", "effective_on"])
  }
}

extension LoadDriver.Outcome {
  /// `2 reject references.cycle: message` for each finding, by ordinal.
  fileprivate var said: [String] {
    failures.sorted { $0.key < $1.key }.flatMap { ordinal, found in
      found.map { "\(ordinal) \($0.kind.rawValue) \($0.rule) \($0.field): \($0.message)" }
    }
  }
}

@Suite("References that must not lead back")
struct CycleTests {
  @Test("rejects the records of a cycle, names it, and then what is below it")
  func cycle() throws {
    let bench = try Bench(.merge, UnitGraph.unit())
    let outcome = try bench.load(
      "A | B | - | -", "B | C | - | -", "C | A | - | -", "D | C | - | -", "E | - | - | -", "F | F | - | -")
    #expect(
      outcome.said == [
        "1 reject references.cycle parent: following 'parent' comes back to this record: A → B → C → A",
        "2 reject references.cycle parent: following 'parent' comes back to this record: B → C → A → B",
        "3 reject references.cycle parent: following 'parent' comes back to this record: C → A → B → C",
        "4 reject references.unit parent: no row of 'unit' has this value in 'code'",
        "6 reject references.cycle parent: following 'parent' comes back to this record: F → F",
      ])
    #expect(outcome.counted == "inserted 1 rejected 5")
    #expect(try bench.center.rows("SELECT code FROM unit") == ["E"])
  }

  @Test("with 'else: note' what is below a rejected cycle is loaded with a note")
  func noted() throws {
    let bench = try Bench(.merge, UnitGraph.unit(missing: .note))
    let outcome = try bench.load("A | A | - | -", "B | A | - | -", "C | X | - | -")
    #expect(
      outcome.findings == [
        "1 reject references.cycle parent", "2 note references.unit parent", "3 note references.unit parent",
      ])
    #expect(outcome.counted == "inserted 2 rejected 1")
  }

  @Test("changes that close a cycle only together, through rows of the center, are rejected; those rows stay")
  func together() throws {
    let bench = try Bench(.merge, UnitGraph.unit())
    try bench.load("A | - | - | -", "B | A | - | -", "C | B | - | -", "D | - | - | -", "E | D | - | -")
    let outcome = try bench.load("A | E | - | -", "D | C | - | -")
    #expect(outcome.findings == ["1 reject references.cycle parent", "2 reject references.cycle parent"])
    #expect(
      outcome.failures[1]?.first?.message
        == "following 'parent' comes back to this record: A → E → D → C → B → A")
    #expect(try bench.center.rows("SELECT code FROM unit WHERE parent IS NULL ORDER BY 1") == ["A", "D"])
    let alone = try bench.load("A | E | - | -")
    #expect(alone.counted == "updated 1")
  }

  @Test("a cycle that stands already is passed by, and its own records are rejected when they come again")
  func standing() throws {
    let before = try Bench(.merge, UnitGraph.unit(closed: nil))
    try before.load("A | - | - | -", "B | A | - | -", "C | - | - | -")
    try before.center.execute("UPDATE unit SET parent = 'B' WHERE code = 'A'")
    let bench = try Bench(.merge, UnitGraph.unit(), in: before.center)
    #expect(try bench.load("C | B | - | -", "D | C | - | -").counted == "inserted 1 updated 1")
    #expect(try bench.load("A | B | - | -").findings == ["1 reject references.cycle parent"])
  }

  @Test("of two records of one key only the one that stands is walked from")
  func duplicates() throws {
    let bench = try Bench(.merge, UnitGraph.unit())
    let outcome = try bench.load("A | B | - | -", "B | A | - | -", "A | - | - | -")
    #expect(outcome.findings == ["1 note duplicate "])
    #expect(try bench.center.rows("SELECT code, parent FROM unit") == ["B | A", "A | NULL"])
  }

  @Test("a long chain is walked once, a long cycle is told by its beginning")
  func long() throws {
    let bench = try Bench(.append, UnitGraph.unit())
    let lines = (0..<2000).map { TestRecord("U\($0) | U\(($0 + 1) % 2000) | - | -") }
    let outcome = try bench.load([lines])
    #expect(outcome.counters.rejected == 2000)
    #expect(
      outcome.failures[2000]?.first?.message
        == "following 'parent' comes back to this record: U1999 → U0 → U1 → U2 → U3 → U4 → … → U1999 (2000 steps)"
    )
    let open = try bench.load([[TestRecord("U1999 | - | - | -")] + lines.dropLast()])
    #expect(open.counted == "inserted 2000")
  }

  @Test("says nothing of codes that are personal")
  func personal() throws {
    let bench = try Bench(.merge, UnitGraph.unit(personal: .basic))
    let outcome = try bench.load("A | B | - | -", "B | A | - | -")
    #expect(
      outcome.failures[1]?.first?.message == "following 'parent' comes back to this record after 2 steps")
  }

  @Test("in replace_slice, rows that the slice loses lead nowhere")
  func sliced() throws {
    var kind = UnitGraph.unit(missing: .note, closed: nil)
    kind.entity.fields.append(EntityField(name: "year", type: .integer))
    kind.mapped.append("year")
    let bench = try Bench(.replaceSlice, slice: ["year"], kind)
    try bench.load("A | - | - | - | 1", "B | A | - | - | 1")
    let outcome = try bench.load("A | B | - | - | 1")
    #expect(outcome.counters.rejected == 0)
    #expect(try bench.center.rows("SELECT code, parent FROM unit") == ["A | B"])
  }

  @Test("in replace_slice of a run, rows of the pipeline's other slices stand beside those put aside")
  func slicedTogether() throws {
    var kind = UnitGraph.unit(missing: .note, closed: nil)
    kind.entity.fields.append(EntityField(name: "year", type: .integer))
    kind.mapped.append("year")
    let bench = try Bench(.replaceSlice, slice: ["year"], unit: .run, kind)
    let first = bench.batch()
    try bench.load("A | - | - | - | 1", "B | A | - | - | 2", as: first)
    _ = try bench.connection.publish(run: "R1", batches: [first])
    let outcome = try bench.load("A | B | - | - | 1")
    #expect(outcome.findings == ["1 reject references.cycle parent"])
  }

  @Test("in replace, what stands after the run is looked at: rows put aside, not those they replace")
  func replacing() throws {
    let bench = try Bench(.replace, UnitGraph.unit())
    let first = bench.batch()
    try bench.load("A | - | - | -", "B | A | - | -", as: first)
    _ = try bench.connection.publish(run: "R1", batches: [first])
    // A stood above B; now it is the other way round.
    let turned = [bench.batch(), bench.batch()]
    #expect(try bench.load("B | - | - | -", "A | B | - | -", as: turned[0]).counted == "inserted 2")
    let outcome = try bench.load("C | D | - | -", "D | C | - | -", "B | A | - | -", as: turned[1])
    #expect(outcome.findings.map { $0.prefix(25) } == (1...3).map { "\($0) reject references.cycle" })
    _ = try bench.connection.publish(run: "R1", batches: turned)
    #expect(try bench.center.rows("SELECT code, parent FROM unit ORDER BY 1") == ["A | B", "B | NULL"])
  }
}

@Suite("References to rows that must be open")
struct OpenReferenceTests {
  @Test(
    "holds the child's days against the parent's, wherever the parent stands in the batch",
    arguments: [
      ("2020-01-01 | 2020-12-31", nil),
      ("2010-01-01 | 2020-12-31", nil),
      ("- | 2015-01-01", nil),
      ("2009-12-31 | 2015-01-01", "from 2009-12-31 to 2015-01-01"),
      ("2020-01-01 | 2021-01-01", "from 2020-01-01 to 2021-01-01"),
      ("2020-01-01 | -", "from 2020-01-01 on"),
      ("- | -", "without an end"),
      ("- | 2009-01-01", "on 2009-01-01"),
    ])
  func span(days: String, said: String?) throws {
    let expected = said.map {
      "the row of 'unit' is open from 2010-01-01 to 2020-12-31, and this record refers to it \($0)"
    }
    let parent = "P | - | 2010-01-01 | 2020-12-31"
    for lines in [[parent, "C | P | \(days)"], ["C | P | \(days)", parent]] {
      let bench = try Bench(.merge, UnitGraph.unit())
      let outcome = try bench.load([lines.map { TestRecord($0) }])
      #expect(outcome.failures.values.flatMap { $0 }.map(\.message) == (expected.map { [$0] } ?? []))
      #expect(outcome.counters.rejected == (expected == nil ? 0 : 1))
    }
  }

  @Test("a row without bounds is always open, and one without a beginning was open before")
  func unbounded() throws {
    let bench = try Bench(.merge, UnitGraph.unit())
    let outcome = try bench.load(
      "P | - | - | -", "C | P | - | -", "Q | - | - | 2020-12-31", "D | Q | 1990-01-01 | 2000-01-01",
      "E | Q | 1990-01-01 | 2021-01-01")
    #expect(outcome.findings == ["5 reject references.closed parent"])
    #expect(outcome.failures[5]?.first?.message.contains("open until 2020-12-31") == true)
  }

  @Test("an entry is held against the unit on its day, at once; a missing unit is noted")
  func entries() throws {
    let units = try Bench(.merge, pipeline: "units", UnitGraph.unit())
    try units.load("U | - | 2010-01-01 | 2020-12-31", "V | - | 2010-01-01 | -")
    let bench = try Bench(.merge, UnitGraph.entry(), others: [UnitGraph.unit().entity], in: units.center)
    let outcome = try bench.load(
      "1 | U | 2020-12-31", "2 | U | 2021-01-01", "3 | V | -", "4 | U | -", "5 | X | 2020-01-01", "6 | - | -",
      "7 | U | 2009-12-31")
    #expect(
      outcome.said == [
        "2 note references.closed unit: the row of 'unit' is open from 2010-01-01 to 2020-12-31, and this record "
          + "refers to it on 2021-01-01",
        "4 note references.closed unit: the row of 'unit' is open from 2010-01-01 to 2020-12-31, and this record "
          + "refers to it without an end",
        "5 note references.unit unit: no row of 'unit' has this value in 'code'",
        "7 note references.closed unit: the row of 'unit' is open from 2010-01-01 to 2020-12-31, and this record "
          + "refers to it on 2009-12-31",
      ])
    #expect(outcome.counted == "inserted 7")
    #expect(outcome.passes == 1)
  }

  @Test(
    "a parent that the batch closes later is judged as closed, and a record without its days is not judged")
  func later() throws {
    let bench = try Bench(.merge, UnitGraph.unit())
    try bench.load("P | - | - | -", "C | P | - | -")
    let outcome = try bench.load("C | P | 2012-01-01 | -", "P | - | - | 2020-12-31")
    #expect(outcome.findings == ["1 reject references.closed parent", "2 note references.closed closed"])
    let kind = LoadKind(entity: UnitGraph.unit().entity, mapped: ["code", "parent"])
    let partial = try Bench(.merge, kind, in: bench.center)
    #expect(try partial.load("D | P").findings.isEmpty)
  }

  @Test("a closed row is noted with the number of rows that stand open below it, untouched")
  func below() throws {
    let units = try Bench(.merge, pipeline: "units", UnitGraph.unit(), others: [UnitGraph.entry().entity])
    try units.load(
      "P | - | - | -", "A | P | - | -", "B | P | - | -", "C | P | - | 2019-12-31", "Q | - | - | 2025-01-01")
    let entries = try Bench(
      .merge, pipeline: "entries", UnitGraph.entry(), others: [UnitGraph.unit().entity], in: units.center)
    try entries.load("1 | P | 2021-01-01", "2 | P | 2020-01-01", "3 | Q | 2020-01-01")
    let outcome = try units.load("P | - | - | 2020-12-31", "Q | - | - | 2024-01-01")
    #expect(
      outcome.said == [
        "1 note references.closed closed: 1 row of 'entry' refers to it by 'unit' for days on which it is not open",
        "1 note references.closed closed: 2 rows of 'unit' refer to it by 'parent' for days on which it is not open",
      ])
    #expect(try units.load("P | - | - | 2020-12-31").findings.isEmpty)
  }

  @Test("in replace, the days are those of rows put aside")
  func replacing() throws {
    let bench = try Bench(.replace, UnitGraph.unit())
    let first = bench.batch()
    try bench.load("P | - | - | -", "C | P | - | -", as: first)
    _ = try bench.connection.publish(run: "R1", batches: [first])
    let batches = [bench.batch(), bench.batch()]
    try bench.load("P | - | - | 2020-12-31", as: batches[0])
    let outcome = try bench.load("C | P | - | -", "D | P | - | 2019-01-01", as: batches[1])
    #expect(outcome.findings == ["1 reject references.closed parent"])
  }

  @Test("a child row's reference is judged by the child's days")
  func nested() throws {
    let units = try Bench(.merge, pipeline: "units", UnitGraph.unit())
    try units.load("U | - | 2010-01-01 | -")
    var line = UnitGraph.entry(.reject)
    line.entity.parent = "bill"
    let bill = LoadKind(
      entity: EntitySchema(name: "bill", key: ["bill"], fields: [EntityField(name: "bill", type: .text)]),
      mapped: ["bill"], children: [line])
    let bench = try Bench(.merge, bill, others: [UnitGraph.unit().entity], in: units.center)
    let outcome = try bench.load([
      [
        TestRecord("B1", children: [[TestRecord("1 | U | 2011-01-01"), TestRecord("2 | U | 2009-01-01")]]),
        TestRecord("B2", children: [[TestRecord("1 | U | 2011-01-01")]]),
      ]
    ])
    #expect(outcome.findings == ["1 reject references.closed entry[2].unit"])
  }
}
