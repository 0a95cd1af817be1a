// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc
import Records

// The wording of what goes wrong with our own disk, in one place.
extension StageFailure {
  /// A system call on one of our files failed. `verb` reads on: "cannot <verb> '<path>'".
  static func storage(_ verb: String, _ path: String, _ code: Int32) -> StageFailure {
    let reason = String(cString: strerror(code))
    switch code {
    case ENOSPC, EDQUOT, EFBIG:
      return diskFull(path, reason)
    case EACCES, EPERM, EROFS:
      return StageFailure(
        id: "store.no-permission", "cannot \(verb) '\(path)': \(reason)", at: path,
        help: "let the user that runs this read and write there, or choose another folder with --home",
        exit: .permission)
    default:
      return StageFailure(
        id: "store.disk-failed", "cannot \(verb) '\(path)': \(reason)", at: path,
        help: "see to the disk, then run again: the run goes on from what is already durable", exit: .storage)
    }
  }

  static func diskFull(_ path: String, _ reason: String) -> StageFailure {
    StageFailure(
      id: "store.disk-full", "no space left to write '\(path)': \(reason)", at: path,
      help: "free space there, then run again", exit: .storage,
      state: "what was being written is dropped; everything finished before it is kept")
  }

  static func landingDamaged(_ path: String, _ fact: String) -> StageFailure {
    StageFailure(
      id: "store.landing-damaged", "the landed payload is damaged: \(fact)", at: path,
      help: "extract it again with 'terrace run --full', and check the disk", exit: .storage)
  }

  static func payloadMissing(_ digest: String) -> StageFailure {
    StageFailure(
      id: "store.payload-missing", "payload \(digest.prefix(12)) is not in the landing zone",
      help: "it was purged or removed; extract it again with 'terrace run --full'", exit: .storage)
  }

  static func injected(_ failure: InjectedFailure) -> StageFailure {
    StageFailure(
      id: "store.fault-injected", "step '\(failure.step)' failed because TERRACE_FAILPOINT asks for it",
      help: "unset TERRACE_FAILPOINT", exit: .storage)
  }
}

/// Marks a durable step of this room.
func step(_ name: StaticString) throws(StageFailure) {
  do { try FailPoint.check(name) } catch { throw .injected(error) }
}
