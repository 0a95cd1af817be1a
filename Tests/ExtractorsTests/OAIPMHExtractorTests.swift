// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Foundation
import PipelineTesting
import Records
import Testing

@testable import Extractors

@Suite("OAI-PMH")
struct OAIPMHExtractorTests {
  private func extractor(_ written: [(String, Written)], _ server: ScriptedServer) throws -> OAIPMHExtractor {
    var system = SystemSpec(name: "library", baseURL: server.base)
    system.timeouts.firstByte = 5
    system.retries.attempts = 3
    var extractor = try OAIPMHExtractor(
      Written.map([("system", "library"), ("path", "/oai")] + written)
        .settings("extractor 'oai_pmh'", systems: [system]))
    // A clock that is a year ahead: the repository's own counts.
    extractor.clock.now = { 1_826_920_800 }
    extractor.clock.chance = { 0.5 }
    return extractor
  }

  func run(
    _ script: [ScriptedServer.Answer], _ written: [(String, Written)] = [],
    since checkpoint: Checkpoint? = nil
  ) throws -> (landing: MemoryLanding, requests: [String], failure: StageFailure?) {
    let server = try ScriptedServer(script)
    defer { server.stop() }
    let landing = MemoryLanding()
    var failure: StageFailure?
    do {
      try extractor(written, server).extract(since: checkpoint, into: landing)
    } catch let error as StageFailure { failure = error }
    landing.close()
    #expect(landing.violations == [])
    return (landing, server.requests.map(\.target), failure)
  }

  static func document(_ content: String, prefix: String = "") -> String {
    let mark = prefix.isEmpty ? "" : ":\(prefix)"
    let name = prefix.isEmpty ? "OAI-PMH" : "\(prefix):OAI-PMH"
    let date = prefix.isEmpty ? "responseDate" : "\(prefix):responseDate"
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<\(name) xmlns\(mark)=\"\(OAIResponse.namespace)\">"
      + "<\(date)>2026-11-22T22:00:00Z</\(date)>\(content)</\(name)>"
  }

  static func identify(_ granularity: String = "YYYY-MM-DDThh:mm:ssZ") -> ScriptedServer.Answer {
    .ok(
      document(
        "<request verb=\"Identify\">http://x</request><Identify><repositoryName>Thư viện</repositoryName>"
          + "<earliestDatestamp>2001-01-01</earliestDatestamp><deletedRecord>persistent</deletedRecord>"
          + "<granularity>\(granularity)</granularity></Identify>"))
  }

  static func page(_ records: Int, _ token: String? = nil) -> String {
    document(
      "<ListRecords>"
        + String(
          repeating:
            "<record><header><identifier>x</identifier></header><metadata><record>&amp;</record></metadata></record>",
          count: records)
        + (token ?? "") + "</ListRecords>")
  }

  static func token(_ text: String, _ attributes: String = "") -> String {
    "<resumptionToken \(attributes)>\(text)</resumptionToken>"
  }

  static func error(_ code: String) -> ScriptedServer.Answer {
    .ok(document("<error code=\"\(code)\">Không được</error>"))
  }

  @Test("keeps the promises of an extractor")
  func kit() throws {
    let server = try ScriptedServer(
      Array(
        repeating: .computed { request in
          let body =
            request.target.contains("Identify")
            ? Self.document("<Identify><granularity>YYYY-MM-DD</granularity></Identify>")
            : request.target.contains("resumptionToken") ? Self.page(1) : Self.page(2, Self.token("t"))
          return ScriptedServer.ok(Array(body.utf8), [])
        }, count: 400))
    defer { server.stop() }
    let kit = ExtractorKit(try extractor([("set", "a"), ("since", [:])], server)) { MemoryLanding() }
    #expect(kit.violations() == [])
  }

  @Test("asks who is there, then for one page after the other, each token alone and encoded")
  func pages() throws {
    let (landing, requests, failure) = try run(
      [
        Self.identify(), .ok(Self.page(2, Self.token("a&amp;b=/ +", "completeListSize='5' cursor='0'"))),
        .ok(Self.page(2, Self.token(" c\n", "cursor='2'"))),
        .ok(Self.page(1, Self.token("", "completeListSize='5'"))),
      ], [("prefix", "marcxml")])
    #expect(failure == nil)
    #expect(
      requests == [
        "/oai?verb=Identify", "/oai?verb=ListRecords&metadataPrefix=marcxml",
        "/oai?verb=ListRecords&resumptionToken=a%26b%3D%2F%20%2B", "/oai?verb=ListRecords&resumptionToken=c",
      ])
    #expect(landing.payloads.map(\.head.name) == ["page 1", "page 2", "page 3"])
    #expect(
      landing.payloads.map(\.head.origin)
        == (1...3).map { "oai:library/oai?verb=ListRecords&metadataPrefix=marcxml#\($0)" })
    try #require(landing.payloads.count == 3)
    #expect(landing.payloads[1].text == Self.page(2, Self.token(" c\n", "cursor='2'")))
    #expect(landing.payloads[0].head.request == ["verb": "ListRecords", "metadataPrefix": "marcxml"])
    #expect(landing.payloads[0].head.response["deletedRecord"] == "persistent")
    #expect(!landing.hasFinished)
  }

  @Test(
    "closes its window by the repository's clock, in its granularity",
    arguments: [
      ("YYYY-MM-DDThh:mm:ssZ", "2020-01-01T00:00:00Z", "2026-11-22T22:00:00Z", "2026-11-21T22:00:00Z"),
      ("YYYY-MM-DD", "2020-01-01", "2026-11-22", "2026-11-21"),
    ])
  func window(_ granularity: String, _ from: String, _ until: String, _ next: String) throws {
    let written: [(String, Written)] = [("since", ["first": "2020-01-01", "overlap": "1d"])]
    let first = try run([Self.identify(granularity), .ok(Self.page(1))], written)
    #expect(first.failure == nil)
    func target(_ from: String) -> String {
      "/oai?verb=ListRecords&metadataPrefix=oai_dc&from=\(from)&until=\(until)".replacing(":", with: "%3A")
    }
    #expect(first.requests.last == target(from))
    #expect(first.landing.finished == Checkpoint(json: "{\"since\":\"2026-11-22T22:00:00Z\"}"))
    #expect(
      first.landing.payloads.first?.head.origin
        == "oai:library/oai?verb=ListRecords&metadataPrefix=oai_dc&from=\(from)#1")
    let again = try run(
      [Self.identify(granularity), .ok(Self.page(1))], written, since: first.landing.finished)
    #expect(again.requests.last == target(next))
    // A checkpoint of a repository whose clock was set back since.
    let ahead = Checkpoint(json: "{\"since\":\"2030-01-01T00:00:00Z\"}")
    let back = try run([Self.identify(granularity), .ok(Self.page(1))], written, since: ahead)
    #expect(back.requests.last == target(until))
  }

  @Test("begins with everything where no day is given, and without 'since' at each run")
  func everything() throws {
    let first = try run([Self.identify(), .ok(Self.page(1))], [("since", [:])])
    #expect(
      first.requests.last == "/oai?verb=ListRecords&metadataPrefix=oai_dc&until=2026-11-22T22%3A00%3A00Z")
    let plain = try run([Self.identify("strange"), .ok(Self.page(1))])
    #expect(plain.failure == nil && plain.requests.last == "/oai?verb=ListRecords&metadataPrefix=oai_dc")
    #expect(try run([Self.identify("strange")], [("since", [:])]).failure?.id == "oai.bad-granularity")
  }

  @Test("takes set after set; one without records is a success")
  func sets() throws {
    let (landing, requests, failure) = try run(
      [Self.identify(), Self.error("noRecordsMatch"), .ok(Self.page(1))],
      [("set", "luận văn"), ("since", [:])])
    #expect(failure == nil && landing.payloads.isEmpty && landing.hasFinished)
    #expect(requests[1].contains("&set=lu%E1%BA%ADn%20v%C4%83n&"))
  }

  @Test(
    "stops at the protocol's errors, with what to do",
    arguments: [
      "badArgument", "cannotDisseminateFormat", "noSetHierarchy", "idDoesNotExist", "badResumptionToken", "x",
    ])
  func errors(_ code: String) throws {
    let (landing, _, failure) = try run([Self.identify(), Self.error(code)], [("since", [:])])
    #expect(
      failure?.id == "oai.refused" && failure?.message == "the repository refuses (\(code)): Không được")
    #expect(landing.payloads.isEmpty && !landing.hasFinished)
    let status = try run(
      [Self.identify(), SOAPExtractorTests.answer(422, Self.document("<error code='\(code)'/>"))])
    #expect(status.failure?.id == "oai.refused")
  }

  @Test("begins a list anew when its token expired, and keeps what was landed")
  func expired() throws {
    let script: [ScriptedServer.Answer] = [
      Self.identify(), .ok(Self.page(2, Self.token("t1"))), Self.error("badResumptionToken"),
      .ok(Self.page(2, Self.token("t2"))), .ok(Self.page(1)),
    ]
    let (landing, requests, failure) = try run(script, [("since", [:])])
    #expect(failure == nil && landing.payloads.count == 3 && landing.hasFinished)
    #expect(requests[3] == requests[1])
    #expect(Set(landing.payloads.map(\.head.origin)).count == 3)
    let always: [ScriptedServer.Answer] = (0..<9).flatMap { _ in
      [.ok(Self.page(2, Self.token("t"))), Self.error("badResumptionToken")]
    }
    let endless = try run([Self.identify()] + always, [("since", [:])])
    #expect(endless.failure?.id == "oai.refused" && endless.failure?.exit == .sourceProtocol)
    #expect(endless.requests.count == 9 && !endless.landing.hasFinished)
  }

  @Test("stops at a token that came before, and at pages without end")
  func circle() throws {
    let circle = try run(
      [Self.identify(), .ok(Self.page(1, Self.token("a"))), .ok(Self.page(1, Self.token("a")))],
      [("since", [:])])
    #expect(circle.failure?.id == "oai.token-in-circle" && !circle.landing.hasFinished)
    let endless = try run(
      [Self.identify()] + (0..<5).map { .ok(Self.page(1, Self.token("\($0)"))) }, [("most_pages", "2")])
    #expect(endless.failure?.id == "extract.pages-without-end" && endless.requests.count == 3)
  }

  @Test("sees that records are missing by the size and the cursor, unless they are not to be believed")
  func sizes() throws {
    let short: [ScriptedServer.Answer] = [
      Self.identify(), .ok(Self.page(2, Self.token("a", "completeListSize='9' cursor='0'"))),
      .ok(Self.page(2, Self.token("", "completeListSize='9' cursor='2'"))),
    ]
    let found = try run(short, [("since", [:])])
    #expect(
      found.failure?.id == "oai.incomplete-list" && found.landing.payloads.count == 2
        && !found.landing.hasFinished)
    #expect(found.failure?.message == "the list ended after 4 of 9 records")
    #expect(try run(short, [("sizes", "ignore")]).failure == nil)
    let jump: [ScriptedServer.Answer] = [
      Self.identify(), .ok(Self.page(2, Self.token("a", "cursor='0'"))),
      .ok(Self.page(2, Self.token("", "cursor='3'"))),
    ]
    #expect(try run(jump).failure?.id == "oai.cursor-jump")
    #expect(try run(jump, [("sizes", "ignore")]).failure == nil)
  }

  @Test("waits as long as the repository asks when it is busy")
  func busy() throws {
    let (landing, _, failure) = try run([
      .status(503, "Retry-After: 7"), Self.identify(), .status(503, "Retry-After: 9"), .ok(Self.page(1)),
    ])
    #expect(failure == nil && landing.pauses == [7, 9])
  }

  @Test(
    "says what came in place of a repository's answer",
    arguments: [
      (200, "<html>x</html>", "extract.html-instead-of-data", 1), (200, "", "oai.not-a-repository", 1),
      (200, "<OAI-PMH><ListRecords/></OAI-PMH>", "oai.not-a-repository", 1),
      (404, "no", "extract.not-there", 1),
      (200, "{}", "oai.not-a-repository", 1), (200, String(page(3).dropLast(30)), "oai.cut-short", 3),
      (200, document("<GetRecord/>"), "oai.not-a-repository", 1), (500, page(1), "extract.busy", 3),
    ])
  func others(_ status: Int, _ body: String, _ id: String, _ tries: Int) throws {
    let answer = SOAPExtractorTests.answer(status, body)
    let (landing, requests, failure) = try run([Self.identify(), answer, answer, answer])
    #expect(failure?.id == id && requests.count == 1 + tries && landing.payloads.isEmpty)
    let first = try run([answer, answer, answer])
    #expect(first.failure != nil && first.landing.payloads.isEmpty)
  }

  @Test("reads an answer cut anywhere, whatever its prefixes")
  func cuts() throws {
    let text = Array(
      Self.document(
        "<o:ListRecords><o:record><x:resumptionToken xmlns:x='urn:x'>no</x:resumptionToken></o:record>"
          + "<o:record/><o:resumptionToken completeListSize='7' cursor='0'>a&amp;<![CDATA[b]]></o:resumptionToken>"
          + "</o:ListRecords>", prefix: "o"
      ).utf8)
    for cut in 0...text.count {
      let response = OAIResponse()
      try response.feed(text[..<cut])
      try response.feed(text[cut...])
      try response.finish()
      #expect(response.kind == .records && response.records == 2)
      #expect(response.token == OAIResponse.Token(text: "a&b", completeListSize: 7, cursor: 0))
      #expect(response.responseDate == "2026-11-22T22:00:00Z")
    }
  }

  @Test("wants a day that is one")
  func settings() throws {
    do {
      _ = try run([], [("since", ["first": "2020-13-01"])])
      Issue.record("nothing was found")
    } catch let error as Diagnostic { #expect(error.id == "oai.bad-day") }
  }
}
