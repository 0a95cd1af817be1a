// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// Counts, per mapped field, the records that had a value, so that a path that never matched is seen.
///
/// Fields of the only root entity go by their own name; those of children, and of several root entities, by
/// `entity.field`.
struct FilledCount {
  private final class Counts {
    let names: [String]
    var counts: [Int]
    let children: [Counts]

    init(_ kind: LoadKind, isQualified: Bool) {
      names = kind.mapped.map { isQualified ? "\(kind.entity.name).\($0)" : $0 }
      counts = kind.mapped.map { _ in 0 }
      children = kind.children.map { Counts($0, isQualified: true) }
    }

    func add(_ table: Table, mapped: [String]) {
      for (index, field) in table.fields.prefix(mapped.count).enumerated() {
        counts[index] += field.column.valueCount
      }
    }

    func collect(into result: inout [String: Int]) {
      for (name, count) in zip(names, counts) { result[name, default: 0] += count }
      for child in children { child.collect(into: &result) }
    }
  }

  private let plan: LoadPlan
  private let kinds: [Counts]

  init(_ plan: LoadPlan) {
    self.plan = plan
    kinds = plan.kinds.map { Counts($0, isQualified: plan.kinds.count > 1) }
  }

  func add(_ chunk: Chunk) { add(chunk.table, plan.kinds[chunk.kind], kinds[chunk.kind]) }

  private func add(_ table: Table, _ kind: LoadKind, _ counts: Counts) {
    counts.add(table, mapped: kind.mapped)
    for (index, child) in kind.children.enumerated() where index < table.children.count {
      add(table.children[index], child, counts.children[index])
    }
  }

  var byField: [String: Int] {
    var result: [String: Int] = [:]
    for kind in kinds { kind.collect(into: &result) }
    return result
  }
}

extension Column {
  fileprivate var valueCount: Int {
    let states: GrowableBuffer<CellState> =
      switch self {
      case .text(let column): column.storage.pointee.states
      case .integer(let column), .timestamp(let column): column.storage.pointee.states
      case .decimal(let column, _): column.storage.pointee.states
      case .boolean(let column): column.storage.pointee.states
      case .date(let column): column.storage.pointee.states
      }
    var count = 0
    for index in 0..<states.count where states[index] == .value { count &+= 1 }
    return count
  }
}
