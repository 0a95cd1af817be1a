// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import PipelineFiles
import Testing

@Suite("YAML")
struct YAMLReaderTests {
  private func tree(_ text: String) throws -> Tree {
    let (tree, diagnostics) = YAMLReader.read(text, file: "a.yaml")
    #expect(diagnostics == [])
    return try #require(tree)
  }

  /// Every key and value with its place and length, one a line.
  private func outline(_ tree: Tree) -> [String] {
    switch tree.value {
    case .scalar(let text, let isPlain):
      ["\(tree.position.line):\(tree.position.column)+\(tree.length) \(isPlain ? text : "\"\(text)\"")"]
    case .sequence(let items): items.flatMap(outline)
    case .mapping(let entries):
      entries.flatMap { ["\($0.keyPosition.line):\($0.keyPosition.column) \($0.key)"] + outline($0.value) }
    }
  }

  @Test("knows the place of every key and value")
  func places() throws {
    let text = """
      # comment
      pipeline: public_assets
      extract:
        http: { system: "finance", path: /a }
      list:
        - x
        - 'y''s'
      block: |
        two
        lines
      """
    let outlined = outline(try tree(text))
    #expect(
      outlined == [
        "2:1 pipeline", "2:11+13 public_assets", "3:1 extract", "4:3 http", "4:11 system",
        "4:19+9 \"finance\"", "4:30 path", "4:36+2 /a", "5:1 list", "6:5+1 x", "7:5+6 \"y's\"",
        "8:1 block", "8:8+1 \"two\nlines\"",
      ])
  }

  @Test("counts columns in characters, also where letters are built of several scalars")
  func columnsInCharacters() throws {
    #expect(outline(try tree("{ tên: Tài sản, x: y }"))[2] == "1:17 x")
    let decomposed = "{ te\u{302}n: Ta\u{300}i sa\u{309}n, x: y }"
    #expect(outline(try tree(decomposed))[2] == "1:17 x")
  }

  @Test("keeps scalars as text", arguments: ["no", "12:30", "079", "1e3", "0x10", "2026-01-01", "~x", "<<"])
  func scalarsStayText(_ text: String) throws {
    #expect(try tree("a: \(text)")["a"]?.value == .scalar(text, isPlain: true))
  }

  @Test("tells a quoted null from nothing")
  func nulls() throws {
    let read = try tree("a: null\nb: \"null\"\nc:\nd: ''\n")
    #expect(["a", "b", "c", "d"].map { read[$0]?.isNull } == [true, false, true, false])
  }

  @Test("takes an empty text, a byte order mark and CRLF")
  func edges() throws {
    #expect(try tree("").isNull)
    #expect(outline(try tree("\u{FEFF}a: b")) == ["1:1 a", "1:4+1 b"])
    #expect(outline(try tree("a: b\r\nc: d\r\n"))[2...] == ["2:1 c", "2:4+1 d"])
  }

  @Test(
    "refuses what is no YAML, or none of ours, at its place",
    arguments: [
      ("a: 1\n1️⃣a: 2\n", "1️⃣ yaml.duplicate-key"),
      ("a: { 1️⃣b: 1, \"b\": 2 }\n", "1️⃣ yaml.duplicate-key"),
      ("a: 1️⃣&x 1\n", "1️⃣ yaml.anchor"),
      ("a: 1️⃣!!int 1\n", "1️⃣ yaml.tag"),
      ("from: 1️⃣@ma\n", "1️⃣ yaml.unquoted-path"),
      ("records: 1️⃣*/items\n", "1️⃣ yaml.unquoted-path"),
      ("a: { from: 1️⃣t:But[@ma='x']/t:Ten, b: c }\n", "1️⃣ yaml.unquoted-path"),
      ("a: [1️⃣*]\n", "1️⃣ yaml.unquoted-path"),
      ("a: b\n1️⃣---\nc: d\n", "1️⃣ yaml.several-documents"),
      ("a:\n1️⃣\tb: c\n", "1️⃣ yaml.tab"),
      ("a:\n  b: c\n1️⃣\td: e\n", "1️⃣ yaml.tab"),
      ("a:\n  1️⃣\tb: c\n", "1️⃣ yaml.tab"),
      ("a: b1️⃣: c\n", "1️⃣ yaml.syntax"),
      ("a: \"b\n1️⃣", "1️⃣ yaml.syntax"),
      ("{ 1️⃣[x]: 1 }", "1️⃣ yaml.key-not-text"),
      ("a: 1️⃣\u{1}\n", "1️⃣ yaml.syntax"),
    ])
  func refusals(_ text: String, _ expected: String) {
    let marked = MarkedText(text)
    let (_, diagnostics) = YAMLReader.read(marked.text, file: "a.yaml")
    #expect(diagnostics.ids(in: marked) == [expected])
    #expect(diagnostics.allSatisfy { !$0.help.isEmpty })
  }

  @Test("says how to quote a path")
  func quotingHelp() {
    let help = { YAMLReader.read($0, file: "a.yaml").diagnostics.map(\.help) }
    #expect(help("a: { from: t:But[1]/x }") == ["put double quotes around the path: \"t:But[1]/x\""])
    #expect(help("a: @ma # c") == ["put double quotes around the path: \"@ma\""])
    #expect(
      help("a: { b: t:But[@ma=\"x\"] }") == ["put single quotes around the path: 't:But[@ma=\"x\"]'"])
    #expect(
      help("a: @b[c='x' or d=\"y\"]") == ["put single quotes around the path: '@b[c=''x'' or d=\"y\"]'"])
  }

  @Test(
    "does not mistake text for indicators",
    arguments: [
      "a: x @y *z &b !c", "a: \"{ [ * & !\"", "a: 'it''s *'", "a: |\n  *x\n  { a[b }\n\n  &y\nb: c",
      "- a: |\n    @x\n  b: >-\n    *y\n- |\n  &z\n", "a: t:But[1]/x", "a: [\"x\", 'y[1]']",
      "{\"a\":\"b[1]\",\"c\":[1]}",
      "a: b # *c", "# { [ *", "a: wear_vnd * 2", "a: b\n  c *d", "a: { b: http://x/y?z=1 }",
    ])
  func innocent(_ text: String) {
    #expect(YAMLReader.read(text, file: "a.yaml").diagnostics == [])
  }

  @Test("bounds size, values and depth")
  func bounds() {
    let ids = { YAMLReader.read($0, file: "a.yaml").diagnostics.map(\.id) }
    #expect(ids(String(repeating: "a", count: 1_000_001)) == ["yaml.too-large"])
    #expect(ids("[" + String(repeating: "1,", count: 100_000) + "1]") == ["yaml.too-many-values"])
    #expect(ids(String(repeating: "[", count: 70) + String(repeating: "]", count: 70)) == ["yaml.too-deep"])
    #expect(ids(String(repeating: "[", count: 100_000)) == ["yaml.syntax"])
  }

  @Test("refuses a bomb of aliases without expanding it")
  func aliasBomb() {
    var bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    for level in 1...40 {
      bomb +=
        "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ","))]\n"
    }
    let (tree, diagnostics) = YAMLReader.read(bomb, file: "a.yaml")
    #expect(tree == nil)
    #expect(diagnostics.first?.id == "yaml.anchor")
  }
}
