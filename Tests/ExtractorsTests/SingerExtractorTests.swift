// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Foundation
import PipelineTesting
import Records
import Testing

@testable import Extractors

@Suite("Singer taps")
struct SingerExtractorTests {
  private let folder: TemporaryFolder

  /// A tap that prints `messages`, says `errors`, keeps what it was given, and leaves as `exit` says.
  private static let tap = """
    #!/bin/sh
    : > seen
    while [ $# -gt 0 ]; do
      echo "$1 $(cat "$2") $(stat -c %a "$2")" >> seen
      case "$1" in --config) echo "$2" > config-path;; esac
      shift 2
    done
    cat errors >&2 2>/dev/null
    cat messages
    exit "$(cat exit 2>/dev/null || echo 0)"
    """

  init() throws {
    folder = try TemporaryFolder(["tap": Self.tap])
    chmod(folder.path + "/tap", 0o755)
  }

  private func extractor(_ settings: (String, Written)...) throws -> SingerExtractor {
    var written: [(String, Written)] = [("run", ["./tap"]), ("stream", "assets")]
    written.removeAll { mine in settings.contains { $0.0 == mine.0 } }
    var extractor = try SingerExtractor(Written.map(written + settings).settings("extractor 'singer'"))
    extractor.grace = 0.3
    return extractor
  }

  private func says(_ lines: String...) throws {
    try folder.write("messages", Data(lines.map { $0 + "\n" }.joined().utf8))
  }

  private func run(
    _ extractor: SingerExtractor, since checkpoint: Checkpoint? = nil
  ) throws -> MemoryLanding {
    let landing = MemoryLanding(baseFolder: folder.path)
    try extractor.extract(since: checkpoint, into: landing)
    landing.close()
    #expect(landing.violations == [])
    return landing
  }

  /// What a run fails with, and what it landed before.
  private func failure(
    _ extractor: SingerExtractor, since checkpoint: Checkpoint? = nil
  ) throws -> (failure: StageFailure, landing: MemoryLanding) {
    let landing = MemoryLanding(baseFolder: folder.path)
    let failure = #expect(throws: StageFailure.self) {
      try extractor.extract(since: checkpoint, into: landing)
    }
    landing.close()
    #expect(landing.violations == [])
    #expect(!landing.hasFinished)
    return (try #require(failure), landing)
  }

  private func record(_ record: String, stream: String = "assets") -> String {
    #"{"type":"RECORD","stream":"\#(stream)","record":\#(record)}"#
  }
  private let schema = #"{"type":"SCHEMA","stream":"assets","schema":{},"key_properties":["id"]}"#
  private func state(_ value: String) -> String { #"{"type":"STATE","value":\#(value)}"# }

  @Test("keeps the promises of an extractor")
  func kit() throws {
    // Gives what is behind the record that its state names.
    let tap = """
      from=0
      [ "$3" = --state ] && from=$(cat "$4")
      echo '\(schema)'
      for n in 1 2 3; do
        [ $n -le $from ] && continue
        echo "{\\"type\\":\\"RECORD\\",\\"stream\\":\\"assets\\",\\"record\\":{\\"id\\":$n}}"
        echo "{\\"type\\":\\"STATE\\",\\"value\\":$n}"
      done
      """
    try folder.write("counting", Data(tap.utf8))
    let extractor = try extractor(
      ("run", ["sh", "counting"]), ("payload_bytes", "1"), ("config", ["token": "${secret:TOKEN}"]))
    let kit = ExtractorKit(extractor, secrets: ["geheim"]) { MemoryLanding(baseFolder: folder.path) }
    #expect(kit.violations() == [])
  }

  @Test("lands the records of its stream as lines, to the byte, and counts the others")
  func records() throws {
    try says(
      state("{}"), schema, #"{"type":"SCHEMA","stream":"people","schema":{}}"#,
      #" { "type" : "record" , "record" : { "cost": 1.10, "n": 12345678901234567890.120, "t": "Gi\u00e1 \"}" } , "stream":"assets"}"#,
      record("{}", stream: "people"), "", #"{"type":"ACTIVATE_VERSION","stream":"assets","version":1}"#,
      #"{"type":"WHAT_MAY_COME","x":[{"record":1}]}"#,
      #"{"record":{"type":"RECORD","b":[[],{}]},"type":"RECORD","stream":"\u0061ssets"}"#)
    let landing = try run(extractor())
    #expect(
      landing.payloads.map(\.text) == [
        #"{ "cost": 1.10, "n": 12345678901234567890.120, "t": "Gi\u00e1 \"}" }"# + "\n"
          + #"{"type":"RECORD","b":[[],{}]}"# + "\n"
      ])
    let head = try #require(landing.payloads.first?.head)
    #expect(head.origin == "singer:tap/assets")
    #expect(head.name == "tap")
    #expect(head.response["records"] == "2")
    #expect(head.response["other streams"] == "people 1")
    #expect(head.response["exit"] == "0")
    #expect(!landing.hasFinished, "an empty state is none")
  }

  @Test("gives the state of the last run back as it was, and a configuration that others cannot read")
  func stateOverRuns() throws {
    try says(schema, record(#"{"id":1}"#), state(#"{"bookmarks": {"assets": 1.50}}"#))
    let extractor = try extractor(
      (
        "config",
        [
          "url": "http://x/\"é\"", "pages": .plain("10"), "code": .plain("079"), "is_on": .plain("true"),
          "none": .plain("null"), "token": .plain("${secret:TOKEN}"), "day": "${run_date}",
          "streams": [["name": "assets"]],
        ]
      ), ("catalog", "catalog.json"))
    try folder.write("catalog.json", Data("{}".utf8))
    let first = try run(extractor)
    #expect(first.finished?.json == #"{"singer":{"bookmarks": {"assets": 1.50}}}"#)
    let config =
      #"{"url":"http://x/\"é\"","pages":10,"code":"079","is_on":true,"none":null,"token":"geheim-TOKEN","#
      + #""day":"2026-11-22","streams":[{"name":"assets"}]}"#
    let seen = { try String(contentsOfFile: folder.path + "/seen", encoding: .utf8) }
    #expect(try seen().hasPrefix("--config \(config) 600\n--catalog {}"))
    let second = try run(extractor, since: first.checkpoint)
    #expect(try seen().contains(#"--state {"bookmarks": {"assets": 1.50}} 600"#))
    #expect(second.payloads.first?.head.origin.hasPrefix("singer:tap/assets?state=") == true)
    let path = try String(contentsOfFile: folder.path + "/config-path", encoding: .utf8).dropLast()
    #expect(!FileManager.default.fileExists(atPath: String(path)), "the configuration is gone")
  }

  @Test("takes no other extractor's checkpoint for a state")
  func foreignCheckpoint() throws {
    try says(schema, record("{}"))
    _ = try run(extractor(), since: Checkpoint(json: #"{"since":"2026-01-01T00:00:00Z"}"#))
    #expect(try String(contentsOfFile: folder.path + "/seen", encoding: .utf8) == "")
  }

  @Test("ends a payload at the first state behind enough bytes, with that state")
  func cuts() throws {
    try says(
      schema, record(#"{"id":1}"#), state("1"), record(#"{"id":2}"#), state("2"), state("3"),
      record(#"{"id":3}"#), state("4"), record(#"{"id":4}"#))
    let landing = try run(extractor(("payload_bytes", "18")))
    #expect(
      landing.payloads.map(\.text) == ["{\"id\":1}\n{\"id\":2}\n", "{\"id\":3}\n{\"id\":4}\n"])
    #expect(landing.payloads.map(\.checkpoint?.json) == [#"{"singer":2}"#, #"{"singer":4}"#])
    #expect(landing.payloads.map(\.head.name) == ["tap", "tap 2"])
    #expect(Set(landing.payloads.map(\.head.origin)).count == 2)
    #expect(landing.finished?.json == #"{"singer":4}"#)
  }

  @Test("keeps what a state vouches for when the tap breaks off, and nothing else")
  func breaksOff() throws {
    try folder.write("exit", Data("1".utf8))
    try folder.write("errors", Data("CRITICAL no connection".utf8))
    try says(schema, record(#"{"id":1}"#), state("1"), record(#"{"id":2}"#))
    let kept = try failure(extractor())
    #expect(kept.failure.message == "the program left with exit code 1: CRITICAL no connection")
    #expect(kept.landing.payloads.map(\.checkpoint?.json) == [#"{"singer":1}"#])
    try says(schema, record(#"{"id":1}"#), record(#"{"id":2}"#))
    let nothing = try failure(extractor())
    #expect(nothing.landing.payloads == [])
    #expect(nothing.landing.discarded.count == 1)
  }

  @Test(
    "takes no line for a message that is none, and says which",
    arguments: [
      ("not JSON", "no JSON object"), ("[1]", "no JSON object"), (#"{"type":"STATE"} x"#, "no JSON object"),
      (#"{"type":"RECORD","stream":"assets","record":{"a":1}"#, "no JSON object"),
      (#"{"type":"RECORD","stream":"assets","record":{"a":[1}]}"#, "no JSON object"),
      (#"{"stream":"assets"}"#, "an object without 'type'"), (#"{"type":1}"#, "an object without 'type'"),
      (#"{"type":"STATE"}"#, "a STATE without 'value'"), (#"{"type":"SCHEMA"}"#, "a SCHEMA without 'stream'"),
      (#"{"type":"RECORD","record":{}}"#, "a RECORD without 'stream'"),
      (#"{"type":"RECORD","stream":"assets","record":[]}"#, "a RECORD whose 'record' is no object"),
    ])
  func badLines(_ line: String, _ fact: String) throws {
    try says(schema, record("{}"), line)
    let failure = try failure(extractor()).failure
    #expect(failure.id == "singer.not-a-message")
    #expect(failure.message == "this line is no Singer message: \(fact)")
    #expect(failure.place == "tap, line 3 of its output")
    #expect(failure.exit == .sourceProtocol)
  }

  @Test("brackets without end and lines without end are no message")
  func hostileLines() throws {
    try says(#"{"type":"RECORD","stream":"assets","record":"# + String(repeating: "[", count: 100_000))
    #expect(try failure(extractor()).failure.id == "singer.not-a-message")
    try says(schema, record("{\"a\":\"" + String(repeating: "x", count: 4000) + "\"}"))
    let failure = try failure(extractor(("line_bytes", "1KiB"))).failure
    #expect(failure.id == "singer.line-too-long")
    #expect(failure.place == "tap, line 2 of its output")
  }

  @Test("does not overlook records that the tap puts into files")
  func batches() throws {
    try says(schema, #"{"type":"BATCH","stream":"assets","manifest":["file:///x"]}"#)
    #expect(try failure(extractor()).failure.id == "singer.batch")
    try says(schema, #"{"type":"BATCH","stream":"people"}"#, record("{}"))
    #expect(try run(extractor()).payloads.count == 1)
  }

  @Test("names the streams that there are when its own is none of them")
  func noSuchStream() throws {
    try says(#"{"type":"SCHEMA","stream":"people","schema":{}}"#, record("{}", stream: "orders"), state("1"))
    let failure = try failure(extractor()).failure
    #expect(failure.id == "singer.no-such-stream")
    #expect(failure.help == "it has orders, people; correct 'stream', or select it in 'catalog'")
    try says(state("1"))
    #expect(try self.failure(extractor()).failure.id == "singer.no-such-stream")
    let silent = try run(extractor(), since: SingerState.checkpoint("1"))
    #expect(silent.payloads == [], "nothing new")
  }

  @Test("compares the records that came with those the tap says it sent")
  func counts() throws {
    func metric(_ stream: String, _ count: String) -> String {
      #"2026-11-22 | INFO | singer_sdk.metrics | METRIC: {"type": "counter", "metric": "record_count", "value": "#
        + #"\#(count), "tags": {"stream": "\#(stream)"}}"# + "\n"
    }
    try says(schema, record("{}"), record("{}"), state("1"))
    let others = metric("people", "7") + metric("assets", "none")
    try folder.write("errors", Data((others + metric("assets", "1") + metric("assets", "1")).utf8))
    #expect(try run(extractor()).payloads.count == 1)
    try folder.write("errors", Data((metric("assets", "3")).utf8))
    let failure = try failure(extractor()).failure
    #expect(failure.message == "the tap says that it sent 3 records; 2 came")
    #expect(try run(extractor(("counts", "ignore"))).payloads.count == 1)
    try folder.write("errors", Data((String(repeating: "x", count: 70_000) + metric("assets", "3")).utf8))
    #expect(try run(extractor()).payloads.count == 1, "a count that may be wrong is none")
  }

  @Test("keeps secrets of the configuration out of what it says")
  func secrets() throws {
    try folder.write("exit", Data("1".utf8))
    try folder.write("errors", Data("401 for token=geheim-TOKEN".utf8))
    try says(schema, record("{}"))
    let failure = try failure(extractor(("config", ["token": "${secret:TOKEN}"]))).failure
    #expect(failure.message == "the program left with exit code 1: 401 for token=•••")
  }

  @Test("a landing zone that fails ends the run with its own error")
  func brokenLanding() throws {
    struct Full: Error {}
    try says(schema, record("{}"), state("1"))
    let landing = MemoryLanding(baseFolder: folder.path)
    landing.onWrite = { _ in throw Full() }
    #expect(throws: Full.self) { try extractor().extract(since: nil, into: landing) }
    landing.close()
    #expect(landing.violations == [])
    #expect(landing.discarded.count == 1)
  }

  @Test(
    "rejects what a file cannot mean",
    arguments: [
      (["run": "tap", "stream": "a", "config": ["a": "${since}"]], "command.since-with-state"),
      (["run": ["tap", "${since}"], "stream": "a"], "command.since-with-state"),
      (["run": "tap", "stream": "a", "config": ["a"]], "command.config"),
      (["run": "tap", "stream": "a", "config": ["a": "b"], "config_file": "c"], "command.two-configs"),
      (["run": "tap", "stream": "a", "config": ["a": "${page}"]], "command.unknown-value"),
    ] as [(Written, String)])
  func rejects(_ written: Written, _ id: String) {
    let found = #expect(throws: Diagnostic.self) {
      try SingerExtractor(written.settings("extractor 'singer'"))
    }
    #expect(found?.id == id)
  }

  @Test(
    "knows the numbers of JSON",
    arguments: [
      ("0", true), ("-1.50", true), ("1e5", true), ("10E-2", true), ("079", false), (".5", false),
      ("1.", false),
      ("-", false), ("", false), ("1e", false), ("0x1", false), ("+1", false),
    ])
  func numbers(_ text: String, _ expected: Bool) { #expect(JSONText.isNumber(text) == expected) }
}
