// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Expressions
import PipelineTesting
import Records
import Testing

@testable import Validators

/// A value as it stands, named or behind an expression of some other text.
struct NumberExpression: ColumnExpression {
  var text: String
  var type: FieldType
  var names: [String]
  /// Rows by the canonical text of their value that cannot be computed.
  var fails: String?

  init(_ name: String, _ type: FieldType = .integer, text: String? = nil, fails: String? = nil) {
    self.text = text ?? name
    self.type = type
    self.fails = fails
    names = [name]
  }

  func evaluate(rows: Int, scope: any ExpressionScope, failed: (Int, String) -> Void) -> Column {
    let source = scope.column(names[0])
    let result = Column.make(for: type)
    for row in 0..<rows {
      let text = source.text(row)
      let isFailed = text != nil && text == fails
      if isFailed { failed(row, "it cannot be computed") }
      TableBuilder.append(isFailed ? .null : text.map { .value($0) } ?? .null, to: result)
    }
    return result
  }
}

@Suite("Sums of groups")
struct SumsTests {
  static let integers = [FieldType.text, .integer, .integer]
  static let largest = String(repeating: "9", count: 38)

  /// `g | part | total`.
  static func planned(
    _ types: [FieldType] = integers, by: [String] = ["g"], parts: SumsPlan.Term? = nil,
    total: SumsPlan.Term? = nil, otherwise: RulePlan.Otherwise = .reject,
    personal: [PersonalClass] = [.none, .none, .none]
  ) -> TransformPlan {
    let sums = SumsPlan(
      by: by, parts: parts ?? .init(value: NumberExpression("part", types[1])),
      total: total ?? .init(value: NumberExpression("total", types[2])))
    let fields = zip(["g", "part", "total"], zip(types, personal)).map { name, kind in
      EntityField(name: name, type: kind.0, personal: kind.1)
    }
    return plan(
      EntitySchema(name: "e", fields: fields),
      rules: [RulePlan(check: .sums(sums), otherwise: otherwise, text: "sums", at: somewhere)])
  }

  /// Goes over the records in chunks, twice where the first pass asks for it.
  ///
  /// - Parameter failures: what was found earlier, by number of the record from 0.
  /// - Returns: `2 sums part 'value': message`, with the number of the record from 1, and what stops the batch.
  static func judge(
    _ plan: TransformPlan, _ records: [TestRecord], chunkRows: Int = 1000, memoryLimit: Int = 1000,
    failures: [Failure] = []
  ) throws -> (lines: [String], stop: String?) {
    let validator = SumsValidator(memoryLimit: memoryLimit)
    var finding: (any BatchFinding)?
    for pass in 1...2 {
      let session = try validator.session(plan, lists: [:], facts: someFacts)
      finding.map(session.recall)
      var found: [String] = []
      for start in stride(from: 0, to: records.count, by: chunkRows) {
        let end = min(start + chunkRows, records.count)
        let chunk = chunk(Array(records[start..<end]), plan, firstOrdinal: Int64(start + 1))
        for var failure in failures where (start..<end).contains(failure.row) {
          failure.row -= start
          chunk.add(failure)
        }
        let before = chunk.failures.count
        session.validate(chunk)
        found += lines(
          chunk.failures[before...].map { failure in
            var failure = failure
            failure.row += start + 1
            return failure
          })
      }
      finding = try session.finish()
      if finding == nil || pass == 2 {
        #expect(finding == nil, "a pass that knows all asks for no other")
        return (found, session.stop?.message)
      }
    }
    return ([], nil)
  }

  private func sentences(_ plan: TransformPlan, _ records: String...) throws -> [String] {
    try Self.judge(plan, records.map { TestRecord($0) }).lines
  }

  @Test("finds nothing where every group adds up, lacks a total, lacks parts or has a null part")
  func stands() throws {
    #expect(
      try sentences(
        Self.planned(), "a | 1 | 3", "b | 5 | -", "a | 2 | 3", "c | - | 7", "d | 1 | 9", "d | - | 9") == [])
  }

  @Test("takes null for a value like any other when it tells groups apart")
  func nullGroup() throws {
    #expect(
      try sentences(Self.planned(), "- | 1 | 4", "- | 2 | 4", "~ | 0 | 4", "a | 1 | 1").map { $0.prefix(1) }
        == ["1", "2", "3"])
  }

  @Test("compares numbers of different digits after the point exactly")
  func scales() throws {
    let types: [FieldType] = [.text, .decimal(precision: 18, scale: 2), .decimal(precision: 38, scale: 4)]
    let broken =
      "sums part 'sum 0.30, total 0.3001': the parts do not add up to the total: "
      + "g 'b': sum 0.30, total 0.3001, difference -0.0001, 3 parts"
    #expect(
      try sentences(
        Self.planned(types), "a | 0.10 | 0.3000", "a | 0.10 | -", "a | 0.10 | -", "b | 0.10 | 0.3001",
        "b | 0.10 | -", "b | 0.10 | -") == ["4", "5", "6"].map { "\($0) \(broken)" })
  }

  @Test("tells of a sum of more than 38 digits, and of one that only passes through there")
  func overflow() throws {
    let wide = FieldType.decimal(precision: 38, scale: 0)
    let types: [FieldType] = [.text, wide, wide]
    let largest = Self.largest
    #expect(
      try sentences(Self.planned(types), "a | \(largest) | 1", "a | \(largest) | 1").last
        == "2 sums part 'sum of more than 38 digits, total 1': the parts do not add up to the total: g 'a': "
        + "sum of more than 38 digits, total 1, difference of more than 38 digits, 2 parts")
    #expect(
      try sentences(
        Self.planned(types), "a | \(largest) | \(largest)", "a | \(largest) | -", "a | -\(largest) | -") == []
    )
    let fine: [FieldType] = [.text, wide, .decimal(precision: 38, scale: 38)]
    #expect(try sentences(Self.planned(fine), "a | \(largest) | 0").count == 1)
  }

  @Test("finds two totals in one group, whatever the parts, and says both")
  func twoTotals() throws {
    #expect(
      try sentences(Self.planned(), "a | - | 7", "a | 3 | 8").last
        == "2 sums part 'total 7, total 8': the parts do not add up to the total: g 'a': two totals, 7 and 8, "
        + "1 part")
  }

  @Test("counts records that another rule rejects, but no filtered, skipped or deleted ones")
  func fates() throws {
    let records = [
      TestRecord("a | 1 | 3"), TestRecord("a | 2 | 3", fate: .rejected),
      TestRecord("a | 9 | 9", fate: .filtered),
      TestRecord("a | 9 | 9", fate: .skipped), TestRecord("a | 9 | 9", fate: .deletion),
    ]
    #expect(try Self.judge(Self.planned(), records).lines == [])
  }

  @Test(
    "sees the total of a filtered record only where a condition picks it, and tells a record that is loaded")
  func filteredTotal() throws {
    let picked = SumsPlan.Term(
      value: NumberExpression("total"), condition: StubExpression(names: ["part"]) { .truth($0 == nil) })
    let parts = SumsPlan.Term(
      value: NumberExpression("part"), condition: StubExpression(names: ["part"]) { .truth($0 != nil) })
    let records = [
      TestRecord("a | - | 4", fate: .filtered), TestRecord("a | 1 | -", fate: .rejected),
      TestRecord("a | 2 | -"),
    ]
    #expect(
      try Self.judge(Self.planned(parts: parts, total: picked, otherwise: .note), records).lines == [
        "note 3 sums part 'sum 3, total 4': the parts do not add up to the total: g 'a': "
          + "sum 3, total 4, difference -1, 2 parts"
      ])
    #expect(try Self.judge(Self.planned(parts: parts), records).lines == [])
  }

  @Test("judges no group of which a part or the only total could not be read, and says so once")
  func unreadable() throws {
    let failures = [("part", 1), ("total", 2), ("total", 4)].map { name, row in
      Failure(row: row, rule: "type.integer", field: name, value: "x", message: "no number")
    }
    let records = [
      TestRecord("a | 1 | 9"), TestRecord("a | - | 9"), TestRecord("b | 1 | -"), TestRecord("b | 1 | -"),
      TestRecord("c | 1 | -"), TestRecord("c | 1 | 3"),
    ]
    let broken =
      "sums part 'sum 2, total 3': the parts do not add up to the total: g 'c': sum 2, total 3, "
      + "difference -1, 2 parts"
    #expect(
      try Self.judge(Self.planned(), records, failures: failures).lines == [
        "note 1 sums part: not judged: a part of g 'a' could not be read",
        "note 4 sums part: not judged: the total of g 'b' could not be read", "5 \(broken)", "6 \(broken)",
      ])
  }

  @Test("leaves out records whose group could not be read, and says how many of them there are")
  func unreadableGroup() throws {
    let failure = Failure(row: 1, rule: "lookup.unit", field: "g", value: "x", message: "no unit")
    let records = [TestRecord("a | 1 | 3"), TestRecord("- | 2 | 3"), TestRecord("- | 2 | 2")]
    #expect(
      try Self.judge(Self.planned(), records, failures: [failure]).lines == [
        "1 sums part 'sum 1, total 3': the parts do not add up to the total: g 'a': sum 1, total 3, "
          + "difference -2, 1 part, 1 record of an unreadable group left out"
      ])
  }

  @Test("trusts no value of a record whose cells have moved")
  func movedCells() throws {
    let failure = Failure(row: 1, rule: "csv.surplus-cell", field: "", value: nil, message: "a cell too many")
    #expect(
      try Self.judge(
        Self.planned(), [TestRecord("a | 1 | 3"), TestRecord("a | 2 | 3")], failures: [failure]
      ).lines == ["note 1 sums part: not judged: a part of g 'a' could not be read"])
  }

  @Test("rejects a record whose part cannot be computed, and judges its group no more")
  func uncomputed() throws {
    let parts = SumsPlan.Term(value: NumberExpression("part", text: "1 / part", fails: "0"))
    #expect(
      try sentences(Self.planned(parts: parts), "a | 1 | 9", "a | 0 | 9") == [
        "2 expression part: it cannot be computed",
        "note 1 sums part: not judged: a part of g 'a' could not be read",
      ])
  }

  @Test("quotes neither personal numbers nor personal groups")
  func personal() throws {
    let numbers = Self.planned(personal: [.none, .basic, .none])
    #expect(
      try sentences(numbers, "a | 1 | 3")
        == ["1 sums part 'sum 1, total 3': the parts do not add up to the total: g 'a': 1 part"])
    let groups = Self.planned(personal: [.sensitive, .none, .none])
    #expect(
      try sentences(groups, "a | 1 | 3") == [
        "1 sums part 'sum 1, total 3': the parts do not add up to the total: g: sum 1, total 3, "
          + "difference -2, 1 part"
      ])
  }

  @Test("stops at one record of each broken group, and shows no personal number")
  func stops() throws {
    let plan = Self.planned(otherwise: .stop, personal: [.none, .sensitive, .none])
    let (lines, stop) = try Self.judge(plan, ["a | 1 | -", "a | 1 | 3", "b | 1 | 1"].map { TestRecord($0) })
    #expect(lines.map { $0.prefix(6) } == ["2 sums"])
    #expect(stop == "the parts do not add up to the total in 1 group: g 'a' (2 parts)")
    #expect(try Self.judge(plan, [TestRecord("b | 1 | 1")]).stop == nil)
  }

  @Test("asks for no second pass where there is no such rule")
  func noRule() throws {
    let none = plan(EntitySchema(name: "e", fields: [EntityField(name: "g", type: .text)]))
    let session = try SumsValidator(noSettings).session(none, lists: [:], facts: someFacts)
    session.validate(chunk([TestRecord("a")], none))
    #expect(try session.finish() == nil)
  }
}
