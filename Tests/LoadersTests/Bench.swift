// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineTesting
import Records

@testable import Loaders

/// A center, a plan and batches numbered as they are loaded, for tests that load a few records given as text.
final class Bench {
  let center: TemporaryCenter
  var plan: LoadPlan
  var connection: any LoadConnection
  var number = 0

  init(
    _ mode: LoadPlan.Mode = .merge, version: String? = nil, slice: [String] = [],
    unit: LoadPlan.CommitUnit? = nil, pipeline: String = "assets",
    _ kind: LoadKind = Bench.asset, others: [EntitySchema] = [],
    in center: TemporaryCenter = TemporaryCenter(), keysInMemory: Int = KeySet.usualLimit
  ) throws {
    self.center = center
    plan = LoadPlan(
      pipeline: pipeline, mode: mode, version: version, slice: slice, commitUnit: unit, kinds: [kind],
      entities: Bench.entities(kind, others))
    connection = try SQLiteConnection(path: center.path, plan: plan, keysInMemory: keysInMemory)
  }

  static func entities(_ kind: LoadKind, _ others: [EntitySchema] = []) -> [String: EntitySchema] {
    var entities: [String: EntitySchema] = [:]
    func visit(_ kind: LoadKind) {
      entities[kind.entity.name] = kind.entity
      kind.children.forEach(visit)
    }
    visit(kind)
    for other in others { entities[other.name] = other }
    return entities
  }

  /// `code | name | rev`
  static let asset = LoadKind(
    entity: EntitySchema(
      name: "asset", key: ["code"],
      fields: [
        EntityField(name: "code", type: .text), EntityField(name: "name", type: .text),
        EntityField(name: "rev", type: .integer),
      ]), mapped: ["code", "name", "rev"])

  /// The same with `line | remark`, `tag`, and below a line `part`.
  static let assetWithChildren = LoadKind(
    entity: asset.entity, mapped: asset.mapped,
    children: [
      LoadKind(
        entity: EntitySchema(
          name: "line", key: ["line"],
          fields: [EntityField(name: "line", type: .integer), EntityField(name: "remark", type: .text)],
          parent: "asset"), mapped: ["line", "remark"],
        children: [
          LoadKind(
            entity: EntitySchema(
              name: "part", key: ["part"], fields: [EntityField(name: "part", type: .text)], parent: "line"),
            mapped: ["part"])
        ]),
      LoadKind(
        entity: EntitySchema(name: "tag", fields: [EntityField(name: "tag", type: .text)], parent: "asset"),
        mapped: ["tag"]),
    ])

  func batch(
    _ name: String? = nil, attempt: Int = 1, isReplay: Bool = false, only: Set<Int64>? = nil,
    isDryRun: Bool = false
  ) -> LoadBatch {
    number += 1
    return LoadBatch(
      batch: name ?? "B\(number)", attempt: attempt, run: "R1", planDigest: "digest",
      loadedAt: 1_700_000_000 + Int64(number), isReplay: isReplay, only: only, isDryRun: isDryRun)
  }

  /// Loads records in one chunk.
  @discardableResult
  func load(_ lines: String..., as batch: LoadBatch? = nil, keeping: Set<String> = []) throws
    -> LoadDriver.Outcome
  {
    try load([lines.map { TestRecord($0) }], as: batch, keeping: keeping)
  }

  /// Loads records in several chunks.
  @discardableResult
  func load(
    _ chunks: [[TestRecord]], as batch: LoadBatch? = nil, keeping: Set<String> = []
  ) throws -> LoadDriver.Outcome {
    try LoadDriver.load(batch ?? self.batch(), into: connection) {
      var first: Int64 = 1
      return chunks.map { records in
        defer { first += Int64(records.count) }
        return TableBuilder.chunk(records, of: plan.kinds[0], firstOrdinal: first, keeping: keeping)
      }
    }
  }
}

extension LoadDriver.Outcome {
  /// `inserted 1 duplicate 2`: the counters that are not zero.
  var counted: String { counters.counted }
  /// `2 duplicate note: message` for each finding, by ordinal.
  var findings: [String] {
    failures.sorted { $0.key < $1.key }.flatMap { ordinal, found in
      found.map { "\(ordinal) \($0.kind.rawValue) \($0.rule) \($0.field)" }
    }
  }
}

extension Counters {
  var counted: String {
    CenterTables.counterColumns.filter { $0.name != "read" && self[keyPath: $0.path] != 0 }
      .map { "\($0.name) \(self[keyPath: $0.path])" }.joined(separator: " ")
  }
}

enum KitChunk {
  static func one(_ line: String) -> Chunk { TableBuilder.chunk([TestRecord(line)], of: Bench.asset) }
}
