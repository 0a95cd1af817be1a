// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// One rule of `validate`.
public struct RuleSpec: Sendable, Equatable {
  public enum Check: Sendable, Equatable {
    case expression(Located<String>)
    case unique([Located<String>])
  }

  public var check: Check
  /// `reject`, `note` or `stop`.
  public var otherwise: String
  public var message: String?
  public var basis: String?
  public var position: FilePosition
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
