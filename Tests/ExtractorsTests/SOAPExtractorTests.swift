// SPDX-License-Identifier: Apache-2.0

import Components
import Crypto
import Diagnostics
import Foundation
import PipelineTesting
import Records
import Testing

@testable import Extractors

@Suite("SOAP")
struct SOAPExtractorTests {
  /// 2026-11-22T22:00:00Z
  private static let now: Int64 = 1_795_384_800

  static let body: Written = "<Get xmlns='urn:x'><d>${run_date:dd/MM/yyyy}</d></Get>"

  private func extractor(
    _ written: [(String, Written)], _ server: ScriptedServer, attempts: Int = 3
  ) throws -> SOAPExtractor {
    var system = SystemSpec(name: "budget", baseURL: server.base + "/ws")
    system.timeouts.firstByte = 5
    system.retries.attempts = attempts
    let given = [("system", "budget"), ("path", "/DM.asmx"), ("action", "urn:x/Get"), ("body", Self.body)]
      .filter { pair in !written.contains { $0.0 == pair.0 } }
    var extractor = try SOAPExtractor(
      Written.map(given + written).settings("extractor 'soap'", systems: [system]))
    extractor.clock.now = { Self.now }
    extractor.clock.chance = { 0.5 }
    extractor.nonce = { Array(0..<16) }
    return extractor
  }

  func run(
    _ script: [ScriptedServer.Answer], _ written: [(String, Written)] = [],
    since checkpoint: Checkpoint? = nil,
    prepare: (MemoryLanding) -> Void = { _ in }
  ) throws -> (landing: MemoryLanding, requests: [ScriptedServer.Request], failure: StageFailure?) {
    let server = try ScriptedServer(script)
    defer { server.stop() }
    let landing = MemoryLanding()
    landing.countRecords = { $0.text.components(separatedBy: "<r/>").count - 1 }
    prepare(landing)
    var failure: StageFailure?
    do {
      try extractor(written, server).extract(since: checkpoint, into: landing)
    } catch let error as StageFailure { failure = error }
    landing.close()
    #expect(landing.violations == [])
    return (landing, server.requests, failure)
  }

  static func envelope(_ content: String, prefix: String = "soap", _ version: SOAPVersion = .first) -> String
  {
    "<?xml version='1.0'?><\(prefix):Envelope xmlns:\(prefix)='\(version.namespace)'><\(prefix):Body>\(content)"
      + "</\(prefix):Body></\(prefix):Envelope>\n"
  }

  static func fault(_ code: String, _ text: String, prefix: String = "soap") -> String {
    envelope(
      "<\(prefix):Fault><faultcode>\(code)</faultcode><faultstring>\(text)</faultstring><detail><x>1</x></detail>"
        + "</\(prefix):Fault>", prefix: prefix)
  }

  static func answer(_ status: Int, _ body: String, _ headers: String = "") -> ScriptedServer.Answer {
    .raw(
      "HTTP/1.1 \(status) X\r\nContent-Type: text/xml\r\n\(headers)Content-Length: \(body.utf8.count)\r\n"
        + "Connection: close\r\n\r\n\(body)")
  }

  // MARK: - What is sent

  @Test("keeps the promises of an extractor, and its secrets")
  func kit() throws {
    let server = try ScriptedServer(
      Array(
        repeating: .computed { request in
          ScriptedServer.ok(
            Array(Self.envelope(request.body.contains("<p>2</p>") ? "<a/>" : "<a><r/></a>").utf8), [])
        }, count: 400))
    defer { server.stop() }
    let extractor = try extractor(
      [
        ("body", "<Get><p>${page}</p><k>${secret:k}</k></Get>"), ("header", "<key>${secret:h}</key>"),
        ("security", ["username": ["user": "u", "password": "${secret:pw}"]]),
        ("paginate", ["page": [:]]), ("since", [:]),
      ], server)
    let kit = ExtractorKit(extractor, secrets: ["geheim"]) {
      let landing = MemoryLanding()
      landing.countRecords = { $0.text.components(separatedBy: "<r/>").count - 1 }
      return landing
    }
    #expect(kit.violations() == [])
    #expect(
      server.requests.allSatisfy { $0.body.contains("<k>geheim-k</k>") && $0.body.contains("geheim-pw") })
  }

  @Test("sends an envelope of version 1.1 with the action in quotes")
  func first() throws {
    let (landing, requests, failure) = try run([
      .ok(Self.envelope("<GetResponse/>"), "Content-Type: text/xml")
    ])
    #expect(failure == nil)
    let request = try #require(requests.first)
    #expect(request.line == "POST /ws/DM.asmx HTTP/1.1")
    #expect(request.headers["content-type"] == "text/xml; charset=utf-8")
    #expect(request.headers["soapaction"] == "\"urn:x/Get\"")
    #expect(
      request.body
        == "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<soap:Envelope"
        + " xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\""
        + " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"
        + "<soap:Body><Get xmlns='urn:x'><d>22/11/2026</d></Get></soap:Body></soap:Envelope>")
    #expect(landing.payloads.map(\.text) == [Self.envelope("<GetResponse/>")])
    let head = try #require(landing.payloads.first?.head)
    #expect(head.name == "Get" && head.origin.hasPrefix("soap:budget/DM.asmx#Get#"))
    #expect(head.request == ["action": "urn:x/Get"] && head.response["status"] == "200")
  }

  @Test("sends version 1.2 with the action in the content type, and takes answers of either")
  func second() throws {
    let (landing, requests, failure) = try run(
      [.ok(Self.envelope("<GetResponse/>", prefix: "env", .second))], [("version", "1.2")])
    #expect(failure == nil && landing.payloads.count == 1)
    #expect(
      requests.first?.headers["content-type"] == "application/soap+xml; charset=utf-8; action=\"urn:x/Get\"")
    #expect(requests.first?.headers["soapaction"] == nil)
    #expect(requests.first?.body.contains("xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\"") == true)
  }

  @Test("escapes values and secrets when it puts them in")
  func escapes() throws {
    let (_, requests, _) = try run(
      [.ok(Self.envelope("<a/>"))],
      [("body", "<Get a='${secret:a>b}'>${secret:x>\"'} &amp; ${run_date}</Get>")])
    #expect(
      requests.first?.body.contains("<Get a='geheim-a&gt;b'>geheim-x&gt;&quot;&apos; &amp; 2026-11-22</Get>")
        == true
    )
  }

  @Test("signs with a name and a digest of nonce, time and password; each try anew")
  func security() throws {
    let server = try ScriptedServer([.status(503), .ok(Self.envelope("<a/>"))])
    defer { server.stop() }
    var extractor = try extractor(
      [
        (
          "security",
          ["username": ["user": "a&b", "password": "${secret:p}", "digest": "true"], "timestamp": "5m"]
        )
      ], server)
    let nonces = Nonces()
    extractor.nonce = { nonces.next() }
    try extractor.extract(since: nil, into: MemoryLanding())
    #expect(server.requests.count == 2)
    for (index, request) in server.requests.enumerated() {
      let nonce = [UInt8](repeating: UInt8(index + 1), count: 16)
      let digest = Insecure.SHA1.hash(data: nonce + Array("2026-11-22T22:00:00Zgeheim-p".utf8))
      #expect(request.body.contains("PasswordDigest\">\(Data(digest).base64EncodedString())</wsse:Password>"))
      #expect(request.body.contains("#Base64Binary\">\(Data(nonce).base64EncodedString())</wsse:Nonce>"))
      #expect(request.body.contains("<wsse:Username>a&amp;b</wsse:Username>"))
      #expect(request.body.contains("<wsu:Expires>2026-11-22T22:05:00Z</wsu:Expires>"))
      #expect(!request.body.contains("geheim"))
      try XMLScannerCheck.wellFormed(request.body)
    }
  }

  @Test("sends the password as text where no digest is asked for")
  func plainSecurity() throws {
    let (_, requests, _) = try run(
      [.ok(Self.envelope("<a/>"))], [("security", ["username": ["user": "u", "password": "p<w"]])])
    #expect(requests.first?.body.contains("#PasswordText\">p&lt;w</wsse:Password>") == true)
  }

  // MARK: - What comes back

  @Test(
    "recognises a fault at any cut, whatever its prefix, and lands nothing of it",
    arguments: ["soap", "S", "x-1"])
  func cuts(_ prefix: String) throws {
    let text = Array(
      Self.fault(
        "\(prefix):Client", "Sai <b>tham số</b>".replacing("<b>", with: "").replacing("</b>", with: ""),
        prefix: prefix
      ).utf8)
    for cut in 0...text.count {
      let scan = EnvelopeScan()
      try scan.feed(text[..<cut])
      try scan.feed(text[cut...])
      try scan.finish()
      #expect(scan.verdict == .fault)
      #expect(scan.fault == SOAPFault(codes: ["\(prefix):Client"], text: "Sai tham số"))
    }
  }

  @Test("reads faults of version 1.2 with their subcodes")
  func secondFault() throws {
    let text = Self.envelope(
      "<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>m:Busy</e:Value></e:Subcode></e:Code>"
        + "<e:Reason><e:Text xml:lang='vi'>Bận</e:Text><e:Text xml:lang='en'>Busy</e:Text></e:Reason>"
        + "<e:Detail><Code><Value>9</Value></Code></e:Detail></e:Fault>", prefix: "e", .second)
    let scan = EnvelopeScan()
    try scan.feed(Array(text.utf8))
    try scan.finish()
    #expect(scan.verdict == .fault && scan.fault == SOAPFault(codes: ["e:Sender", "m:Busy"], text: "Bận"))
  }

  @Test("takes an element called Fault that is none for data")
  func noFault() throws {
    let (landing, _, failure) = try run([.ok(Self.envelope("<Fault xmlns='urn:x'><r/></Fault>"))])
    #expect(failure == nil && landing.payloads.count == 1)
  }

  @Test(
    "leaves with what a fault means",
    arguments: [
      ("soap:Client", 200, "soap.fault", ExitCode.unavailable, 1),
      ("soap:Client", 500, "soap.fault", .unavailable, 1),
      ("soap:Server", 500, "soap.fault-passing", .tryAgain, 3),
      ("Server.Db", 200, "soap.fault-passing", .tryAgain, 3),
      ("wsse:FailedAuthentication", 500, "soap.fault-forbidden", .permission, 1),
      ("x:E17", 500, "soap.fault", .unavailable, 1),
      ("x:Locked", 500, "soap.fault-passing", .tryAgain, 3), ("x:BadRow", 500, "soap.fault-data", .data, 1),
      ("x:Dead", 400, "soap.fault", .unavailable, 1),
    ] as [(String, Int, String, ExitCode, Int)])
  func faults(_ code: String, _ status: Int, _ id: String, _ exit: ExitCode, _ tries: Int) throws {
    // What the resolver of secrets does.
    Redaction.learn("geheim-k")
    let answer = Self.answer(status, Self.fault(code, "Lỗi\n  geheim-k"))
    let (landing, requests, failure) = try run(
      [answer, answer, answer],
      [
        ("body", "<Get>${secret:k}</Get>"),
        ("faults", ["retry": "Locked", "data": "bad*", "stop": "x:Dead"]),
      ])
    #expect(failure?.id == id && failure?.exit == exit && requests.count == tries)
    #expect(landing.payloads.isEmpty && landing.discarded.isEmpty)
    #expect(failure?.message.hasPrefix("the service answered with a fault \(code): Lỗi •••") == true)
    #expect(failure?.place?.hasSuffix("/ws/DM.asmx") == true)
  }

  @Test("goes on when a fault passes, and takes one that means that there is nothing as a success")
  func passing() throws {
    let busy = Self.answer(500, Self.fault("soap:Server", "bận"))
    let (landing, requests, failure) = try run([busy, busy, .ok(Self.envelope("<a/>"))])
    #expect(failure == nil && requests.count == 3 && landing.payloads.count == 1 && landing.pauses.count == 2)
    let nothing = try run(
      [Self.answer(500, Self.fault("soap:Server", "Không có dữ liệu cho ngày 22/11"))],
      [("faults", ["empty": "Không có dữ liệu*"]), ("since", [:])])
    #expect(nothing.failure == nil && nothing.landing.payloads.isEmpty && nothing.landing.hasFinished)
  }

  @Test(
    "says what came in place of an envelope",
    arguments: [
      (200, "<html><body>Bảo trì</body></html>", "extract.html-instead-of-data", 1),
      (200, "", "soap.empty-answer", 1),
      (200, "<wsdl:definitions xmlns:wsdl='urn:w'/>", "soap.not-an-envelope", 1),
      (200, "{\"a\":1}", "soap.not-an-envelope", 1),
      (200, envelope(""), "soap.empty-body", 1), (500, "{\"error\":1}", "extract.busy", 3),
      (500, "", "extract.busy", 3),
      (400, "bad request", "extract.refused", 1),
      (200, String(envelope("<a/>").dropLast(3)), "soap.cut-short", 3),
      (200, String(envelope("<a/>").prefix(70)), "soap.cut-short", 3),
      (500, envelope("<a/>"), "extract.busy", 3),
      (401, fault("soap:Client", "x"), "extract.forbidden", 1),
      (200, "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>", "soap.not-an-envelope", 1),
      (200, "<Envelope xmlns='urn:other'><Body><a/></Body></Envelope>", "soap.not-an-envelope", 1),
    ])
  func others(_ status: Int, _ body: String, _ id: String, _ tries: Int) throws {
    let answer = Self.answer(status, body)
    let (landing, requests, failure) = try run([answer, answer, answer])
    #expect(failure?.id == id && requests.count == tries && landing.payloads.isEmpty)
    #expect(failure?.help.isEmpty == false)
  }

  @Test("takes a web page with status 500 for what its status says")
  func pageOfError() throws {
    let page = ScriptedServer.Answer.raw(
      "HTTP/1.1 500 X\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>")
    let (_, requests, failure) = try run([page, page, page])
    #expect(failure?.id == "extract.busy" && requests.count == 3)
  }

  @Test("takes a long envelope in pieces, with a header before its body")
  func long() throws {
    let header = "<soap:Header><a>\(String(repeating: "x", count: 5000))</a></soap:Header>"
    let text = Self.envelope("<a>\(String(repeating: "<r/>", count: 100_000))</a>")
      .replacing("<soap:Body>", with: header + "<soap:Body>")
    let (landing, _, failure) = try run([.ok(text)])
    #expect(failure == nil && landing.payloads.first?.text == text)
  }

  // MARK: - Pages

  @Test("puts the number of each page into the message, until one is short")
  func pages() throws {
    let full = Self.envelope("<a><r/><r/></a>")
    let (landing, requests, failure) = try run(
      [.ok(full.replacing("<a>", with: "<a n='1'>")), .ok(full), .ok(Self.envelope("<a><r/></a>"))],
      [("body", "<Get><p>${page}</p></Get>"), ("paginate", ["page": ["size": "2"]])])
    #expect(failure == nil && requests.map { $0.body.contains("<p>1</p>") } == [true, false, false])
    #expect(requests[2].body.contains("<p>3</p>"))
    #expect(landing.payloads.map(\.head.name) == ["Get page 1", "Get page 2", "Get page 3"])
    #expect(Set(landing.payloads.map(\.head.origin)).count == 3)
  }

  @Test("goes on by the cursor of each answer, and stops at circles")
  func cursor() throws {
    func run(_ cursors: [String]) throws -> (requests: [ScriptedServer.Request], failure: StageFailure?) {
      let all = try self.run(
        cursors.map { .ok(Self.envelope("<a c='\($0)'><r/></a>")) },
        [("body", "<Get><c>${cursor}</c></Get>"), ("paginate", ["cursor": ["path": "/a/@c"]])],
        prepare: { landing in
          landing.readValues = { payload, _ in
            [payload.text.components(separatedBy: "c='")[1].components(separatedBy: "'")[0]]
          }
        })
      return (all.requests, all.failure)
    }
    let straight = try run(["x>y", "z", ""])
    #expect(straight.failure == nil)
    try #require(straight.requests.count == 3)
    #expect(
      straight.requests[0].body.contains("<c></c>") && straight.requests[1].body.contains("<c>x&gt;y</c>"))
    #expect(try run(["x", "y", "x"]).failure?.id == "extract.pages-in-circle")
  }

  @Test("counts since the start of the last complete run")
  func since() throws {
    let written: [(String, Written)] = [
      ("body", "<Get><d>${since:dd/MM/yyyy}</d></Get>"), ("since", ["first": "2020-01-01", "overlap": "1d"]),
    ]
    let first = try run([.ok(Self.envelope("<a/>"))], written)
    #expect(first.requests.first?.body.contains("<d>01/01/2020</d>") == true)
    let next = try run([.ok(Self.envelope("<a/>"))], written, since: first.landing.checkpoint)
    #expect(next.requests.first?.body.contains("<d>22/11/2026</d>") == true)
  }

  // MARK: - Several parts

  @Test("takes the envelope out of an answer of several parts, at any cut")
  func multipart() throws {
    let envelope = Self.envelope("<a>\r\n--other<r/></a>")
    let body =
      "--MIME_b\r\nContent-Type: application/xop+xml; type=\"text/xml\"\r\nContent-Transfer-Encoding: 8bit\r\n"
      + "Content-ID: <root>\r\n\r\n\(envelope)\r\n--MIME_b\r\nContent-ID: <file>\r\n\r\nPK..\r\n--MIME_b--\r\n"
    let answer = ScriptedServer.ok(
      Array(body.utf8),
      ["Content-Type: multipart/related; type=\"application/xop+xml\"; start=\"<root>\"; boundary=\"MIME_b\""]
    )
    let (landing, _, failure) = try run([.bytes(answer)])
    #expect(failure == nil && landing.payloads.map(\.text) == [envelope])
    for cut in stride(from: 1, to: body.utf8.count, by: 1) {
      let landing = MemoryLanding()
      let inner = EnvelopeTarget(
        LandingTarget(landing, head: PayloadHead(origin: "o", name: "n")), status: 200,
        faults: FaultSettings(), place: "")
      let target = try MultipartTarget.wrapping(
        inner, contentType: "Multipart/Related; boundary=MIME_b", place: "")
      try target.begin()
      let bytes = Array(body.utf8)
      try bytes[..<cut].withUnsafeBytes { try target.write($0) }
      try bytes[cut...].withUnsafeBytes { try target.write($0) }
      try target.finish()
      try landing.end(resume: nil)
      #expect(landing.payloads.map(\.text) == [envelope])
    }
  }

  @Test(
    "refuses parts that it cannot take the envelope out of",
    arguments: [
      ("multipart/form-data; boundary=b", "--b\r\n\r\n<a/>\r\n--b--", "soap.bad-multipart"),
      ("multipart/related", "--b\r\n\r\n<a/>\r\n--b--", "soap.bad-multipart"),
      (
        "multipart/related; boundary=b; start=x", "--b\r\nContent-ID: y\r\n\r\n<a/>\r\n--b--",
        "soap.bad-multipart"
      ),
      (
        "multipart/related; boundary=b", "--b\r\nContent-Transfer-Encoding: base64\r\n\r\nPGE=\r\n--b--",
        "soap.bad-multipart"
      ),
      ("multipart/related; boundary=b", "--b\r\n\r\n<a/>", "soap.cut-short"),
      ("multipart/related; boundary=b", "--c\r\n\r\n<a/>", "soap.cut-short"),
    ])
  func badMultipart(_ type: String, _ body: String, _ id: String) throws {
    let answer = ScriptedServer.Answer.bytes(ScriptedServer.ok(Array(body.utf8), ["Content-Type: \(type)"]))
    let (landing, _, failure) = try run([answer, answer, answer])
    #expect(failure?.id == id && landing.payloads.isEmpty)
  }

  // MARK: - What a file cannot mean

  @Test(
    "says at which line the XML of a file is at fault",
    arguments: [
      ("<a>\n  <b>\n</a>\n", 14, "soap.not-well-formed"),
      ("<a>\n <b c=1/>\n</a>", 13, "soap.not-well-formed"),
      ("<a><![CDATA[${since}]]></a>", 12, "soap.not-well-formed"), ("text", 11, "soap.no-element"),
      ("<soap:Envelope/>", 11, "soap.whole-envelope"), ("<a>${sinse}</a>", 11, "http.unknown-value"),
      ("<a>\n</a><x:b/>", 13, "soap.not-well-formed"),
    ])
  func templates(_ text: String, _ line: Int, _ id: String) throws {
    let tree = Tree(.scalar(text, isPlain: false), at: FilePosition(file: "a.yaml", line: 11, column: 11))
    do {
      _ = try XMLTemplate(tree, name: "body", SettingsEnvironment())
      Issue.record("nothing was found")
    } catch {
      #expect(error.id == id && error.position?.line == line, "\(error)")
    }
  }

  @Test("points into the block, two columns behind its key")
  func column() throws {
    let tree = Tree(
      .scalar("<a>\n  <b></c>\n</a>", isPlain: false), at: FilePosition(file: "a.yaml", line: 11, column: 13))
    do { _ = try XMLTemplate(tree, name: "body", SettingsEnvironment()) } catch {
      // `      body: |` has its key at column 7, and its text begins at column 9.
      #expect(error.position == FilePosition(file: "a.yaml", line: 13, column: 14))
      #expect(error.message == "the XML of 'body' is not well-formed: 'b' is closed by 'c'")
    }
  }

  @Test(
    "wants combinations that make sense",
    arguments: [
      ([("body", "<a>${page}</a>")], "http.page-without-paginate"),
      ([("body", "<a>${cursor}</a>")], "soap.cursor-without-paginate"),
      ([("body", "<a>${since}</a>")], "http.since-without-first"),
      ([("paginate", ["page": [:]])], "soap.page-not-asked"),
      ([("paginate", ["page": [:], "offset": [:]])], "soap.paginate"),
      ([("action", "a\"b")], "soap.bad-action"),
      ([("system", "nope")], "http.unknown-system"),
    ] as [([(String, Written)], String)])
  func combinations(_ written: [(String, Written)], _ id: String) throws {
    do {
      _ = try run([], written)
      Issue.record("nothing was found")
    } catch let error as Diagnostic { #expect(error.id == id) }
  }
}

/// Gives another nonce each time.
private final class Nonces: @unchecked Sendable {
  private var count: UInt8 = 0

  func next() -> [UInt8] {
    count += 1
    return [UInt8](repeating: count, count: 16)
  }
}

private enum XMLScannerCheck {
  static func wellFormed(_ text: String) throws {
    let scanner = XMLScanner()
    try scanner.feed(Array(text.utf8)) { _ in }
    try scanner.finish { _ in }
  }
}
