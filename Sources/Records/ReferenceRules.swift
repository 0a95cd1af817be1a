// SPDX-License-Identifier: Apache-2.0

/// What is held of a reference beside its value: what becomes of a record that breaks it, and what the row it refers to
/// must be.
public struct ReferenceRules: Sendable, Equatable {
  public enum Outcome: String, Sendable, CaseIterable {
    case reject, note
  }

  /// What becomes of a record whose reference finds no row.
  public var whenMissing: Outcome
  /// Following the reference from row to row never comes back. Only for a reference to the one-field key of the same
  /// root entity.
  public var isAcyclic: Bool
  public var open: OpenRule?

  public init(whenMissing: Outcome = .reject, isAcyclic: Bool = false, open: OpenRule? = nil) {
    self.whenMissing = whenMissing
    self.isAcyclic = isAcyclic
    self.open = open
  }
}

/// The row referred to must be open on the days that the record names.
///
/// It is open from its `from` to its `to`, both days included, and without a bound where the field is null. Every day
/// that the record gives must lie within; where it gives no last day, the row must have no end either.
public struct OpenRule: Sendable, Equatable {
  /// Date fields of the entity referred to; at least one of them is given.
  public var from: String?
  public var to: String?
  /// Date fields of the entity that refers, the last day at the end.
  public var at: [String]
  /// What becomes of a record that names other days.
  public var otherwise: ReferenceRules.Outcome

  public init(
    from: String?, to: String?, at: [String], otherwise: ReferenceRules.Outcome = .reject
  ) {
    self.from = from
    self.to = to
    self.at = at
    self.otherwise = otherwise
  }
}
