// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// One rule of `validate`.
public struct RuleSpec: Sendable, Equatable {
  public enum Check: Sendable, Equatable {
    case expression(Located<String>)
    case unique([Located<String>])
    case sums(SumsSpec)
  }

  public var check: Check
  /// `reject`, `note` or `stop`.
  public var otherwise: String
  public var message: String?
  public var basis: String?
  public var position: FilePosition
}

/// `{ by, parts, total }`
public struct SumsSpec: Sendable, Equatable {
  /// `parts` or `total`: an expression, or `{ value, where }`.
  public struct Term: Sendable, Equatable {
    public var value: Located<String>
    public var condition: Located<String>?
  }

  public var by: [Located<String>]
  public var parts: Term
  public var total: Term
  /// `required: true`
  public var isTotalRequired = false
}

/// `{ rejects: { at_most, of_at_least } }`
public struct RejectLimitSpec: Sendable, Equatable {
  public enum Bound: Sendable, Equatable {
    case count(Int)
    case share(partsPerMillion: Int)
  }

  public var atMost: Bound
  public var ofAtLeast: Int
  public var position: FilePosition
}
