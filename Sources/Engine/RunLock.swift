// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc
import Store

/// Holds a pipeline's lock for a run.
final class RunLock {
  /// Somebody else has it.
  struct Held: Error {
    let failure: StageFailure
  }

  private var lock: PipelineLock?

  /// - Throws: ``Held`` when another process runs the pipeline.
  init(_ environment: EngineEnvironment, pipeline: String, command: String) throws {
    var holder: PipelineLock.Holder?
    // A listing that looks who holds a lock has it for an instant: that is no run.
    for attempt in 0..<4 {
      if attempt > 0 { usleep(50_000) }
      switch try PipelineLock.acquire(
        pipeline, in: environment.home, startedAt: environment.clock.seconds(), command: command)
      {
      case .acquired(let lock):
        self.lock = lock
        return
      case .held(let found): holder = found
      }
    }
    let who = holder.map {
      "process \($0.process) on \($0.host) ('\($0.command)', for \(environment.clock.seconds() - $0.startedAt) s)"
    }
    throw Held(
      failure: StageFailure(
        id: "engine.locked",
        "another run of '\(pipeline)' is going on: \(who ?? "a process that just began")",
        help: "wait for it to end; the lock goes with its process.", exit: .tryAgain, isTransient: true,
        state: "nothing was done"))
  }

  func release() { lock = nil }
}
