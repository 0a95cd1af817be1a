// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Planning
import Records
import Store
import Testing

@testable import Engine

@Suite("A document within a payload")
struct WithinTests {
  private static let schema = """
    entity: person
    key: [code]
    fields:
      code: { type: text, pattern: "[A-Z][0-9]" }
      name: { type: text }
    """

  /// A pipeline of people whose `decode` section is given.
  private func bench(_ decode: String, _ payload: String, map: String = "{ code: ma, name: ten }") throws
    -> Workbench
  {
    try Workbench([
      "Pipelines/people.yaml": """
      pipeline: people
      extract: { file: { path: "in/*" } }
      decode: \(decode)
      transform: { to: person, map: \(map) }
      load: { center: { mode: merge } }
      """,
      "Pipelines/schema/person.yaml": Self.schema, "in/1": payload,
    ])
  }

  private let wrapped = """
    {"status": "1", "data": "<ds>\\n<n ma=\\"A1\\"><ten>M\\u00e1i</ten></n>\\n<n ma=\\"bad\\"><ten>Lan &amp; B</ten></n></ds>"}
    """
  private let xml =
    "{ xml: { records: /ds/n, within: { format: json, at: /data, errors: { when: /status, is_not: \"1\" } } } }"
  private let xmlMap = "{ code: \"@ma\", name: ten }"

  @Test("is XML in a string of JSON; a reject is cut out of it unescaped")
  func xmlInJSON() throws {
    let bench = try bench(xml, wrapped, map: xmlMap)
    let report = try bench.run("people")
    #expect(report.error == nil)
    #expect(try bench.rows("SELECT code, name FROM person") == ["A1|Mái"])
    let reject = try #require(try bench.ledger().rejects().first)
    #expect(reject.record == 2 && reject.line == 3)
    let batch = try #require(report.batches.first)
    let environment = try bench.environment()
    let row = try #require(try environment.ledger.batch(batch.batch))
    let bytes = try PayloadSlice.bytes(
      of: row.digest, offset: reject.offset, length: reject.length, in: environment.landing,
      plan: bench.plan("people"))
    #expect(String(decoding: bytes, as: UTF8.self) == #"<n ma="bad"><ten>Lan &amp; B</ten></n>"#)
  }

  @Test("is JSON in an element of XML, at a namespaced path, in character data or escaped")
  func jsonInXML() throws {
    let decode = """
      { json: { records: /items, within: { format: xml, at: /s:E/s:B/r, namespaces: { s: "urn:s" } } } }
      """
    for inside in ["<![CDATA[%]]>", "%"] {
      let json = #"{"items":[{"ma":"A1","ten":"Mai"},{"ma":"A2","ten":"Lan"}]}"#
      let payload =
        "<s:E xmlns:s='urn:s'><s:B><r>"
        + inside.split(separator: "%", omittingEmptySubsequences: false)
        .joined(separator: json) + "</r></s:B></s:E>"
      let bench = try bench(decode, payload)
      #expect(try bench.run("people").error == nil)
      #expect(try bench.rows("SELECT code, name FROM person") == ["A1|Mai", "A2|Lan"])
    }
  }

  @Test("is not looked for in an error answer whose sign is an object")
  func errorObject() throws {
    let decode = "{ xml: { records: /ds/n, within: { format: json, at: /data, errors: /error } } }"
    let report = try bench(decode, #"{"error":{"code":5},"data":"<ds/>"}"#, map: xmlMap).run("people")
    #expect(report.error?.id == "decode.error-answer")
  }

  @Test("can be replayed")
  func replay() throws {
    let bench = try bench(xml, wrapped, map: xmlMap)
    try bench.run("people")
    try bench.write(
      "Pipelines/schema/person.yaml", Self.schema.replacingOccurrences(of: "[A-Z][0-9]", with: "[A-Za-z0-9]+")
    )
    let reject = try #require(try bench.ledger().rejects().first)
    #expect(try bench.replay("people", ReplayRequest(.rejects([reject.id]))).error == nil)
    #expect(try bench.rows("SELECT code, name FROM person ORDER BY code") == ["A1|Mái", "bad|Lan & B"])
  }

  @Test(
    "fails its batch, with what to do, where it is not what was said",
    arguments: [
      (#"{"status": "0", "data": "<ds/>"}"#, "decode.error-answer"),
      (#"{"status": "1", "data": null}"#, "decode.nothing-within"),
      (#"{"status": "1"}"#, "decode.nothing-within"),
      (#"{"status": "1", "data": " \n"}"#, "decode.nothing-within"),
      (#"{"status": "1", "data": {"ds": 1}}"#, "decode.no-text-within"),
      (#"{"status": "1", "data": ["<ds/>", "<ds/>"]}"#, "decode.several-within"),
      (#"{"status": "1", "data": "<ds><n>"}"#, "decode.truncated"),
      (#"{"status": "1", "data": "<!DOCTYPE a []><ds/>"}"#, "decode.doctype-forbidden"),
    ])
  func failures(_ payload: String, _ id: String) throws {
    let report = try bench(xml, payload, map: xmlMap).run("people")
    #expect(report.exit == .data)
    let error = try #require(report.error ?? report.batches.first?.error)
    #expect(error.id == id || (id == "decode.truncated" && error.id.hasPrefix("decode.")))
    #expect(!error.help.isEmpty)
  }

  @Test("may be missing where that is said")
  func emptyAllowed() throws {
    let decode = "{ xml: { records: /ds/n, empty: allowed, within: { format: json, at: /data } } }"
    let report = try bench(decode, #"{"data": ""}"#, map: xmlMap).run("people")
    #expect(report.status == .loaded && report.counters.read == 0)
  }

  @Test("is bounded")
  func limit() throws {
    let decode = "{ xml: { records: /ds/n, within: { format: json, at: /data, limit: 1KiB } } }"
    let long = String(repeating: "<n/>", count: 300)
    let report = try bench(decode, #"{"data": "<ds>\#(long)</ds>"}"#, map: xmlMap).run("people")
    #expect(report.exit == .data)
  }

  @Test("is let go with its payload: a run over many such payloads holds none of them")
  func letGo() throws {
    let bench = try bench(xml, wrapped, map: xmlMap)
    let envelope = try #require(try bench.plan("people").envelope)
    weak var held: EnvelopeReader?
    do {
      let reader = EnvelopeReader(envelope, allowsEmpty: false)
      held = reader
      var bytes = Array(wrapped.utf8)
      try bytes.withUnsafeMutableBufferPointer { try reader.feed(UnsafeBufferPointer($0)) }
      #expect(try reader.finish()?.isEmpty == false)
    }
    #expect(held == nil)
  }
}
