// SPDX-License-Identifier: Apache-2.0

import Components
import Expressions
import Records

/// How far the values that rules use relate to a person, `let` values among them.
struct ValueClasses {
  private let values: [ValuePlan]

  init(_ plan: MapPlan) { values = plan.values }

  /// The class of a value. A `let` shows what it is made of and what is made of it: it has the highest class
  /// of all fields it is tied to, rather once too often than not.
  func personal(_ name: String) -> PersonalClass {
    var seen: Set<String> = []
    return personal(name, &seen)
  }

  /// The highest class among names.
  func personal(_ names: [String]) -> PersonalClass {
    names.map { personal($0) }.reduce(.none, Self.higher)
  }

  private func personal(_ name: String, _ seen: inout Set<String>) -> PersonalClass {
    guard seen.insert(name).inserted, let value = values.first(where: { $0.name == name }) else {
      return .none
    }
    if let field = value.field { return field.personal }
    var highest = value.personal
    for other in values where isTied(value, other) {
      highest = Self.higher(highest, personal(other.name, &seen))
    }
    return highest
  }

  private func isTied(_ one: ValuePlan, _ other: ValuePlan) -> Bool {
    switch (one.source, other.source) {
    case (.expression(let expression), _) where expression.names.contains(other.name): true
    case (_, .expression(let expression)): expression.names.contains(one.name)
    case (.captures(let slots), .captures(let others)): slots.contains { others.contains($0) }
    default: false
    }
  }

  private static func higher(_ one: PersonalClass, _ other: PersonalClass) -> PersonalClass {
    one == .sensitive || other == .sensitive ? .sensitive : one == .basic || other == .basic ? .basic : .none
  }
}
