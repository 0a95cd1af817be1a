// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// What is said of repositories; sorted by id.
enum OAIDiagnostics {
  static func badDay(_ text: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "oai.bad-day", "'\(text)' is no day", at: tree.position, length: tree.length,
      help: "write it as 2000-01-01; days are those of UTC")
  }

  static func badGranularity(_ text: String, at place: String) -> StageFailure {
    StageFailure(
      id: "oai.bad-granularity", "the repository counts time in '\(SOAPDiagnostics.shown(text, most: 40))'",
      at: place,
      help: "OAI-PMH 2.0 knows YYYY-MM-DD and YYYY-MM-DDThh:mm:ssZ: tell the repository's owner, or harvest "
        + "without 'since'", exit: .sourceProtocol)
  }

  static func circle(at place: String) -> StageFailure {
    StageFailure(
      id: "oai.token-in-circle", "the repository gave a resumption token that it gave before", at: place,
      help: "tell the repository's owner; what was landed stays, and the checkpoint has not moved",
      exit: .sourceProtocol)
  }

  static func cutShort(_ reason: String, at place: String) -> StageFailure {
    StageFailure(
      id: "oai.cut-short", "the answer is not complete: \(reason)", at: place,
      help: "run again later; if it lasts, tell the repository's owner", exit: .sourceProtocol,
      isTransient: true)
  }

  static func incomplete(_ records: Int, of size: Int, at place: String) -> StageFailure {
    StageFailure(
      id: "oai.incomplete-list", "the list ended after \(records) of \(size) records", at: place,
      help: "run again: the checkpoint has not moved; if the repository only estimates, say 'sizes: ignore'",
      exit: .sourceProtocol)
  }

  static func jump(_ cursor: Int, after records: Int, at place: String) -> StageFailure {
    StageFailure(
      id: "oai.cursor-jump", "a page begins behind record \(cursor), but \(records) came before it",
      at: place,
      help:
        "run again: the checkpoint has not moved; if the repository counts otherwise, say 'sizes: ignore'",
      exit: .sourceProtocol)
  }

  static func notOAI(_ found: String, at place: String) -> StageFailure {
    StageFailure(
      id: "oai.not-a-repository", "the source answered with \(found) where OAI-PMH was expected", at: place,
      help: "compare 'path' with the repository's base address: adding '?verb=Identify' to it must give XML",
      exit: .sourceProtocol)
  }

  /// A protocol error.
  static func refused(_ code: String, _ text: String, at place: String) -> StageFailure {
    let code = SOAPDiagnostics.shown(code, most: 60)
    let words = SOAPDiagnostics.shown(text, most: 200)
    let message =
      "the repository refuses" + (code.isEmpty ? "" : " (\(code))") + (words.isEmpty ? "" : ": \(words)")
    let help =
      switch code {
      case "cannotDisseminateFormat":
        "correct 'prefix': adding '?verb=ListMetadataFormats' to the repository's address lists what it has"
      case "noSetHierarchy": "leave out 'set': this repository has none"
      case "idDoesNotExist": "correct 'set', or ask the repository's owner what became of it"
      case "badArgument":
        "correct 'set' and 'prefix' ('?verb=ListSets' lists the sets); some repositories call an empty one so"
      case "badResumptionToken":
        "run again: the checkpoint has not moved; ask the repository's owner how long its tokens live"
      case "badVerb": "ask the repository's owner: it does not know a verb that OAI-PMH 2.0 demands"
      default: "look up the code in the repository's documentation"
      }
    let isPassing = code == "badResumptionToken"
    return StageFailure(
      id: "oai.refused", message, at: place, help: help, exit: isPassing ? .sourceProtocol : .unavailable,
      isTransient: isPassing)
  }
}
