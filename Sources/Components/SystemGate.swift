// SPDX-License-Identifier: Apache-2.0

import Glibc
import Records

/// What all that call one system share: its pace, its places, and whether it just failed. No call blocks for long;
/// whoever must wait waits by ``LandingWriter/pause(seconds:)``. Used by one thread.
public protocol SystemGate: AnyObject {
  /// How the runs before found the system.
  func condition() throws -> SystemCondition
  /// Takes a turn. Each one granted is given back by ``leave(hasAnswered:)``.
  func enter() throws -> SystemTurn
  /// Gives a turn back.
  ///
  /// - Parameter hasAnswered: whether the system answered as one that is well.
  func leave(hasAnswered: Bool)
  /// Says that this run gave up on the system, for a reason that will pass.
  ///
  /// - Parameters:
  ///   - reason: for people.
  ///   - asked: seconds that the system itself asked to be left in peace.
  func giveUp(_ reason: String, asked: Double?) throws
}

/// A gate that nobody else goes through: the pace of one run, where no home is kept.
public final class SoloGate: SystemGate {
  private let interval: Double
  private let now: () -> Double
  private var last: Double?
  private var isPromised = false

  /// - Parameter now: seconds that never step back.
  public init(_ system: SystemSpec, now: @escaping () -> Double = SoloGate.monotonic) {
    interval = system.requestsPerMinute.map { 60 / Double($0) } ?? 0
    self.now = now
  }

  public func condition() -> SystemCondition { .well }

  public func enter() -> SystemTurn {
    let now = now()
    // Who was told to wait has waited: it alone is here.
    if !isPromised, let last, last + interval > now {
      isPromised = true
      return .wait(seconds: last + interval - now)
    }
    isPromised = false
    last = now
    return .granted
  }

  public func leave(hasAnswered: Bool) {}
  public func giveUp(_ reason: String, asked: Double?) {}

  /// The machine's own clock.
  public static func monotonic() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

extension LandingWriter {
  /// A gate of the run's own.
  public func gate(for system: SystemSpec) throws -> any SystemGate { SoloGate(system) }
}
