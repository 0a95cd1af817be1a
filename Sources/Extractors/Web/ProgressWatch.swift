// SPDX-License-Identifier: Apache-2.0

import Glibc
import Records

/// Tells by what has come when waiting is over. Fewer than 16 bytes a second is standing still.
struct ProgressWatch {
  enum Verdict { case firstByte, stall }

  private let timeouts: SystemSpec.Timeouts
  private let begun: Double
  private var window: (start: Double, bytes: Int64)?

  init(_ timeouts: SystemSpec.Timeouts, now: Double = MonotonicClock.seconds()) {
    self.timeouts = timeouts
    begun = now
  }

  mutating func judge(received: Int64, hasHead: Bool, now: Double = MonotonicClock.seconds()) -> Verdict? {
    guard hasHead else {
      // Connecting has a bound of its own.
      return now - begun > timeouts.connect + timeouts.firstByte ? .firstByte : nil
    }
    guard let window else {
      self.window = (now, received)
      return nil
    }
    let elapsed = now - window.start
    guard elapsed >= timeouts.stall else { return nil }
    if Double(received - window.bytes) < 16 * elapsed { return .stall }
    self.window = (now, received)
    return nil
  }
}

enum MonotonicClock {
  static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
