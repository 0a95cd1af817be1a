// SPDX-License-Identifier: Apache-2.0

import Components
import Decoders
import Diagnostics
import Paths
import PipelineTesting

/// A decoder says the same of a text however it is cut, and the text at a record's position is that record.
struct DecoderLaw: Law {
  /// Plans under which every text is decoded whole, byte by byte and cut at random.
  var kits: [DecodingKit]
  /// A plan whose records depend on nothing around them, the plan that reads one of them alone, and what the
  /// two texts begin with.
  var records: DecodingKit
  var alone: DecodingKit
  var head = ""
  /// Whether a text that passes a limit and has another fault may fail by either.
  var mayMeetLimitLater = false
  /// Whether a record's text means the same without what stood around it.
  var standsAlone: (Substring) -> Bool

  func check(_ text: String) {
    for (number, kit) in kits.enumerated() { checkCuts(Array(text.utf8), kit, number) }
    checkPositions(head + text)
  }

  private func checkCuts(_ bytes: [UInt8], _ kit: DecodingKit, _ number: Int) {
    let whole = kit.decode(bytes)
    if let failure = whole.failure, failure.help.isEmpty { broken("a failure says what to do", "\(whole)") }
    compare(kit.decode(bytes, cuts: Array(0..<bytes.count)), whole, "byte by byte, plan \(number)")
    // Cuts follow from the text, so that an input that broke the law breaks it again.
    var state = bytes.reduce(UInt64(0x9E37_79B9_7F4A_7C15)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } | 1
    var cuts: [Int] = []
    var at = 0
    while true {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      at += Int(state % 23)
      if at > bytes.count { break }
      cuts.append(at)
    }
    compare(kit.decode(bytes, cuts: cuts), whole, "cut at \(cuts), plan \(number)")
  }

  private func compare(_ cut: DecodingOutcome, _ whole: DecodingOutcome, _ how: String) {
    if let failure = whole.failure {
      guard let other = cut.failure?.id, other != failure.id else {
        if cut.failure == nil {
          broken("a cut text fails like the whole", "\(how)\n\(cut)\nwhole:\n\(whole)")
        }
        return
      }
      // libxml2 holds a cut tag back until it ends, and raw text is bounded where a piece ends: of a limit passed
      // and another fault behind it, either may be met first.
      if mayMeetLimitLater, other.hasSuffix("too-long") || failure.id.hasSuffix("too-long") { return }
      broken("a cut text fails like the whole", "\(how)\n\(cut)\nwhole:\n\(whole)")
    } else if cut != whole {
      broken("a cut text decodes like the whole", "\(how)\n\(cut)\nwhole:\n\(whole)")
    }
  }

  private func checkPositions(_ text: String) {
    let whole = records.decode(text, positions: false)
    guard whole.failure == nil, let cuts = try? records.recordTexts(text) else { return }
    var rows: [String] = []
    for (index, cut) in cuts.enumerated() {
      guard standsAlone(cut[...]) else { return }
      let outcome = alone.decode(head + cut, positions: false)
      if outcome.failure != nil || !outcome.rows.hasPrefix("#1: ") {
        broken("a record's position cuts out the record", "\(cut.debugDescription)\n\(outcome)")
      }
      rows.append("#\(index + 1)" + outcome.rows.dropFirst(2))
    }
    if rows.joined(separator: "\n") != whole.rows {
      broken(
        "records read alone are what they are among others",
        "\(rows.joined(separator: "\n"))\nwhole:\n\(whole.rows)")
    }
  }
}

extension DecoderLaw {
  static func xml() throws -> DecoderLaw {
    let decoder = try XMLDecoder(settings())
    let slots = ["@id", "x", "x/y", "text()", "all:x", "raw:x", "count:*", "x[@k='1']", "x[2]", "name()"]
    let inside = try kind("/a/b", slots, children: [kind("c", ["@id", "position()", "d"])])
    return DecoderLaw(
      kits: [
        kit(decoder, [try kind("/a/b", slots + ["../@v", "/a/h", "../late", "position()"])]),
        kit(decoder, [inside, try kind("/*/*", ["*", "all:*/name()", "raw:*"])]),
        kit(
          decoder,
          [try kind("/t:DanhSach/t:TaiSan", ["t:MaTaiSan", "t:DonVi/@ma", "/t:DanhSach/@tongSo"])],
          namespaces: ["t": ["urn:vn:taisan:1"]]),
      ],
      records: kit(decoder, [inside]),
      alone: kit(decoder, [try kind("/b", slots, children: inside.children)]),
      mayMeetLimitLater: true,
      // Declarations of prefixes and of a default namespace stand on ancestors; so does xml:space.
      standsAlone: { !$0.contains(":") && !$0.contains("&") })
  }

  static func json() throws -> DecoderLaw {
    let decoder = try JSONRecordDecoder(settings())
    let slots = ["a", "a/b", "all:t", "raw:o", "count:*", "first:*/name()", "text()", "o[k='1']/v", "t[2]"]
    let inside = try kind("/items", slots, children: [kind("l", ["n", "position()"])])
    return DecoderLaw(
      kits: [
        kit(decoder, [try kind("/items", slots + ["../total", "/late", "position()"])]),
        kit(decoder, [try kind("/", slots), try kind("/*", ["name()", "a", "raw:*"])]),
        kit(decoder, [try kind("/data/*/l", ["name()", "../name()", "n", "all:*"])]),
      ],
      records: kit(decoder, [inside]),
      alone: kit(decoder, [try kind("/", slots, children: inside.children)]),
      mayMeetLimitLater: true, standsAlone: { !$0.hasPrefix("[") })
  }

  static func ndjson() throws -> DecoderLaw {
    let decoder = try NDJSONRecordDecoder(settings())
    let slots = ["a", "a/b", "all:t", "raw:o", "count:*", "text()"]
    let inside = try kind("/", slots, children: [kind("l", ["n"])])
    return DecoderLaw(
      kits: [
        kit(decoder, [try kind("/", slots + ["position()"], children: inside.children)]),
        kit(decoder, [try kind("/items", ["a", "../total"])]),
      ],
      records: kit(decoder, [inside]), alone: kit(decoder, [inside]), mayMeetLimitLater: true,
      standsAlone: { !$0.hasPrefix("[") })
  }

  static func csv() throws -> DecoderLaw {
    let slots = ["a", "b", "all:*", "count:*", "all:*/name()", "position()"]
    let plain = kit(try CSVRecordDecoder(settings()), [try kind("/", ["a", "b", "all:*"])])
    var cells = try kind("/", slots)
    cells.slots += [CaptureSlot(.cell(row: 1, column: 2)), CaptureSlot(.cell(row: 7, column: 1))]
    return DecoderLaw(
      kits: [
        kit(try CSVRecordDecoder(settings()), [try kind("/", slots)]),
        kit(
          try CSVRecordDecoder(settings(["separator": ";", "quote": "'", "header_row": "2"])), [cells]),
      ],
      records: plain, alone: plain, head: "a,b\n", standsAlone: { _ in true })
  }

  /// Small limits, so that texts of a few hundred bytes meet them.
  private static func kit(
    _ decoder: any RecordDecoder, _ kinds: [RecordKind], namespaces: [String: [String]] = [:]
  ) -> DecodingKit {
    var limits = DecodeLimits()
    limits.depth = 12
    limits.textBytes = 200
    limits.tagBytes = 300
    limits.chunkRows = 3
    return DecodingKit(
      decoder,
      DecodePlan(namespaces: namespaces, kinds: kinds, limits: limits, allowsEmpty: true))
  }

  private static func kind(
    _ records: String, _ slots: [String], children: [RecordKind] = []
  ) throws -> RecordKind {
    RecordKind(records: try RecordPath(parsing: records), slots: try slots.map(slot), children: children)
  }

  private static func slot(_ text: String) throws -> CaptureSlot {
    let takes: [(String, CaptureSlot.Take)] = [("first:", .first), ("count:", .count), ("all:", .all)]
    for (word, take) in takes where text.hasPrefix(word) {
      return CaptureSlot(.path(try RecordPath(parsing: String(text.dropFirst(word.count)))), take: take)
    }
    let isRaw = text.hasPrefix("raw:")
    return CaptureSlot(
      .path(try RecordPath(parsing: isRaw ? String(text.dropFirst(4)) : text)), isRaw: isRaw)
  }

  private static func settings(_ values: [String: String] = [:]) -> Settings {
    let place = FilePosition(file: "fuzz.yaml", line: 1, column: 1)
    let entries = values.map {
      Tree.Entry(key: $0.key, keyPosition: place, value: Tree(.scalar($0.value, isPlain: false), at: place))
    }
    return Settings(Tree(.mapping(entries), at: place), owner: "decoder")
  }
}
