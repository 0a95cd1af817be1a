// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Diagnostics
import Glibc
import Records

/// What SQLite's and the file system's codes mean to an operator. Wording of this room's errors stands here.
enum SQLiteFailure {
  static func opening(_ path: String, errno code: Int32) -> StageFailure {
    let cause = String(cString: strerror(code))
    switch code {
    case EACCES, EPERM, EROFS:
      return StageFailure(
        id: "load.center-not-allowed", "the center '\(path)' cannot be made: \(cause)", at: path,
        help: "let this user write to the folder, or name another file with --center", exit: .permission)
    default:
      return StageFailure(
        id: "load.center-not-opened", "the center '\(path)' cannot be made: \(cause)", at: path,
        help: "make the folder it stands in, or name another file with --center", exit: .storage)
    }
  }

  static func injected(_ failure: InjectedFailure, path: String) -> StageFailure {
    StageFailure(
      id: "load.fault-injected", "step '\(failure.step)' failed because TERRACE_FAILPOINT asks for it",
      at: path,
      help: "unset TERRACE_FAILPOINT, then run again", exit: .storage)
  }

  static func make(_ code: Int32, cause: String, doing: String, path: String) -> StageFailure {
    let what = "the center '\(path)'"
    switch code & 0xff {
    case SQLITE_BUSY, SQLITE_LOCKED:
      return StageFailure(
        id: "load.center-busy", "\(what) is in use by another program: \(cause)", at: path,
        help: "run again when the other program is done", exit: .tryAgain, isTransient: true)
    case SQLITE_FULL:
      return StageFailure(
        id: "load.center-full", "\(what) cannot grow: \(cause)", at: path,
        help: "free space on the disk that holds it (and on the one for temporary files), then run again",
        exit: .storage)
    case SQLITE_IOERR, SQLITE_NOMEM, SQLITE_PROTOCOL:
      return StageFailure(
        id: "load.center-input-output", "\(what) cannot be read or written: \(cause) (code \(code))",
        at: path, help: "look for disk errors in the system's log, repair, then run again", exit: .storage)
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
      return StageFailure(
        id: "load.center-not-allowed", "\(what) may not be written: \(cause)", at: path,
        help: "let this user write to the file and to its folder", exit: .permission)
    case SQLITE_CANTOPEN:
      return StageFailure(
        id: "load.center-not-opened", "\(what) cannot be opened: \(cause)", at: path,
        help: "see that it is a file, and that this user may write to it and to its folder", exit: .storage)
    case SQLITE_CORRUPT:
      return StageFailure(
        id: "load.center-damaged", "\(what) is damaged: \(cause)", at: path,
        help: "keep a copy, put the last backup in its place, then replay the batches since",
        exit: .storage)
    case SQLITE_NOTADB:
      return StageFailure(
        id: "load.center-not-a-database", "'\(path)' is not an SQLite database", at: path,
        help: "name the center's file with --center; this file was left as it is", exit: .files)
    case SQLITE_CONSTRAINT:
      return StageFailure(
        id: "load.center-constraint", "\(what) refuses a row: \(cause)", at: path,
        help: "remove the constraint that the shared schema does not know from the table", exit: .files)
    default:
      return StageFailure(
        id: "load.center-statement", "\(what) refused '\(doing.prefix(200))': \(cause) (code \(code))",
        at: path, help: "report this with the text of this message", exit: .bug)
    }
  }
}
