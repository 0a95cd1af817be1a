// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// One thing that the doctor looked at.
struct DoctorFinding {
  /// `files`, `home`, `clock`, `center`, `system finance`, `pipeline people`
  var subject: String
  var message: String
  /// What to do; nil for what is well.
  var help: String?
  /// What the fault is worth; nil for what is well, and for what may stay as it is.
  var exit: ExitCode?

  static func well(_ subject: String, _ message: String) -> DoctorFinding {
    DoctorFinding(subject: subject, message: message)
  }

  /// Worth a look, and no fault.
  static func note(_ subject: String, _ message: String, help: String) -> DoctorFinding {
    DoctorFinding(subject: subject, message: message, help: help)
  }

  static func fault(_ subject: String, _ message: String, help: String, exit: ExitCode) -> DoctorFinding {
    DoctorFinding(subject: subject, message: message, help: help, exit: exit)
  }

  static func fault(_ subject: String, _ failure: StageFailure) -> DoctorFinding {
    fault(subject, failure.message, help: failure.help, exit: failure.exit)
  }

  var state: String { exit != nil ? "fault" : help != nil ? "note" : "ok" }

  /// One line, and below it what to do.
  var text: String {
    let line = "\(state.padded(to: 5))  \(subject): \(message.onOneLine)"
    return help.map { "\(line)\n       \($0.onOneLine)" } ?? line
  }

  var json: JSONText {
    .object([
      ("state", .string(state)), ("subject", .string(subject)), ("message", .string(message)),
      ("help", .optional(help)), ("exit", .optional(exit.map { Int64($0.rawValue) })),
    ])
  }
}

extension String {
  /// What a server or a file name says may hold anything; a terminal takes only text.
  fileprivate var onOneLine: String {
    String(String.UnicodeScalarView(unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
  }

  fileprivate func padded(to count: Int) -> String {
    self + String(repeating: " ", count: max(0, count - self.count))
  }
}
