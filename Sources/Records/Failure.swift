// SPDX-License-Identifier: Apache-2.0

/// One rule that one record broke. A record with at least one failure of kind `reject` stays out.
public struct Failure: Sendable, Equatable {
  public enum Kind: String, Sendable {
    /// The record is kept out.
    case reject
    /// The record is loaded; the finding is kept and counted.
    case note
  }

  public var kind: Kind
  /// Row of the root table of the chunk.
  public var row: Int
  /// Which rule, as `type.date`, `pattern`, `required`, `lookup.commune`, `check`, `unique`, `take.only` …
  public var rule: String
  /// Entity field at fault; for a child `terms[3].start`; empty when the record as a whole is meant.
  public var field: String
  /// The offending value as received, cut at 80 characters, or nil when there is none.
  public var value: String?
  /// A sentence that states the fact.
  public var message: String
  /// Where the rule stands in its file (`Pipelines/x.yaml:31:9`), if it stands in one.
  public var ruleAt: String?
  /// Class of the field whose value is shown; decides whether listings mask it.
  public var personal: PersonalClass

  public init(
    kind: Kind = .reject, row: Int, rule: String, field: String, value: String?, message: String,
    ruleAt: String? = nil, personal: PersonalClass = .none
  ) {
    self.kind = kind
    self.row = row
    self.rule = rule
    self.field = field
    self.value = value
    self.message = message
    self.ruleAt = ruleAt
    self.personal = personal
  }
}
