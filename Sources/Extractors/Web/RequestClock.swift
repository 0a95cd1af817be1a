// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What requests take from outside: the time of day, and chance. Tests bring their own.
struct RequestClock: Sendable {
  /// Seconds since 1970.
  var now: @Sendable () -> Int64 = { Int64(time(nil)) }
  /// From 0 up to 1, for the jitter of waits.
  var chance: @Sendable () -> Double = { Double.random(in: 0..<1) }

  /// Seconds that never step back, for the ends of tokens and of runs.
  var monotonic: @Sendable () -> Double = { MonotonicClock.seconds() }

  /// Minutes from midnight and day of the week (1 is Monday), local time.
  func localTime() -> (minute: Int, weekday: Int) {
    var seconds = time_t(now())
    var parts = tm()
    localtime_r(&seconds, &parts)
    return (Int(parts.tm_hour) * 60 + Int(parts.tm_min), (Int(parts.tm_wday) + 6) % 7 + 1)
  }
}
