// SPDX-License-Identifier: Apache-2.0

import Components
import PipelineTesting
import Records
import Testing

@testable import Validators

@Suite("Sums of groups, against plain arithmetic")
struct SumsPropertyTests {
  private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state ^ state >> 31) &* 0x9E37_79B9_7F4A_7C15
    }
  }

  /// A number of any size as billions and a rest: what 128-bit arithmetic is held against.
  private struct Plain: Equatable {
    static let base: Int128 = 1_000_000_000_000_000_000
    var high: Int128 = 0
    var low: Int128 = 0

    mutating func add(_ number: Int128, times factor: Int128) {
      high += number / Self.base * factor
      low += number % Self.base * factor
    }

    static func == (left: Plain, right: Plain) -> Bool {
      let low = left.low - right.low
      return low % base == 0 && left.high - right.high == -(low / base)
    }
  }

  private struct Group {
    var sum = Plain()
    var parts = 0
    var hasNull = false
    var totals: [Int128] = []
    var members: [Int] = []

    func isBroken(partFactor: Int128, totalFactor: Int128) -> Bool {
      if members.isEmpty { return false }
      if Set(totals).count > 1 { return true }
      guard let total = totals.first, parts > 0, !hasNull else { return false }
      var wanted = Plain()
      wanted.add(total, times: totalFactor)
      return sum != wanted
    }
  }

  @Test("rejects exactly the records of the groups that do not add up", arguments: 0..<60)
  func property(round: Int) throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = Random(state: seed)
    let partScale = Int.random(in: 0...3, using: &random)
    let totalScale = Int.random(in: 0...3, using: &random)
    let common = max(partScale, totalScale)
    let partFactor = ExactDecimal.powerOfTen(common - partScale) ?? 1
    let totalFactor = ExactDecimal.powerOfTen(common - totalScale) ?? 1
    let isWide = Bool.random(using: &random)
    let groupCount = Int.random(in: 1...12, using: &random)

    // Parts first, so that totals can be right by intent.
    var parts = (0..<groupCount).map { _ in
      (0..<Int.random(in: 1...5, using: &random)).map { _ in
        let most: Int128 = isWide ? 10_000_000_000_000_000_000_000_000_000_000_000 : 1000
        // Whole numbers, so that every sum can be said at the total's scale.
        return (Int128(random.next() >> 1) * (isWide ? 1_000_000_000_000_000 : 1)) % most
          * (Bool.random(using: &random) ? 1 : -1) * (ExactDecimal.powerOfTen(partScale) ?? 1)
      }
    }
    var rows: [(group: Int, part: Int128?, total: Int128?, fate: RowFate)] = []
    for group in parts.indices {
      let whole = parts[group].reduce(0, +) / (ExactDecimal.powerOfTen(partScale) ?? 1)
      let right = whole * (ExactDecimal.powerOfTen(totalScale) ?? 1)
      let kind = Int.random(in: 0...5, using: &random)
      for part in parts[group] {
        let fate: RowFate = Int.random(in: 0...4, using: &random) == 0 ? .rejected : .live
        let isSilent = kind == 1 && Bool.random(using: &random)
        let total: Int128? =
          kind == 0 || isSilent ? nil : kind == 1 ? right + 1 : kind == 2 && rows.count % 2 == 0 ? 1 : right
        rows.append((group, kind == 3 && rows.count % 4 == 0 ? nil : part, total, fate))
      }
      if kind == 5 { rows.append((group, 7, 7, .filtered)) }
    }
    parts.removeAll()
    rows.shuffle(using: &random)

    var groups = [Group](repeating: Group(), count: groupCount)
    for (index, row) in rows.enumerated() where row.fate != .filtered {
      if let part = row.part {
        groups[row.group].sum.add(part, times: partFactor)
        groups[row.group].parts += 1
      } else {
        groups[row.group].hasNull = true
      }
      if let total = row.total { groups[row.group].totals.append(total) }
      groups[row.group].members.append(index + 1)
    }
    let expected = groups.filter { $0.isBroken(partFactor: partFactor, totalFactor: totalFactor) }
      .flatMap(\.members).sorted()

    let types: [FieldType] = [
      .text, .decimal(precision: 38, scale: partScale), .decimal(precision: 38, scale: totalScale),
    ]
    let plan = SumsTests.planned(types)
    let records = rows.map { row in
      TestRecord(
        [
          .value("g\(row.group)"), cell(row.part, partScale), cell(row.total, totalScale),
        ], fate: row.fate)
    }
    let noting = SumsTests.planned(types, otherwise: .note)
    let whole = try SumsTests.judge(plan, records).lines
    #expect(whole.compactMap { Int($0.prefix { $0.isNumber }) } == expected, "seed \(seed)")
    let notes = try SumsTests.judge(noting, records).lines
    for (chunkRows, memoryLimit) in [(1000, 1), (3, 1), (2, 4)] {
      let place = "seed \(seed), \(chunkRows) rows a chunk, \(memoryLimit) groups in memory"
      let found = try SumsTests.judge(plan, records, chunkRows: chunkRows, memoryLimit: memoryLimit)
      #expect(found.lines == whole, "\(place)")
      let noted = try SumsTests.judge(noting, records, chunkRows: chunkRows, memoryLimit: memoryLimit)
      #expect(noted.lines == notes, "\(place)")
    }
  }

  private func cell(_ number: Int128?, _ scale: Int) -> TestCell {
    number.map { .value(ExactDecimal(unscaled: $0, scale: scale).description) } ?? .null
  }
}
