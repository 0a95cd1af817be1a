// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc

/// Whether somebody asked this process to stop. Set from signal handlers, looked at between chunks and requests.
public enum Interruption {
  // A plain C integer: the only thing a signal handler may safely write.
  nonisolated(unsafe) private static let flag: UnsafeMutablePointer<sig_atomic_t> = {
    let flag = UnsafeMutablePointer<sig_atomic_t>.allocate(capacity: 1)
    flag.initialize(to: 0)
    return flag
  }()

  /// From now on the first SIGINT or SIGTERM asks; a second one ends the process at once, which is safe at any moment.
  public static func catchSignals() {
    _ = flag.pointee
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        Interruption.flag.pointee = number
        signal(number, SIG_DFL)
      }
      sigaction(number, &action, nil)
    }
    // Who started us may have left them blocked.
    var ours = sigset_t()
    sigemptyset(&ours)
    sigaddset(&ours, SIGINT)
    sigaddset(&ours, SIGTERM)
    sigprocmask(SIG_UNBLOCK, &ours, nil)
    signal(SIGPIPE, SIG_IGN)
    // Ignored by who started us, it would take away how the programs left that we run.
    signal(SIGCHLD, SIG_DFL)
  }

  /// 130 or 143 once a signal came.
  public static var requested: ExitCode? {
    switch flag.pointee {
    case SIGINT: .interrupted
    case SIGTERM: .terminated
    default: nil
    }
  }

  /// Ends the work at hand if somebody asked.
  static func check() throws {
    if let exit = requested { throw RunInterrupted(exit: exit) }
  }
}

/// Ends a run because somebody asked; not an error. Sessions are aborted, the ledger says so.
struct RunInterrupted: Error {
  var exit: ExitCode
}
