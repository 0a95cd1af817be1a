// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Engine
import Records
import Store
import Testing

@Suite("G5 A bad record costs one record")
struct G5RejectTests {
  /// `good` sound records, then `bad` ones whose date cannot be read.
  private func bench(good: Int, bad: Int, limit: String?) throws -> Workbench {
    let rows =
      (0..<good).map { ("G\($0)", "Mai", "01/02/1990", "01/01/2026") }
      + (0..<bad).map { ("X\($0)", "Lan", "30/02/1990", "01/01/2026") }
    return try Workbench([
      "Pipelines/people.yaml": People.pipeline(extra: limit.map { "validate: [{ rejects: \($0) }]" } ?? ""),
      "Pipelines/schema/person.yaml": People.schema, "in/1.xml": People.payload(rows),
    ])
  }

  @Test(
    "the limit is exact: so many pass, one more fails the batch before its commit",
    arguments: [
      (good: 5, bad: 2, limit: "{ at_most: 2 }", passes: true), (5, 3, "{ at_most: 2 }", false),
      (5, 0, "{ at_most: 0 }", true), (5, 1, "{ at_most: 0 }", false),
      // A share of the records; only of batches that have so many.
      (98, 2, "{ at_most: 2% }", true), (97, 3, "{ at_most: 2% }", false),
      (49, 1, "{ at_most: 2% }", true), (48, 1, "{ at_most: 2% }", false),
      (8, 2, "{ at_most: 1%, of_at_least: 200 }", true), (1, 9, "{ at_most: 1%, of_at_least: 200 }", true),
      (198, 2, "{ at_most: 1%, of_at_least: 200 }", true),
      (197, 3, "{ at_most: 1%, of_at_least: 200 }", false),
    ])
  func limit(good: Int, bad: Int, limit: String, passes: Bool) throws {
    let bench = try bench(good: good, bad: bad, limit: limit)
    let report = try bench.run("people")
    #expect(report.exit == (passes ? .done : .data))
    #expect(report.error?.id == (passes ? nil : "validate.too-many-rejects"))
    #expect(try bench.rows("SELECT count(*) FROM person") == [passes ? "\(good)" : "0"])
    // The evidence is kept either way.
    #expect(try bench.ledger().rejects().count == bad)
  }

  @Test("without a limit every record but one may be a reject")
  func noLimit() throws {
    let bench = try bench(good: 1, bad: 9, limit: nil)
    #expect(try bench.run("people").exit == .done)
    #expect(try bench.rows("SELECT code FROM person") == ["G0"])
  }

  @Test("keeps all that is wrong with a record, with place, rule, value and bytes")
  func allFailures() throws {
    let document =
      "<p>\n<r c='A1'><n>Mai</n><b>01/02/1990</b><u>01/01/2026</u></r>\n<r c='A2'><n>Lan</n><b>hôm qua</b><u>mai</u></r>\n</p>"
    let bench = try People.bench([])
    try bench.write("in/1.xml", document)
    try bench.run("people")
    let reject = try #require(try bench.ledger().rejects().first)
    #expect(
      reject.failures.map { "\($0.field) \($0.rule) \($0.value ?? "∅")" } == [
        "born type.date hôm qua", "updated type.date mai",
      ])
    #expect(reject.failures.allSatisfy { $0.ruleAt?.hasPrefix("Pipelines/") == true })
    #expect(reject.record == 2 && reject.line == 3 && reject.path == "/p/r[2]" && reject.key == "A2")
    let bytes = Array(document.utf8)[Int(reject.offset)..<Int(reject.offset + reject.length)]
    #expect(String(decoding: bytes, as: UTF8.self) == "<r c='A2'><n>Lan</n><b>hôm qua</b><u>mai</u></r>")
    let shown = try Program.run("show", reject.id, "--raw", in: bench)
    #expect(shown.output == String(decoding: bytes, as: UTF8.self))
  }

  @Test("a rule, a pattern and a missing required value reject their record and no other")
  func rules() throws {
    let bench = try Workbench([
      "Pipelines/people.yaml": People.pipeline(extra: "validate:\n  - born <= updated"),
      "Pipelines/schema/person.yaml": """
      entity: person
      key: [code]
      fields:
        code: { type: text, pattern: "[A-Z][0-9]" }
        name: { type: text, required: true }
        born: { type: date }
        updated: { type: date }
      """,
      // The third has no name at all; an empty one would be a text.
      "in/1.xml": People.payload([
        ("A1", "Mai", "01/02/1990", "01/01/2026"), ("sai", "Lan", "01/02/1990", "01/01/2026"),
        ("A3", "", "01/02/1990", "01/01/2026"), ("A4", "Hoa", "02/01/2026", "01/01/2026"),
        ("A5", "Na", "01/02/1990", "01/01/2026"),
      ]).replacing("<n></n>", with: ""),
    ])
    let report = try bench.run("people")
    #expect(report.exit == .done)
    #expect(try bench.rows("SELECT code FROM person ORDER BY 1") == ["A1", "A5"])
    #expect(try bench.ledger().rejects().map(\.record) == [2, 3, 4])
  }
}
