// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Glibc
import Records

/// One run of a program, from settings to the facts of how it left. Used by one thread.
final class ProgramRun {
  private let settings: ProgramSettings
  private let values: RequestValues
  private let landing: any LandingWriter
  private let grace: Double
  private let began = MonotonicClock.seconds()
  private var tail: ErrorTail
  private var bytes = 0
  private let environment: ProgramEnvironment
  /// The command line without secrets: where failures happened.
  let place: String

  /// - Parameter grace: seconds from asking a program to end to killing it.
  init(
    _ settings: ProgramSettings, _ values: RequestValues, _ landing: any LandingWriter, grace: Double,
    shownAs place: String? = nil
  ) {
    self.settings = settings
    self.values = values
    self.landing = landing
    self.grace = grace
    environment = ProgramEnvironment(settings, values)
    tail = ErrorTail(Redactor(settings.secrets + environment.passed))
    let line = place ?? settings.shown(values)
    self.place = line.count <= 160 ? line : line.prefix(159) + "…"
  }

  /// Runs the program until it leaves.
  ///
  /// - Parameters:
  ///   - arguments: behind those of the file.
  ///   - takeErrors: takes standard error beside what is kept of it.
  /// - Returns: how it left; nil when the run was cancelled.
  /// - Throws: what `take` throws, and a ``StageFailure`` when the program could not run or had to be ended.
  func output(
    arguments: [String] = [], errors takeErrors: (UnsafeRawBufferPointer) -> Void = { _ in },
    _ take: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> ChildProcess.Departure? {
    let child = try start(arguments)
    let limits = ChildProcess.Limits(wall: settings.timeout, stall: settings.stall, grace: grace)
    let end = try child.watch(
      limits, isCancelled: { landing.isCancelled },
      output: { piece in
        bytes += piece.count
        guard bytes <= settings.limit else {
          throw ExtractDiagnostics.tooLarge(limit: settings.limit, at: place)
        }
        try take(piece)
      },
      errors: { piece in
        tail.take(piece)
        takeErrors(piece)
      })
    switch end {
    case .left(let departure): return departure
    case .cancelled: return nil
    case .overtime: throw ProgramDiagnostics.overtime(settings.timeout, said: tail.summary, at: place)
    case .stalled: throw ProgramDiagnostics.stalled(settings.stall, said: tail.summary, at: place)
    case .heldOpen: throw ProgramDiagnostics.heldOpen(at: place)
    }
  }

  /// Throws what is wrong with how the program left.
  func check(_ departure: ChildProcess.Departure, success: Set<Int32>) throws(StageFailure) {
    switch departure {
    case .code(let code) where success.contains(code): return
    case .code(let code): throw ProgramDiagnostics.failed(code, said: tail.summary, at: place)
    case .signal(let signal): throw ProgramDiagnostics.killed(signal, said: tail.summary, at: place)
    }
  }

  /// What the ledger keeps of a program that left.
  func facts(_ departure: ChildProcess.Departure) -> [String: String] {
    var facts = ["seconds": "\((MonotonicClock.seconds() - began).roundedToTenths)"]
    switch departure {
    case .code(let code): facts["exit"] = "\(code)"
    case .signal(let signal): facts["signal"] = "\(signal)"
    }
    let said = tail.fact
    if !said.isEmpty { facts["stderr"] = said }
    return facts
  }

  private func start(_ more: [String]) throws(StageFailure) -> ChildProcess {
    let arguments = settings.run.map { $0.text(values) } + more
    let variables = environment.lines
    guard !(arguments + variables).contains(where: { $0.utf8.contains(0) }) else {
      throw ProgramDiagnostics.unusableArgument(at: settings.position)
    }
    let shown = settings.run[0].shown(values)
    switch ProgramFile.find(arguments[0], path: environment.path, in: landing.baseFolder) {
    case .none:
      throw ProgramDiagnostics.notFound(shown, path: environment.path, at: settings.position)
    case .notExecutable:
      throw ProgramDiagnostics.notExecutable(
        shown, "it is no file, or not to be executed by us", at: settings.position)
    case .program(let program):
      let order = ChildProcess.Order(
        program: program, arguments: arguments, environment: variables, folder: landing.baseFolder)
      do throws(ChildProcess.SpawnError) {
        return try ChildProcess(order)
      } catch {
        let reason = String(cString: strerror(error.number))
        if [EACCES, ENOEXEC, ENOENT, EPERM].contains(error.number) {
          throw ProgramDiagnostics.notExecutable(shown, reason, at: settings.position)
        }
        throw ProgramDiagnostics.notStarted(reason, at: place)
      }
    }
  }
}

extension Double {
  fileprivate var roundedToTenths: Double { (self * 10).rounded() / 10 }
}
