// SPDX-License-Identifier: Apache-2.0

import Components
import Records
import Store

/// Personal values are shown only on request; everything else about a reject is not personal.
enum Masking {
  static let mask = "•••"

  static func value(_ failure: FailureRow, reveals: Bool) -> String? {
    failure.value.map { failure.personal == "none" || reveals ? $0 : mask }
  }

  /// The sentence, with the value it quotes masked where it is personal.
  static func message(_ failure: FailureRow, reveals: Bool) -> String {
    failure.personal == "none" || reveals
      ? failure.message : masked(failure.message, quoting: failure.value)
  }

  /// The sentence of a finding that no ledger holds, as a preview's.
  static func message(_ failure: Failure, reveals: Bool) -> String {
    failure.personal == .none || reveals
      ? failure.message : masked(failure.message, quoting: failure.value)
  }

  private static func masked(_ message: String, quoting value: String?) -> String {
    guard let value, !value.isEmpty else { return message }
    let masked = message.replacing("'\(value)'", with: mask)
    // A short value stands in words that have nothing to do with it: the gaps would tell it.
    return value.count < 6 ? masked : masked.replacing(value, with: mask)
  }
}

extension [RowChange] {
  /// Masks the personal fields of what a dry run would change.
  mutating func mask(_ plan: LoadPlan) {
    var personal: [String: Set<String>] = [:]
    var keys: Set<String> = []
    func visit(_ kind: LoadKind, parentKeyIsPersonal: Bool) {
      let fields = Set(kind.entity.fields.filter { $0.personal != .none }.map(\.name))
      personal[kind.entity.name, default: []].formUnion(fields)
      let isPersonal = parentKeyIsPersonal || kind.entity.key.contains { fields.contains($0) }
      if isPersonal { keys.insert(kind.entity.name) }
      for child in kind.children { visit(child, parentKeyIsPersonal: isPersonal) }
    }
    for kind in plan.kinds { visit(kind, parentKeyIsPersonal: false) }
    for index in indices {
      let entity = self[index].entity
      if keys.contains(entity) { self[index].key = Masking.mask }
      for field in self[index].fields.indices
      where personal[entity]?.contains(self[index].fields[field].field) == true {
        self[index].fields[field].before = self[index].fields[field].before.map { _ in Masking.mask }
        self[index].fields[field].after = self[index].fields[field].after.map { _ in Masking.mask }
      }
    }
  }
}
