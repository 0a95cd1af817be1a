// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineTesting
import Records
import Testing

@testable import Validators

@Suite("Rules of the shared schema")
struct SchemaTests {
  private func judged(_ field: EntityField, _ cells: [String]) throws -> [String] {
    let plan = plan(EntitySchema(name: "e", fields: [field]))
    let chunk = chunk(cells.map { TestRecord($0) }, plan)
    try judge(chunk, plan)
    return lines(chunk.failures)
  }

  private static let nines = String(repeating: "9", count: 38)

  @Test(
    "rejects what a field does not allow, with value and bound",
    arguments: [
      (
        EntityField(name: "f", type: .text, isRequired: true), "x|-|~",
        ["1 required f: 'f' is required and has no value", "2 required f: 'f' is required and has no value"]
      ),
      (
        EntityField(name: "f", type: .text, pattern: "[A-Z0-9.]{6,20}"), "H25.01|abc|-|~",
        ["1 pattern f 'abc': 'abc' does not have the form [A-Z0-9.]{6,20}"]
      ),
      (
        EntityField(name: "f", type: .integer, minimum: "-5", maximum: "10"), "-5|10|-6|11|-",
        [
          "2 minimum f '-6': '-6' is less than the minimum -5",
          "3 maximum f '11': '11' is more than the maximum 10",
        ]
      ),
      (
        EntityField(name: "f", type: .decimal(precision: 18, scale: 2), minimum: "0", maximum: "1.5"),
        "0|1.50|1.51|2",
        [
          "2 maximum f '1.51': '1.51' is more than the maximum 1.5",
          "3 maximum f '2.00': '2.00' is more than the maximum 1.5",
        ]
      ),
      (
        EntityField(name: "f", type: .date, minimum: "1900-01-01"), "1899-12-31|1900-01-01|-",
        ["0 minimum f '1899-12-31': '1899-12-31' is before the minimum 1900-01-01"]
      ),
      (
        EntityField(name: "f", type: .timestamp, maximum: "2026-01-01T00:00:00Z"),
        "2026-01-01T00:00:00Z|2026-01-01T00:00:01Z",
        [
          "1 maximum f '2026-01-01T00:00:01Z': '2026-01-01T00:00:01Z' is after the maximum 2026-01-01T00:00:00Z"
        ]
      ),
      (
        EntityField(name: "f", type: .partialDate, minimum: "1985-03", maximum: "1990"),
        "1985|1985-03-01|1985-02|1990-12-31|1991",
        [
          "2 minimum f '1985-02': '1985-02' is before the minimum 1985-03",
          "4 maximum f '1991': '1991' is after the maximum 1990",
        ]
      ),
      (
        EntityField(name: "f", type: .text, minimumLength: 2, maximumLength: 3), "ệ|ệệ|ệệệ|ệệệệ",
        [
          "0 length f 'ệ': 'ệ' is shorter than 2 characters",
          "3 length f 'ệệệệ': 'ệệệệ' is longer than 3 characters",
        ]
      ),
      (
        EntityField(name: "f", type: .text, values: ["b", "a", "Việt"]), "a|b|c|Việt|ab",
        ["2 values f 'c': 'c' is not one of b, a, Việt", "4 values f 'ab': 'ab' is not one of b, a, Việt"]
      ),
      (
        EntityField(name: "f", type: .integer, values: ["2", "1"]), "1|3|2",
        ["1 values f '3': '3' is not one of 2, 1"]
      ),
      (
        EntityField(name: "f", type: .boolean, values: ["true"]), "true|false",
        ["1 values f 'false': 'false' is not one of true"]
      ),
      (
        EntityField(name: "f", type: .decimal(precision: 38, scale: 0), minimum: "-1", maximum: nines),
        "\(nines)|-\(nines)", ["1 minimum f '-\(nines)': '-\(nines)' is less than the minimum -1"]
      ),
    ] as [(EntityField, String, [String])])
  func rules(field: EntityField, cells: String, expected: [String]) throws {
    #expect(try judged(field, cells.split(separator: "|").map(String.init)) == expected)
  }

  @Test("never quotes the value of a personal field in a message")
  func personal() throws {
    let field = EntityField(
      name: "f", type: .text, pattern: "[0-9]*", minimumLength: 5, maximumLength: 2, values: ["1"],
      personal: .basic)
    #expect(
      try judged(field, ["abc"]) == [
        "0 pattern f 'abc': the value does not have the form [0-9]*",
        "0 length f 'abc': the value is shorter than 5 characters",
        "0 length f 'abc': the value is longer than 2 characters",
        "0 values f 'abc': the value is not one of 1",
      ])
    let number = EntityField(name: "f", type: .integer, minimum: "5", personal: .sensitive)
    #expect(try judged(number, ["4"]) == ["0 minimum f '4': the value is less than the minimum 5"])
  }

  @Test("hands on the class of a field and cuts its value at 80 characters")
  func failureParts() throws {
    let field = EntityField(name: "f", type: .text, maximumLength: 9, personal: .sensitive)
    let plan = plan(EntitySchema(name: "e", fields: [field]))
    let chunk = chunk([TestRecord([.value(String(repeating: "ầ", count: 5000))])], plan)
    try judge(chunk, plan)
    #expect(
      chunk.failures == [
        Failure(
          row: 0, rule: "length", field: "f", value: String(repeating: "ầ", count: 80),
          message: "the value is longer than 9 characters", personal: .sensitive)
      ])
  }

  @Test("rejects U+0000 in any text field, and only in its own row")
  func nul() throws {
    #expect(
      try judged(EntityField(name: "f", type: .text), ["a", "b\0c", "d"]) == [
        "1 text.nul f 'b\u{2400}c': the text contains the character U+0000, which databases cannot hold"
      ])
  }

  @Test("requires keys, keeps all failures of a record, and judges rejected but not filtered or skipped rows")
  func rows() throws {
    let plan = plan(
      EntitySchema(
        name: "e", key: ["k"],
        fields: [EntityField(name: "k", type: .text), EntityField(name: "n", type: .integer, minimum: "1")]))
    let chunk = chunk(
      [
        TestRecord("- | 0"), TestRecord("- | 0", fate: .filtered), TestRecord("- | 0", fate: .skipped),
        TestRecord("a | 0", fate: .rejected), TestRecord("a | 1"),
      ], plan)
    try judge(chunk, plan)
    #expect(chunk.failures.map { "\($0.row) \($0.rule)" } == ["0 required", "0 minimum", "3 minimum"])
    #expect(fates(chunk.table) == [.rejected, .filtered, .skipped, .rejected, .live])
  }

  @Test("does not call a value missing that failed before, but does one that was only noted")
  func earlier() throws {
    let plan = plan(
      EntitySchema(name: "e", fields: [EntityField(name: "f", type: .integer, isRequired: true)]))
    let chunk = chunk([TestRecord("-"), TestRecord("-"), TestRecord("-")], plan)
    chunk.add(Failure(row: 0, rule: "type.integer", field: "f", value: "x", message: "no"))
    chunk.add(Failure(kind: .note, row: 1, rule: "lookup", field: "f", value: "x", message: "odd"))
    chunk.add(Failure(row: 2, rule: "type.integer", field: "g", value: "x", message: "no"))
    try judge(chunk, plan)
    #expect(chunk.failures.dropFirst(3).map { "\($0.row) \($0.rule)" } == ["1 required", "2 required"])
  }

  @Test(
    "refuses a pattern or a bound that planning let through",
    arguments: [
      EntityField(name: "f", type: .text, pattern: "(a"),
      EntityField(name: "f", type: .date, minimum: "1/1/2020"),
      EntityField(name: "f", type: .decimal(precision: 5, scale: 1), maximum: "1.25"),
      EntityField(name: "f", type: .timestamp, minimum: "2020-01-01TxxZ"),
    ])
  func unreadable(field: EntityField) throws {
    let plan = plan(EntitySchema(name: "e", fields: [field]))
    #expect {
      try SchemaValidator(noSettings).session(plan, lists: [:], facts: someFacts)
    } throws: { error in
      (error as? StageFailure)?.id == "validate.unreadable-rule"
    }
  }
}
