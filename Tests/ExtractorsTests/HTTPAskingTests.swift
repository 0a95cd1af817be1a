// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import PipelineTesting
import Records
import Testing

@testable import Extractors

// Answers are `<records> <what a path of them gives>`: `rr 40` has two records and 40 at each path.
extension HTTPExtractorTests {
  func asked(
    _ script: [ScriptedServer.Answer], _ written: [(String, Written)], since checkpoint: Checkpoint? = nil,
    prepare: (MemoryLanding) -> Void = { _ in }
  ) throws -> (landing: MemoryLanding, targets: [String], failure: StageFailure?) {
    let (landing, requests, failure) = try run(
      script, written, since: checkpoint,
      prepare: { landing in
        func words(_ text: String) -> [String] {
          text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        }
        landing.countRecords = { words($0.text)[0].count }
        landing.readValues = { payload, paths in paths.map { _ in words(payload.text).dropFirst().first } }
        landing.readLastValue = { payload, _ in words(payload.text).dropFirst().first }
        landing.readEvery = { bytes, path, decoder in
          #expect(path.text == "/ids" && decoder == "json")
          return words(String(decoding: bytes, as: UTF8.self))
        }
        prepare(landing)
      })
    return (landing, requests.map(\.target), failure)
  }

  // MARK: - Pages

  @Test("follows the header Link, whole or relative, until there is no next; never to another origin")
  func link() throws {
    let paginate: [(String, Written)] = [("paginate", ["link": [:]]), ("query", ["q": "1"])]
    let (landing, targets, failure) = try asked(
      [
        .ok("r", "Link: <?page=2>; rel=\"next\", <?page=9>; rel=last"),
        .ok(
          "rr", "Link: </api/first>; rel=first", "Link: </api/assets?page=3>; title=\"a, b\"; rel=\"x NEXT\""),
        .ok("rrr", "Link: <?page=1>; rel=prev"),
      ], paginate)
    #expect(failure == nil)
    #expect(targets == ["/api/assets?q=1", "/api/assets?page=2", "/api/assets?page=3"])
    #expect(landing.payloads.map(\.head.origin) == (1...3).map { "http:finance/assets?q=1#\($0)" })
    let elsewhere = try asked([.ok("r", "Link: <http://127.0.0.1:1/api>; rel=next"), .ok("r")], paginate)
    #expect(elsewhere.failure?.id == "extract.next-elsewhere" && elsewhere.targets.count == 1)
    let circle = try asked([.ok("r", "Link: <?q=1>; rel=next"), .ok("r")], paginate)
    #expect(circle.failure?.id == "extract.pages-in-circle")
  }

  @Test(
    "reads a Link header as RFC 8288 says",
    arguments: [
      ("<a>; rel=next", "a"), ("<a>;rel=\"prev next\"", "a"), ("<a>; rel=prev, <b>; rel=next", "b"),
      (" , <a;b,c>; title=\"x\\\"; rel=next\" ; REL = Next", "a;b,c"), ("<a>; rel=prev; rel=next", nil),
      ("<a>; rel=next; anchor=\"#x\"", nil), ("a; rel=next", nil), ("<a; rel=next", nil), ("", nil),
      ("<a>", nil), ("<a>; rel=\"next", "a"), ("<>; rel=next", ""), ("<a>; rel=nextt, <b> x; rel=next", nil),
    ] as [(String, String?)])
  func linkHeader(_ text: String, _ expected: String?) {
    #expect(LinkHeader.target(of: "next", in: text) == expected)
  }

  @Test("goes on behind the last record of a page, until one is short or empty")
  func last() throws {
    let last: Written = ["last": ["path": "id", "parameter": "after", "size_parameter": "n", "size": "2"]]
    let (landing, targets, failure) = try asked(
      [.ok("rr a&b"), .ok("rr 7"), .ok("r 8")], [("paginate", last)])
    #expect(failure == nil)
    #expect(targets == ["/api/assets?n=2", "/api/assets?after=a%26b&n=2", "/api/assets?after=7&n=2"])
    // Values of records are the source's own: the same page is the same origin in each run.
    #expect(landing.payloads.last?.head.origin == "http:finance/assets?after=7&n=2")
    let none = try asked([.ok("rr ")], [("paginate", last)])
    #expect(none.failure?.id == "extract.last-without-value")
    let stuck = try asked([.ok("rr 1"), .ok("ss 1")], [("paginate", last)])
    #expect(stuck.failure?.id == "extract.pages-in-circle")
  }

  @Test("takes the cursor from a header; a full page that comes again is no page")
  func headerCursor() throws {
    let paginate: [(String, Written)] = [
      ("paginate", ["cursor": ["header": "X-Next", "parameter": "c"]])
    ]
    let (_, targets, failure) = try asked(
      [.ok("r", "x-next: a"), .ok(" ", "X-NEXT: b"), .ok(" ", "X-Next: c"), .ok("rr")], paginate)
    #expect(failure == nil)
    #expect(targets.dropFirst() == ["/api/assets?c=a", "/api/assets?c=b", "/api/assets?c=c"])
    let same = try asked((1...9).map { .ok("rr", "X-Next: \($0)") }, paginate)
    #expect(same.failure?.id == "extract.same-page" && same.targets.count == 2)
  }

  @Test("turns pages until as many records or pages came as the source declares")
  func extents() throws {
    func paging(_ extent: String) -> [(String, Written)] {
      [("paginate", ["page": ["parameter": "p", "size": "50", extent: "/meta/total"]])]
    }
    // The system gives no more than two at once, whatever it is asked for.
    let total = try asked([.ok("rr 5"), .ok("ss 5"), .ok("t 5")], paging("total"))
    #expect(total.failure == nil && total.targets.count == 3)
    let pages = try asked([.ok("rr 2"), .ok("ss 2")], paging("pages"))
    #expect(pages.failure == nil && pages.targets.count == 2)
    let none = try asked([.ok(" 0")], paging("total"))
    #expect(none.failure == nil && none.targets.count == 1)
    let fewer = try asked([.ok("rr 5"), .ok(" 5")], paging("total"))
    #expect(fewer.failure?.id == "extract.pages-missing")
    for text in ["rr", "rr x", "rr -1", "rr 99999999999999999999"] {
      #expect(try asked([.ok(text)], paging("pages")).failure?.id == "extract.no-extent", "\(text)")
    }
  }

  @Test("sees a page that came before, however long ago")
  func samePage() throws {
    let (landing, targets, failure) = try asked(
      [.ok("ab"), .ok("cd"), .ok("ab"), .ok("ef")], [("paginate", ["page": ["parameter": "p"]])])
    #expect(
      failure?.id == "extract.same-page" && failure?.message.contains("page 3 is the same as page 1") == true)
    #expect(targets.count == 3 && landing.payloads.count == 2)
  }

  @Test("fails at a page that stays broken, keeps those before and says no end")
  func poison() throws {
    let (landing, targets, failure) = try asked(
      [.ok("ab"), .status(500), .status(500), .status(500)],
      [("paginate", ["page": ["parameter": "p"]]), ("since", ["parameter": "from"])])
    #expect(failure?.id == "extract.busy" && failure?.exit == .tryAgain)
    #expect(targets.count == 4 && landing.payloads.count == 1 && !landing.hasFinished)
  }

  // MARK: - Each, list, windows

  @Test("asks once, or page by page, for each; values fit the path they stand in")
  func each() throws {
    let (landing, targets, failure) = try asked(
      [.ok("ab"), .ok("c"), .ok("d")],
      [
        ("path", "/units/${each}/pupils"), ("each", ["values": ["x/y?", "", "z", "z"]]),
        ("paginate", ["page": ["parameter": "p", "size": "2"]]),
      ])
    #expect(failure == nil)
    #expect(
      targets == [
        "/api/units/x%2Fy%3F/pupils?p=1", "/api/units/x%2Fy%3F/pupils?p=2", "/api/units/z/pupils?p=1",
      ])
    #expect(landing.payloads.map(\.head.name) == ["x/y? page 1", "x/y? page 2", "z page 1"])
    #expect(landing.payloads.map { $0.head.request["each"] } == ["x/y?", "x/y?", "z"])
    let dots = try asked([.ok("a")], [("path", "/u/${each}"), ("each", ["values": [".."]])])
    #expect(dots.failure?.id == "extract.unusable-value" && dots.targets == [])
  }

  @Test("asks for each code of a list, and each value of the center")
  func eachOf() throws {
    let codes = try asked(
      [.ok("a"), .ok("b")], [("each", ["code_list": "commune", "parameter": "xa"])],
      prepare: { $0.codesOfLists = ["commune": ["00688", "00691"]] })
    #expect(codes.targets == ["/api/assets?xa=00688", "/api/assets?xa=00691"])
    let center = try asked(
      [.ok("a")], [("each", ["center": "school.code"]), ("query", ["truong": "${each}"])],
      prepare: { $0.valuesOfCenter = ["school.code": ["T 1"]] })
    #expect(center.targets == ["/api/assets?truong=T%201"])
    let none = try asked([], [("each", ["code_list": "none", "parameter": "xa"])])
    #expect(none.failure == nil && none.landing.notices == ["'each' has nothing to ask for"])
  }

  @Test("first asks for the ids, then for each record, or for some at once")
  func list() throws {
    let since: (String, Written) = ("since", ["first": "2026-11-20"])
    let single = try asked(
      [.ok("7 9 7"), .ok("a"), .ok("b")],
      [
        ("path", "/hoso/${id}"),
        ("list", ["path": "/ds", "query": ["ngay": "${since:dd/MM/yyyy}"], "ids": "/ids"]), since,
      ])
    #expect(single.failure == nil)
    #expect(single.targets == ["/api/ds?ngay=20%2F11%2F2026", "/api/hoso/7", "/api/hoso/9"])
    #expect(single.landing.payloads.map(\.head.origin) == ["http:finance/hoso/7", "http:finance/hoso/9"])
    #expect(single.landing.hasFinished)
    let groups = try asked(
      [.ok("1 2 3"), .ok("a"), .ok("b")],
      [
        ("method", "POST"), ("body", "{\"ds\":[\"${ids}\"]}"),
        ("list", ["path": "/ds", "ids": "/ids", "group": "2", "separator": "\",\""]),
      ])
    #expect(groups.targets == ["/api/ds", "/api/assets", "/api/assets"])
    #expect(groups.landing.payloads.map(\.head.name) == ["1 and 1 more", "3"])
    #expect(
      try asked([.ok("")], [("query", ["i": "${id}"]), ("list", ["path": "/d", "ids": "/ids"])]).failure
        == nil)
  }

  @Test("no value from elsewhere leaves its place in a body")
  func bodyEscapes() {
    #expect(BodyText.escape("a\"\\\u{1}ă", contentType: "application/json") == "a\\\"\\\\\\u0001ă")
    #expect(
      BodyText.escape("<a & 'b\">", contentType: "text/xml; charset=utf-8") == "&lt;a &amp; &apos;b&quot;&gt;"
    )
    #expect(BodyText.escape("a&b=c", contentType: "application/x-www-form-urlencoded") == "a%26b%3Dc")
  }

  @Test("stops at a record that is not there, or notes it, as the file says")
  func missing() throws {
    let written: [(String, Written)] = [
      ("path", "/hoso/${id}"), ("list", ["path": "/ds", "ids": "/ids"]), ("since", ["first": "2026-11-20"]),
    ]
    let script: [ScriptedServer.Answer] = [.ok("1 2 3"), .ok("a"), .status(404), .ok("b")]
    let stopped = try asked(script, written)
    #expect(stopped.failure?.id == "extract.not-there" && !stopped.landing.hasFinished)
    let noted = try asked(script, written + [("missing", "note")])
    #expect(noted.failure == nil && noted.landing.payloads.count == 2 && noted.landing.hasFinished)
    #expect(noted.landing.notices == ["1 of 3 asked for are not there (404 or 410): 2"])
  }

  private static let windows: [(String, Written)] = [
    ("windows", ["step": "1m", "from_parameter": "tu", "to_parameter": "den", "format": "dd/MM/yyyy"]),
    ("since", ["first": "2026-09-20"]),
  ]

  @Test("asks window by window, and lets the next run go on behind each that is complete")
  func windows() throws {
    let (landing, targets, failure) = try asked([.ok("a"), .ok("b"), .ok("c")], Self.windows)
    #expect(failure == nil)
    #expect(
      targets == [
        "/api/assets?tu=20%2F09%2F2026&den=30%2F09%2F2026",
        "/api/assets?tu=01%2F10%2F2026&den=31%2F10%2F2026",
        "/api/assets?tu=01%2F11%2F2026&den=22%2F11%2F2026",
      ])
    #expect(
      landing.marks.map { "\($0.payloads) \($0.checkpoint.json)" } == [
        "1 {\"since\":\"2026-09-30T17:00:00Z\"}", "2 {\"since\":\"2026-10-31T17:00:00Z\"}",
      ])
    #expect(landing.finished?.json == "{\"since\":\"2026-11-22T22:00:00Z\"}")
    let broken = try asked([.ok("a"), .status(404)], Self.windows)
    #expect(broken.landing.marks.count == 1 && !broken.landing.hasFinished)
  }

  @Test("never lets the next run begin before this one did")
  func windowsForward() throws {
    var written = Self.windows
    written[1] = ("since", ["first": "2026-09-20", "overlap": "60d"])
    let (landing, targets, _) = try asked(
      [.ok("a"), .ok("b"), .ok("c")], written,
      since: Checkpoint(json: "{\"since\":\"2026-11-01T00:00:00Z\"}"))
    #expect(targets.count == 3 && targets[0].contains("tu=02%2F09%2F2026"))
    #expect(landing.marks.isEmpty && landing.hasFinished)
  }

  @Test("fills in a span of days, passes over what is finished, and moves no checkpoint")
  func backfill() throws {
    let (landing, targets, failure) = try asked(
      [.ok("a"), .ok("b")], Self.windows,
      prepare: { landing in
        landing.backfill = DaySpan(
          first: CalendarDate(iso: "2024-01-31") ?? landing.landingDate,
          last: CalendarDate(iso: "2024-03-01") ?? landing.landingDate)
        landing.finishedParts = ["2024-02-01..2024-02-29"]
      })
    #expect(failure == nil)
    #expect(
      targets == [
        "/api/assets?tu=31%2F01%2F2024&den=31%2F01%2F2024",
        "/api/assets?tu=01%2F03%2F2024&den=01%2F03%2F2024",
      ])
    #expect(landing.finishedParts.count == 3 && landing.marks.isEmpty && !landing.hasFinished)
  }

  @Test("sends the day behind a window as its end where the source leaves that out")
  func excludedEnd() throws {
    let windows: Written = ["step": "40d", "to": "excluded"]
    let (_, targets, _) = try asked(
      [.ok("a"), .ok("b")],
      [
        ("windows", windows), ("since", ["first": "2026-10-01"]),
        ("path", "/d/${window_from}/${window_to:dd.MM}"),
      ])
    #expect(targets == ["/api/d/2026-10-01/10.11", "/api/d/2026-11-10/23.11"])
  }

  @Test(
    "finds ways of asking that make no sense",
    arguments: [
      ([("query", ["a": "${each}"])], "http.value-without-setting"),
      ([("query", ["a": "${id}"])], "http.value-without-setting"),
      ([("query", ["a": "${window_to}"])], "http.value-without-setting"),
      ([("query", ["a": "${each:yyyy}"])], "http.unknown-value"),
      ([("each", ["values": ["a"]])], "http.unused-value"),
      ([("each", ["values": ["a"]]), ("headers", ["A": "${each}"])], "http.unused-value"),
      ([("each", ["values": ["a"], "code_list": "b"]), ("query", ["a": "${each}"])], "http.each"),
      ([("list", ["path": "/a", "ids": "/b"])], "http.unused-value"),
      ([("list", ["path": "/a?b", "ids": "/b"]), ("query", ["a": "${id}"])], "http.bad-path"),
      (
        [("list", ["path": "/${id}", "ids": "/b"]), ("query", ["a": "${id}"])], "http.value-without-setting"
      ),
      (
        [("list", ["path": "/a", "ids": "/b", "group": "2"]), ("query", ["a": "${id}"])], "http.id-of-group"
      ),
      (
        [("list", ["path": "/a", "ids": "/b"]), ("query", ["a": "${id}"]), ("paginate", ["link": [:]])],
        "http.list-beside-pages"
      ),
      ([("windows", ["step": "1d", "from_parameter": "a"])], "http.windows-without-since"),
      (
        [
          ("windows", ["step": "1d", "from_parameter": "a"]),
          ("since", ["first": "2026-01-01", "parameter": "b"]),
        ],
        "http.windows-without-since"
      ),
      ([("windows", ["step": "1d"]), ("since", ["first": "2026-01-01"])], "http.unused-value"),
      ([("since", ["by": "start", "value": "u"])], "http.since-twice"),
      ([("paginate", ["cursor": ["parameter": "a"]])], "http.cursor-place"),
      ([("paginate", ["page": ["total": "/a", "pages": "/b"]])], "http.two-extents"),
      ([("paginate", ["last": ["path": "/a", "parameter": "b"]])], "path.not-from-record"),
    ] as [([(String, Written)], String)])
  func combinations(_ written: [(String, Written)], _ id: String) {
    #expect { try asked([], written) } throws: { ($0 as? Diagnostic)?.id == id }
  }

  @Test("takes lengths of windows, and nothing else", arguments: ["1d", "7d", "12m"])
  func steps(_ text: String) throws {
    #expect(try WindowSettings(Written.map([("step", .text(text))]).settings("x")).step != .days(0))
    for wrong in ["0d", "1h", "d", "+1d", "9999d", "1.5d", ""] {
      #expect(throws: Diagnostic.self) {
        try WindowSettings(Written.map([("step", .text(wrong))]).settings("x"))
      }
    }
  }
}
