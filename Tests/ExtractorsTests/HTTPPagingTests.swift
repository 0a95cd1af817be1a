// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import PipelineTesting
import Records
import Testing

@testable import Extractors

// Answers are `<records> <what a path of them gives>`: `rr abc` has two records and the cursor `abc`.
extension HTTPExtractorTests {
  private func run(
    _ script: [ScriptedServer.Answer], _ paginate: Written, _ more: [(String, Written)] = []
  ) throws -> (landing: MemoryLanding, requests: [ScriptedServer.Request], failure: StageFailure?) {
    try run(
      script, [("paginate", paginate)] + more,
      prepare: { landing in
        landing.countRecords = { $0.text.prefix { $0 == "r" }.count }
        landing.readValues = { payload, paths in
          paths.map { path in
            path.text == "/meta/next"
              ? payload.text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).dropFirst()
                .first.map(String.init)
              : "wrong path"
          }
        }
      })
  }

  private static let cursor: Written = ["cursor": ["path": "/meta/next", "parameter": "sau"]]
  private static let next: Written = ["next": ["path": "/meta/next"]]

  @Test("goes on by the cursor that each answer holds, until one holds none")
  func cursor() throws {
    let (landing, requests, failure) = try run([.ok("rr a&b"), .ok("r c=="), .ok("r")], Self.cursor)
    #expect(failure == nil)
    #expect(requests.map(\.target) == ["/api/assets", "/api/assets?sau=a%26b", "/api/assets?sau=c%3D%3D"])
    #expect(landing.payloads.map(\.head.name) == ["page 1", "page 2", "page 3"])
    // Cursors may differ in each run: an origin has the number of the page.
    #expect(landing.payloads.map(\.head.origin) == [1, 2, 3].map { "http:finance/assets#\($0)" })
    #expect(landing.payloads.map(\.head.request) == [[:], ["sau": "a&b"], ["sau": "c=="]])
  }

  @Test("takes a cursor that is false for the end")
  func falseCursor() throws {
    let (landing, requests, failure) = try run([.ok("rr false")], Self.cursor)
    #expect(failure == nil && requests.count == 1 && landing.payloads.count == 1)
  }

  @Test("begins with the first cursor and asks for a size where the file says so; an empty page is no end")
  func firstCursor() throws {
    let paginate: Written = [
      "cursor": ["path": "/meta/next", "parameter": "sau", "first": "*", "size_parameter": "n", "size": "50"]
    ]
    let (_, requests, failure) = try run(
      [.ok("r x"), .ok(" y"), .ok("r")], paginate, [("query", ["q": "1"])])
    #expect(failure == nil)
    #expect(
      requests.map(\.target) == ["*", "x", "y"].map { "/api/assets?q=1&sau=\($0 == "*" ? "%2A" : $0)&n=50" })
  }

  @Test(
    "ends at a cursor of nothing but white space, at no content, and at its own cursor behind the last record"
  )
  func cursorEnds() throws {
    #expect(try run([.ok("r a"), .ok("r    ")], Self.cursor).failure == nil)
    let none = try run([.ok("r a"), .raw("HTTP/1.1 204 None\r\nConnection: close\r\n\r\n")], Self.cursor)
    #expect(none.failure == nil && none.landing.payloads.count == 1)
    let own = try run([.ok("r a"), .ok(" a")], Self.cursor)
    #expect(own.failure == nil && own.requests.count == 2)
  }

  @Test("stops at cursors in a circle, and at pages without end")
  func cursorCircle() throws {
    let circle = try run([.ok("r a"), .ok("rr b"), .ok("rrr a"), .ok("r b")], Self.cursor)
    #expect(circle.failure?.id == "extract.pages-in-circle" && circle.failure?.exit == .sourceProtocol)
    #expect(circle.requests.count == 3)
    let same = try run([.ok("r a"), .ok("rr a")], Self.cursor)
    #expect(same.failure?.id == "extract.pages-in-circle")
    let endless = try run((1...9).map { .ok("r \($0)") }, Self.cursor, [("most_pages", "3")])
    #expect(endless.failure?.id == "extract.pages-without-end" && endless.requests.count == 3)
  }

  @Test("moves the checkpoint only when the last page was reached")
  func cursorCheckpoint() throws {
    let since: (String, Written) = ("since", ["parameter": "from"])
    #expect(try run([.ok("r a"), .ok("r")], Self.cursor, [since]).landing.hasFinished)
    #expect(try !run([.ok("r a"), .ok("rr a")], Self.cursor, [since]).landing.hasFinished)
    #expect(try !run([.ok("r a"), .status(404)], Self.cursor, [since]).landing.hasFinished)
  }

  @Test("calls the next address, relative or whole, as the answer gives it")
  func next() throws {
    let (landing, requests, failure) = try run(
      [
        .ok("r ?trang=2&q=a%20b"), .ok("r /api/v2/tài sản?trang=3#x"), .ok("r ../v3?p=4"),
        .computed { request in
          ScriptedServer.ok(Array("r http://\(request.headers["host"] ?? "")/api/last".utf8), [])
        },
        .ok("r"),
      ], Self.next, [("query", ["q": "a b"])])
    #expect(failure == nil)
    #expect(
      requests.map(\.target) == [
        "/api/assets?q=a%20b", "/api/assets?trang=2&q=a%20b", "/api/v2/t%C3%A0i%20s%E1%BA%A3n?trang=3",
        "/api/v3?p=4", "/api/last",
      ])
    #expect(landing.payloads.map(\.head.origin) == (1...5).map { "http:finance/assets?q=a b#\($0)" })
    #expect(landing.payloads.allSatisfy { $0.head.request == ["q": "a b"] })
  }

  @Test(
    "never takes secrets to another origin because an answer says so",
    arguments: [
      "https://127.0.0.1/api?page=2", "http://127.0.0.1:1/api", "//example.org/api", "http://user@127.0.0.1/",
      "file:///etc/passwd", "ftp://127.0.0.1/", "http://[bad", "javascript:alert(1)",
    ])
  func nextElsewhere(_ link: String) throws {
    let (landing, requests, failure) = try run([.ok("r \(link)"), .ok("r")], Self.next)
    #expect(failure?.id == "extract.next-elsewhere" && failure?.exit == .sourceProtocol)
    #expect(requests.count == 1 && landing.payloads.count == 1)
  }

  @Test("stops at addresses in a circle")
  func nextCircle() throws {
    let circle = try run([.ok("r ?p=2"), .ok("rr ?p=3"), .ok("rrr ?p=2"), .ok("r")], Self.next)
    #expect(circle.failure?.id == "extract.pages-in-circle" && circle.requests.count == 3)
    let first = try run([.ok("r ?p=2"), .ok("rr /api/assets"), .ok("r")], Self.next)
    #expect(first.failure?.id == "extract.pages-in-circle" && first.requests.count == 2)
  }

  @Test("names no part of a query that an answer gave")
  func nextPlace() throws {
    let (_, _, failure) = try run([.ok("r /api/b?token=geheim"), .status(404)], Self.next)
    #expect(failure?.id == "extract.not-there" && failure?.place?.hasSuffix("/api/b") == true)
  }

  @Test(
    "wants one way of paging, with what it needs",
    arguments: [
      (["cursor": ["path": "/a"]], "setting.missing"), (["next": ["path": "a/b"]], "path.not-from-document"),
      (["next": ["path": "/a["]], "path.malformed"), (["next": [:]], "setting.missing"),
      (["next": ["path": "/a", "size": "1"]], "setting.unknown"),
    ] as [(Written, String)])
  func pagingSettings(_ paginate: Written, _ id: String) {
    let found = SettingsCheck.diagnostics(
      of: Written.map([("system", "finance"), ("path", "/"), ("paginate", paginate)]).tree,
      against: HTTPExtractor.description.settings, owner: "extractor 'http'")
    #expect(found.map(\.id) == [id])
  }

  @Test("has no number of a page where pages have none, and one way only")
  func pagingCombinations() throws {
    func fault(_ more: [(String, Written)]) -> String? {
      do {
        _ = try run([], more)
        return nil
      } catch { return (error as? Diagnostic)?.id }
    }
    #expect(fault([("paginate", Self.cursor), ("query", ["p": "${page}"])]) == "http.page-without-paginate")
    #expect(
      fault([("paginate", ["next": ["path": "/a"], "page": ["parameter": "p"]])]) == "http.paginate")
  }
}
