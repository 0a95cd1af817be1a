// SPDX-License-Identifier: Apache-2.0

import BuiltIns
import Components
import Diagnostics
import Engine
import Foundation
import Store
import Testing

/// Guesses a pipeline from a payload, runs it, and answers the bench it ran in.
private func guessed(_ payload: String, file: String = "sample.dat") throws -> (
  bench: Workbench, text: String
) {
  try guessed(Data(payload.utf8), file: file)
}

private func guessed(_ payload: Data, file: String = "sample.dat") throws -> (bench: Workbench, text: String)
{
  let bench = try Workbench()
  try bench.write("in/" + file, payload)
  let sample = try GuessSample(path: bench.folder + "/in/" + file, catalog: BuiltIns.catalog)
  let guess = PipelineGuess(name: "sample", payloadPath: "in/" + file, sample: sample)
  try GuessFiles(folder: bench.pipelines).write(guess.files)
  return (bench, guess.files.map { "# \($0.path)\n" + $0.text }.joined(separator: "\n"))
}

private func loaded(_ payload: String, file: String = "sample.dat") throws -> (bench: Workbench, text: String)
{
  let (bench, text) = try guessed(payload, file: file)
  let report = try bench.run("sample")
  let rejects = try bench.ledger().rejects(.init()).flatMap(\.failures).map { "\($0.field): \($0.message)" }
  #expect(rejects == [], "\(payload)\n\(text)")
  // A sample without a single record replaces nothing, and the run says so.
  #expect(
    report.exit == .done || report.error?.id == "load.nothing-to-replace-with",
    "\(report.error.debugDescription) \(report.batches.compactMap(\.error))\n\(payload)\n\(text)")
  return (bench, text)
}

@Suite("A guessed pipeline")
struct GuessTests {
  @Test("takes two columns for the key that are unique only together, and merges by them")
  func compositeKey() throws {
    let (bench, text) = try loaded(
      """
      Mã đơn vị,Năm,Số tiền,Ghi chú
      1079715,2024,5,a
      1079715,2025,6,a
      1079716,2024,5,b
      1079716,2025,5,c
      """, file: "sample.csv")
    #expect(text.contains("key: [ma_don_vi, nam]   # a guess"), "\(text)")
    #expect(text.contains("center: { mode: merge }"))
    #expect(try bench.rows("SELECT ma_don_vi, nam, so_tien FROM sample ORDER BY 1, 2").count == 4)
  }

  @Test("takes no two columns for the key when a row stands twice")
  func noCompositeKey() throws {
    let (_, text) = try loaded(
      "ma,nam,ten\n1,2024,a\n1,2025,b\n2,2024,a\n1,2024,c\n", file: "sample.csv")
    #expect(text.contains("no field identifies a record"), "\(text)")
  }

  @Test("loads repeated elements with attributes, a namespace and a nested list")
  func xml() throws {
    let (bench, text) = try loaded(
      """
      <t:ds xmlns:t="urn:x" tong="2">
        <t:ts ma="A1"><t:ten>Một</t:ten><t:gia>1.234.567,5</t:gia><t:ngay>31/12/2025</t:ngay>
          <t:but ly="a"/><t:but ly="b"/></t:ts>
        <t:ts ma="A2"><t:ten>Hai</t:ten><t:gia>0,00</t:gia><t:ngay>01/02/2026</t:ngay></t:ts>
      </t:ds>
      """)
    #expect(text.contains("records: /t:ds/t:ts\n"))
    #expect(text.contains("# total: \"/t:ds/@tong\""))
    #expect(
      try bench.rows("SELECT ma, ten, gia, ngay FROM sample ORDER BY ma")
        == ["A1|Một|1234567.50|2025-12-31", "A2|Hai|0.00|2026-02-01"])
    #expect(try bench.rows("SELECT ma, line, ly FROM sample_but") == ["A1|1|a", "A1|2|b"])
  }

  @Test("gives names without prefix the standard namespace")
  func standardNamespace() throws {
    let (bench, text) = try loaded("<a xmlns='urn:x'><b><c>1</c></b><b><c>2</c></b></a>")
    #expect(text.contains("default: urn:x\n"))
    #expect(text.contains("records: /a/b"))
    #expect(try bench.rows("SELECT c FROM sample ORDER BY c") == ["1", "2"])
  }

  @Test("tells elements in a namespace from those in none")
  func mixedNamespaces() throws {
    let (bench, _) = try loaded("<a xmlns='urn:x'><b xmlns=''><c>1</c></b><b xmlns=''><c>2</c></b></a>")
    #expect(try bench.rows("SELECT c FROM sample ORDER BY c") == ["1", "2"])
  }

  @Test("takes an object keyed by code for a list, and its keys for values")
  func keyed() throws {
    let communes = (1...50).map { "\"\(10_000 + $0)\": {\"name\": \"Xã \($0)\"}" }.joined(separator: ", ")
    let (bench, text) = try loaded(
      """
      {"02": {"name": "Hà Giang", "districts": {"024": {"name": "TP", "communes": {\(communes)}}}}}
      """)
    #expect(text.contains("records: \"/*/districts/*/communes/*\""))
    #expect(
      try bench.rows("SELECT code, name, districts_code, districts_name FROM sample ORDER BY code LIMIT 1")
        == ["10001|Xã 1|024|TP"])
  }

  @Test("keeps members keyed by code in a child table, under their key")
  func keyedChildren() throws {
    let (bench, _) = try loaded(
      """
      [{"id": "a", "years": {"2024": 5, "2025": 6}}, {"id": "b", "years": {"2025": 7}}]
      """)
    #expect(
      try bench.rows("SELECT id, code, value FROM sample_years ORDER BY 1, 2")
        == ["a|2024|5", "a|2025|6", "b|2025|7"])
  }

  @Test("maps what is sometimes a value and sometimes an object, and says so")
  func scalarOrObject() throws {
    let (bench, text) = try loaded(
      """
      [{"id": "1", "unit": "kg"}, {"id": "2", "unit": {"code": "g"}}, {"id": "3", "unit": null}]
      """)
    #expect(text.contains("# unit is sometimes a value, sometimes holds others"))
    #expect(
      try bench.rows("SELECT id, unit, unit_code FROM sample ORDER BY id")
        == ["1|\"kg\"|∅", "2|{\"code\": \"g\"}|g", "3|∅|∅"])
  }

  @Test("keeps what may be a code or a thousand as text")
  func ambiguous() throws {
    let (bench, text) = try loaded("ten;gia;dt;sl\nA;1.234;0912345678;1\nB;5.678;0912345679;20\n")
    #expect(text.contains("separator: \";\""))
    #expect(text.contains("gia: { type: text }"))
    #expect(text.contains("dt: { type: text }"))
    #expect(text.contains("sl: { type: integer }"))
    #expect(try bench.rows("SELECT gia FROM sample ORDER BY 1") == ["1.234", "5.678"])
  }

  @Test("finds the header of a table below its title")
  func headerRow() throws {
    let (bench, text) = try loaded("Danh sách đơn vị,,\n,,\nMã,Tên đơn vị,Ghi chú\n01,Sở A,\n02,Sở B,x\n")
    #expect(text.contains("header_row: 3"))
    #expect(try bench.rows("SELECT ma, ten_don_vi FROM sample ORDER BY 1") == ["01|Sở A", "02|Sở B"])
  }

  @Test("replaces rows that nothing identifies")
  func noKey() throws {
    let (bench, text) = try loaded("a,b\n1,x\n1,x\n")
    #expect(text.contains("mode: replace"))
    #expect(try bench.rows("SELECT count(*) FROM sample") == ["2"])
  }

  @Test("declares a legacy encoding that the letters tell")
  func legacy() throws {
    // "Đồng Văn", "Quản Bạ", "Hoàng Su Phì" in three encodings.
    let samples: [(String, [UInt8])] = [
      (
        "tcvn3",
        [0xA7, 0xE5] + Array("ng V".utf8) + [0xA8, 0x6E, 0x0A] + Array("Qu".utf8) + [0xB6] + Array("n B".utf8)
          + [0xB9, 0x0A] + Array("Ho".utf8) + [0xB5] + Array("ng Su Ph".utf8) + [0xD7, 0x0A]
      ),
      (
        "windows-1258",
        [0xD0, 0xF4, 0xCC] + Array("ng V".utf8) + [0xE3, 0x6E, 0x0A] + Array("Qua".utf8) + [0xD2]
          + Array("n Ba".utf8) + [0xF2, 0x0A] + Array("Ho".utf8) + [0xE0] + Array("ng Su Phi".utf8) + [
            0xCC, 0x0A,
          ]
      ),
      (
        "vni",
        [0xD1, 0x6F, 0xE0] + Array("ng Va".utf8) + [0xEA, 0x6E, 0x0A] + Array("Qua".utf8) + [0xFB]
          + Array("n Ba".utf8) + [0xEF, 0x0A] + Array("Hoa".utf8) + [0xF8] + Array("ng Su Ph".utf8) + [
            0xEC, 0x0A,
          ]
      ),
    ]
    for (encoding, bytes) in samples {
      let (bench, text) = try guessed(Data("ten\n".utf8) + Data(bytes))
      #expect(text.contains("encoding: \(encoding) "))
      try bench.run("sample")
      #expect(
        try bench.rows("SELECT ten FROM sample ORDER BY rowid") == ["Đồng Văn", "Quản Bạ", "Hoàng Su Phì"])
    }
  }

  @Test("declares for the fields what letters of a legacy font in Unicode text were once")
  func font() throws {
    // "Đồng Văn", "Quản Bạ", "Hoàng Su Phì" of TCVN3, read as Latin-1 by whoever wrote the file.
    let (bench, text) = try loaded("ten\n§ång V¨n\nQu¶n B¹\nHoµng Su Ph×\n")
    #expect(text.contains("transform:\n") && text.contains("  encoding: tcvn3   # a guess"))
    #expect(
      try bench.rows("SELECT ten FROM sample ORDER BY rowid") == ["Đồng Văn", "Quản Bạ", "Hoàng Su Phì"])
  }

  @Test(
    "takes text that is Vietnamese as it stands for what it is, also where another reading were as good",
    arguments: [
      "ten,xa\n1,Lòng Có\n", "ten,xa\n1,Lũng Cú\n", "ten,xa\n1,Ha Giang\n", "ten,xa\n1,Café Zürich naïve\n",
    ])
  func plain(_ sample: String) throws {
    #expect(try !guessed(Data(sample.utf8)).1.contains("encoding:"))
  }

  @Test("says which other encoding makes as much Vietnamese of a short sample")
  func rivals() throws {
    // "Lũng Cú" of TCVN3, or "Lòng Có" of VISCII.
    let short = Array("ma,xa\n1,L".utf8) + [0xF2] + Array("ng C".utf8) + [0xF3, 0x0A]
    let told = try guessed(Data(short)).1
    #expect(told.contains("encoding: tcvn3   # or vni, viscii: as much Vietnamese"))
    // A second name tells: "Đồng Văn".
    let name: [UInt8] = [0xA7, 0xE5] + Array("ng V".utf8) + [0xA8] + Array("n\n".utf8)
    #expect(try guessed(Data(short + Array("2,".utf8) + name)).1.contains("encoding: tcvn3   # a guess"))
  }

  @Test("declares UTF-8 where the document claims UTF-16")
  func wrongDeclaration() throws {
    let (bench, text) = try loaded(
      "<?xml version='1.0' encoding='utf-16'?><a><b><c>Hà</c></b><b><c>Tây</c></b></a>")
    #expect(text.contains("encoding: utf-8 "))
    #expect(try bench.rows("SELECT c FROM sample ORDER BY 1") == ["Hà", "Tây"])
  }

  @Test(
    "is made for any shape of document",
    arguments: [
      "[]", "{}", "<a/>", "[[]]", "[[1,2],[3]]", "[1, 2]", "[null]", "[{}]", "[{\"a\": null}]", "{\"a\": []}",
      "{\"a\": [[1, [2]], [3]]}", "{\"a\": {\"b\": [1, 2]}}", "[{\"a\": [1, {\"b\": 2}]}]",
      "[{\"\": 1, \"b\": 2}]",
      "[{\"yes\": 1, \"null\": 2, \"~\": 3, \"a/b\": 4, \"@x\": 5, \"*\": 6, \"..\": 7, \"text()\": 8, \"x[1]\": 9}]",
      "[{\"_batch\": 1, \"_Batch\": 2, \"a b\": 3, \"a_b\": 4, \"#x\": 5, \" y \": 6, \"a: b\": 7, \"q\\\"\\\\\": 8}]",
      "[{\"n\": 1e5}, {\"n\": 1.5E-7}]", "[{\"n\": 0.1}, {\"n\": 123456789012345678901234567890}]",
      "[{\"n\": -0}, {\"n\": 5}]", "[{\"d\": \"31/02/2025\"}]", "[{\"a\": true}, {\"a\": \"x\"}]",
      "[{\"a\": {\"x\": 1}}, {\"a\": [1, 2]}]", "{\"a\": 1}\n{\"a\": [2, 3]}\n",
      "{\"line\": [{\"line\": [{\"line\": 1}]}]}",
      "{\"1.5\": {\"v\": 1}, \"2.5\": {\"v\": 2}}", "[{\"a\": \"tab\\there\\nline\"}]",
      "[{\"a\\nb\": 1, \"\\u00e9\": 2, \"e\\u0301\": 3}]",
      "<a>x<b>y</b>z</a>", "<a><b>1</b><b><c>2</c></b></a>", "<a><b x='1'>t</b><b x='2'/></a>",
      "<a><b/><b/></a>",
      "<a xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><b><c xsi:nil='true'/></b><b><c>1</c></b></a>",
      "<a xml:lang='vi'><b xml:lang='en'>x</b></a>", "<a><b><![CDATA[<x>]]></b></a>",
      "<x:a xmlns:x='y'><n/></x:a>",
      "a,b\n", "a\tb\n1\t2\n", "a;a;b\n1;2;3\n", "\u{FEFF}a|b\n1|\"x\ny\"\n",
    ])
  func shapes(payload: String) throws { _ = try loaded(payload) }

  @Test("leaves out what passes the width of a table")
  func wide() throws {
    let record = "{" + (1...2500).map { "\"k\($0)x\": \($0)" }.joined(separator: ", ") + "}"
    let (bench, text) = try loaded("[\(record), \(record)]")
    #expect(text.contains("# left out: everything beyond 1000 fields"))
    #expect(try bench.rows("SELECT k1x, k999x FROM sample") == ["1|999", "1|999"])
  }

  @Test("goes as deep as the document")
  func deep() throws {
    _ = try loaded(String(repeating: "{\"a\": [", count: 40) + "1" + String(repeating: "]}", count: 40))
    _ = try loaded(String(repeating: "<a>", count: 100) + "1" + String(repeating: "</a>", count: 100))
  }

  @Test("is loaded without rejects for random documents", arguments: 1...20)
  func random(seed: Int) throws {
    var random = RandomDocument(seed: UInt64(seed))
    _ = try loaded(random.json())
    _ = try loaded(random.xml())
  }

  @Test("is never written over a file that stands")
  func standing() throws {
    let (bench, _) = try guessed("[{\"a\": 1}]")
    let sample = try GuessSample(path: bench.folder + "/in/sample.dat", catalog: BuiltIns.catalog)
    let guess = PipelineGuess(name: "sample", payloadPath: "x", sample: sample)
    #expect { try GuessFiles(folder: bench.pipelines).write(guess.files) } throws: { error in
      "\(error)".contains("is already there; nothing was written")
    }
  }

  @Test(
    "is refused with the reason for what is no data",
    arguments: [
      ("<!DOCTYPE html><html></html>", "web page"),
      ("<!DOCTYPE a><a/>", "document type declaration"), ("<a><b></a>", "not well-formed"),
      ("{\"a\": 1,}", "json"), ("PK\u{3}\u{4}", "ZIP archive"), ("%PDF-1.7", "PDF"), ("", "empty"),
      ("\u{0}\u{1}\u{2}\u{3}binary", "format"),
    ])
  func refused(payload: String, reason: String) throws {
    #expect { try guessed(payload) } throws: { "\($0)".contains(reason) }
  }
}

/// Documents of any shape, the same for the same seed.
private struct RandomDocument {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  private mutating func below(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }

  private static let names = [
    "id", "name", "ma", "line", "x y", "a/b", "Tên", "no", "1", "value", "code", "A1", "_batch",
  ]
  private static let values = [
    "1", "-5", "0.25", "true", "null", "\"x\"", "\"1.234\"", "\"079\"", "\"31/12/2025\"", "\"2025-01-01\"",
    "\"\"",
    "1e9", "\"1.234,5\"", "\" a \"", "\"99/99/9999\"", "\"2025-01-01T10:00:00Z\"", "\"Hà Giang\"",
  ]

  mutating func json() -> String { value(depth: 0, isRoot: true) }

  private mutating func value(depth: Int, isRoot: Bool = false) -> String {
    switch isRoot ? below(2) : depth > 4 ? 2 : below(6) {
    case 0:
      let count = below(4)
      return "[" + (0..<count).map { _ in value(depth: depth + 1) }.joined(separator: ", ") + "]"
    case 1, 3:
      var names = Self.names
      let members = (0..<below(5)).map { _ in
        "\"\(names.remove(at: below(names.count)))\": \(value(depth: depth + 1))"
      }
      return "{" + members.joined(separator: ", ") + "}"
    default: return Self.values[below(Self.values.count)]
    }
  }

  mutating func xml() -> String { element(depth: 0) }

  private mutating func element(depth: Int) -> String {
    let name = ["a", "b", "c", "ma", "line"][below(5)]
    var text = "<\(name)"
    if below(3) == 0 { text += " id=\"\(below(5))\"" }
    if below(4) == 0 { text += " xmlns=\"\(["", "urn:1", "urn:2"][below(3)])\"" }
    text += ">"
    for _ in 0..<(depth > 4 ? 0 : below(4)) { text += element(depth: depth + 1) }
    if below(2) == 0 { text += ["1", "x", "2025-01-01", "1.234,5", "true"][below(5)] }
    return text + "</\(name)>"
  }
}
