// SPDX-License-Identifier: Apache-2.0

import Components
import PipelineTesting
import Records
import Testing

@testable import Validators

@Suite("Rules of nested rows")
struct NestedRowTests {
  private let term = EntitySchema(
    name: "term", key: ["line"],
    fields: [
      EntityField(name: "line", type: .integer), EntityField(name: "text", type: .text, maximumLength: 2),
    ],
    parent: "e")

  private func contracts(dropping: Bool, below: [ChildPlan] = []) -> TransformPlan {
    plan(
      EntitySchema(name: "e", key: ["k"], fields: [EntityField(name: "k", type: .text)]),
      children: [ChildPlan(map: map(term, children: below), dropsBadChildren: dropping)])
  }

  private let records = [
    TestRecord("A", children: [[TestRecord("1 | ab")]]),
    TestRecord("B", children: [[TestRecord("1 | ab"), TestRecord("- | abc")]]),
  ]

  @Test("reject their record, which names their number within their parent")
  func rejected() throws {
    let plan = contracts(dropping: false)
    let chunk = chunk(records, plan)
    try judge(chunk, plan)
    #expect(
      lines(chunk.failures) == [
        "1 required term[2].line: 'line' is required and has no value",
        "1 length term[2].text 'abc': 'abc' is longer than 2 characters",
      ])
    #expect(fates(chunk.table) == [.live, .rejected])
    #expect(fates(chunk.table.children[0]) == [.live, .live, .live])
  }

  @Test("are dropped and noted where the list says `rejects: child`")
  func dropped() throws {
    let plan = contracts(dropping: true)
    let chunk = chunk(records, plan)
    try judge(chunk, plan)
    #expect(
      lines(chunk.failures) == [
        "note 1 required term[2].line: 'line' is required and has no value",
        "note 1 length term[2].text 'abc': 'abc' is longer than 2 characters",
      ])
    #expect(fates(chunk.table) == [.live, .live])
    #expect(fates(chunk.table.children[0]) == [.live, .live, .rejected])
  }

  @Test("are not called missing where the transformer dropped them for that value")
  func droppedBefore() throws {
    let plan = contracts(dropping: true)
    let chunk = chunk(
      [TestRecord("A", children: [[TestRecord("- | ab", fate: .rejected), TestRecord("- | ab")]])], plan)
    chunk.add(
      Failure(kind: .note, row: 0, rule: "type.integer", field: "term[1].line", value: "x", message: "no"))
    try judge(chunk, plan)
    #expect(
      lines(Array(chunk.failures.dropFirst())) == [
        "note 0 required term[2].line: 'line' is required and has no value"
      ])
  }

  @Test("take what is nested under them along when they are dropped")
  func grandchildren() throws {
    let note = EntitySchema(
      name: "note", fields: [EntityField(name: "t", type: .text, maximumLength: 1)], parent: "term")
    let plan = contracts(dropping: true, below: [ChildPlan(map: map(note))])
    let chunk = chunk(
      [
        TestRecord(
          "A",
          children: [
            [
              TestRecord("1 | x", children: [[TestRecord("a")]]),
              TestRecord("2 | x", children: [[TestRecord("a"), TestRecord("bb")]]),
            ]
          ])
      ], plan)
    try judge(chunk, plan)
    #expect(
      lines(chunk.failures) == ["note 0 length term[2].note[2].t 'bb': 'bb' is longer than 1 character"])
    #expect(fates(chunk.table) == [.live])
    #expect(fates(chunk.table.children[0]) == [.live, .rejected])
    #expect(fates(chunk.table.children[0].children[0]) == [.live, .rejected, .rejected])
  }
}
