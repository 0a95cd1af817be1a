// SPDX-License-Identifier: Apache-2.0

import Components
import PipelineTesting
import Records
import Testing

@testable import Loaders

@Suite("References between entities")
struct ReferenceTests {
  private static let unit = EntitySchema(
    name: "unit", key: ["code"],
    fields: [
      EntityField(name: "code", type: .text),
      EntityField(name: "parent", type: .text, references: EntityReference(entity: "unit", field: "code")),
      EntityField(name: "tax_code", type: .text),
    ])
  private static let units = LoadKind(entity: unit, mapped: ["code", "parent", "tax_code"])
  private static let desk = LoadKind(
    entity: EntitySchema(
      name: "desk", key: ["desk"],
      fields: [
        EntityField(name: "desk", type: .text),
        EntityField(
          name: "unit", type: .text, references: EntityReference(entity: "unit", field: "code"),
          personal: .basic),
        EntityField(
          name: "taxed", type: .text, references: EntityReference(entity: "unit", field: "tax_code")),
      ]), mapped: ["desk", "unit", "taxed"],
    children: [
      LoadKind(
        entity: EntitySchema(
          name: "drawer", key: ["number"],
          fields: [
            EntityField(name: "number", type: .integer),
            EntityField(
              name: "owner", type: .text, references: EntityReference(entity: "unit", field: "code")),
          ], parent: "desk"), mapped: ["number", "owner"])
    ])

  private func desk(_ line: String, _ drawers: String...) -> TestRecord {
    TestRecord(line, children: [drawers.map { TestRecord($0) }])
  }

  @Test("a record that refers to nothing is rejected, also where the table is missing or empty")
  func missing() throws {
    let bench = try Bench(.merge, Self.desk, others: [Self.unit])
    let outcome = try bench.load([[desk("D1 | U1 | -"), desk("D2 | - | -")]])
    #expect(outcome.counted == "inserted 1 rejected 1")
    #expect(outcome.findings == ["1 reject references.unit unit"])
    #expect(outcome.passes == 1)
    let failure = outcome.failures[1]?.first
    #expect(failure?.value == "U1")
    #expect(failure?.personal == .basic)
  }

  @Test("finds rows that other pipelines loaded, by key and by other fields")
  func found() throws {
    let units = try Bench(.merge, pipeline: "units", Self.units)
    try units.load("U1 | - | T1", "U2 | - | -")
    let bench = try Bench(.merge, Self.desk, others: [Self.unit], in: units.center)
    let outcome = try bench.load([[desk("D1 | U1 | T1"), desk("D2 | U2 | T2"), desk("D3 | U1 | -")]])
    #expect(outcome.findings == ["2 reject references.unit taxed"])
    #expect(
      try bench.center.rows("SELECT name FROM sqlite_schema WHERE name LIKE '\\_referenced%' ESCAPE '\\'")
        == ["_referenced_unit.tax_code"])
  }

  @Test("a child's reference rejects its record")
  func child() throws {
    let units = try Bench(.merge, pipeline: "units", Self.units)
    try units.load("U1 | - | -")
    let bench = try Bench(.merge, Self.desk, others: [Self.unit], in: units.center)
    let outcome = try bench.load([[desk("D1 | U1 | -", "1 | U1", "2 | U9"), desk("D2 | U1 | -", "1 | U1")]])
    #expect(outcome.findings == ["1 reject references.unit drawer[2].owner"])
    #expect(try bench.center.rows("SELECT desk, number FROM drawer") == ["D2 | 1"])
  }

  @Test("a record may refer to one that comes later in its batch")
  func forward() throws {
    let bench = try Bench(.merge, Self.units)
    let outcome = try bench.load([
      [TestRecord("U2 | U1 | -"), TestRecord("U3 | U3 | -")], [TestRecord("U1 | - | -")],
    ])
    #expect(outcome.counted == "inserted 3")
    #expect(outcome.passes == 1)
  }

  @Test("what refers to a rejected record is rejected with it")
  func chain() throws {
    let bench = try Bench(.merge, Self.units)
    let outcome = try bench.load("U3 | U2 | -", "U2 | U1 | -", "U4 | - | -")
    #expect(outcome.counted == "inserted 1 rejected 2")
    #expect(outcome.findings == ["1 reject references.unit parent", "2 reject references.unit parent"])
    #expect(try bench.center.rows("SELECT code FROM unit") == ["U4"])
  }

  @Test("when the record that stood for a key is rejected, the other one stands")
  func loserComesBack() throws {
    let bench = try Bench(.merge, Self.units)
    try bench.load("U1 | - | a")
    let outcome = try bench.load("U1 | - | b", "U1 | U9 | c")
    #expect(outcome.counted == "updated 1 rejected 1")
    #expect(try bench.center.rows("SELECT code, tax_code FROM unit") == ["U1 | b"])
  }

  @Test("in replace, records refer to what earlier batches of the run put aside")
  func staged() throws {
    let bench = try Bench(.replace, Self.units)
    let batches = [bench.batch(), bench.batch()]
    try bench.load("U1 | - | -", as: batches[0])
    let outcome = try bench.load("U2 | U1 | -", "U3 | U9 | -", as: batches[1])
    #expect(outcome.counted == "inserted 1 rejected 1")
    _ = try bench.connection.publish(run: "R1", batches: batches)
    #expect(try bench.center.rows("SELECT code FROM unit ORDER BY code") == ["U1", "U2"])
  }
}
