// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records
import Testing

@testable import Transformers

@Suite("Chunks")
struct ChunkTests {
  @Test("gives the same cells and findings however records are cut into chunks", arguments: [41, 42, 43])
  func independent(seed: UInt64) throws {
    var random = SeededChoices(seed: seed)
    let words: [Cell] = [
      .absent, nil, "", " - ", "12", " 1.234,5 ", "31/02/2020", "01/03/2020", "có", "Ha\u{300} Giang",
      "Đồng Văn\u{A0}",
      .many("12"), .structure, .list(["1", " 2"]), "00691", "x;12", "(7)",
    ]
    let captures = (0..<4).map { _ in (0..<60).map { _ in words.randomElement(using: &random) ?? nil } }
    let list = CodeList(name: "commune", entries: [CodeListEntry(code: "00691", name: "Hà Giang")])
    let values = [
      letValue("key", 0) { $0.nulls = ["-"] },
      field("carried", 0) { $0.isCarried = true },
      field("text", 1),
      field("number", 2, 3, type: .decimal(precision: 9, scale: 2)) { plan in
        plan.numbers = .vi
        plan.nulls = ["-"]
      },
      field("day", 2, type: .date) { plan in
        plan.dates = ["dd/MM/yyyy"]
        plan.isCarried = true
        plan.defaultText = "01/01/2000"
      },
      field("code", 3, type: .code(list: "commune")) { plan in
        plan.unknown = .note
        plan.asOf = "day"
      },
      field("split", 0) { plan in
        plan.split = ";"
        plan.splitTake = .last
      },
      field("same") { $0.source = .expression(StubExpression.same("text", .text)) },
    ]
    func made(_ chunkRows: Int) throws -> (rows: [[String]], fates: [UInt8], failures: Set<String>) {
      let made = try map(
        values, captures, filter: StubExpression.equals("key", "12"), lists: ["commune": list],
        chunkRows: chunkRows)
      return (made.rows, made.fates.map(\.rawValue), Set(made.findings))
    }
    let whole = try made(60)
    for rows in [1, 2, 7, 59] {
      let cut = try made(rows)
      let place = "seed \(seed), \(rows) rows a chunk"
      for (row, cells) in cut.rows.enumerated() { #expect(cells == whole.rows[row], "\(place), row \(row)") }
      #expect(cut.fates == whole.fates, "\(place)")
      #expect(cut.failures.symmetricDifference(whole.failures) == [], "\(place)")
    }
  }

  @Test("makes of any text a value, a null, or a null with exactly one finding", arguments: [51, 52])
  func total(seed: UInt64) throws {
    var random = SeededChoices(seed: seed)
    let pieces = [
      "0", "9", "12", ".", ",", "-", "+", "(", ")", "e", "/", ":", "T", "Z", " ", "\u{A0}", "\u{2212}", "a",
      "Đ", "\u{300}", "\u{0}",
      "2026", "\u{1F600}", "'",
    ]
    let cells: [Cell] = (0..<300).map { _ in
      .value(
        (0..<Int.random(in: 0...8, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
          .joined())
    }
    let types: [FieldType] = [
      .text, .integer, .decimal(precision: 4, scale: 1), .boolean, .date, .timestamp, .partialDate,
      .code(list: "c"),
    ]
    let list = CodeList(name: "c", entries: [CodeListEntry(code: "12")])
    for type in types {
      for dates in [[], ["d/M/yyyy", "yyyy"]] {
        let made = try map([field("f", 0, type: type) { $0.dates = dates }], [cells], lists: ["c": list])
        for (row, cell) in made.cells("f").enumerated() {
          let broken = made.failures.filter { $0.row == row }
          let isKeptText = type == .code(list: "c") && broken.count == 1
          #expect(
            broken.isEmpty || (broken.count == 1 && (cell == "null" || isKeptText)),
            "seed \(seed) \(type) \(cells[row])")
          #expect((made.fates[row] == .rejected) == !broken.isEmpty, "seed \(seed) \(type) \(cells[row])")
        }
      }
    }
  }

  @Test("serves a chunk that another plan has used before")
  func reused() throws {
    let chunk = Chunk(kind: 0, table: Table(captures: 1))
    let transformer = try MapTransformer(Settings(Tree(.mapping([]), at: somewhere), owner: "map"))
    for (type, expected) in [
      (FieldType.integer, "7"), (.text, "7"), (.decimal(precision: 5, scale: 2), "7.00"),
    ] {
      chunk.removeAll()
      chunk.table.captures[0].append("7")
      chunk.table.fates.append(.live)
      try transformer.session(
        TransformPlan(map: mapPlan([field("a", 0, type: type)])), lists: [:], facts: someFacts
      )
      .transform(chunk)
      #expect(chunk.table.field("a")?.text(0) == expected)
    }
  }

  @Test("refuses values that do not stand in order")
  func order() {
    #expect {
      try map(
        [field("a") { $0.source = .expression(StubExpression.same("b", .text)) }, field("b", 0)], [["x"]])
    } throws: { error in
      (error as? StageFailure)?.id == "transform.value-order"
    }
  }

  @Test("leaves a chunk without records alone")
  func empty() throws {
    #expect(try map([field("a", 0, type: .integer)], [[]]).rows == [])
  }

  @Test("exchanges a capture with its field instead of copying text")
  func exchanges() throws {
    let chunk = Chunk(kind: 0, table: Table(captures: 1))
    chunk.table.captures[0].append(" a ")
    chunk.table.fates.append(.live)
    let captured = chunk.table.captures[0]
    try MapTransformer(Settings(.init(.mapping([]), at: somewhere), owner: "map"))
      .session(TransformPlan(map: mapPlan([field("a", 0)])), lists: [:], facts: someFacts).transform(chunk)
    guard case .text(let made)? = chunk.table.field("a") else {
      Issue.record("the field is no text")
      return
    }
    #expect(made === captured)
    #expect(made.string(0) == "a")
    chunk.removeAll()
    #expect(chunk.table.captures[0].count == 0 && made.count == 0)
  }
}

/// Random choices that a seed decides (SplitMix64).
private struct SeededChoices: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
