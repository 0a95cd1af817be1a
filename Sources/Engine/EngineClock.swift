// SPDX-License-Identifier: Apache-2.0

import Glibc
import Records

/// The clocks of a run: wall time for the record, monotonic time for durations. Tests bring their own.
public struct EngineClock: Sendable {
  /// Seconds since 1970, UTC.
  public var seconds: @Sendable () -> Int64
  /// Seconds that never step back, from any start.
  public var monotonic: @Sendable () -> Double

  public init(
    seconds: @escaping @Sendable () -> Int64 = { Int64(time(nil)) },
    monotonic: @escaping @Sendable () -> Double = {
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
    }
  ) {
    self.seconds = seconds
    self.monotonic = monotonic
  }

  /// The local day. Vietnam is UTC+7 all year round.
  public var landingDate: CalendarDate {
    CalendarDate(days: Int32((seconds() + 7 * 3600).floorDivided(by: 86_400)))
  }
}
