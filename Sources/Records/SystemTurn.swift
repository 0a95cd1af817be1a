// SPDX-License-Identifier: Apache-2.0

/// What a request to a system is told that asks for its turn.
public enum SystemTurn: Sendable, Equatable {
  /// Go at once; the turn lasts until it is given back.
  case granted
  /// Ask again after so long: the pace, or requests of others, are in the way.
  case wait(seconds: Double)
}

/// How a system was found by the runs before.
public enum SystemCondition: Sendable, Equatable {
  case well
  /// It is left in peace: this command gave up on it a moment ago, or another is asking whether it is back.
  case resting(SystemRest)
  /// A run gave up on it, and nobody has had an answer since. One request without repeats will show.
  case doubtful
}

/// Why and until when a system is left in peace. Times are seconds since 1970.
public struct SystemRest: Sendable, Equatable {
  public var since: Int64
  public var until: Int64
  /// The fact that a run gave up on, for people.
  public var reason: String

  public init(since: Int64, until: Int64, reason: String) {
    self.since = since
    self.until = until
    self.reason = reason
  }
}
