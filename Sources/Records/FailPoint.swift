// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// A named durable step at which tests make the process die, stop, or the step fail.
///
/// `TERRACE_FAILPOINT=<step>:<n>:kill|error|stop` arms the process: at the n-th time the step is reached it is
/// killed (SIGKILL), the step throws, or the process stops until somebody continues it (SIGSTOP, SIGCONT). The step `any` counts every step: `any:17:kill` kills at the 17th
/// step of whatever name. Where nothing is armed a step costs one branch.
public enum FailPoint {
  /// What happens at the chosen hit.
  public enum Action: String, Sendable { case kill, error, stop }

  /// One armed failure, with its own count of hits.
  public final class Schedule: Sendable {
    public let step: String
    public let hit: Int
    public let action: Action
    private let count = Atomic<Int>(0)

    public init(step: String, hit: Int, action: Action) {
      self.step = step
      self.hit = hit
      self.action = action
    }

    /// Reads `<step>:<n>:kill|error|stop`; nil when the text is anything else.
    public convenience init?(_ text: String) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 3, !parts[0].isEmpty, let hit = Int(parts[1]), hit > 0,
        let action = Action(rawValue: String(parts[2]))
      else { return nil }
      self.init(step: String(parts[0]), hit: hit, action: action)
    }

    /// How many matching steps were reached so far: a test's loop ends when the armed hit was never reached.
    public var hits: Int { count.load(ordering: .relaxed) }

    fileprivate func isDue(at step: StaticString) -> Bool {
      guard self.step == "any" || self.step == step.description else { return false }
      return count.add(1, ordering: .relaxed).newValue == hit
    }
  }

  /// Failures armed for one thread or task only, so that tests may run side by side. A test that starts a
  /// thread hands its schedule on with ``withSchedule(_:_:)``.
  @TaskLocal public static var schedule: Schedule?

  /// Runs `body` with a schedule of its own.
  public static func withSchedule<Value>(_ schedule: Schedule?, _ body: () throws -> Value) rethrows -> Value
  {
    isArmed.store(true, ordering: .relaxed)
    return try $schedule.withValue(schedule, operation: body)
  }

  /// Marks a durable step that cannot fail by itself. Kills when armed so; an armed error is left to
  /// ``check(_:)``.
  @inlinable
  public static func hit(_ step: StaticString) {
    if isArmed.load(ordering: .relaxed) { _ = isErrorDue(at: step) }
  }

  /// Marks a durable step that can fail.
  @inlinable
  public static func check(_ step: StaticString) throws(InjectedFailure) {
    if isArmed.load(ordering: .relaxed), isErrorDue(at: step) {
      throw InjectedFailure(step: step.description)
    }
  }

  @usableFromInline static let isArmed = Atomic<Bool>(environment != nil)

  private static let environment: Schedule? = {
    guard let text = getenv("TERRACE_FAILPOINT").map({ String(cString: $0) }), !text.isEmpty else {
      return nil
    }
    if let schedule = Schedule(text) { return schedule }
    let complaint =
      "terrace: TERRACE_FAILPOINT is '\(text)'; it must be <step>:<n>:kill, :error or :stop\n"
    _ = write(2, complaint, complaint.utf8.count)
    return nil
  }()

  @usableFromInline
  static func isErrorDue(at step: StaticString) -> Bool {
    var isDue = false
    for armed in [schedule, environment] {
      guard let armed, armed.isDue(at: step) else { continue }
      switch armed.action {
      case .error: isDue = true
      case .stop: kill(getpid(), SIGSTOP)
      case .kill:
        kill(getpid(), SIGKILL)
        while true { pause() }
      }
    }
    return isDue
  }
}

/// The failure of a step at which a test asked for one.
public struct InjectedFailure: Error, Sendable, Equatable {
  public var step: String

  public init(step: String) { self.step = step }
}
