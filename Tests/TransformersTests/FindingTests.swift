// SPDX-License-Identifier: Apache-2.0

import Components
import Expressions
import Records
import Testing

@testable import Transformers

@Suite("Findings, filters and what goes on between records")
struct FindingTests {
  @Test("tells value, rule, place and class of a failure")
  func failure() throws {
    let made = try map(
      [field("born", 0, type: .date, personal: .basic) { $0.dates = ["dd/MM/yyyy"] }], [["31/02/1985"]])
    #expect(
      made.failures == [
        Failure(
          row: 0, rule: "type.date", field: "born", value: "31/02/1985",
          message: "the value is not a date dd/MM/yyyy", ruleAt: "Pipelines/x.yaml:7:5", personal: .basic)
      ])
    #expect(made.fates == [.rejected])
  }

  @Test("cuts the value of a failure at 80 characters")
  func cut() throws {
    let long = String(repeating: "ầ", count: 5000)
    let made = try map([field("n", 0, type: .integer)], [[.value(long)]])
    #expect(made.failures[0].value == String(repeating: "ầ", count: 80))
  }

  @Test("keeps every failure of a record")
  func allFailures() throws {
    let made = try map(
      [field("a", 0, type: .integer), field("b", 1, type: .date)], [["x", "1"], ["y", "2020-01-01"]])
    #expect(made.failures.map(\.field) == ["a", "b"])
    #expect(made.fates == [.rejected, .live])
  }

  @Test("masks a `let` like the personal field that is made of it")
  func personalLet() throws {
    let made = try map(
      [
        letValue("day", 0, type: .integer),
        field("born", type: .integer, personal: .sensitive) {
          $0.source = .expression(StubExpression.same("day", .integer))
        },
        letValue("plain", 1, type: .integer),
      ], [["x"], ["y"]])
    #expect(made.failures.map(\.personal) == [.sensitive, .none])
  }

  @Test("tells of a filtered row only what a rule may look at in it: the total that it carries")
  func filteredTotal() throws {
    func findings(where condition: StubExpression?) throws -> [String] {
      let sums = SumsPlan(
        by: [], parts: .init(value: StubExpression.same("n", .integer)),
        total: .init(value: StubExpression.same("t", .integer), condition: condition))
      let made = try map(
        [letValue("kind", 0), field("n", 1, type: .integer), field("t", 2, type: .integer)],
        [["CC", "TS"], ["x", "1"], ["y", "2"]], filter: StubExpression.equals("kind", "TS"),
        rules: [RulePlan(check: .sums(sums), text: "sums", at: somewhere)])
      #expect(made.fates == [.filtered, .live])
      return made.findings
    }
    #expect(
      try findings(where: StubExpression.equals("kind", "CC")) == [
        "0 type.integer t: 'y' is not an integer"
      ])
    #expect(try findings(where: nil) == [])
  }

  @Test("filters rows before types: they have no failures and are no rejects")
  func filter() throws {
    let made = try map(
      [letValue("kind", 0), field("n", 1, type: .integer)], [["TS", "CC", nil], ["1", "x", "y"]],
      filter: StubExpression.equals("kind", "TS"))
    #expect(made.fates == [.live, .filtered, .filtered])
    #expect(made.findings == [])
  }

  @Test("rejects, and does not filter, a row whose filter values cannot be read")
  func filterOnBroken() throws {
    let made = try map(
      [field("n", 0, type: .integer), field("m", 1, type: .integer)], [["1", "x", "2"], ["a", "b", "c"]],
      filter: StubExpression.equals("n", "1"))
    #expect(made.fates == [.rejected, .rejected, .filtered])
    #expect(made.failures.map { "\($0.row) \($0.field)" } == ["1 n", "0 m", "1 m"])
  }

  @Test("rejects a row whose filter itself cannot be computed")
  func filterFails() throws {
    let filter = StubExpression(type: .boolean, names: []) { rows, _, failed in
      let truth = FixedColumn<UInt8>()
      for _ in 0..<rows { truth.appendEmpty(.null, filler: 0) }
      failed(1, "division by zero")
      return .boolean(truth)
    }
    let made = try map([field("n", 0)], [["a", "b"]], filter: filter)
    #expect(made.fates == [.filtered, .rejected])
    #expect(made.findings == ["1 expression : division by zero"])
  }

  @Test("says nothing of skipped rows, and leaves them skipped")
  func skipped() throws {
    let made = try map(
      [field("n", 0, type: .integer)], [["x", "y"]], filter: StubExpression.equals("n", "1"), skipped: [0])
    #expect(made.fates == [.skipped, .rejected])
    #expect(made.failures.map(\.row) == [1])
  }

  @Test("carries a value on over null and absent cells, filtered rows included", arguments: [1, 2, 100])
  func carry(chunkRows: Int) throws {
    let made = try map(
      [
        field("group", 0) { $0.isCarried = true },
        field("price", 1, type: .integer) { $0.nulls = [""] },
        field("day", 2, type: .date) { plan in
          plan.isCarried = true
          plan.defaultText = "2000-01-01"
        },
      ],
      [
        [nil, "I. Rau", .absent, nil, "II. Thịt", nil], ["1", "", "2", "3", "", "4"],
        [nil, "2020-01-01", nil, "x", nil, "2021-01-01"],
      ],
      filter: StubExpression(type: .boolean, names: ["price"]) { rows, scope, _ in
        let truth = FixedColumn<UInt8>()
        for row in 0..<rows { truth.append(scope.column("price").state(row) == .value ? 1 : 0) }
        return .boolean(truth)
      }, chunkRows: chunkRows)
    #expect(made.cells("group") == ["null", "I. Rau", "I. Rau", "I. Rau", "II. Thịt", "II. Thịt"])
    #expect(made.cells("day") == ["2000-01-01", "2020-01-01", "2020-01-01", "null", "null", "2021-01-01"])
    #expect(made.fates == [.live, .filtered, .live, .rejected, .filtered, .live])
  }

  @Test("carries what cannot be read on as a failure, never the value before it")
  func carriedFailure() throws {
    let made = try map(
      [field("day", 0, type: .date) { $0.isCarried = true }], [["2020-01-01", "31/12", nil, "2021-01-01"]],
      chunkRows: 2)
    #expect(made.cells("day") == ["2020-01-01", "null", "null", "2021-01-01"])
    #expect(made.failures.map(\.row) == [1, 2])
  }

  @Test("marks fields that keep what stands where the source has nothing")
  func absentKeep() throws {
    let made = try map([field("a", 0) { $0.keepsAbsent = true }, field("b", 0)], [[.absent, nil]])
    #expect(made.rows == [["absent", "absent"], ["null", "null"]])
  }
}
