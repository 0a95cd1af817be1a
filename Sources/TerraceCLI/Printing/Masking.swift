// SPDX-License-Identifier: Apache-2.0

import Store

/// Personal values are shown only on request; everything else about a reject is not personal.
enum Masking {
  static let mask = "•••"

  static func value(_ failure: FailureRow, reveals: Bool) -> String? {
    failure.value.map { failure.personal == "none" || reveals ? $0 : mask }
  }

  /// The sentence, with the value it quotes masked where it is personal.
  static func message(_ failure: FailureRow, reveals: Bool) -> String {
    guard failure.personal != "none", !reveals, let value = failure.value, !value.isEmpty else { return failure.message }
    return failure.message.replacing(value, with: mask)
  }
}
