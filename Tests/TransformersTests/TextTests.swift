// SPDX-License-Identifier: Apache-2.0

import Components
import Records
import Testing

@testable import Transformers

@Suite("Texts")
struct TextTests {
  @Test("trims ASCII, no-break and other Unicode white space, and nothing within")
  func trims() throws {
    let blanks: [Cell] = [
      "  Sủng Là\t\r\n", "\u{A0}Phố  Bảng\u{A0}", "\u{3000}\u{2003}Ma Lé\u{202F}\u{2028}", "\u{1680}x\u{85}",
      " ", "à",
      "\u{E0}\u{A0}",
    ]
    #expect(try read(blanks, as: .text) == ["Sủng Là", "Phố  Bảng", "Ma Lé", "x", "", "à", "à"])
  }

  @Test("leaves white space where trimming is switched off")
  func keepsBlanks() throws {
    #expect(try read([" a "], as: .text) { $0.isTrimmed = false } == [" a "])
  }

  @Test("takes declared words for null after trimming and composition")
  func nullWords() throws {
    let cells: [Cell] = ["-", " Không ", "Kho\u{302}ng", "không", "N/A", "Không có", ""]
    #expect(
      try read(cells, as: .text) { $0.nulls = ["-", "Kho\u{302}ng", " N/A"] }
        == ["null", "null", "null", "không", "null", "Không có", ""])
  }

  @Test("keeps absent, null and empty apart")
  func states() throws {
    #expect(try read([.absent, nil, ""], as: .text) == ["absent", "null", ""])
  }

  @Test("takes an empty text for null where the type is not text")
  func emptyTyped() throws {
    for type: FieldType in [.integer, .date, .boolean, .decimal(precision: 5, scale: 1), .partialDate] {
      #expect(try read([" "], as: type) == ["null"])
    }
  }

  @Test("composes decomposed Vietnamese text")
  func composes() throws {
    let made = try map(
      [field("f", 0)], [["Ha\u{300} Giang", "Đồng Văn", "Nguye\u{302}\u{303}n", "o\u{31B}\u{323}"]])
    #expect(
      made.cells("f").map { Array($0.utf8) }
        == ["Hà Giang", "Đồng Văn", "Nguyễn", "ợ"].map { Array($0.utf8) })
  }

  @Test("reads a field of a legacy encoding")
  func legacy() throws {
    let cells: [Cell] = ["§ång V¨n", "NguyÔn ThÞ H»ng", " Tr­êng ", "Kh«ng"]
    #expect(
      try read(cells, as: .text) { plan in
        plan.encoding = "tcvn3"
        plan.nulls = ["Không"]
      } == ["Đồng Văn", "Nguyễn Thị Hằng", "Trường", "null"])
    let vni = try read(["Ñoàng Vaên"], as: .text) { $0.encoding = "vni" }
    #expect(vni == ["Đồng Văn"])
  }

  @Test("rejects several values, and a structure, where one value is expected")
  func manyAndStructure() throws {
    #expect(
      try read([.many("a"), .structure, "b"], as: .text) == [
        "null < take.only: more than one value where one is expected; the first is 'a'",
        "null < type.structure: an object or a list where one value is expected", "b",
      ])
  }

  @Test("joins the items of a list, each trimmed, without null words")
  func joins() throws {
    let cells: [Cell] = [.list([" a", "-", nil, "Ha\u{300} "]), .list([]), .list(["-"]), "one"]
    #expect(
      try read(cells, as: .text) { plan in
        plan.join = "; "
        plan.nulls = ["-"]
      } == ["a; Hà", "null", "null", "one"])
  }

  @Test(
    "splits one text and takes an item",
    arguments: [
      (CaptureSlot.Take.first, ["09/2019", "x", "null"]), (.last, ["12/2021", "x", "null"]),
      (.nth(2), ["12/2021", "null", "null"]), (.count, ["2", "1", "0"]),
      (.all, ["09/2019+12/2021", "x", "null"]),
    ])
  func splits(_ take: CaptureSlot.Take, _ expected: [String]) throws {
    #expect(
      try read(["09/2019 - 12/2021", " x ", " - "], as: .text) { plan in
        plan.split = "-"
        plan.splitTake = take
        plan.join = "+"
      } == expected)
  }

  @Test(
    "counts places of a split text: a null word or nothing at the place asked for is null",
    arguments: [
      (CaptureSlot.Take.first, ["01/2022", "null", "null"]), (.last, ["null", "null", "12/2021"]),
      (.nth(2), ["null", "null", "12/2021"]),
    ])
  func splitPlaces(_ take: CaptureSlot.Take, _ expected: [String]) throws {
    #expect(
      try read(["01/2022 - nay", "nay - ", " - 12/2021"], as: .text) { plan in
        plan.split = "-"
        plan.splitTake = take
        plan.nulls = ["nay"]
      } == expected)
  }

  @Test("rejects two items where a split expects one")
  func splitOnly() throws {
    #expect(
      try read(["a;b", "a;"], as: .text) { $0.split = ";" }
        == ["null < take.only: more than one value where one is expected; the first is 'a'", "a"])
  }

  @Test("splits a text and joins its items again")
  func splitAndJoin() throws {
    #expect(
      try read([" a;b ; ;c", .list(["a;b", "c"])], as: .text) { plan in
        plan.split = ";"
        plan.join = ", "
      } == ["a, b, c", "a, b, c"])
  }

  @Test("knows null words with white space around them where trimming is switched off")
  func untrimmedNullWord() throws {
    #expect(
      try read([" - ", " x "], as: .text) { plan in
        plan.isTrimmed = false
        plan.nulls = ["-"]
      } == ["null", " x "])
  }

  @Test("takes the first capture that is present and not null")
  func firstOf() throws {
    let made = try map(
      [field("f", 0, 1) { $0.nulls = ["-"] }],
      [["a", nil, .absent, "-", .absent, .many("m")], ["x", "b", " c ", "d", nil, "y"]])
    #expect(made.cells("f") == ["a", "b", "c", "d", "null", "null"])
    #expect(made.failures.map(\.rule) == ["take.only"])
  }

  @Test("lets several values read one capture, each in its own way")
  func sharedCapture() throws {
    let made = try map(
      [
        field("raw", 0) { $0.isTrimmed = false }, field("text", 0), field("number", 0, type: .integer),
        field("again", 0, 0),
      ], [[" 7 ", " 8"]])
    #expect(made.rows == [[" 7 ", "7", "7", "7"], [" 8", "8", "8", "8"]])
  }

  @Test("fills constants and defaults as if they had been captured")
  func constantsAndDefaults() throws {
    let made = try map(
      [
        ValuePlan(
          name: "c", source: .constant(" Ha\u{300} "), type: .text, field: .init(name: "c", type: .text),
          at: somewhere),
        field("d", 0, type: .date) { $0.defaultText = "2020-02-29" },
        field("bad", 0, type: .integer) { $0.defaultText = "x" },
      ], [[.absent, nil]])
    #expect(made.rows == [["Hà", "2020-02-29", "null"], ["Hà", "2020-02-29", "null"]])
    #expect(made.failures.map(\.rule) == ["type.integer", "type.integer"])
  }

  @Test("puts mapped fields first and `let` values behind them")
  func fieldOrder() throws {
    let made = try map([letValue("l", 0), field("b", 0), letValue("m", 0), field("a", 0)], [["x"]])
    #expect(made.names == ["b", "a", "l", "m"])
  }
}
