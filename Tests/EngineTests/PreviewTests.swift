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

  @Test("shows kinds that write other fields of one entity in one table, each value in its own column")
  func severalKinds() throws {
    let bench = try Workbench([
      "Pipelines/a.yaml": """
      pipeline: a
      extract: { file: { path: "in/*.json" } }
      decode: json
      transform:
        - { to: a, records: /new, map: { code: c, name: n } }
        - { to: a, records: /old, map: { code: c, until: u }, let: { name: x } }
      load: { center: { mode: append } }
      """,
      "Pipelines/schema/a.yaml":
        "entity: a\nfields:\n  code: { type: text }\n  name: { type: text }\n  until: { type: integer }",
      "in/1.json": #"{"new": [{"c": "A", "n": "Bàn"}], "old": [{"c": "B", "u": 5, "x": "not loaded"}]}"#,
    ])
    let preview = try PreviewSource(bench.plan("a"), bench.folder, bench.environment().clock)
      .preview(rows: 10, payload: bench.folder + "/in/1.json")
    #expect(preview.tables.map(\.columns) == [["code", "name", "until"]])
    #expect(preview.tables.first?.rows == [["A", "Bàn", nil], ["B", nil, "5"]])
  }

  @Test("says that a payload is an error answer")
  func errorAnswer() throws {
    let failure = try preview(#"{"data":[],"error":"E"}"#, decode: "errors: /error").failure
    #expect(failure?.id == "decode.error-answer")
  }

  @Test(
    "takes an object, a list with items and the empty text as signs of an error answer",
    arguments: [
      (#"{"code":5}"#, "1.json is an error answer: an object stands where it tells errors"),
      ("{}", "1.json is an error answer: an object stands where it tells errors"),
      (#"[{"code":5}]"#, "1.json is an error answer: an object stands where it tells errors"),
      (#"["E1"]"#, "1.json is an error answer: E1"), (#""""#, "1.json is an error answer"),
    ])
  func errorObject(error: String, message: String) throws {
    let failure = try preview(#"{"data":[],"error":\#(error)}"#, decode: "errors: /error").failure
    #expect(failure?.message == message)
  }

  @Test("quotes the message of an error answer, and does without one that is an object")
  func errorMessage() throws {
    let decode = "errors: { when: /error, message: /error/text }"
    let said = try preview(#"{"data":[],"error":{"text":"no right"}}"#, decode: decode).failure
    #expect(said?.message == #"1.json is an error answer: "no right""#)
    let unsaid = try preview(#"{"data":[],"error":{"text":{"vi":"x"}}}"#, decode: decode).failure
    #expect(unsaid?.message == "1.json is an error answer: an object stands where it tells errors")
  }

  @Test("calls an error answer so where the records' place is missing, in a document within a payload too")
  func errorWithoutRecords() throws {
    for decode in [
      "records: /body/data, errors: { when: /error, message: /error }",
      "records: /data, within: { format: json, at: /body/text, errors: { when: /status, is: '0', message: /error } }",
    ] {
      let bench = try Workbench([
        "Pipelines/a.yaml": """
        pipeline: a
        extract: { file: { path: "in/*.json" } }
        decode: { json: { \(decode) } }
        transform: { to: a, map: { code: c } }
        load: { center: { mode: append } }
        """,
        "Pipelines/schema/a.yaml": "entity: a\nfields:\n  code: { type: text }",
        "in/1.json": #"{"wrong":[]}"#, "in/2.json": #"{"status":"0","error":"no right"}"#,
      ])
      let errors = try bench.run("a").batches.map { ($0.error?.id ?? "", $0.error?.message ?? "") }
      #expect(errors.map(\.0) == ["decode.nothing-matched", "decode.error-answer"])
      #expect(errors.last?.1.contains("is an error answer: \"no right\"") == true)
    }
  }

  @Test("an object is none of the listed values of an error condition")
  func listedValues() throws {
    let body = #"{"data":[{"c":1}],"status":{"code":1}}"#
    #expect(try preview(body, decode: "errors: { when: /status, is: '1' }").failure == nil)
    let negated = try preview(body, decode: "errors: { when: /status, is_not: '1' }").failure
    #expect(negated?.id == "decode.error-answer")
  }

  @Test("says that an object is no total")
  func totalObject() throws {
    let failure = try preview(#"{"n":{"all":1},"data":[{"c":1}]}"#, decode: "total: /n").failure
    #expect(failure?.id == "decode.total-not-a-number")
    #expect(failure?.message == "1.json has an object or a list where its total should be")
  }

  @Test(
    "holds nothing against a payload whose error is null, an empty list or not there",
    arguments: ["", #","error":null"#, #","error":[]"#])
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
