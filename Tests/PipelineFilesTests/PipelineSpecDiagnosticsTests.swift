// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import PipelineFiles
import Testing

/// A pipeline text with a marker before each fault, and what is said there.
struct FaultyPipeline: Sendable, CustomTestStringConvertible {
  var text: String
  var expected: [String]

  /// Changes one line of a sound pipeline.
  init(_ key: String, _ value: String, _ expected: String...) {
    var lines = [
      ("pipeline", "p"), ("extract", "{ file: {} }"), ("decode", "{ json: {} }"),
      ("transform", "{ to: a, map: { x: y } }"), ("validate", "[]"), ("load", "{ center: {} }"),
    ]
    if let index = lines.firstIndex(where: { $0.0 == key }) {
      lines[index].1 = value
    } else {
      lines.append((key, value))
    }
    text = lines.map { "\($0.0): \($0.1)" }.joined(separator: "\n")
    self.expected = expected
  }

  static func map(_ entry: String, _ expected: String...) -> FaultyPipeline {
    var faulty = FaultyPipeline("transform", "{ to: a, map: { \(entry) } }")
    faulty.expected = expected
    return faulty
  }

  var testDescription: String { expected.first ?? text }
}

@Suite("Pipeline spec diagnostics")
struct PipelineSpecDiagnosticsTests {
  @Test(
    "says what is wrong, and where",
    arguments: [
      FaultyPipeline(
        "pipeline", "1️⃣Tài sản", "1️⃣ pipeline.bad-name: 'Tài sản' cannot be the name of a pipeline"),
      FaultyPipeline(
        "validate", "[{ rejects: { at_most: 1️⃣1.00001% } }]",
        "1️⃣ pipeline.bad-reject-limit: '1.00001%' is neither a number of rejects nor a share of the records"),
      FaultyPipeline(
        "validate", "[{ sums: 1️⃣{ parts: a } }]", "1️⃣ pipeline.missing-key: 'sums' needs 'total'"),
      FaultyPipeline(
        "validate", "[{ sums: { parts: a, total: 1️⃣[b, c] } }]",
        "1️⃣ pipeline.wrong-shape: 'total' must be text, not a list"),
      FaultyPipeline(
        "validate", "[{ sums: { by: 1️⃣[], parts: a, total: b } }]",
        "1️⃣ pipeline.empty-list: 'by' has no entries"),
      FaultyPipeline(
        "validate", "[{ sums: { by: 1️⃣null, parts: a, total: b } }]",
        "1️⃣ pipeline.empty-list: 'by' has no entries"),
      FaultyPipeline(
        "validate", "[{ sums: { parts: { value: a, 1️⃣when: b }, total: b } }]",
        "1️⃣ pipeline.unknown-key: 'parts' or 'total' knows no key 'when'"),
      FaultyPipeline(
        "validate", "[{ check: a > b, 1️⃣sums: { parts: a, total: b } }]",
        "1️⃣ pipeline.conflicting-keys: 'sums' cannot stand beside 'check' in a rule"),
      FaultyPipeline(
        "transform",
        "{ to: a, map: { x: y }, children: [{ to: c, records: r, map: { z: w }, 1️⃣validate: [] }] }",
        "1️⃣ pipeline.unknown-key: 'children' knows no key 'validate'"),
      FaultyPipeline.map(
        "x: { from: y, take: sum, 1️⃣split: ';' }",
        "1️⃣ pipeline.conflicting-keys: 'split' cannot stand beside 'take: sum' in a 'map' entry"),
      FaultyPipeline("schedule", "30 1️⃣25 * * *", "1️⃣ pipeline.bad-schedule: hour cannot be '25'"),
      FaultyPipeline(
        "schedule", "\"0 0 1️⃣30 2 *\"",
        "1️⃣ pipeline.bad-schedule: day of the month '30' never comes in the months named"),
      FaultyPipeline(
        "schedule", "1️⃣30 2", "1️⃣ pipeline.bad-schedule: a schedule has five fields, and this has 2"),
      .map("x: { from: y, zone: 1️⃣GMT+7 }", "1️⃣ pipeline.bad-zone: 'GMT+7' is not a time zone known here"),
      .map(
        "x: { from: y, 1️⃣expr: z }",
        "1️⃣ pipeline.conflicting-keys: 'expr' cannot stand beside 'from' in a 'map' entry"),
      .map(
        "x: { from: y, take: first, 1️⃣join: z }",
        "1️⃣ pipeline.conflicting-keys: 'join' cannot stand beside 'take' in a 'map' entry"),
      FaultyPipeline("transform", "1️⃣[]", "1️⃣ pipeline.empty-list: 'transform' has no entries"),
      .map("x: { from: y, split: \"1️⃣\" }", "1️⃣ pipeline.empty-separator: 'split' needs a separator"),
      FaultyPipeline(
        "transform", "{ to: a, map: { x: y }, let: { 1️⃣x: z } }",
        "1️⃣ pipeline.name-taken: 'x' is also the name of a field mapped at line 4"),
      .map(
        "1️⃣x: { take: first }", "1️⃣ pipeline.no-source: nothing says where 'x' comes from",
        "- pipeline.misplaced-key: 'take' means nothing without 'from'"),
      .map("1️⃣x: [a, b]", "1️⃣ pipeline.no-source: nothing says where 'x' comes from"),
      .map("x: { value: y, 1️⃣take: first }", "1️⃣ pipeline.misplaced-key: 'take' means nothing without 'from'"),
      .map("x: { from: y, 1️⃣take: all }", "1️⃣ pipeline.misplaced-key: 'take' means nothing without 'join'"),
      FaultyPipeline(
        "transform", "{ to: a, map: { x: y }, validate: [{ rejects: 1️⃣{ at_most: 1 } }] }",
        "1️⃣ pipeline.misplaced-reject-limit: 'rejects' counts the records of a whole batch, not of one transform"
      ),
      FaultyPipeline("transform", "1️⃣{ map: { x: y } }", "1️⃣ pipeline.missing-key: 'transform' needs 'to'"),
      .map(
        "x: { from: y, numbers: { decimal: 1️⃣\"12\" } }",
        "1️⃣ pipeline.not-a-separator: 'decimal' must be one character that is neither a digit nor '-'"),
      FaultyPipeline(
        "decode", "1️⃣{ xml: {}, json: {} }",
        "1️⃣ pipeline.not-one-component: 'decode' must name one decoder but names several: 'xml', 'json'"),
      FaultyPipeline(
        "extract", "1️⃣{}",
        "1️⃣ pipeline.not-one-component: 'extract' must name one extractor but names no extractor"),
      FaultyPipeline("validate", "[1️⃣{ message: m }]", "1️⃣ pipeline.empty-rule: this rule checks nothing"),
      .map(
        "x: { from: y, numbers: 1️⃣{ group: \",\", decimal: \",\" } }",
        "1️⃣ pipeline.same-separators: 'group' and 'decimal' are the same character"),
      FaultyPipeline(
        "validate", "[{ rejects: { at_most: 1 } }, { rejects: 1️⃣{ at_most: 2 } }]",
        "1️⃣ pipeline.second-reject-limit: 'rejects' is already limited at line 5"),
      FaultyPipeline(
        "decode", "{ json: { limits: { depth: 1️⃣0 } } }", "1️⃣ pipeline.too-small: 'depth' must be at least 1"),
      .map("x: { from: y, take: 1️⃣frist }", "1️⃣ pipeline.unknown-choice: 'take' cannot be 'frist'"),
      .map("x: { from: y, unit: 1️⃣nghin }", "1️⃣ pipeline.unknown-choice: 'unit' cannot be 'nghin'"),
      FaultyPipeline("1️⃣titel", "x", "1️⃣ pipeline.unknown-key: a pipeline knows no key 'titel'"),
      .map("x: { from: y, 1️⃣type: date }", "1️⃣ pipeline.unknown-key: a 'map' entry knows no key 'type'"),
      FaultyPipeline("title", "1️⃣[a]", "1️⃣ pipeline.wrong-shape: 'title' must be text, not a list"),
      FaultyPipeline(
        "agreement", "{ valid_to: 1️⃣2027-02-30 }",
        "1️⃣ pipeline.wrong-shape: 'valid_to' must be a date as '2027-12-31', not '2027-02-30'"),
    ])
  func faults(_ faulty: FaultyPipeline) throws {
    let marked = MarkedText(faulty.text)
    let (tree, found) = YAMLReader.read(marked.text, file: "a.yaml")
    #expect(found == [])
    let (_, diagnostics) = PipelineSpecReader.read(try #require(tree), file: "a.yaml", text: marked.text)
    let shown = diagnostics.map { diagnostic in
      let mark = marked.places.first { $0.value == diagnostic.position }.map { String($0.key) }
      return "\(mark ?? "-") \(diagnostic.id): \(diagnostic.message)"
    }
    #expect(shown == faulty.expected)
    #expect(diagnostics.allSatisfy { !$0.help.isEmpty })
  }

  @Test("suggests the nearest key, or names those there are")
  func suggestions() throws {
    let text =
      "pipeline: p\nextract: file\ndecode: json\ntransform: { to: a, map: { x: { from: y, luckup: z } } }\nload: c\nbanana: 1"
    let tree = try #require(YAMLReader.read(text, file: "a.yaml").tree)
    let help = PipelineSpecReader.read(tree, file: "a.yaml", text: text).diagnostics.map(\.help)
    #expect(help.contains("did you mean 'lookup'?"))
    #expect(help.contains { $0.hasPrefix("a pipeline knows: pipeline, title, owner") })
  }

  @Test("finds everything at once")
  func allAtOnce() throws {
    let text = "pipeline: P\nextract: []\ndecode: []\ntransform: []\nload: []\nvalidate: 7"
    let tree = try #require(YAMLReader.read(text, file: "a.yaml").tree)
    let found = PipelineSpecReader.read(tree, file: "a.yaml", text: text).diagnostics
    #expect(Set(found.compactMap(\.position?.line)) == [1, 2, 3, 4, 5, 6])
  }
}
