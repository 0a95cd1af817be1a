// SPDX-License-Identifier: Apache-2.0

import Expressions
import Records

/// `sums`: over the records of a batch that share some values, the parts must add up to the total.
public struct SumsPlan: Sendable {
  /// One number of each record, of those that the condition is true for.
  public struct Term: Sendable {
    /// Integer or decimal.
    public var value: any ColumnExpression
    /// `where`
    public var condition: (any ColumnExpression)?

    public init(value: any ColumnExpression, condition: (any ColumnExpression)? = nil) {
      self.value = value
      self.condition = condition
    }

    /// The values it uses.
    public var names: [String] { value.names + (condition?.names ?? []) }
  }

  /// The values that the records of a group share; none: the batch is one group.
  public var by: [String]
  public var parts: Term
  public var total: Term
  /// Whether a group without a total is broken: where every source file ends with one, a file that lacks it was cut off.
  public var isTotalRequired: Bool

  public init(by: [String], parts: Term, total: Term, isTotalRequired: Bool = false) {
    self.by = by
    self.parts = parts
    self.total = total
    self.isTotalRequired = isTotalRequired
  }

  /// Whether records that `filter` leaves out can carry the total: those that are picked for it by a condition.
  public var seesFiltered: Bool { total.condition != nil }
}

extension MapPlan {
  /// The names of values with all that these are computed from.
  public func origins(of names: some Sequence<String>) -> Set<String> {
    var origins = Set(names)
    // A value stands after those it uses, so one look from the back finds all.
    for value in values.reversed() where origins.contains(value.name) {
      origins.formUnion([value.asOf, value.validOn].compactMap(\.self))
      if case .expression(let expression) = value.source { origins.formUnion(expression.names) }
    }
    return origins
  }
}
