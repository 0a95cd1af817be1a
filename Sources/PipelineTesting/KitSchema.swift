// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// The entities and random records of ``LoaderKit``.
enum KitSchema {
  static let unit = EntitySchema(
    name: "unit", key: ["unit_code"], fields: [EntityField(name: "unit_code", type: .text)])
  static let asset = EntitySchema(
    name: "asset", key: ["asset_code"],
    fields: [
      EntityField(name: "asset_code", type: .text),
      EntityField(name: "name", type: .text),
      EntityField(name: "cost", type: .decimal(precision: 38, scale: 2)),
      EntityField(name: "pieces", type: .decimal(precision: 18, scale: 0)),
      EntityField(name: "made_on", type: .date),
      EntityField(name: "updated_at", type: .timestamp),
      EntityField(
        name: "unit_code", type: .text, references: EntityReference(entity: "unit", field: "unit_code")),
      EntityField(
        name: "twin", type: .text, references: EntityReference(entity: "asset", field: "asset_code")),
    ])
  static let line = EntitySchema(
    name: "asset_line", key: ["line"],
    fields: [EntityField(name: "line", type: .integer), EntityField(name: "remark", type: .text)],
    parent: "asset")
  static let tag = EntitySchema(
    name: "asset_tag", fields: [EntityField(name: "tag", type: .text)], parent: "asset")

  static let entities = [unit.name: unit, asset.name: asset, line.name: line, tag.name: tag]
  static let unitPlan = LoadPlan(
    pipeline: "units", mode: .merge, kinds: [LoadKind(entity: unit, mapped: ["unit_code"])],
    entities: entities)
  static let kind = LoadKind(
    entity: asset, mapped: asset.fields.map(\.name),
    children: [
      LoadKind(entity: line, mapped: ["line", "remark"]), LoadKind(entity: tag, mapped: ["tag"]),
    ])
  static let columns = [
    "asset": asset.fields.map(\.name) + ["_batch", "_pipeline"],
    "asset_line": ["asset_code", "line", "remark"], "asset_tag": ["asset_code", "tag"],
  ]
  static let nameField = 1
  static let sliceField = 4
  static let versionField = 5
  static let unitField = 6
  static let twinField = 7

  static func plan(
    _ mode: LoadPlan.Mode, version: String?, _ unit: LoadPlan.CommitUnit? = nil
  ) -> LoadPlan {
    var kind = kind
    kind.announcesDeletions = mode == .merge
    return LoadPlan(
      pipeline: "assets", mode: mode, version: version, slice: mode == .replaceSlice ? ["made_on"] : [],
      commitUnit: unit, kinds: [kind], entities: entities)
  }

  static func digest(_ key: String) -> KeyDigest {
    let column = TextColumn(rows: 1)
    column.append(key)
    var hasher = KeyHasher()
    hasher.combine(.text(column), row: 0)
    return hasher.finish()
  }

  static func chunks(_ records: [TestRecord], _ random: inout SeededRandom) -> [Chunk] {
    var chunks: [Chunk] = []
    var start = 0
    while start < records.count {
      let end = min(records.count, start + 1 + random.below(6))
      chunks.append(
        TableBuilder.chunk(
          Array(records[start..<end]), of: kind, firstOrdinal: Int64(start + 1),
          keeping: ["asset.name", "asset_line.remark"]))
      start = end
    }
    return chunks
  }

  /// - Parameter mode: where it is `merge`, some records announce deletions.
  static func records(_ mode: LoadPlan.Mode, _ random: inout SeededRandom) -> [TestRecord] {
    (0..<random.below(14)).map { _ in
      var record = record(&random)
      if mode == .merge, random.below(6) == 0 { record.fate = .deletion }
      return record
    }
  }

  /// What a changed pipeline file makes of the same payload: some values differ, the records are the same.
  static func change(_ records: inout [TestRecord], _ random: inout SeededRandom) {
    for index in records.indices where random.below(2) == 0 {
      records[index].cells[nameField] = .value("Renamed \(random.below(2))")
    }
  }

  private static func record(_ random: inout SeededRandom) -> TestRecord {
    func pick(_ texts: [TestCell], _ random: inout SeededRandom) -> TestCell {
      texts[random.below(texts.count)]
    }
    let cells: [TestCell] = [
      random.below(20) == 0 ? .null : .value("A\(random.below(9))"),
      pick([.value("Bàn"), .value("Ghế"), .value(""), .null, .absent], &random),
      pick([.value("123456789012345678901234567890123456.78"), .value("-0.05"), .null], &random),
      pick([.value("999999999999999999"), .value("-1"), .absent], &random),
      pick([.value("2024-02-29"), .value("1969-12-31")], &random),
      pick(
        [
          .value("2026-01-01T00:00:00Z"), .value("2026-01-01T00:00:00.5Z"), .value("2026-01-02T07:30:00Z"),
          .null,
        ], &random),
      pick([.value("U1"), .value("U1"), .value("U2"), .value("U2"), .null, .value("U9")], &random),
      pick([.null, .null, .null, .value("A\(random.below(9))")], &random),
    ]
    let lines = (0..<random.below(3)).map { _ in
      TestRecord([
        .value("\(random.below(3))"), pick([.value("x"), .value("y"), .null, .absent], &random),
      ])
    }
    let tags = (0..<random.below(3)).map { _ in
      TestRecord([pick([.value("red"), .value("old"), .null], &random)])
    }
    return TestRecord(cells, children: [lines, tags])
  }
}
