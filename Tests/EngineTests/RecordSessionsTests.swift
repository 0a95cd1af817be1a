// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Records
import Testing

/// The sessions of a run serve one payload after the other.
@Suite("Of the payload before nothing is left in the next")
struct RecordSessionsTests {
  private static let schema = """
    entity: line
    key: [code]
    fields:
      code: { type: text }
      office: { type: text }
      number: { type: integer }
      spent: { type: integer }
      total: { type: integer }
      file: { type: text }
    """

  /// Loads files of lines, each `code,office,number,spent,total`, in the order of their names.
  private func run(_ files: [String], rules: String) throws -> (report: RunReport, rows: [String]) {
    let bench = try Workbench([
      "Pipelines/lines.yaml": """
      pipeline: lines
      extract: { file: { path: "in/*.csv" } }
      decode: { csv: {} }
      transform:
        to: line
        carry: office
        nulls: [""]
        map:
          code: code
          office: office
          number: number
          spent: spent
          total: total
          file: { expr: payload_name() }
        validate:
          \(rules)
      load: { center: { mode: merge } }
      """,
      "Pipelines/schema/line.yaml": Self.schema,
    ])
    for (index, lines) in files.enumerated() {
      try bench.write("in/\(index + 1).csv", "code,office,number,spent,total\n" + lines)
    }
    let report = try bench.run("lines")
    return (report, try bench.rows("SELECT code, office, file FROM line ORDER BY code"))
  }

  @Test("a value that was carried on, and the payload's name")
  func carried() throws {
    let (report, rows) = try run(["A,HG,1,5,\nB,,2,5,\n", "C,,3,5,\nD,QB,4,5,\n"], rules: "- spent > 0")
    #expect(report.exit == .done)
    #expect(rows == ["A|HG|1.csv", "B|HG|1.csv", "C|∅|2.csv", "D|QB|2.csv"])
  }

  @Test("values that a rule calls unique")
  func unique() throws {
    let (report, rows) = try run(["A,HG,1,5,\nB,HG,1,5,\n", "C,HG,1,5,\n"], rules: "- { unique: [number] }")
    #expect(report.counters.rejected == 1)
    #expect(rows == ["A|HG|1.csv", "C|HG|2.csv"])
  }

  @Test("parts and totals of a group")
  func sums() throws {
    let rules = "- sums: { by: [office], parts: spent, total: total }"
    let (report, rows) = try run(["A,HG,1,5,9\nB,HG,1,5,9\n", "C,HG,1,4,9\nD,HG,1,5,9\n"], rules: rules)
    #expect(report.counters.rejected == 2)
    #expect(rows == ["C|HG|2.csv", "D|HG|2.csv"])
  }

  @Test("a rule that stopped it")
  func stopped() throws {
    let rules = "- { check: spent > 0, else: stop }"
    let (report, rows) = try run(["A,HG,1,0,\nB,HG,1,5,\n", "C,HG,1,4,\n"], rules: rules)
    #expect(report.batches.map { $0.error?.id ?? "loaded" } == ["validate.stopped", "loaded"])
    #expect(rows == ["C|HG|2.csv"])
  }

  @Test("what was read of one that breaks off in its middle")
  func broken() throws {
    let good = (1...3000).map { "A\($0),HG,\($0),5,\n" }.joined()
    let (report, rows) = try run(
      [good + "\"B,HG", "A1,,1,5,\nA2,,2,5,\n"], rules: "- { unique: [number] }")
    #expect(report.batches.map { $0.error == nil } == [false, true])
    #expect(report.batches.last?.counters.rejected == 0)
    #expect(rows == ["A1|∅|2.csv", "A2|∅|2.csv"])
  }
}
