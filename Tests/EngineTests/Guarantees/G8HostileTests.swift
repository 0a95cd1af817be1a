// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Store
import Testing

@Suite("G8 Hostile input is an error, not an accident")
struct G8HostileTests {
  private static let good = [("A1", "Mai", "01/02/1990", "01/01/2026")]

  private func bench(_ format: String, _ path: String, _ bytes: Data) throws -> Workbench {
    var pipeline = People.pipeline(path: "in/*")
    if format == "json" {
      pipeline = pipeline.replacing("xml: { records: /p/r }", with: "json: { records: /r }").replacing(
        "\"@c\"", with: "c")
    }
    let bench = try Workbench([
      "Pipelines/people.yaml": pipeline, "Pipelines/schema/person.yaml": People.schema,
    ])
    try bench.write(path, bytes)
    return bench
  }

  /// The payload is refused in time with the id, nothing is loaded, and the next good payload loads.
  private func refuses(
    _ format: String, _ bytes: Data, as id: String, path: String = "in/1", exit: Int32 = 65,
    _ place: SourceLocation = #_sourceLocation
  ) throws {
    let bench = try bench(format, path, bytes)
    let clock = ContinuousClock.now
    let ended = try Program(["run"], in: bench).endWatchingMemory()
    #expect(ended.exit == exit, "\(ended.exit) \(ended.errors.prefix(2000))", sourceLocation: place)
    #expect(ended.errors.contains("[\(id)]"), "\(ended.errors.prefix(2000))", sourceLocation: place)
    #expect(ended.errors.contains("help: "), sourceLocation: place)
    #expect(ended.errors.utf8.count < 2000, sourceLocation: place)
    #expect(ContinuousClock.now - clock < .seconds(8), sourceLocation: place)
    #expect(ended.peak < 150_000, sourceLocation: place)
    let tables = try bench.rows("SELECT count(*) FROM sqlite_schema WHERE name = 'person'")
    if tables == ["1"] {
      #expect(try bench.rows("SELECT count(*) FROM person") == ["0"], sourceLocation: place)
    }
    try FileManager.default.removeItem(atPath: bench.folder + "/" + path)
    try bench.write("in/2", format == "xml" ? People.payload(Self.good) : #"{"r":[{"c":"A1","n":"Mai"}]}"#)
    #expect(try Program.run("run", in: bench).exit == 0, sourceLocation: place)
    #expect(try bench.rows("SELECT code FROM person") == ["A1"], sourceLocation: place)
  }

  @Test("XML: document types, bombs and external entities are refused, and no file is read")
  func documentTypes() throws {
    let secret = "bí mật \(UUID().uuidString)"
    let outside = NSTemporaryDirectory() + UUID().uuidString
    try secret.write(toFile: outside, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: outside) }
    var lol = "<!DOCTYPE p [<!ENTITY a0 'ha'>"
    for level in 1...30 { lol += "<!ENTITY a\(level) '&a\(level - 1);&a\(level - 1);'>" }
    for text in [
      "<!DOCTYPE p><p/>", lol + "]><p><r c='A'><n>&a30;</n></r></p>",
      "<!DOCTYPE p [<!ENTITY x SYSTEM 'file://\(outside)'>]><p><r c='A'><n>&x;</n></r></p>",
      "<!DOCTYPE p SYSTEM 'file://\(outside)'><p/>",
      "<!DOCTYPE p [<!ENTITY % x SYSTEM 'http://127.0.0.1:1/'> %x;]><p/>",
    ] { try refuses("xml", Data(text.utf8), as: "decode.doctype-forbidden") }
    try refuses("xml", Data("<p><r c='A'><n>&x;</n></r></p>".utf8), as: "decode.not-well-formed")
    let include =
      "<p xmlns:xi='http://www.w3.org/2001/XInclude'><r c='A1'><n><xi:include href='file://\(outside)' parse='text'/></n></r></p>"
    let bench = try bench("xml", "in/1", Data(include.utf8))
    #expect(try Program.run("run", in: bench).exit == 0)
    #expect(try bench.rows("SELECT coalesce(name, '') FROM person") == [""])
  }

  @Test("XML: 200,000 attributes, a huge tag, deep nesting and a huge text are refused quickly")
  func hugeXML() throws {
    let attributes = (0..<200_000).map { " a\($0)='1'" }.joined()
    try refuses("xml", Data("<p><r c='A'\(attributes)/></p>".utf8), as: "decode.tag-too-long")
    let many = (0..<5_000).map { " a\($0)=''" }.joined()
    try refuses("xml", Data("<p><r c='A'\(many)/></p>".utf8), as: "decode.too-many-attributes")
    let deep = String(repeating: "<d>", count: 100_000)
    try refuses("xml", Data("<p>\(deep)".utf8), as: "decode.too-deep")
    let long = String(repeating: "x", count: 2 << 20)
    try refuses("xml", Data("<p><r c='A'><n>\(long)</n></r></p>".utf8), as: "decode.text-too-long")
    try refuses(
      "xml", Data("<p><r c='A'><n><![CDATA[\(long)]]></n></r></p>".utf8), as: "decode.text-too-long")
  }

  @Test("JSON: deep nesting, huge texts and duplicate keys are refused quickly")
  func hugeJSON() throws {
    let deep = String(repeating: "[", count: 200_000)
    try refuses("json", Data(#"{"r":[{"c":"A","x":\#(deep)"#.utf8), as: "decode.too-deep")
    let long = String(repeating: "x", count: 2 << 20)
    try refuses("json", Data(#"{"r":[{"c":"A","n":"\#(long)"}]}"#.utf8), as: "decode.text-too-long")
    try refuses("json", Data(#"{"r":[{"c":"A","c":"B"}]}"#.utf8), as: "decode.duplicate-key")
  }

  @Test("a gzip bomb and a damaged gzip file are refused before they fill anything")
  func compressed() throws {
    let bomb = try Gzip.zeros(megabytes: 64)
    #expect(bomb.count < 400_000)
    try refuses("xml", bomb, as: "extract.decompression-bomb", path: "in/1.gz", exit: 76)
    try refuses(
      "xml", Gzip.zeros(megabytes: 1).prefix(500), as: "extract.broken-compression", path: "in/1.gz", exit: 76
    )
  }

  @Test("a document cut off after any byte is refused, and loads nothing", arguments: ["xml", "json"])
  func truncated(format: String) throws {
    let whole =
      format == "xml"
      ? "<?xml version='1.0' encoding='UTF-8'?><p><!-- ừ --><r c='A1'><n>Đào &amp; <![CDATA[Mận]]></n><b>01/02/1990</b></r><r c='A2'/></p>"
      : #"{"tổng": 2.5e1, "r": [{"c": "A1", "n": "Đ\u00e0o", "b": null}, {"c": "A2", "n": true}]}"#
    let bytes = Data(whole.utf8)
    let bench = try Workbench([:])
    try writePipeline(bench, format)
    for count in 0..<bytes.count { try bench.write(String(format: "in/%03d", count), bytes.prefix(count)) }
    let ended = try Program.run("run", "--format", "json", in: bench)
    #expect(ended.exit == 65)
    let run = try #require((try ended.json()["runs"] as? [[String: Any]])?.first)
    let batches = try #require(run["batches"] as? [[String: Any]])
    #expect(batches.count == bytes.count)
    for batch in batches where batch["status"] as? String != "failed" {
      Issue.record("cut after \(batch["name"] ?? "") bytes: \(batch["status"] ?? "")")
    }
    #expect(try bench.rows("SELECT count(*) FROM person") == ["0"])
    try bench.write("in/999", bytes)
    // The whole one loads; those that are still there are still wrong.
    #expect(try Program.run("run", in: bench).exit == 65)
    #expect(try bench.rows("SELECT code FROM person ORDER BY 1") == ["A1", "A2"])
  }

  @Test("a byte that is no UTF-8 is refused wherever it stands", arguments: ["xml", "json"])
  func invalidText(format: String) throws {
    let whole =
      format == "xml"
      ? "<p><!--c--><r c='A1'><n>Mai</n></r></p>" : #"{"x": "y", "r": [{"c": "A1", "n": "Mai"}]}"#
    let bytes = Data(whole.utf8)
    let bench = try Workbench([:])
    try writePipeline(bench, format)
    for position in 0...bytes.count {
      var changed = bytes
      changed.insert(position % 2 == 0 ? 0xff : 0xc3, at: position)
      try bench.write(String(format: "in/%03d", position), changed)
    }
    let ended = try Program.run("run", "--format", "json", in: bench)
    #expect(ended.exit == 65)
    let run = try #require((try ended.json()["runs"] as? [[String: Any]])?.first)
    let statuses = (run["batches"] as? [[String: Any]])?.map { "\($0["name"] ?? "") \($0["status"] ?? "")" }
    #expect(statuses == (0...bytes.count).map { String(format: "%03d failed", $0) })
    #expect(try bench.rows("SELECT count(*) FROM person") == ["0"])
  }

  private func writePipeline(_ bench: Workbench, _ format: String) throws {
    var pipeline = People.pipeline(path: "in/*")
    if format == "json" {
      pipeline = pipeline.replacing("xml: { records: /p/r }", with: "json: { records: /r }").replacing(
        "\"@c\"", with: "c")
    }
    try bench.write("Pipelines/people.yaml", pipeline)
    try bench.write("Pipelines/schema/person.yaml", People.schema)
  }
}

private enum Gzip {
  /// A mebibyte of zeros as one gzip member of a kilobyte; members may follow each other.
  private static let member =
    "H4sIAAAAAAACA+3BMQEAAADCoPVPbQhfoAAA" + String(repeating: "A", count: 1352) + "PgMc6jinAAAQAA=="

  static func zeros(megabytes: Int) throws -> Data {
    let one = try #require(Data(base64Encoded: member))
    return (0..<megabytes).reduce(into: Data()) { all, _ in all += one }
  }
}
