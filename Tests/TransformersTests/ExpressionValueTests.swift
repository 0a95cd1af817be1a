// SPDX-License-Identifier: Apache-2.0

import Components
import Expressions
import Records
import Testing

@testable import Transformers

@Suite("Values of expressions")
struct ExpressionValueTests {
  /// A field computed as the unchanged value of another of some type.
  private func converted(
    _ cells: [Cell], _ from: FieldType, to type: FieldType, _ change: (inout ValuePlan) -> Void = { _ in }
  ) throws -> Mapped {
    try map(
      [
        letValue("given", 0, type: from),
        field("made", type: type) { plan in
          plan.source = .expression(StubExpression.same("given", from))
          change(&plan)
        },
      ], [cells])
  }

  @Test("turns a result into the field's type exactly")
  func conversions() throws {
    let decimal = FieldType.decimal(precision: 6, scale: 2)
    let cases: [([Cell], FieldType, FieldType, [String])] = [
      (["7", nil, .absent], .integer, decimal, ["7.00", "null", "absent"]),
      (["7.5"], decimal, .decimal(precision: 6, scale: 1), ["7.5"]),
      (["7.00"], decimal, .integer, ["7"]),
      (["2026-11-22"], .date, .timestamp, ["2026-11-21T17:00:00Z"]),
      (["2026-11-21T17:00:00Z"], .timestamp, .date, ["2026-11-22"]),
      (["2026-11-22"], .date, .partialDate, ["2026-11-22"]),
      (["2026-11-22"], .text, .date, ["2026-11-22"]),
      (["7.5"], decimal, .text, ["7.50"]),
      (["có"], .boolean, .boolean, ["true"]),
      ([""], .text, .integer, ["null"]),
      ([" a "], .text, .text, ["a"]),
    ]
    for (cells, from, type, expected) in cases {
      let made = try converted(cells, from, to: type)
      #expect(made.cells("made") == expected, "\(from) to \(type)")
      #expect(made.findings == [], "\(from) to \(type)")
    }
  }

  @Test("rounds a result only where that is declared, and refuses what does not fit")
  func rounding() throws {
    let fine = FieldType.decimal(precision: 6, scale: 2)
    let coarse = FieldType.decimal(precision: 2, scale: 0)
    #expect(try converted(["7.5"], fine, to: coarse).failures.map(\.rule) == ["type.scale"])
    #expect(
      try converted(["7.5", "-7.5"], fine, to: coarse) { $0.rounding = .halfUp }.cells("made") == ["8", "-8"])
    #expect(try converted(["100"], fine, to: coarse).failures.map(\.rule) == ["type.precision"])
  }

  @Test("rejects a record whose expression cannot be computed")
  func fails() throws {
    let stub = StubExpression(type: .integer, names: []) { rows, _, failed in
      let column = FixedColumn<Int64>()
      for _ in 0..<rows { column.appendEmpty(.null, filler: 0) }
      failed(1, "division by zero")
      return .integer(column)
    }
    let made = try map(
      [field("x", 0), field("q", type: .integer) { $0.source = .expression(stub) }], [["a", "b"]])
    #expect(made.findings == ["1 expression q: division by zero"])
    #expect(made.fates == [.live, .rejected])
  }

  @Test("never shares memory between a field and the value it is computed from", arguments: [1, 2])
  func sharing(chunkRows: Int) throws {
    let made = try map(
      [
        field("a", 0), field("b") { $0.source = .expression(StubExpression.same("a", .text)) },
        field("n", 1, type: .integer),
        field("m", type: .integer) { $0.source = .expression(StubExpression.same("n", .integer)) },
      ], [["x", "y", "z"], ["1", "2", "3"]], chunkRows: chunkRows)
    #expect(made.rows == [["x", "x", "1", "1"], ["y", "y", "2", "2"], ["z", "z", "3", "3"]])
  }

  @Test("takes a computed date as it is, whatever patterns the source has")
  func canonicalDates() throws {
    let patterns: (inout ValuePlan) -> Void = { $0.dates = ["dd/MM/yyyy"] }
    #expect(try converted(["2020-02"], .partialDate, to: .partialDate, patterns).cells("made") == ["2020-02"])
    #expect(try converted(["2020-02-29"], .date, to: .partialDate, patterns).cells("made") == ["2020-02-29"])
  }

  @Test("writes the default of a computed partial date in its one form")
  func partialDefault() throws {
    let made = try converted([nil, "2020"], .partialDate, to: .partialDate) { plan in
      plan.dates = ["MM/yyyy", "yyyy"]
      plan.defaultText = "03/1985"
    }
    #expect(made.cells("made") == ["1985-03", "2020"])
  }

  @Test("fills nulls of a result with the default, and carries results on", arguments: [1, 3])
  func defaultAndCarry(chunkRows: Int) throws {
    let made = try map(
      [
        letValue("given", 0, type: .integer),
        field("d", type: .integer) { plan in
          plan.source = .expression(StubExpression.same("given", .integer))
          plan.defaultText = "9"
        },
        field("c", type: .integer) { plan in
          plan.source = .expression(StubExpression.same("given", .integer))
          plan.isCarried = true
        },
      ], [[nil, "1", nil]], chunkRows: chunkRows)
    #expect(made.cells("d") == ["9", "1", "9"])
    #expect(made.cells("c") == ["null", "1", "1"])
  }
}
