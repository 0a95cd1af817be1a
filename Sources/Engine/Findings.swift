// SPDX-License-Identifier: Apache-2.0

import Components
import Planning
import Records
import Store

/// Turns the failures of chunks into ledger rows, durable but not yet visible, and remembers which open rejects the
/// batch has loaded now. Belongs to one pass over one batch; used by the load thread.
final class Findings {
  private let plan: Plan
  private let batch: String
  private let attempt: Int
  private let write: ([RejectRow]) throws -> Void
  private let openRejects: Set<String>
  /// Identities of the rejects that are replayed, by ordinal. What the record's key reads as today may differ.
  private let replayed: [Int64: String]
  private var pending: [RejectRow] = []
  private(set) var noted = 0
  private(set) var resolved: [String] = []
  /// Where single records stand, for failures that name them after their chunk has gone on.
  private static let flushAt = 2000

  init(
    _ plan: Plan, batch: String, attempt: Int, openRejects: Set<String>, replayed: [Int64: String] = [:],
    write: @escaping ([RejectRow]) throws -> Void
  ) {
    self.plan = plan
    self.batch = batch
    self.attempt = attempt
    self.openRejects = openRejects
    self.replayed = replayed
    self.write = write
  }

  /// Takes what is to be kept of a chunk that the loader has seen.
  func collect(_ chunk: Chunk) throws {
    if !chunk.failures.isEmpty {
      let byRow = Dictionary(grouping: chunk.failures, by: \.row)
      for row in byRow.keys.sorted() {
        let fate = chunk.table.fates[row]
        guard fate.isLoaded || fate == .rejected, let failures = byRow[row] else { continue }
        add(chunk, row: row, failures, isNote: fate.isLoaded)
      }
    }
    if !openRejects.isEmpty {
      for row in 0..<chunk.rows where chunk.table.fates[row].isLoaded {
        let identity = self.identity(chunk, row: row)
        if openRejects.contains(identity) { resolved.append(identity) }
      }
    }
    if !replayed.isEmpty {
      for row in 0..<chunk.rows where chunk.table.fates[row] != .skipped {
        // Loaded, it is resolved; rejected again, the new finding stands in its place.
        if let identity = replayed[chunk.positions.ordinals[row]] { resolved.append(identity) }
      }
    }
    if pending.count >= Self.flushAt { try flush() }
  }

  func flush() throws {
    guard !pending.isEmpty else { return }
    try write(pending)
    pending.removeAll(keepingCapacity: true)
  }

  private func add(_ chunk: Chunk, row: Int, _ failures: [Failure], isNote: Bool) {
    if isNote { noted += 1 }
    let positions = chunk.positions
    let entity = plan.load.kinds[chunk.kind].entity
    // What was only noted did not keep the record out.
    let failures = isNote ? failures : failures.filter { $0.kind == .reject }
    pending.append(
      RejectRow(
        isNote: isNote, batch: batch, attempt: attempt, pipeline: plan.pipeline, entity: entity.name,
        record: positions.ordinals[row], offset: positions.offsets[row], length: positions.lengths[row],
        line: positions.lines[row], path: positions.path(row), identity: identity(chunk, row: row),
        key: keyText(chunk, row: row),
        failures: failures.map {
          FailureRow(
            rule: $0.rule, field: $0.field, value: $0.value, message: $0.message, ruleAt: $0.ruleAt,
            personal: $0.personal.rawValue)
        }))
  }

  /// The digest of the record's key; of its content where the key could not be read.
  private func identity(_ chunk: Chunk, row: Int) -> String {
    let entity = plan.load.kinds[chunk.kind].entity
    var hasher = KeyHasher()
    var name = entity.name
    name.withUTF8 { hasher.combine($0) }
    var isComplete = !entity.key.isEmpty
    for field in entity.key {
      guard let column = chunk.table.field(field), column.state(row) == .value else {
        isComplete = false
        break
      }
      hasher.combine(column, row: row)
    }
    if isComplete { return hasher.finish().hexadecimal }
    hasher = KeyHasher()
    name.withUTF8 { hasher.combine($0) }
    for field in chunk.table.fields { hasher.combine(field.column, row: row) }
    for failure in chunk.failures where failure.row == row {
      var text = failure.rule + "\u{0}" + failure.field + "\u{0}" + (failure.value ?? "")
      text.withUTF8 { hasher.combine($0) }
    }
    return hasher.finish().hexadecimal
  }

  private func keyText(_ chunk: Chunk, row: Int) -> String? {
    let entity = plan.load.kinds[chunk.kind].entity
    guard !entity.key.isEmpty else { return nil }
    var parts: [String] = []
    for name in entity.key {
      guard entity.field(name)?.personal == PersonalClass.none,
        let text = chunk.table.field(name)?.text(row)
      else { return nil }
      parts.append(text)
    }
    return parts.joined(separator: "/")
  }
}
