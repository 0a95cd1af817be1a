// SPDX-License-Identifier: Apache-2.0

import Components
import Decoders
import Diagnostics
import Testing

private func observe<Decoder: RecordDecoder>(_ text: String, by type: Decoder.Type) throws -> ObservedNode? {
  let position = FilePosition(file: "test", line: 1, column: 1)
  let decoder = try type.init(Settings(Tree(.mapping([]), at: position), owner: "test"))
  var text = text
  return text.withUTF8 { decoder.observe($0) }
}

/// A tree as lines: `name kind count/mostPerParent: values`.
private func lines(_ node: ObservedNode, indentation: String = "") -> [String] {
  let name =
    switch node.entry {
    case .name: node.name.isEmpty ? "/" : (node.kind == .attribute ? "@" : "") + node.name
    case .item: "*item"
    case .member(let isUnique): isUnique ? "*unique" : "*member"
    }
  var line = "\(indentation)\(name) \(node.kind == .branch ? "{}" : "=") \(node.count)/\(node.mostPerParent)"
  if node.isArray { line += " []" }
  if node.emptyCount > 0 { line += " empty \(node.emptyCount)" }
  if node.isMixed { line += " mixed" }
  if !node.values.isEmpty { line += ": " + node.values.joined(separator: "|") }
  return [line] + node.children.flatMap { lines($0, indentation: indentation + "  ") }
}

@Suite("A sample is observed")
struct ObserveTests {
  @Test("as elements, attributes and values of XML")
  func xml() throws {
    let node = try #require(
      try observe("<a xmlns:p='urn:p'><b p:x='1'>t</b><b p:x='2'><c/></b>tail</a>", by: XMLDecoder.self))
    #expect(
      lines(node) == ["a {} 1/1 mixed: tail", "  b {} 2/2: t", "    @x = 2/1: 1|2", "    c = 1/1 empty 1"])
    #expect(node.children[0].children[0].namespace == "urn:p")
    #expect(node.children[0].children[0].prefix == "p")
  }

  @Test("as keys, items and values of JSON")
  func json() throws {
    let node = try #require(
      try observe(
        #"[{"a": 1, "b": [{"c": null}, {"c": "x"}]}, {"a": 2, "b": []}]"#, by: JSONRecordDecoder.self))
    #expect(lines(node) == ["/ {} 2/1", "  a = 2/1: 1|2", "  b {} 2/2 []", "    c = 2/1 empty 1: x"])
  }

  @Test("with members keyed by code as one place")
  func keyed() throws {
    let node = try #require(
      try observe(
        #"{"02": {"d": {"024": {"n": "x"}, "026": {"n": "y"}}}, "04": {"d": {"024": {"n": "z"}}}}"#,
        by: JSONRecordDecoder.self))
    #expect(
      lines(node)
        == ["/ {} 1/1", "  *unique {} 2/2", "    d {} 2/1", "      *member {} 3/2", "        n = 3/1: x|y|z"])
  }

  @Test("with objects of a few different shapes as records, not as members")
  func notKeyed() throws {
    let node = try #require(
      try observe(#"{"id": {"a": 1}, "name": {"b": 2}, "bio": {"c": 3}}"#, by: JSONRecordDecoder.self))
    #expect(node.children.map(\.name) == ["id", "name", "bio"])
  }

  @Test("with lists in lists as items")
  func innerArrays() throws {
    let node = try #require(try observe(#"{"a": [[1, 2], [3]]}"#, by: JSONRecordDecoder.self))
    #expect(lines(node) == ["/ {} 1/1", "  a {} 2/2 []", "    *item = 3/2 []: 1|2|3"])
  }

  @Test("line by line in NDJSON, which is no JSON")
  func ndjson() throws {
    let text = "{\"a\": 1}\n{\"a\": 2}\n"
    #expect(try observe(text, by: JSONRecordDecoder.self) == nil)
    let node = try #require(try observe(text, by: NDJSONRecordDecoder.self))
    #expect(lines(node) == ["/ {} 2/1", "  a = 2/1: 1|2"])
  }

  @Test("with separator and header row of a table")
  func csv() throws {
    let node = try #require(
      try observe("Báo cáo;;\n\nMã;Tên;Ghi chú\n01;Một;\n02;Hai;x\n", by: CSVRecordDecoder.self))
    #expect(node.settings == ["separator: \";\"", "header_row: 3"])
    #expect(
      lines(node) == ["/ {} 2/1", "  Mã = 2/1: 01|02", "  Tên = 2/1: Một|Hai", "  Ghi chú = 2/1 empty 1: x"])
  }

  @Test("wherever it is cut", arguments: ["xml", "json", "csv"])
  func cut(format: String) throws {
    let texts = [
      "xml": "<a><b x=\"é\">1</b><!-- c --><b>&amp;</b></a>",
      "json": #"{"a": [1.5, "é\n", true, {"b": null}]}"#,
      "csv": "a,b\n1,\"x\"\"y\"\n2,z\n",
    ]
    let bytes = Array(try #require(texts[format]).utf8)
    let position = FilePosition(file: "test", line: 1, column: 1)
    let settings = Settings(Tree(.mapping([]), at: position), owner: "test")
    let decoder: any RecordDecoder =
      switch format {
      case "xml": try XMLDecoder(settings)
      case "json": try JSONRecordDecoder(settings)
      default: try CSVRecordDecoder(settings)
      }
    for end in 5...bytes.count {
      let node = bytes[..<end].withUnsafeBufferPointer { decoder.observe($0) }
      #expect(node != nil, "cut at \(end)")
    }
  }

  @Test("within bounds, whatever it holds")
  func bounds() throws {
    func size(_ node: ObservedNode) -> Int { node.children.reduce(1) { $0 + size($1) } }
    let wide = "{" + (0..<30_000).map { "\"k\($0)é\": {\"v\($0)\": \($0)}" }.joined(separator: ",") + "}"
    #expect(size(try #require(try observe(wide, by: JSONRecordDecoder.self))) <= 10_001)
    let elements = "<a>" + (0..<30_000).map { "<k\($0)/>" }.joined() + "</a>"
    #expect(size(try #require(try observe(elements, by: XMLDecoder.self))) <= 10_001)
  }

  @Test("not at all when it is of another format")
  func foreign() throws {
    #expect(try observe("<a><b></a>", by: XMLDecoder.self) == nil)
    #expect(try observe("<!DOCTYPE a><a/>", by: XMLDecoder.self) == nil)
    #expect(try observe("{'a': 1}", by: JSONRecordDecoder.self) == nil)
    #expect(try observe("5", by: JSONRecordDecoder.self) == nil)
    #expect(try observe("<html>", by: CSVRecordDecoder.self) == nil)
    #expect(try observe("hello world", by: CSVRecordDecoder.self) == nil)
  }
}
