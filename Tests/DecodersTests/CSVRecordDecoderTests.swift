// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import PipelineTesting
import Records
import Testing

@testable import Decoders

@Suite("CSV decoder")
struct CSVRecordDecoderTests {
  static func decode(
    _ text: String, _ slots: [String], _ entries: [(String, String)] = [], cells: [(Int, Int)] = [],
    records: String = "/", positions: Bool = false, allowsEmpty: Bool = false
  ) throws -> String {
    var kind = try kind(records, slots)
    kind.slots += cells.map { CaptureSlot(.cell(row: $0.0, column: $0.1)) }
    let plan = DecodePlan(kinds: [kind], allowsEmpty: allowsEmpty)
    let kit = DecodingKit(try CSVRecordDecoder(settings(entries)), plan)
    if let difference = kit.firstDifferingCut(text) { return "DIFFERS " + difference }
    return kit.decode(text, positions: positions).description
  }

  @Test("reads rows under their headers, with quotes, separators and line ends within cells")
  func readsRows() throws {
    let text = "ma,ten,gia\r\n079,\"Nhà \"\"A\"\", tầng 2\",\"1.234\n,50\"\r\n080,,x\r\n"
    #expect(
      try Self.decode(text, ["ma", "ten", "gia"]) == """
        #1: "079" "Nhà "A", tầng 2" "1.234
        ,50"
        #2: "080" "" "x"
        """)
  }

  @Test("makes a record of each cell of the columns that a step names, with the row's other cells above it")
  func readsCells() throws {
    let text = "TT,Chỉ tiêu,Mông,Cơ\u{300}  Lao,Ghi chú,,\n1,Hộ,\"1.2\",0,a,,\n2,Xã,,-\n"
    #expect(
      try Self.decode(
        text, ["../Chỉ tiêu", "name()", "text()", "../Ghi chú"],
        records: "/*[name()!='TT'|'Chỉ tiêu'|'Ghi chú']")
          == """
          #1: "Hộ" "Mông" "1.2" "a"
          #2: "Hộ" "Cờ Lao" "0" "a"
          #3: "Xã" "Mông" "" -
          #4: "Xã" "Cờ Lao" "-" -
          """)
    #expect(
      try Self.decode(text, ["text()"], records: "/Mông", positions: true) == """
        #1 @43+18 line 2 /Mông[1]: "1.2"
        #2 @62+8 line 3 /[2]/Mông[1]: ""
        """)
  }

  @Test("takes a header alone as a table without cells")
  func readsNoCells() throws {
    #expect(try Self.decode("a,b\n", ["text()"], records: "/*[name()!='a']") == "")
  }

  @Test("rejects each cell record of a row whose values have moved")
  func rejectsCellsOfMovedRow() throws {
    let plan = DecodePlan(kinds: [try kind("/*[name()!='a']", ["text()"])])
    let sink = CollectingSink(plan)
    let session = try CSVRecordDecoder(settings()).session(plan, late: nil, into: sink)
    try Array("a,b,c\n1,2,3\n1,2,3,4\n1,2,3\n".utf8).withUnsafeBufferPointer { try session.feed($0) }
    _ = try session.finish()
    let chunk = try #require(sink.chunks.first)
    #expect(chunk.rows == 6)
    #expect(chunk.failures.map(\.row) == [2, 3])
    #expect(chunk.failures.allSatisfy { $0.rule == "csv.surplus-cell" && $0.value == "4" })
  }

  @Test(
    "finds the header row by names that it has, wherever it stands and in whatever order",
    arguments: [0, 1, 7])
  func findsHeader(above: Int) throws {
    let text = String(repeating: "Xã A;;Mã\n", count: above) + "Tên;x;Mã   số\nb;;1\n"
    #expect(
      try Self.decode(text, ["Mã số", "Tên"], [("separator", ";"), ("header_row", "[Mã số, Tên]")])
        == ##"#1: "1" "b""##)
  }

  @Test("says which names no row has")
  func missesHeader() throws {
    let outcome = try Self.decode("a;b\n1;2\n", ["a"], [("separator", ";"), ("header_row", "[a, c]")])
    #expect(outcome.hasPrefix("decode.missing-header"))
    #expect(outcome.contains("the payload ends before a row with 'a', 'c', which should name the columns"))
  }

  @Test("ends rows at LF, CR and CRLF alike", arguments: ["\n", "\r", "\r\n"])
  func endsRows(end: String) throws {
    let text = ["a,b", "1,2", "3,4"].joined(separator: end)
    #expect(try Self.decode(text, ["a", "b"]) == "#1: \"1\" \"2\"\n#2: \"3\" \"4\"")
    #expect(try Self.decode(text + end, ["a", "b"]) == "#1: \"1\" \"2\"\n#2: \"3\" \"4\"")
  }

  @Test("places rows without their line end; a mark and quoted line ends count")
  func placesRows() throws {
    let text = "\u{FEFF}a,b\r\n\"x\r\ny\",1\r\n\r\nz,2\n"
    #expect(
      try Self.decode(text, ["a"], positions: true) == """
        #1 @8+8 line 2 /[1]: "x\r\ny"
        #2 @20+3 line 5 /[2]: "z"
        """)
  }

  @Test("takes separator and quote from settings")
  func takesSettings() throws {
    #expect(
      try Self.decode("a;b\n'1;2';3", ["a", "b"], [("separator", ";"), ("quote", "'")]) == #"#1: "1;2" "3""#)
    #expect(try Self.decode("a\tb\n1\t2", ["b"], [("separator", "\\t")]) == #"#1: "2""#)
    #expect(try Self.decode("a\tb\n1\t2", ["b"], [("separator", "\t")]) == #"#1: "2""#)
  }

  @Test(
    "refuses settings that make no sense",
    arguments: [
      ("separator", ",,"), ("separator", ""), ("quote", "“"), ("header_row", "0"), ("header_row", "x"),
      ("header_row", "[]"),
      ("separator", "\""),
    ])
  func refusesSettings(name: String, value: String) {
    #expect(throws: Diagnostic.self) { _ = try CSVRecordDecoder(settings([(name, value)])) }
  }

  @Test("finds the header in a later row and reaches cells above and below")
  func findsHeader() throws {
    let text = "Bảng giá,,\nNgày:,05/10/2026,\nMặt hàng,Giá,\nGạo,18000,\nCộng,,9\n"
    #expect(
      try Self.decode(text, ["Mặt hàng", "Giá"], [("header_row", "3")], cells: [(2, 2), (5, 3), (9, 9)])
        == """
        #1: "Gạo" "18000" "05/10/2026" "9" -
        #2: "Cộng" "" "05/10/2026" "9" -
        """)
  }

  @Test("matches headers after NFC and collapsed white space")
  func matchesHeaders() throws {
    let decomposed = "\"Ma\u{0303}\n  ta\u{0300}i  sa\u{0309}n \",x\n1,2"
    #expect(try Self.decode(decomposed, ["Mã tài sản"]) == #"#1: "1""#)
  }

  @Test("leaves cells that are not there absent, and passes blank rows over")
  func leavesAbsent() throws {
    #expect(
      try Self.decode("a,b,c\n1\n\n , ,\n2,,\n", ["a", "b", "zz"]) == "#1: \"1\" - -\n#2: \"2\" \"\" -")
  }

  @Test("reads every column by *, with its header as name")
  func readsAll() throws {
    #expect(
      try Self.decode("a,b\n1,2", ["all:*", "count:*", "all:*/name()"]) == #"#1: ["1", "2"] "2" ["a", "b"]"#)
  }

  @Test("rejects a row with text beyond the last header, and only that")
  func rejectsSurplus() throws {
    let plan = DecodePlan(kinds: [try kind("/", ["a"])])
    let sink = CollectingSink(plan)
    let session = try CSVRecordDecoder(settings()).session(plan, late: nil, into: sink)
    var text = "a,b\n1,2,,\n3,4,5\n6,7\n"
    try text.withUTF8 { try session.feed($0) }
    _ = try session.finish()
    let chunk = try #require(sink.chunks.first)
    #expect(chunk.rows == 3)
    #expect(chunk.failures.map(\.row) == [1])
    #expect(chunk.failures.first?.rule == "csv.surplus-cell")
    #expect(chunk.failures.first?.value == "5")
    #expect(chunk.table.fates[1] == .rejected)
    #expect(chunk.table.fates[2] == .live)
  }

  @Test(
    "refuses what is no CSV, or has no such columns",
    arguments: [
      ("a,b\n\"x\"y,1\n", "decode.not-well-formed", "line 2 (offset 7)"),
      ("a\n1\n\"x\ny\n", "decode.truncated", "line 3 (offset 4)"),
      ("ma so,b\n1,2\n", "decode.missing-column", "line 1 (offset 0)"),
      ("a,b,a\n1,2,3\n", "decode.ambiguous-column", "line 1 (offset 0)"),
    ])
  func refuses(text: String, id: String, place: String) throws {
    let outcome = try Self.decode(text, ["a"])
    #expect(outcome.hasPrefix(id))
    #expect(outcome.hasSuffix("(\(place))"))
  }

  @Test("suggests the nearest header")
  func suggests() throws {
    let plan = DecodePlan(kinds: [try kind("/", ["Mã tài sản"])])
    let failure = DecodingKit(try CSVRecordDecoder(settings()), plan).decode("Mã tai sản,Tên\n1,2\n").failure
    #expect(failure?.message == "no column is named 'Mã tài sản'; row 1 has 'Mã tai sản', 'Tên'")
    #expect(failure?.help == "did you mean 'Mã tai sản' by 'Mã tài sản'?")
  }

  @Test("an empty payload has no header, unless empty is allowed")
  func readsEmpty() throws {
    #expect(try Self.decode("", ["a"]).hasPrefix("decode.missing-header"))
    #expect(try Self.decode("", ["a"], allowsEmpty: true) == "")
    #expect(try Self.decode("a,b\n", ["a"]) == "")
  }

  @Test("survives mutated texts, the same whole and byte by byte", arguments: [UInt64(3), 4])
  func survivesMutations(seed: UInt64) throws {
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let kit = DecodingKit(try CSVRecordDecoder(settings()), DecodePlan(kinds: [try kind("/", ["a", "b"])]))
    let parts = Array("\",\r\n ax".utf8)
    for round in 0..<200 {
      var bytes = Array("a,b\r\n1,\"x\"\"y\"\n\"2\n\",3\r4,5,6\n".utf8)
      for _ in 0...next(3) {
        let at = next(bytes.count)
        if next(2) == 0 { bytes.remove(at: at) } else { bytes.insert(parts[next(parts.count)], at: at) }
      }
      let whole = kit.decode(bytes)
      let single = kit.decode(bytes, cuts: Array(0..<bytes.count))
      #expect(whole == single, "seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self))")
    }
  }
}
