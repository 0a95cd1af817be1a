// SPDX-License-Identifier: Apache-2.0

import Records

/// Times for people, in the province's time zone (UTC+7 all year round).
enum LocalTime {
  static func text(_ seconds: Int64) -> String {
    let local = Instant(microseconds: (seconds + 7 * 3600) * 1_000_000).description
    return local.replacing("T", with: " ").replacing("Z", with: "")
  }

  /// How long ago, in one unit.
  static func age(_ seconds: Int64) -> String {
    switch seconds {
    case ..<0: "in the future"
    case ..<120: "\(seconds) s"
    case ..<7200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) d"
    }
  }
}
