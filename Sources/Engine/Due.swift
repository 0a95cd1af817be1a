// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Planning
import Records
import Store

/// What the schedules of pipelines owe: each time named since the last run that settled one, missed windows included.
public enum Due {
  /// Whether a schedule owes a run.
  ///
  /// - Parameters:
  ///   - settled: start of the last run that brought the data or failed by them; nil if there was none. A time that
  ///     came while that run was at work is owed.
  ///   - now: seconds since 1970; a time that is just now counts.
  public static func isDue(_ schedule: CronSchedule, settled: Int64?, now: Int64) -> Bool {
    guard let settled else { return true }
    guard let next = schedule.next(after: Instant(microseconds: settled * 1_000_000)) else { return false }
    return next.microseconds <= now * 1_000_000
  }

  /// The plans that owe a run, in their order; those without a schedule never do.
  public static func plans(among plans: [Plan], in environment: EngineEnvironment) throws(StageFailure)
    -> [Plan]
  {
    let now = environment.clock.seconds()
    var owing: [Plan] = []
    for plan in plans {
      guard let schedule = plan.cron else { continue }
      let exits = ExitCode.allCases.filter(\.settlesSchedule).map(\.rawValue)
      let settled = try environment.ledger.lastStart(pipeline: plan.pipeline, exits: exits, notAfter: now)
      if isDue(schedule, settled: settled, now: now) { owing.append(plan) }
    }
    return owing
  }

  /// The first time from now on that one of the plans is due; nil when none has a schedule.
  public static func next(among plans: [Plan], now: Int64) -> (pipeline: String, at: Int64)? {
    let times = plans.compactMap { plan in
      plan.cron?.next(after: Instant(microseconds: now * 1_000_000)).map {
        (pipeline: plan.pipeline, at: $0.microseconds / 1_000_000)
      }
    }
    return times.min { $0.at < $1.at }
  }
}

extension ExitCode {
  /// Whether a run that ended so leaves nothing owed: the data are there, or they are at fault and wait for a look.
  /// After any other ending the source may still have what was asked for, so that the pipeline stays due.
  public var settlesSchedule: Bool { self == .done || self == .data }
}

extension Plan {
  /// The schedule as times; planning has refused what means none.
  fileprivate var cron: CronSchedule? { schedule.flatMap { try? CronSchedule(parsing: $0) } }
}
