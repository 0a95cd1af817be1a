// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc

/// What a program did instead of printing data and leaving well; sorted by id. Places are command lines without secrets.
enum ProgramDiagnostics {
  static func failed(_ code: Int32, said: String?, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.program-failed", sentence("the program left with exit code \(code)", said), at: place,
      help: help(code), exit: exit(code), isTransient: code == EX_TEMPFAIL)
  }

  /// Codes of sysexits.h mean with a program what they mean with us; what others mean, only the program knows.
  static func exit(_ code: Int32) -> ExitCode {
    switch code {
    // Our file gave it wrong arguments or a wrong configuration; 126 and 127 come from env and shells.
    case EX_USAGE, EX_CONFIG, 126, 127: .files
    case EX_DATAERR: .data
    case EX_IOERR, EX_CANTCREAT: .storage
    case EX_TEMPFAIL: .tryAgain
    case EX_PROTOCOL: .sourceProtocol
    case EX_NOPERM: .permission
    default: .unavailable
    }
  }

  private static func help(_ code: Int32) -> String {
    switch exit(code) {
    case .files: "correct 'run' and what the program is configured by; run the same command line by hand"
    case .tryAgain: "run again later; the program says that it may succeed then"
    case .permission: "look at the program's credentials, and at what the user that runs terrace may do"
    case .storage: "look at the disk, then run again"
    default:
      "run the same command line by hand; if it left well, name its exit code under 'success'"
    }
  }

  static func heldOpen(at place: String) -> StageFailure {
    StageFailure(
      id: "extract.program-held-open",
      "the program left, but something that it started still holds its output open", at: place,
      help: "let it wait for what it starts, or redirect the output of that; what came may be incomplete",
      exit: .sourceProtocol)
  }

  static func killed(_ signal: Int32, said: String?, at place: String) -> StageFailure {
    let isAsked = [SIGKILL, SIGTERM, SIGINT, SIGHUP].contains(signal)
    let name = strsignal(signal).map { " (\(String(cString: $0)))" } ?? ""
    return StageFailure(
      id: "extract.program-killed", sentence("the program was ended by signal \(signal)\(name)", said),
      at: place,
      help: isAsked
        ? "look who ended it: too little memory ends programs by signal 9; then run again"
        : "the program is broken: run the same command line by hand, and tell its makers",
      exit: isAsked ? .tryAgain : .sourceProtocol, isTransient: isAsked)
  }

  static func notExecutable(_ program: String, _ reason: String, at place: FilePosition) -> StageFailure {
    StageFailure(
      id: "extract.program-not-executable", "'\(program)' cannot be executed: \(reason)",
      at: place.description,
      help: "give it the right: chmod +x; a script's first line must name what runs it, as #!/bin/sh",
      exit: .files)
  }

  static func notFound(_ program: String, path: String, at place: FilePosition) -> StageFailure {
    StageFailure(
      id: "extract.program-not-found", "there is no program '\(program)'", at: place.description,
      help: program.contains("/")
        ? "put it there, or correct 'run'; it counts from the folder that holds the pipelines folder"
        : "install it, or correct 'run'; it was looked for in \(path)", exit: .files)
  }

  static func notStarted(_ reason: String, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.program-not-started", "the program could not be started: \(reason)", at: place,
      help: "look at the memory, the processes and the open files of this machine, then run again",
      exit: .tryAgain,
      isTransient: true)
  }

  static func overtime(_ seconds: Double, said: String?, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.program-overtime",
      sentence("the program was not done after \(Seconds.text(seconds)) and was ended", said), at: place,
      help: "raise 'timeout' if that is right, or let it bring less at a time", exit: .tryAgain,
      isTransient: true
    )
  }

  static func stalled(_ seconds: Double, said: String?, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.program-stalled",
      sentence("the program printed nothing for \(Seconds.text(seconds)) and was ended", said), at: place,
      help: "raise 'stall' if it may be silent for so long; it gets no input: it may wait for an answer",
      exit: .tryAgain, isTransient: true)
  }

  static func unusableArgument(at place: FilePosition) -> StageFailure {
    StageFailure(
      id: "extract.program-unusable-argument",
      "an argument or a variable of the program holds a zero byte", at: place.description,
      help: "correct 'run' and 'environment', and the secrets in them", exit: .files)
  }

  private static func sentence(_ fact: String, _ said: String?) -> String {
    said.map { "\(fact): \($0)" } ?? "\(fact), and said nothing on standard error"
  }
}
