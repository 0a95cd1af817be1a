// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// What is said of SOAP: first what a file cannot mean, then what a service did; each sorted by id.
enum SOAPDiagnostics {
  static func badAction(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "soap.bad-action", "'action' holds a quote or a control character", at: tree.position,
      length: tree.length, help: "write it as the service's WSDL does, without quotes")
  }

  static func cursorWithoutPages(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "soap.cursor-without-paginate", "'${cursor}' has no value without pages that name the next",
      at: tree.position, length: tree.length, help: "add 'paginate: { cursor: { path: /… } }'")
  }

  static func noElement(_ name: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "soap.no-element", "'\(name)' holds no element", at: tree.position, length: tree.length,
      help: "write what stands within soap:Body or soap:Header, as <GetUnits xmlns=\"…\"/>")
  }

  static func notWellFormed(
    _ name: String, _ reason: String, at position: FilePosition, length: Int
  ) -> Diagnostic {
    Diagnostic(
      id: "soap.not-well-formed", "the XML of '\(name)' is not well-formed: \(reason)", at: position,
      length: length, help: "correct it; values and secrets are escaped when they are put in")
  }

  static func pageNotAsked(_ word: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "soap.page-not-asked", "there are pages, and the message does not say which", at: tree.position,
      length: tree.length, help: "put ${\(word)} where the message takes it")
  }

  static func severalPagings(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "soap.paginate", "'paginate' must say one way", at: tree.position, length: tree.length,
      help: "write { page: { size: … } }, { offset: { size: … } } or { cursor: { path: /… } }")
  }

  static func wholeEnvelope(_ name: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "soap.whole-envelope", "'\(name)' holds a whole envelope", at: tree.position, length: tree.length,
      help: "write only what stands within soap:Body; what stands within soap:Header goes under 'header'")
  }

  // MARK: - What a service did

  static func badMultipart(_ fact: String, at place: String) -> StageFailure {
    StageFailure(
      id: "soap.bad-multipart", "the service answered with several parts, \(fact)", at: place,
      help: "ask the system's owner for answers without attachments (no MTOM)", exit: .sourceProtocol)
  }

  static func cutShort(_ reason: String, at place: String) -> StageFailure {
    StageFailure(
      id: "soap.cut-short", "the envelope is not complete: \(reason)", at: place,
      help: "run again later; if it lasts, ask for less at once, or tell the system's owner",
      exit: .sourceProtocol, isTransient: true)
  }

  static func emptyAnswer(at place: String) -> StageFailure {
    StageFailure(
      id: "soap.empty-answer", "the service answered with nothing at all", at: place,
      help: "compare 'path' and 'action' with the service's WSDL", exit: .sourceProtocol)
  }

  static func emptyBody(at place: String) -> StageFailure {
    StageFailure(
      id: "soap.empty-body", "the envelope's body is empty", at: place,
      help: "compare 'action' and 'body' with the service's WSDL: some services answer an unknown one so",
      exit: .sourceProtocol)
  }

  static func fault(
    _ fault: SOAPFault, _ meaning: FaultSettings.Meaning, at place: String
  ) -> StageFailure {
    let text = shown(fault.text, most: 300)
    let code = shown(fault.codes.joined(separator: ", "), most: 100)
    let message =
      "the service answered with a fault" + (code.isEmpty ? "" : " \(code)")
      + (text.isEmpty ? "" : ": \(text)")
    switch meaning {
    case .retry:
      return StageFailure(
        id: "soap.fault-passing", "\(message) (after all retries)", at: place,
        help: "run again later; if it is for good, name the fault under 'faults: { stop: … }'",
        exit: .tryAgain, isTransient: true)
    case .data:
      return StageFailure(
        id: "soap.fault-data", message, at: place, help: "tell the system's owner: the fault is in its data",
        exit: .data)
    case .forbidden:
      return StageFailure(
        id: "soap.fault-forbidden", message, at: place,
        help: "look at 'security', at 'authentication' in systems.yaml, and at this machine's clock",
        exit: .permission)
    case .stop, .empty:
      return StageFailure(
        id: "soap.fault", message, at: place,
        help:
          "compare 'version', 'action' and 'body' with the service's WSDL; a fault that passes, or that only "
          + "means that there is nothing, can be named under 'faults'",
        exit: .unavailable)
    }
  }

  static func notAnEnvelope(_ found: String, at place: String) -> StageFailure {
    StageFailure(
      id: "soap.not-an-envelope", "the service answered with \(found) where an envelope was expected",
      at: place,
      help: "compare 'path' with the address in the service's WSDL (without '?wsdl')", exit: .sourceProtocol)
  }

  /// Text of a stranger, on one line. It may say again what it was sent: what is cut must be masked before.
  static func shown(_ text: String, most: Int) -> String {
    let words = Redaction.redacted(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.count <= most ? words : words.prefix(most - 1) + "…"
  }
}
