// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Foundation
import PipelineTesting
import Records
import Testing

@testable import Extractors

@Suite("HTTP")
struct HTTPExtractorTests {
  /// 2026-11-22T22:00:00Z, which is the 23rd in Hà Giang.
  private static let now: Int64 = 1_795_384_800

  func system(_ server: ScriptedServer, _ change: (inout SystemSpec) -> Void = { _ in }) -> SystemSpec {
    var system = SystemSpec(name: "finance", baseURL: server.base + "/api")
    system.timeouts.connect = 2
    system.timeouts.firstByte = 5
    system.timeouts.stall = 5
    system.timeouts.whole = 20
    system.retries.attempts = 3
    change(&system)
    return system
  }

  func extractor(_ written: [(String, Written)], _ system: SystemSpec) throws -> HTTPExtractor {
    var extractor = try HTTPExtractor(
      Written.map(
        [("system", "finance"), ("path", "/assets")].filter { pair in !written.contains { $0.0 == pair.0 } }
          + written
      )
      .settings("extractor 'http'", systems: [system]))
    extractor.clock.now = { Self.now }
    extractor.clock.chance = { 0.5 }
    return extractor
  }

  /// Runs against a script; the landing counts the letter `r` as records.
  func run(
    _ script: [ScriptedServer.Answer], _ written: [(String, Written)] = [],
    since checkpoint: Checkpoint? = nil,
    _ change: (inout SystemSpec) -> Void = { _ in }, prepare: (MemoryLanding) -> Void = { _ in }
  ) throws -> (landing: MemoryLanding, requests: [ScriptedServer.Request], failure: StageFailure?) {
    let server = try ScriptedServer(script)
    defer { server.stop() }
    let landing = MemoryLanding()
    landing.countRecords = { $0.text.filter { $0 == "r" }.count }
    prepare(landing)
    var failure: StageFailure?
    do {
      try extractor(written, system(server, change)).extract(since: checkpoint, into: landing)
    } catch let error as StageFailure { failure = error }
    landing.close()
    #expect(landing.violations == [])
    return (landing, server.requests, failure)
  }

  @Test("ends a run that asks for longer than it may, and waits for nothing behind that moment")
  func runDeadline() throws {
    let busy = try run([.status(503, "Retry-After: 30")]) { $0.timeouts.run = 20 }
    #expect(busy.failure?.id == "extract.run-over" && busy.failure?.exit == .tryAgain)
    #expect(busy.landing.pauses == [] && busy.requests.count == 1)
    let patient = try run([.status(503, "Retry-After: 30"), .ok("r")]) { $0.timeouts.run = 40 }
    #expect(patient.failure == nil && patient.landing.pauses == [30])
  }

  @Test("keeps the promises of an extractor, and its secrets")
  func kit() throws {
    let server = try ScriptedServer(
      Array(
        repeating: .computed { request in
          ScriptedServer.ok(Array((request.target.contains("page=2") ? "r" : "rr").utf8), [])
        }, count: 200))
    defer { server.stop() }
    let system = system(server) { $0.authentication = .bearer(Secret("geheim-token")) }
    let extractor = try extractor(
      [
        ("query", ["key": "${secret:k}", "day": "${run_date}"]), ("headers", ["X-Key": "${secret:h}"]),
        ("paginate", ["page": ["parameter": "page", "size": "2"]]), ("since", ["parameter": "from"]),
      ], system)
    let refusals = try [401, 404, 500].map { try ScriptedServer([.status($0), .status($0), .status($0)]) }
    defer { for server in refusals { server.stop() } }
    let refused = try refusals.map {
      try self.extractor(
        [("query", ["key": "${secret:k}"])], self.system($0) { $0.authentication = .bearer(Secret("geheim")) }
      )
    }
    let kit = ExtractorKit(
      extractor, secrets: ["geheim"],
      broken: ["a 401": refused[0], "a 404": refused[1], "a 500": refused[2]]
    ) {
      let landing = MemoryLanding()
      landing.countRecords = { $0.text.count }
      return landing
    }
    #expect(kit.violations() == [])
    #expect(
      server.requests.allSatisfy {
        $0.headers["authorization"] == "Bearer geheim-token" && $0.headers["x-key"] == "geheim-h"
      })
    #expect(server.requests.first?.target == "/api/assets?key=geheim-k&day=2026-11-22&page=1")
  }

  @Test("takes the settings that its documentation shows, and calls a slip by its name")
  func settings() {
    let found = { (written: Written) in
      SettingsCheck.diagnostics(
        of: written.tree, against: HTTPExtractor.description.settings, owner: "extractor 'http'"
      ).map { "\($0.id): \($0.message)" }
    }
    #expect(
      found([
        "system": "finance", "path": "/api/v1/assets", "headers": ["X-Key": "${secret:K}"],
        "query": ["d": "${since}"],
        "paginate": ["page": ["parameter": "trang", "size_parameter": "so_dong", "size": "1000"]],
        "since": ["parameter": "tu_ngay", "format": "dd/MM/yyyy", "overlap": "1d", "by": "start"],
      ]) == [])
    #expect(
      found(["system": "finance", "path": "/${secret:K}", "paginate": ["page": ["sise": "1"]]]) == [
        "setting.secret-not-allowed: setting 'path' of extractor 'http' is not kept secret",
        "setting.unknown: unknown setting 'paginate.page.sise' for extractor 'http'",
      ])
  }

  @Test("lands an answer with where it came from and what was said of it")
  func single() throws {
    let (landing, requests, failure) = try run(
      [.ok("<a/>", "Content-Type: text/xml", "ETag: \"7\"", "Set-Cookie: s=1")],
      [("query", ["tên": "Hà Giang & Co", "n": "1"])])
    #expect(failure == nil)
    #expect(requests.first?.line == "GET /api/assets?t%C3%AAn=H%C3%A0%20Giang%20%26%20Co&n=1 HTTP/1.1")
    #expect(
      landing.payloads == [
        MemoryLanding.Payload(
          head: PayloadHead(
            origin: "http:finance/assets?tên=Hà Giang & Co&n=1", name: "assets",
            request: ["tên": "Hà Giang & Co", "n": "1"],
            response: ["status": "200", "content-type": "text/xml", "etag": "\"7\""], expectedBytes: 4),
          bytes: Array("<a/>".utf8))
      ])
    #expect(!landing.hasFinished)
  }

  @Test("turns pages until one is short")
  func shortPage() throws {
    let (landing, requests, failure) = try run(
      [.ok("rr1"), .ok("rr2"), .ok("r")],
      [("paginate", ["page": ["parameter": "trang", "size_parameter": "so_dong", "size": "2"]])])
    #expect(failure == nil)
    #expect(requests.map(\.target) == [1, 2, 3].map { "/api/assets?trang=\($0)&so_dong=2" })
    #expect(landing.payloads.map(\.head.name) == ["page 1", "page 2", "page 3"])
    #expect(landing.payloads.last?.head.request == ["trang": "3", "so_dong": "2"])
  }

  @Test("turns pages until one is empty, or there is no content")
  func emptyPage() throws {
    #expect(
      try run([.ok("rr1"), .ok("rr2"), .ok("")], [("paginate", ["page": ["parameter": "p"]])]).landing
        .payloads.count == 3)
    let (landing, _, failure) = try run(
      [.ok("rr1"), .raw("HTTP/1.1 204 None\r\nConnection: close\r\n\r\n")],
      [("paginate", ["page": ["parameter": "p", "first": "0"]])])
    #expect(failure == nil && landing.payloads.count == 1)
  }

  @Test("counts records instead of pages when asked")
  func offset() throws {
    let (_, requests, _) = try run(
      [.ok("rr1"), .ok("rr2"), .ok("r")], [("paginate", ["offset": ["parameter": "skip", "size": "2"]])])
    #expect(requests.map(\.target) == [0, 2, 4].map { "/api/assets?skip=\($0)" })
  }

  @Test("stops at a source that gives the same page again, or pages without end")
  func pagesWithoutEnd() throws {
    let paginate: (String, Written) = ("paginate", ["page": ["parameter": "p", "size": "1"]])
    let same = try run([.ok("r"), .ok("r")], [paginate])
    #expect(same.failure?.id == "extract.same-page" && same.failure?.exit == .sourceProtocol)
    #expect(same.landing.payloads.count == 1 && same.landing.discarded.count == 1)
    let endless = try run((1...9).map { .ok("r\($0)") }, [paginate, ("most_pages", "3")])
    #expect(endless.failure?.id == "extract.pages-without-end" && endless.failure?.exit == .sourceProtocol)
    #expect(endless.requests.count == 3)
  }

  @Test("asks for what changed since the last complete run began, less the overlap")
  func since() throws {
    let settings: [(String, Written)] = [
      ("since", ["parameter": "tu_ngay", "format": "dd/MM/yyyy HH:mm", "overlap": "1d"]),
      ("paginate", ["page": ["parameter": "p", "size": "2"]]),
    ]
    let first = try run([.ok("rr"), .ok("r")], settings)
    #expect(first.requests.map(\.target) == ["/api/assets?p=1", "/api/assets?p=2"])
    #expect(first.landing.payloads.allSatisfy { $0.checkpoint == nil })
    #expect(first.landing.finished == Checkpoint(json: "{\"since\":\"2026-11-22T22:00:00Z\"}"))
    let second = try run([.ok("")], settings, since: first.landing.finished)
    #expect(second.requests.map(\.target) == ["/api/assets?tu_ngay=22%2F11%2F2026%2005%3A00&p=1"])
  }

  @Test("moves no checkpoint when a page fails")
  func sinceFailed() throws {
    let (landing, _, failure) = try run(
      [.ok("rr"), .status(404)],
      [("since", ["parameter": "d"]), ("paginate", ["page": ["parameter": "p", "size": "2"]])])
    #expect(failure?.exit == .unavailable)
    #expect(landing.payloads.count == 1 && landing.checkpoint == nil)
  }

  @Test("puts run-time values into path, query and body")
  func values() throws {
    let (landing, requests, _) = try run(
      [.ok("r")],
      [
        ("path", "ngay/${run_date:yyyyMMdd}/Hà Giang"), ("method", "POST"),
        ("body", "<q><tu>${since:yyyy}</tu><trang>${page}</trang><mk>${secret:p}</mk></q>"),
        ("since", ["first": "2000-01-01"]), ("paginate", ["page": ["size": "5"]]),
        ("query", ["d": "${run_date:d/M}"]),
      ])
    #expect(requests.first?.line == "POST /api/ngay/20261122/H%C3%A0%20Giang?d=22%2F11 HTTP/1.1")
    #expect(requests.first?.body == "<q><tu>2000</tu><trang>1</trang><mk>geheim-p</mk></q>")
    #expect(requests.first?.headers["content-type"] == "text/xml; charset=utf-8")
    #expect(
      landing.payloads.first?.head.origin.hasPrefix("http:finance/ngay/20261122/Hà Giang?d=22/11#") == true)
  }

  @Test("signs in", arguments: ["basic", "header"])
  func signsIn(_ way: String) throws {
    let (_, requests, _) = try run([.ok("r")]) { system in
      system.authentication =
        way == "basic" ? .basic(user: Secret("a:b"), password: Secret("ầ")) : .headers(["X-Key": Secret("k")])
    }
    let headers = requests.first?.headers
    #expect(
      way == "basic"
        ? headers?["authorization"] == "Basic \(Data("a:b:ầ".utf8).base64EncodedString())"
        : headers?["x-key"] == "k")
  }

  @Test("sends no secret that would begin a header of its own")
  func injection() throws {
    let (_, requests, failure) = try run([.ok("r")]) { $0.authentication = .bearer(Secret("x\r\nEvil: 1")) }
    #expect(failure?.id == "extract.unusable-secret" && requests.isEmpty)
    #expect("\(failure?.message ?? "")\(failure?.help ?? "")".contains("Evil") == false)
  }

  @Test(
    "leaves with the code of what the source said",
    arguments: [
      (401, "extract.forbidden", ExitCode.permission), (403, "extract.forbidden", .permission),
      (404, "extract.not-there", .unavailable), (410, "extract.not-there", .unavailable),
      (400, "extract.refused", .unavailable), (501, "extract.refused", .unavailable),
    ])
  func refusals(_ status: Int, _ id: String, _ exit: ExitCode) throws {
    let (landing, requests, failure) = try run([.status(status)], [("query", ["q": "hunter2"])])
    #expect(failure?.id == id && failure?.exit == exit)
    #expect(requests.count == 1 && landing.payloads.isEmpty && landing.discarded.isEmpty)
    #expect(failure?.place?.hasSuffix("/api/assets") == true)
  }

  @Test("tries again with growing waits, then goes on", arguments: [429, 500, 503, 408])
  func retries(_ status: Int) throws {
    let (landing, requests, failure) = try run([.status(status), .status(status), .ok("r")])
    #expect(failure == nil && requests.count == 3 && landing.payloads.count == 1)
    #expect(landing.pauses == [0.5, 1])
  }

  @Test("gives up after the last try, or when the run's budget is spent")
  func givesUp() throws {
    let script = (1...9).map { _ in ScriptedServer.Answer.status(503) }
    let attempts = try run(script)
    #expect(attempts.requests.count == 3)
    #expect(attempts.failure?.exit == .tryAgain && attempts.failure?.isTransient == true)
    #expect(try run(script, [], { $0.retries.budget = 1 }).requests.count == 2)
  }

  @Test("waits as long as the source asks, up to the longest wait")
  func retryAfter() throws {
    let date = "Sun, 22 Nov 2026 22:00:20 GMT"
    let (landing, _, _) = try run(
      [
        .status(429, "Retry-After: 7"), .status(503, "Retry-After: \(date)"),
        .status(503, "Retry-After: 99999999999"), .ok("r"),
      ],
      [], { $0.retries.attempts = 9 })
    #expect(landing.pauses == [7, 20, 60])
  }

  @Test(
    "reads Retry-After",
    arguments: [
      ("7", 7), ("0", 0), ("-1", nil), ("x", nil), ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
      ("Sun, 31 Feb 2026 00:00:00 GMT", nil),
    ] as [(String, Double?)])
  func retryAfterText(_ text: String, _ expected: Double?) {
    #expect(RetryPolicy.asked(text, now: Self.now) == expected)
  }

  @Test("waits at random between nothing and a bound that doubles")
  func backoff() {
    let policy = RetryPolicy(retries: SystemSpec.Retries())
    #expect([1, 2, 3, 7, 99].map { policy.wait(after: $0, asked: nil, chance: 1) } == [1, 2, 4, 60, 60])
    #expect(policy.wait(after: 5, asked: nil, chance: 0) == 0)
    #expect(policy.wait(after: 1, asked: 5, chance: 0) == 5)
  }

  @Test("drops an answer that is cut short and asks again; leaves with 76 when it stays so")
  func cutShort() throws {
    let cut = ScriptedServer.Answer.raw(
      "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + String(repeating: "r", count: 1000))
    let mended = try run([cut, .ok("r")])
    #expect(
      mended.failure == nil && mended.landing.payloads.map(\.text) == ["r"]
        && mended.landing.discarded.count == 1)
    let chunked = ScriptedServer.Answer.raw(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nrrrrr\r\n9\r\nrr")
    let broken = try run([cut, chunked, cut])
    #expect(broken.failure?.id == "extract.cut-short" && broken.failure?.exit == .sourceProtocol)
    #expect(broken.landing.payloads.isEmpty)
  }

  @Test("takes a lost connection and an unknown host for what they are")
  func lost() throws {
    let lost = try run([.raw(""), .raw(""), .raw("")])
    #expect(lost.failure?.id == "extract.lost" && lost.failure?.exit == .tryAgain && lost.requests.count == 3)
    let refused = try run([], [], { $0.baseURL = "http://127.0.0.1:1" })
    #expect(refused.failure?.exit == .tryAgain)
    let unknown = try run([], [], { $0.baseURL = "https://terrace.invalid" })
    #expect(unknown.failure?.id == "extract.unknown-host" && unknown.failure?.exit == .unavailable)
  }

  @Test("gives up on a source that says nothing, stands still, or takes too long", .timeLimit(.minutes(1)))
  func timeouts() throws {
    let silent = try run(
      [.hang(after: [])], [],
      { system in
        system.retries.attempts = 1
        (system.timeouts.connect, system.timeouts.firstByte) = (0.1, 0.1)
      })
    #expect(
      silent.failure?.id == "extract.lost"
        && silent.failure?.message.hasPrefix("no answer within 100ms") == true)
    let head =
      Array("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n".utf8) + [UInt8](repeating: 114, count: 2000)
    let still = try run(
      [.hang(after: head)], [],
      { system in
        system.retries.attempts = 1
        system.timeouts.stall = 0.1
      })
    #expect(still.failure?.message.hasPrefix("the answer stood still for 100ms") == true)
    #expect(still.landing.discarded.count == 1)
    let slow = try run(
      [.hang(after: head)], [],
      { system in
        system.retries.attempts = 1
        system.timeouts.whole = 0.3
      })
    #expect(slow.failure?.message.hasPrefix("the answer was not complete within 300ms") == true)
  }

  @Test("tells standing still from slow")
  func watch() {
    var times = SystemSpec.Timeouts()
    (times.connect, times.firstByte, times.stall) = (10, 60, 60)
    var watch = ProgressWatch(times, now: 0)
    #expect(watch.judge(received: 0, hasHead: false, now: 69) == nil)
    #expect(watch.judge(received: 0, hasHead: false, now: 71) == .firstByte)
    #expect(watch.judge(received: 0, hasHead: true, now: 80) == nil)
    #expect(watch.judge(received: 2000, hasHead: true, now: 141) == nil)
    #expect(watch.judge(received: 2001, hasHead: true, now: 200) == nil)
    #expect(watch.judge(received: 2060, hasHead: true, now: 202) == .stall)
  }

  @Test("stops in the middle of an answer when the run is cancelled", .timeLimit(.minutes(1)))
  func cancelled() throws {
    let head =
      Array("HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n".utf8) + [UInt8](repeating: 114, count: 2000)
    let (landing, _, failure) = try run(
      [.hang(after: head)], [("since", ["parameter": "d"])], prepare: { $0.cancelsWithinPayload = true })
    #expect(
      failure == nil && landing.payloads.isEmpty && landing.discarded.count == 1 && !landing.hasFinished)
  }

  @Test(
    "refuses a web page where data were expected, by its type or its first words",
    arguments: [
      ("text/html; charset=utf-8", "x"), ("application/xml", "\u{FEFF}\n <!DOCTYPE HTML><p>"),
      ("text/xml", "<?xml version='1.0'?><!-- c --><html>"),
    ])
  func html(_ type: String, _ body: String) throws {
    let (landing, requests, failure) = try run([.ok(body, "Content-Type: \(type)")])
    #expect(failure?.id == "extract.html-instead-of-data" && failure?.exit == .sourceProtocol)
    #expect(landing.payloads.isEmpty && landing.discarded.isEmpty && requests.count == 1)
    #expect(
      try run([.ok(body, "Content-Type: \(type)")], [("accepts_html", "true")]).landing.payloads.count == 1)
  }

  @Test("undoes gzip, within bounds")
  func gzip() throws {
    let small = ScriptedServer.ok(Gzip.compress("rrr"), ["Content-Encoding: gzip"])
    let (landing, requests, _) = try run([.bytes(small)])
    #expect(landing.payloads.map(\.text) == ["rrr"] && landing.payloads.first?.head.expectedBytes == nil)
    #expect(requests.first?.headers["accept-encoding"] == "gzip, deflate, zstd")
    let bomb = ScriptedServer.ok(
      Gzip.compress(String(repeating: "0", count: 8 << 20)), ["Content-Encoding: gzip"])
    let exploded = try run([.bytes(bomb)])
    #expect(exploded.failure?.id == "extract.decompression-bomb" && exploded.landing.discarded.count == 1)
    let cut = ScriptedServer.ok(Array(Gzip.compress("rrrrrr").dropLast(4)), ["Content-Encoding: gzip"])
    #expect(try run([.bytes(cut), .bytes(small)]).landing.payloads.map(\.text) == ["rrr"])
    #expect(try run([.ok("x", "Content-Encoding: br")]).failure?.id == "extract.unknown-encoding")
  }

  @Test("bounds an answer")
  func limit() throws {
    let (landing, _, failure) = try run([.ok(String(repeating: "r", count: 5000))], [("limit_bytes", "4KiB")])
    #expect(
      failure?.id == "extract.too-large" && failure?.exit == .sourceProtocol && landing.payloads.isEmpty)
  }

  @Test("follows to the same origin only, and not for ever")
  func redirects() throws {
    let moved = try run([.status(301, "Location: /other?x=1"), .ok("r")])
    #expect(moved.failure == nil && moved.requests.map(\.target) == ["/api/assets", "/other?x=1"])
    let elsewhere = try run(
      [.status(302, "Location: http://127.0.0.2:9/steal?token=t")], [],
      { $0.authentication = .headers(["X-Key": Secret("k")]) })
    #expect(
      elsewhere.failure?.message == "the source sends us on to http://127.0.0.2:9"
        && elsewhere.requests.count == 1)
    for location in ["file:///etc/passwd", "ftp://127.0.0.1/x", "//user@127.0.0.1/"] {
      #expect(
        try run([.status(302, "Location: \(location)")]).failure?.id == "extract.redirect-elsewhere",
        "\(location)")
    }
    let circle = try run((1...9).map { _ in .status(307, "Location: /api/assets") })
    #expect(circle.failure?.id == "extract.redirects-without-end" && circle.requests.count == 6)
  }

  @Test("calls no one outside the system's hours, and no more often than allowed")
  func politeness() throws {
    let closed = try run([.ok("r")], [], { $0.hours = [SystemSpec.Hours(from: 0, to: 0)] })
    #expect(
      closed.failure?.id == "extract.outside-hours" && closed.failure?.exit == .tryAgain
        && closed.requests.isEmpty)
    let pages: (String, Written) = ("paginate", ["page": ["parameter": "p", "size": "1"]])
    let paced = try run([.ok("r1"), .ok("r2"), .ok("")], [pages], { $0.requestsPerMinute = 6 })
    #expect(paced.landing.pauses.count == 2 && paced.landing.pauses.allSatisfy { $0 > 8 && $0 <= 10 })
  }

  @Test(
    "finds settings that make no sense together",
    arguments: [
      ("http.unknown-system", ["system": "finanse"]), ("http.body-without-post", ["body": "x"]),
      ("http.bad-path", ["path": "/a?b=c"]), ("http.unknown-value", ["query": ["a": "${sinse}"]]),
      ("http.bad-format", ["query": ["a": "${run_date:dd/mmm}"]]),
      ("http.bad-header", ["headers": ["a b": "c"]]),
      ("http.page-without-paginate", ["path": "/${page}"]),
      ("http.since-without-first", ["path": "/${since}"]),
      ("http.paginate", ["paginate": [:]]), ("http.bad-format", ["since": ["format": "ddd"]]),
      ("http.bad-zone", ["since": ["zone": "ICT"]]), ("http.bad-day", ["since": ["first": "2000"]]),
      ("setting.wrong-type", ["path": [:]]),
    ] as [(String, Written)])
  func combinations(_ id: String, _ written: Written) throws {
    guard case .map(let entries) = written else { return }
    #expect(throws: (any Error).self) {
      _ = try extractor(entries, SystemSpec(name: "finance", baseURL: "https://h"))
    }
    do {
      _ = try extractor(entries, SystemSpec(name: "finance", baseURL: "https://h"))
    } catch let found as Diagnostic {
      #expect(found.id == id)
    }
  }

  @Test("writes dates as sources want them")
  func dates() {
    let moment = Instant(microseconds: Self.now * 1_000_000)
    let text = { (pattern: String) in DatePattern(pattern)?.text(moment, zoneMinutes: 420) }
    #expect(text("dd/MM/yyyy") == "23/11/2026")
    #expect(text("yyyy-MM-dd'T'HH:mm:ssZ") == "2026-11-23T05:00:00Z")
    #expect(text("d 'tháng' M") == "23 tháng 11")
    #expect(text("epoch") == "1795384800")
    #expect(text("YYYY") == nil && text("dd'x") == nil && text("") == nil)
  }
}
