// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Expressions
import PipelineTesting
import Records
import Testing

@testable import Validators

@Suite("Rules of a pipeline")
struct RuleTests {
  private let entity = EntitySchema(
    name: "e",
    fields: [
      EntityField(name: "a", type: .text), EntityField(name: "b", type: .integer),
      EntityField(name: "p", type: .text, personal: .sensitive),
    ])

  private func rule(
    _ check: any ColumnExpression, _ otherwise: RulePlan.Otherwise = .reject, message: String? = nil
  ) -> RulePlan {
    RulePlan(
      check: .expression(check), otherwise: otherwise, text: "a != 'x'", message: message, at: somewhere)
  }

  private func judge(_ rules: [RulePlan], _ records: [TestRecord]) throws -> (Chunk, any ValidationSession) {
    let plan = plan(entity, rules: rules)
    let chunk = chunk(records, plan)
    let session = try RuleValidator(noSettings).session(plan, lists: [:], facts: someFacts)
    session.validate(chunk)
    return (chunk, session)
  }

  @Test("rejects where a rule is false; true and unknown pass")
  func rejects() throws {
    let (chunk, session) = try judge(
      [rule(StubExpression.isNot("x", "a", "b"))],
      [TestRecord("x | 1 | -"), TestRecord("y | 1 | -"), TestRecord("- | 1 | -")])
    #expect(
      chunk.failures == [
        Failure(
          row: 0, rule: "check", field: "a", value: "x", message: "is not true: a != 'x'",
          ruleAt: "Pipelines/x.yaml:7:5")
      ])
    #expect(fates(chunk.table) == [.rejected, .live, .live])
    #expect(session.stop == nil)
  }

  @Test("notes instead where the rule says so, in the rule's own words")
  func notes() throws {
    let (chunk, _) = try judge(
      [rule(StubExpression.isNot("x", "a"), .note, message: "Không được là x")], [TestRecord("x | 1 | -")])
    #expect(lines(chunk.failures) == ["note 0 check a 'x': Không được là x"])
    #expect(fates(chunk.table) == [.live])
  }

  @Test("stops at the first record that breaks a rule with `else: stop`")
  func stops() throws {
    let (chunk, session) = try judge(
      [rule(StubExpression.isNot("x", "a"), .stop, message: "stop here")],
      [TestRecord("y | 1 | -"), TestRecord("x | 1 | -"), TestRecord("x | 1 | -")])
    let stop = try #require(session.stop)
    #expect(stop.id == "validate.stopped" && stop.exit == .data && stop.message == "stop here")
    #expect(stop.place == "record 2, line 2")
    #expect(!stop.help.isEmpty)
    #expect(chunk.failures.map(\.row) == [1, 2])
  }

  @Test("judges rejected rows too, but neither filtered nor skipped ones")
  func fatesJudged() throws {
    let (chunk, _) = try judge(
      [rule(StubExpression.isNot("x", "a"))],
      [
        TestRecord("x | 1 | -", fate: .rejected), TestRecord("x | 1 | -", fate: .filtered),
        TestRecord("x | 1 | -", fate: .skipped),
      ])
    #expect(chunk.failures.map(\.row) == [0])
  }

  @Test("rejects a record whose rule cannot be computed, even where the rule only notes")
  func cannotBeComputed() throws {
    let failing = StubExpression(names: ["b"]) { $0 == "0" ? .failed("division by zero") : .truth(true) }
    let (chunk, _) = try judge([rule(failing, .note)], [TestRecord("y | 0 | -"), TestRecord("y | 1 | -")])
    #expect(lines(chunk.failures) == ["0 expression b '0': division by zero"])
    #expect(fates(chunk.table) == [.rejected, .live])
  }

  @Test("says no value in the message where any name relates to a person, and marks the value")
  func personal() throws {
    let failing = StubExpression(names: ["p"]) { .failed("'\($0 ?? "")' is no date") }
    let (chunk, _) = try judge(
      [rule(failing), rule(StubExpression.isNot("Lan", "p"))], [TestRecord("y | 0 | Lan")])
    #expect(
      chunk.failures.map(\.message) == [
        "the rule cannot be computed for this record", "is not true: a != 'x'",
      ])
    #expect(chunk.failures.map(\.personal) == [.sensitive, .sensitive])
  }

  @Test("masks a `let` like the personal fields it is tied to")
  func lets() {
    func value(_ name: String, _ source: ValuePlan.Source, _ personal: PersonalClass? = nil) -> ValuePlan {
      ValuePlan(
        name: name, source: source, type: .text,
        field: personal.map { EntityField(name: name, type: .text, personal: $0) }, at: somewhere)
    }
    func uses(_ names: String...) -> ValuePlan.Source {
      .expression(StubExpression(names: names) { _ in .truth(nil) })
    }
    let classes = ValueClasses(
      MapPlan(
        entity: entity,
        values: [
          value("raw", .captures([0])), value("plain", .captures([1])),
          value("open", .captures([2]), PersonalClass.none),
          value("name", uses("raw"), .basic), value("initial", uses("name")), value("twice", uses("initial")),
          value("same", .captures([0])), value("sum", uses("open", "plain")),
        ]))
    let names = ["raw", "plain", "open", "name", "initial", "twice", "same", "sum", "unknown"]
    #expect(
      names.map { classes.personal($0) } == [
        .basic, .none, .none, .basic, .basic, .basic, .basic, .none, .none,
      ])
  }
}
