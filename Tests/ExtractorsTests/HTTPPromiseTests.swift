// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineTesting
import Records
import Testing

@testable import Extractors

extension HTTPExtractorTests {
  // MARK: - Going on

  @Test(
    "goes on from the highest value of a field, as its type asks for",
    arguments: [
      (
        ["value": "u", "parameter": "tu", "format": "dd/MM/yyyy", "overlap": "1d"], "date 2026-11-20",
        "19%2F11%2F2026"
      ),
      (["value": "u", "parameter": "tu", "format": "epoch"], "timestamp 1000000999999", "1000000"),
      (["value": "u", "parameter": "tu"], "integer -7", "-7"),
      (["value": "u", "parameter": "tu"], "text a\"b}% ", "a%22b%7D%25%20"),
    ] as [(Written, String, String)])
  func sinceValue(_ since: Written, _ highest: String, _ sent: String) throws {
    let first = try asked(
      [.ok("a")], [("since", since)], prepare: { $0.highest = HighestValue(ledgerText: highest) })
    #expect(first.targets == ["/api/assets"])
    let checkpoint = try #require(first.landing.finished)
    // A run that meets nothing keeps what earlier ones met.
    let second = try asked([.ok("a")], [("since", since)], since: checkpoint)
    #expect(second.targets == ["/api/assets?tu=\(sent)"])
    #expect(second.landing.finished == checkpoint)
  }

  @Test("never goes on from a moment behind the start of the run, nor back behind an earlier run")
  func sinceLimits() throws {
    let since: (String, Written) = (
      "since", ["value": "u", "parameter": "tu", "format": "yyyy-MM-dd'T'HH:mm:ss", "zone": "Z"]
    )
    let ahead = try asked(
      [.ok("a")], [since], prepare: { $0.highest = .timestamp(Instant(microseconds: 1_800_000_000_000_000)) })
    let next = try asked(
      [.ok("a")], [since], since: ahead.landing.finished,
      prepare: { $0.highest = .timestamp(Instant(microseconds: 1_000_000)) })
    #expect(next.targets == ["/api/assets?tu=2026-11-22T22%3A00%3A00"])
    #expect(next.landing.finished == ahead.landing.finished)
  }

  @Test(
    "asks from the beginning for a checkpoint that is none of its own",
    arguments: ["", "{}", "[\"value\"]", "{\"value\":\"x\"}"])
  func foreignCheckpoint(_ json: String) throws {
    let (_, targets, failure) = try asked(
      [.ok("a")], [("since", ["value": "u", "parameter": "tu", "first": "1"])], since: Checkpoint(json: json))
    #expect(failure == nil && targets == ["/api/assets?tu=1"])
  }

  @Test("asks only for what is not known, and goes on from what is kept")
  func conditional() throws {
    func known(_ origin: String, _ text: String, _ response: [String: String]) -> MemoryLanding.Payload {
      MemoryLanding.Payload(
        head: PayloadHead(origin: origin, name: "x", response: response), bytes: Array(text.utf8))
    }
    var headers: [[String: String]] = []
    func answer(_ bytes: String) -> ScriptedServer.Answer {
      .computed { request in
        headers.append(request.headers)
        return Array(bytes.utf8)
      }
    }
    let unchanged = "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
    let new = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nb"
    let paginate: (String, Written) = ("paginate", ["page": ["parameter": "p", "size": "2"]])
    let (landing, targets, failure) = try asked(
      [answer(unchanged), answer(unchanged), answer(new)], [paginate],
      prepare: { landing in
        landing.knownPayloads = [
          "http:finance/assets?p=1": known("http:finance/assets?p=1", "rr", ["etag": "W/\"1\""]),
          "http:finance/assets?p=2": known(
            "http:finance/assets?p=2", "ss", ["last-modified": "Sun, 06 Nov 1994 08:49:37 GMT"]),
          "http:finance/assets?p=3": known("http:finance/assets?p=3", "tt", ["status": "200"]),
        ]
      })
    #expect(failure == nil && targets.count == 3)
    #expect(landing.kept.map(\.origin) == ["http:finance/assets?p=1", "http:finance/assets?p=2"])
    #expect(landing.payloads.count == 1)
    #expect(headers.map { $0["if-none-match"] } == ["W/\"1\"", nil, nil])
    #expect(headers.map { $0["if-modified-since"] } == [nil, "Sun, 06 Nov 1994 08:49:37 GMT", nil])
    let unasked = try asked([.raw(unchanged)], [])
    #expect(unasked.failure?.id == "extract.refused")
  }

  // MARK: - Promises

  @Test(
    "keeps the promises of an extractor in each way of asking",
    arguments: [
      [("paginate", ["link": [:]])], [("paginate", ["cursor": ["header": "X-Next", "parameter": "c"]])],
      [("paginate", ["last": ["path": "id", "parameter": "c", "size": "2"]])],
      [("paginate", ["page": ["parameter": "c", "total": "/total"]])],
      [("each", ["values": ["a", "b", "c"], "parameter": "c"])],
      [("path", "/x/${id}"), ("list", ["path": "/l", "ids": "/ids", "query": ["k": "${secret:k}"]])],
      [
        ("windows", ["step": "1d", "from_parameter": "c"]),
        ("since", ["first": "2026-11-20", "overlap": "1d"]),
      ],
      [("unzip", "*.xml")],
    ] as [[(String, Written)]])
  func kits(_ written: [(String, Written)]) throws {
    let isZip = written.contains { $0.0 == "unzip" }
    let server = try ScriptedServer(
      Array(
        repeating: .computed { request in
          if isZip {
            return ScriptedServer.ok(Zip.archive([Zip.Entry("a.xml", "a"), Zip.Entry("b.xml", "b")]), [])
          }
          if request.target.hasPrefix("/api/l") { return ScriptedServer.ok(Array("1 2 3".utf8), []) }
          // Pages 1, 2 and 3; the last is short and leads nowhere.
          let page = request.target.last.flatMap { $0.wholeNumberValue } ?? 1
          let headers = page < 3 ? ["Link: <?c=\(page + 1)>; rel=next", "X-Next: \(page + 1)"] : []
          let records = String(repeating: ["r", "s", "t"][min(max(page, 1), 3) - 1], count: page < 3 ? 2 : 1)
          return ScriptedServer.ok(Array("\(records) \(page + 1)".utf8), headers)
        }, count: 1500))
    defer { server.stop() }
    let extractor = try extractor(
      written + [("headers", ["K": "${secret:h}"])],
      system(server) { $0.authentication = .bearer(Secret("geheim")) })
    let kit = ExtractorKit(extractor, secrets: ["geheim"]) {
      let landing = MemoryLanding()
      landing.countRecords = { $0.text.prefix { $0 != " " }.count }
      landing.readLastValue = { payload, _ in payload.text.split(separator: " ").last.map(String.init) }
      landing.readValues = { _, paths in paths.map { _ in "5" } }
      landing.readEvery = { _, _, _ in ["1", "2", "3"] }
      return landing
    }
    #expect(kit.violations() == [])
  }

  @Test(
    "misses no record that is there throughout, whatever comes and goes between pages",
    arguments: 1...150)
  func shifting(seed: UInt64) throws {
    var random = Generator(state: seed)
    var ids = Set(
      (0..<Int.random(in: 1...30, using: &random)).map { _ in Int.random(in: 1...99, using: &random) })
    var throughout = ids
    let size = Int.random(in: 1...4, using: &random)
    let (landing, _, failure) = try asked(
      Array(
        repeating: .computed { request in
          let after = request.target.split(separator: "=").last.flatMap { Int($0) } ?? 0
          let page = ids.sorted().filter { $0 > after }.prefix(size)
          let body =
            String(repeating: "r", count: page.count)
            + " \(page.last ?? 0) \(page.map(String.init).joined(separator: ","))"
          for _ in 0..<Int.random(in: 0...3, using: &random) {
            if Bool.random(using: &random), let gone = ids.randomElement(using: &random) {
              ids.remove(gone)
              throughout.remove(gone)
            } else {
              ids.insert(Int.random(in: 1...99, using: &random))
            }
          }
          return ScriptedServer.ok(Array(body.utf8), [])
        }, count: 120),
      [("paginate", ["last": ["path": "id", "parameter": "after", "size": .text(String(size))]])])
    #expect(failure == nil, "seed \(seed)")
    let met = Set(
      landing.payloads.flatMap {
        $0.text.split(separator: " ").last?.split(separator: ",").compactMap { Int($0) } ?? []
      })
    #expect(throughout.isSubset(of: met), "seed \(seed): \(throughout.subtracting(met))")
  }

  struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
}
