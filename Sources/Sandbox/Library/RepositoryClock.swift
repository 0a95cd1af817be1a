// SPDX-License-Identifier: Apache-2.0

import Records
import Synchronization

/// A repository's own clock. It goes on by a day with each `Identify`, by which a harvest begins, so that the next
/// harvest finds what changed; but for that it stands, so that the same requests get the same bytes.
final class RepositoryClock: Sendable {
  /// The day of the first harvest.
  static let start = CalendarDate(year: 2026, month: 11, day: 20) ?? CalendarDate(days: 20_777)

  private struct State {
    var harvests = 0
    var lost: Set<Int> = []
  }

  private let state = Mutex(State())

  /// Days since ``start``.
  var day: Int { state.withLock { max(0, $0.harvests - 1) } }

  /// - Returns: the day of the harvest.
  func beginHarvest() -> Int {
    state.withLock {
      $0.harvests += 1
      return $0.harvests - 1
    }
  }

  /// Whether the first token of a day's harvest is lost: of each third day, and once only.
  func losesToken(of day: Int) -> Bool {
    day % 3 == 2 && state.withLock { $0.lost.insert(day).inserted }
  }

  /// Eight in the morning (UTC) of a day, in seconds since 1970.
  static func moment(_ day: Int) -> Int64 { (Int64(start.days) + Int64(day)) * 86_400 + 8 * 3600 }
}
