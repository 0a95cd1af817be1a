// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Testing

@Suite("A preview")
struct PreviewTests {
  private func preview(_ body: String, decode: String, rows: Int = 10) throws -> Preview {
    let bench = try Workbench([
      "Pipelines/a.yaml": """
      pipeline: a
      extract: { file: { path: "in/*.json" } }
      decode: { json: { records: /data, \(decode) } }
      transform:
        to: a
        map: { code: c }
      load: { center: { mode: append } }
      """,
      "Pipelines/schema/a.yaml": "entity: a\nfields:\n  code: { type: text }",
      "in/1.json": body,
    ])
    let environment = try bench.environment()
    return try PreviewSource(bench.plan("a"), bench.folder, environment.clock)
      .preview(rows: rows, payload: bench.folder + "/in/1.json")
  }

  @Test("says that a payload is an error answer")
  func errorAnswer() throws {
    let failure = try preview(#"{"data":[],"error":"E"}"#, decode: "errors: /error").failure
    #expect(failure?.id == "decode.error-answer")
  }

  @Test(
    "holds nothing against a payload whose error is null or not there", arguments: ["", #","error":null"#])
  func noError(member: String) throws {
    #expect(try preview(#"{"data":[{"c":1}]\#(member)}"#, decode: "errors: /error").failure == nil)
  }

  @Test("says that the declared total differs, unless only the first records were looked at")
  func total() throws {
    let body = #"{"n":3,"data":[{"c":1},{"c":2}]}"#
    let whole = try preview(body, decode: "total: /n")
    #expect(whole.failure?.id == "decode.total-differs")
    #expect(whole.tables.first?.rows.count == 2)
    #expect(try preview(body, decode: "total: /n", rows: 1).failure == nil)
  }
}
