// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import GRDB
import Glibc
import Records

extension StageFailure {
  /// What a database error means for the one who runs us.
  static func ledger(_ error: any Error, _ path: String) -> StageFailure {
    switch error {
    case let failure as StageFailure: return failure
    case let injected as InjectedFailure: return .injected(injected)
    case let error as DatabaseError: return ledger(error, path)
    default:
      return StageFailure(
        id: "store.ledger-failed", "the ledger failed: \(error)", at: path,
        help: "look after the disk, then run again", exit: .storage)
    }
  }

  private static func ledger(_ error: DatabaseError, _ path: String) -> StageFailure {
    let reason = error.message ?? "SQLite error \(error.resultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_FULL:
      return .diskFull(path, reason)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      return .ledgerDamaged(path, reason)
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return StageFailure(
        id: "store.ledger-busy", "another process kept the ledger locked for 30 s", at: path,
        help: "look with 'fuser \(path)' who holds it, then run again", exit: .tryAgain, isTransient: true)
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
      return StageFailure(
        id: "store.no-permission", "cannot write to the ledger: \(reason)", at: path,
        help: "let the user that runs this write to the file and its folder", exit: .permission)
    case .SQLITE_CONSTRAINT, .SQLITE_MISUSE, .SQLITE_RANGE, .SQLITE_ERROR:
      return StageFailure(
        id: "store.ledger-misused", "the ledger refused: \(reason)", at: path,
        help: "this is a bug of the program: please report it with this line", exit: .bug)
    default:
      return StageFailure(
        id: "store.ledger-failed", "the ledger failed: \(reason)", at: path,
        help: "see to the disk, then run again: the run goes on from what is already durable", exit: .storage)
    }
  }

  static func ledgerDamaged(_ path: String, _ fact: String) -> StageFailure {
    StageFailure(
      id: "store.ledger-damaged", "the ledger is damaged: \(fact)", at: path,
      help:
        "check the disk, and put a copy from a backup in its place. Without one move it away, with its '-wal', and run "
        + "again: all is extracted anew; merge and replace find their rows unchanged, append adds its rows a second time",
      exit: .storage)
  }

  static func ledgerNewer(_ path: String) -> StageFailure {
    StageFailure(
      id: "store.ledger-newer", "a newer version of this program wrote the ledger", at: path,
      help: "use that version or a later one; nothing was changed", exit: .files)
  }

  static func ledgerMisused(_ fact: String) -> StageFailure {
    StageFailure(
      id: "store.ledger-misused", fact, help: "this is a bug of the program: please report it with this line",
      exit: .bug)
  }
}
