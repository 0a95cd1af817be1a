// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Expressions
import Records

/// Which values of a map depend on which, and on which captures.
struct ValueUses {
  private let values: [ValuePlan]
  private let slotUses: [Int: Int]

  init(_ plan: MapPlan) {
    values = plan.values
    slotUses = plan.values.reduce(into: [:]) { uses, value in
      for slot in value.slots { uses[slot, default: 0] += 1 }
    }
  }

  func count(ofSlot slot: Int) -> Int { slotUses[slot] ?? 0 }

  /// Throws where a value uses one that does not stand before it: a mistake of planning, not of the pipeline.
  func checkOrder(
    _ filter: (any ColumnExpression)?, _ deletion: (any ColumnExpression)?
  ) throws(StageFailure) {
    var known: Set<String> = []
    for value in values {
      for name in value.names where !known.contains(name) { throw Self.unordered(name, value.name) }
      known.insert(value.name)
    }
    for name in filter?.names ?? [] where !known.contains(name) { throw Self.unordered(name, "filter") }
    for name in deletion?.names ?? [] where !known.contains(name) { throw Self.unordered(name, "delete") }
  }

  private static func unordered(_ name: String, _ user: String) -> StageFailure {
    StageFailure(
      id: "transform.value-order", "'\(user)' uses '\(name)', which does not stand before it",
      help: "report this with the pipeline file: planning puts values in order", exit: .bug)
  }

  /// Names of the values an expression needs, with all that these need.
  func needed(by expression: any ColumnExpression) -> Set<String> {
    var needed = Set(expression.names)
    // A value stands after those it uses, so one look from the back finds all.
    for value in values.reversed() where needed.contains(value.name) { needed.formUnion(value.names) }
    return needed
  }

  /// The class of the value at an index. A `let` shows what the fields made of it show, or of the same
  /// capture.
  func personal(_ index: Int) -> PersonalClass {
    let value = values[index]
    if let field = value.field { return field.personal }
    var dependents: Set<String> = [value.name]
    var highest = value.personal
    let slots = Set(value.slots)
    for other in values {
      let isDependent = other.names.contains { dependents.contains($0) }
      if isDependent { dependents.insert(other.name) }
      guard isDependent || other.slots.contains(where: slots.contains), let field = other.field else {
        continue
      }
      if field.personal.rank > highest.rank { highest = field.personal }
    }
    return highest
  }
}

extension ValuePlan {
  var slots: [Int] {
    if case .captures(let slots) = source { return slots }
    return []
  }

  /// Names of the values it uses.
  var names: [String] {
    var names = [asOf, validOn].compactMap(\.self)
    if case .expression(let expression) = source { names += expression.names }
    return names
  }
}

extension PersonalClass {
  fileprivate var rank: Int {
    switch self {
    case .none: 0
    case .basic: 1
    case .sensitive: 2
    }
  }
}
