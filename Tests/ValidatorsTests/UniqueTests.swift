// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineTesting
import Records
import Testing

@testable import Validators

@Suite("Unique values of a batch")
struct UniqueTests {
  private func planned(
    _ names: [String], _ otherwise: RulePlan.Otherwise = .reject, personal: PersonalClass = .none
  ) -> TransformPlan {
    plan(
      EntitySchema(
        name: "e",
        fields: [
          EntityField(name: "a", type: .text, personal: personal), EntityField(name: "b", type: .integer),
        ]),
      rules: [RulePlan(check: .unique(names), otherwise: otherwise, text: "unique", at: somewhere)])
  }

  private func judge(_ plan: TransformPlan, _ chunks: [[TestRecord]], memoryLimit: Int = 1000) throws
    -> [Failure]
  {
    let session = try UniqueValidator(memoryLimit: memoryLimit).session(plan, lists: [:], facts: someFacts)
    return chunks.flatMap { records in
      let chunk = chunk(records, plan)
      session.validate(chunk)
      return chunk.failures
    }
  }

  @Test("lets the first record stand, across the chunks of a batch")
  func firstStands() throws {
    let failures = try judge(
      planned(["a"]),
      [[TestRecord("x | 1"), TestRecord("y | 1"), TestRecord("x | 2")], [TestRecord("y | 3")]])
    #expect(
      lines(failures) == [
        "2 unique a 'x': an earlier record of the batch has the same a 'x'",
        "0 unique a 'y': an earlier record of the batch has the same a 'y'",
      ])
    #expect(failures[0].ruleAt == "Pipelines/x.yaml:7:5")
  }

  @Test("compares several fields together, and passes rows with a null among them")
  func several() throws {
    let failures = try judge(
      planned(["a", "b"]),
      [
        [
          TestRecord("x | 1"), TestRecord("x | 2"), TestRecord("x | -"), TestRecord("x | -"),
          TestRecord("x | 1"),
        ]
      ])
    #expect(lines(failures) == ["4 unique a 'x, 1': an earlier record of the batch has the same a, b 'x, 1'"])
  }

  @Test("counts live rows only")
  func liveOnly() throws {
    let failures = try judge(
      planned(["a"]),
      [
        [
          TestRecord("x | 1", fate: .rejected), TestRecord("x | 1", fate: .filtered),
          TestRecord("x | 1", fate: .skipped), TestRecord("x | 1"), TestRecord("x | 1", fate: .rejected),
        ]
      ])
    #expect(failures == [])
  }

  @Test("notes where the rule says so, and quotes no personal value")
  func notes() throws {
    let failures = try judge(
      planned(["a"], .note, personal: .basic), [[TestRecord("x | 1"), TestRecord("x | 1")]])
    #expect(lines(failures) == ["note 1 unique a 'x': an earlier record of the batch has the same a"])
    #expect(failures[0].personal == .basic)
  }

  @Test("finds the same records in memory and in a temporary file", arguments: [1_000, 10, 0])
  func temporaryFile(memoryLimit: Int) throws {
    let records = (0..<300).map { TestRecord("\(($0 * 7) % 200) | 1") }
    let failures = try judge(planned(["a"]), [records], memoryLimit: memoryLimit)
    #expect(failures.map(\.row) == Array(200..<300))
  }

  @Test("keeps the digest of zeros like any other")
  func zeros() throws {
    let set = DigestSet(limit: 4)
    #expect(try set.insert(KeyDigest(high: 0, low: 0)))
    #expect(try !set.insert(KeyDigest(high: 0, low: 0)))
  }

  @Test("stands behind the schema and the rules, which decide what is still live")
  func order() {
    #expect(allValidators.map { $0.description.name } == ["schema", "rules", "unique", "sums"])
  }
}
