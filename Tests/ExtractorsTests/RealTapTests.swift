// SPDX-License-Identifier: Apache-2.0

import Components
import Foundation
import PipelineTesting
import Testing

@testable import Extractors

/// The tap that `scripts/peers` installs.
enum RealTap {
  static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: ".build/peers/bin/tap-rest-api-msdk").path()
  static var isInstalled: Bool { access(path, X_OK) == 0 }
}

@Suite(
  "tap-rest-api-msdk",
  .enabled(
    if: RealTap.isInstalled,
    "NOT TESTED with a real tap: there is no .build/peers/bin/tap-rest-api-msdk; run scripts/peers"))
struct RealTapTests {
  @Test("gives what changed since the state of the run before")
  func twoRuns() throws {
    let items = [
      #"{"id":1,"name":"Máy phát điện","cost":1.5,"updated_at":"2026-01-01T00:00:00Z"}"#,
      #"{"id":2,"name":"Bàn","cost":2,"updated_at":"2026-01-02T00:00:00Z"}"#,
      #"{"id":3,"name":"Ghế","cost":3,"updated_at":"2026-01-03T00:00:00Z"}"#,
    ]
    let answer: ScriptedServer.Answer = .computed { request in
      let isLater = request.target.contains("since=2026-01-02")
      let body = #"{"items":[\#((isLater ? items[1...] : items[..<2]).joined(separator: ","))]}"#
      return ScriptedServer.ok(Array(body.utf8), ["Content-Type: application/json"])
    }
    let server = try ScriptedServer(Array(repeating: answer, count: 8))
    defer { server.stop() }
    let folder = try TemporaryFolder()
    let settings: Written = [
      "run": [.text(RealTap.path)], "stream": "assets",
      "config": [
        "api_url": .text(server.base), "auth_method": "no_auth",
        "streams": [
          [
            "name": "assets", "path": "/assets", "primary_keys": ["id"], "records_path": "$.items[*]",
            "replication_key": "updated_at", "source_search_field": "since",
            "source_search_query": "$last_run_date", "num_inference_records": .plain("10"),
          ]
        ],
      ],
    ]
    let extractor = try SingerExtractor(settings.settings("extractor 'singer'"))
    let first = MemoryLanding(baseFolder: folder.path)
    try extractor.extract(since: nil, into: first)
    #expect(first.violations == [])
    #expect(ids(first) == [1, 2])
    #expect(first.payloads.first?.text.contains(#""name":"M\u00e1y ph\u00e1t \u0111i\u1ec7n""#) == true)
    let second = MemoryLanding(baseFolder: folder.path)
    try extractor.extract(since: first.checkpoint, into: second)
    #expect(second.violations == [])
    #expect(ids(second) == [2, 3])
    #expect(second.checkpoint?.json.contains("2026-01-03T00:00:00Z") == true)
    #expect(second.payloads.map(\.head.response["exit"]) == ["0"])
  }

  private func ids(_ landing: MemoryLanding) -> [Int] {
    landing.payloads.flatMap { $0.text.split(separator: "\n") }.compactMap { line in
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return object?["id"] as? Int
    }
  }
}
