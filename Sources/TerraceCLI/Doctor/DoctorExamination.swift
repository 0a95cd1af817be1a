// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Extractors
import Glibc
import PipelineFiles
import Planning
import Records
import Store

/// Looks at everything that a run needs, one thing after the other, and changes nothing.
struct DoctorExamination {
  let workspace: Workspace
  let asksSystems: Bool

  /// Days before a certificate's end at which somebody should know.
  private static let notice: Int64 = 21
  /// Seconds behind a schedule's time until which nobody needs to worry: one run a day may take long.
  private static let patience: Int64 = 3600

  func findings() -> [DoctorFinding] {
    let (folder, planner) = workspace.files()
    let planned = planner.plan()
    var found = files(planned.diagnostics + folder.diagnostics, planned.plans.count)
    var home = HomeExamination(homePath: workspace.homePath, centerURL: workspace.centerURL())
    found += home.findings()
    found += home.hasLedger ? ledger(planned.plans) : [clock(after: nil)]
    for (name, system) in folder.systems.systems.sorted(by: { $0.key < $1.key }) {
      found += self.system(name, system, folder.systems.diagnostics(of: name))
    }
    return found
  }

  // MARK: - Files

  private func files(_ diagnostics: [Diagnostic], _ plans: Int) -> [DoctorFinding] {
    var seen: Set<String> = []
    let all = diagnostics.requiringSecrets().filter { seen.insert("\($0.id) \($0.message)").inserted }
    let errors = all.filter { $0.severity == .error }
    var found = errors.filter { $0.id.hasPrefix("secret.") }.map { error in
      DoctorFinding.fault("secrets", error.message, help: error.help, exit: [error].exit ?? .files)
    }
    let others = errors.filter { !$0.id.hasPrefix("secret.") }
    if let first = others.first {
      let place = first.position.map { " (\($0))" } ?? ""
      let more = others.count > 1 ? ", and \(others.count - 1) more" : ""
      found.append(
        .fault(
          "files", "\(first.message)\(place)\(more)",
          help: "\(first.help.isEmpty ? "mend it" : first.help); 'terrace check' shows every mistake",
          exit: others.exit ?? .files))
    } else if plans == 0 {
      found.append(
        .note(
          "files", "no pipeline in '\(workspace.options.pipelines)'",
          help: "'terrace guess' writes a first one; --pipelines names another folder"))
    } else {
      found.append(.well("files", "\(plans) pipeline\(plans == 1 ? "" : "s") without mistakes"))
    }
    return found
  }

  // MARK: - Ledger

  private func ledger(_ plans: [Plan]) -> [DoctorFinding] {
    do {
      let home = try Home(workspace.homePath)
      let ledger = try Ledger(home: home)
      let rows = try ledger.summaries()
      var found = [clock(after: rows.compactMap { $0.lastRun?.endedAt ?? $0.lastRun?.startedAt }.max())]
      for plan in plans { found += try pipeline(plan, home, ledger, rows) }
      return found
    } catch let failure as StageFailure {
      return [clock(after: nil), .fault("ledger", failure)]
    } catch {
      return [
        .fault("ledger", "\(error)", help: "look at the file with 'sqlite3', and at the disk", exit: .storage)
      ]
    }
  }

  private func pipeline(
    _ plan: Plan, _ home: Home, _ ledger: Ledger, _ rows: [PipelineSummary]
  ) throws -> [DoctorFinding] {
    let subject = "pipeline \(plan.pipeline)"
    var found: [DoctorFinding] = []
    if let holder = PipelineLock.holder(plan.pipeline, in: home) {
      found.append(
        .note(
          subject,
          "process \(holder.process) on \(holder.host) holds its lock since \(LocalTime.text(holder.startedAt))",
          help: "a run is at work; the lock goes away with the process"))
    }
    let row = rows.first { $0.pipeline == plan.pipeline }
    guard let last = row?.lastRun else {
      return found + [.well(subject, "has not run yet")]
    }
    if let schedule = plan.schedule.flatMap({ try? CronSchedule(parsing: $0) }) {
      let now = workspace.clock.seconds()
      let exits = Diagnostics.ExitCode.allCases.filter(\.settlesSchedule).map(\.rawValue)
      let settled = try ledger.lastStart(pipeline: plan.pipeline, exits: exits, notAfter: now)
      if Due.isDue(schedule, settled: settled, now: now - Self.patience) {
        let since =
          settled.map { "it last ran through \(LocalTime.age(now - $0)) ago" } ?? "it never ran through"
        found.append(
          .fault(
            subject, "is overdue by its schedule '\(plan.schedule ?? "")': \(since)",
            help: "is the line of 'terrace print crontab' in place? 'terrace run --due' makes up for it",
            exit: .tryAgain))
        return found
      }
    }
    return found + [.well(subject, "last ran \(LocalTime.text(last.startedAt)): \(last.status.rawValue)")]
  }

  // MARK: - Clock

  /// - Parameter last: when the newest run ended.
  private func clock(after last: Int64?) -> DoctorFinding {
    let now = workspace.clock.seconds()
    var program = stat()
    let built = stat("/proc/self/exe", &program) == 0 ? Int64(program.st_mtim.tv_sec) : 0
    let help = "set the clock, and let it be kept right: timedatectl set-ntp true"
    if let last, now < last - 300 {
      return .fault(
        "clock", "it shows \(LocalTime.text(now)), before the last run at \(LocalTime.text(last))",
        help: help,
        exit: .files)
    }
    if now < built - 86_400 {
      return .fault(
        "clock", "it shows \(LocalTime.text(now)), before this program was made", help: help, exit: .files)
    }
    if let last, now - last > 400 * 86_400 {
      return .note(
        "clock", "it shows \(LocalTime.text(now)), more than a year after the last run", help: help)
    }
    return .well("clock", "it shows \(LocalTime.text(now))")
  }

  // MARK: - Systems

  private func system(_ name: String, _ system: SystemSpec, _ diagnostics: [Diagnostic]) -> [DoctorFinding] {
    let subject = "system \(name)"
    // What is wrong with its entry stands above, and with half an entry nobody should be asked.
    if diagnostics.requiringSecrets().contains(where: { $0.severity == .error }) {
      return [
        .note(subject, "not asked: its entry is at fault", help: "mend what is said above, then look again")
      ]
    }
    guard asksSystems else { return [] }
    let now = workspace.clock.seconds()
    let (minute, weekday) = Self.localTime(now)
    guard system.isOpen(atMinute: minute, weekday: weekday) else {
      return [.well(subject, "not asked: it may not be called at this hour")]
    }
    let facts = SystemProbe(system, baseFolder: workspace.baseFolder).look()
    if let failure = facts.failure { return [.fault(subject, failure)] }
    let status = (facts.status.map { "answers (\($0))" } ?? "answers") + Self.untried(system, facts.status)
    guard let ends = facts.certificateEnds else { return [.well(subject, status)] }
    let days = (ends - now) / 86_400
    let certificate = "its certificate ends in \(days) days, on \(LocalTime.text(ends))"
    return days < Self.notice
      ? [.note(subject, "\(status); \(certificate)", help: "tell the system's owner to renew it")]
      : [.well(subject, "\(status); \(certificate)")]
  }

  /// What the answer does not say of signing in: secrets that are asked for elsewhere were not tried, and what is not there
  /// is refused to everybody.
  private static func untried(_ system: SystemSpec, _ status: Int?) -> String {
    switch system.authentication {
    case .none: ""
    case .clientCredentials, .digest, .query: "; signing in was not tried"
    case .basic, .bearer, .headers:
      status.map { (200..<300).contains($0) } == true
        ? "" : "; nothing stands at its base_url, so whether it lets us in is not known"
    }
  }

  /// By this machine's zone, as runs count a system's hours.
  /// Minutes from midnight and day of the week (1 is Monday).
  private static func localTime(_ seconds: Int64) -> (minute: Int, weekday: Int) {
    var time = time_t(seconds)
    var parts = tm()
    localtime_r(&time, &parts)
    return (Int(parts.tm_hour) * 60 + Int(parts.tm_min), (Int(parts.tm_wday) + 6) % 7 + 1)
  }
}
