// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// What is said of requests: first what a file cannot mean, then what a source did; sorted by id. Places are
/// addresses without their query, and no message holds a value of a request.
enum HTTPDiagnostics {
  static func badDay(_ text: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.bad-day", "'\(text)' is no day", at: tree.position, length: tree.length,
      help: "write it as 2000-01-01")
  }

  static func badFormat(_ format: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.bad-format", "'\(format)' is no date format", at: tree.position, length: tree.length,
      help: "use yyyy, MM, dd, HH, mm, ss, other letters in single quotes, as dd/MM/yyyy; or 'epoch'")
  }

  static func badHeader(_ name: String, at position: FilePosition) -> Diagnostic {
    Diagnostic(
      id: "http.bad-header", "'\(name)' is no name of a header", at: position, length: name.count,
      help: "use letters, digits and hyphens, as X-Request-Source")
  }

  static func badPath(_ tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.bad-path", "'path' holds '?' or '#'", at: tree.position, length: tree.length,
      help: "put parameters under 'query'")
  }

  static func badZone(_ text: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.bad-zone", "'\(text)' is no zone", at: tree.position, length: tree.length,
      help: "write it as +07:00 or Z")
  }

  static func bodyWithoutPost(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.body-without-post", "a GET request has no body", at: tree.position, length: tree.length,
      help: "write 'method: POST', or move it to 'query'")
  }

  static func pageWithoutPages(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.page-without-paginate", "'${page}' has no value without pages that are counted",
      at: tree.position,
      length: tree.length, help: "add 'paginate: { page: { size: 1000 } }'")
  }

  static func severalPagings(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.paginate", "'paginate' must say one way", at: tree.position, length: tree.length,
      help:
        "write { page: { parameter: …, size: … } }, { offset: { parameter: …, size: … } }, "
        + "{ cursor: { path: /meta/next, parameter: … } }, { next: { path: /links/next } }, { link: {} } or "
        + "{ last: { path: id, parameter: … } }")
  }

  static func sinceWithoutFirst(at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.since-without-first", "'${since}' has no value before the first run", at: tree.position,
      length: tree.length, help: "add 'since: { first: 2000-01-01 }', or give 'since' a 'parameter' instead")
  }

  static func unknownSystem(_ name: String, known: [String], at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.unknown-system", "there is no system '\(name)' in systems.yaml, or it is at fault",
      at: tree.position,
      length: tree.length,
      help: known.isEmpty
        ? "add it to systems.yaml with its base_url" : Suggestion.help(for: name, among: known))
  }

  static func unknownValue(_ name: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "http.unknown-value", "'${\(name)}' is nothing that is known at run time", at: tree.position,
      length: tree.length,
      help:
        "use ${since}, ${page}, ${each}, ${id}, ${ids}, ${window_from}, ${window_to} or ${run_date:dd/MM/yyyy}; "
        + "${env:NAME} and ${secret:NAME} are put in before")
  }

  // MARK: - What a source did

  static func answered(_ status: Int, at place: String) -> StageFailure {
    switch status {
    case 401, 403, 407:
      StageFailure(
        id: "extract.forbidden", "the source answered \(status): we may not have this", at: place,
        help: "look at 'authentication' in systems.yaml and at the agreement with the system's owner",
        exit: .permission)
    case 404, 410:
      StageFailure(
        id: "extract.not-there", "the source answered \(status): there is nothing at this address", at: place,
        help: "correct 'path' or 'base_url', or ask the system's owner where it went", exit: .unavailable)
    case _ where isPassing(status):
      StageFailure(
        id: "extract.busy", "the source answered \(status), after all retries", at: place,
        help: "run again later; if it lasts, tell the system's owner", exit: .tryAgain, isTransient: true)
    default:
      StageFailure(
        id: "extract.refused", "the source answered \(status)", at: place,
        help: "compare the request with what the system's documentation asks for", exit: .unavailable)
    }
  }

  /// Answers that mean "not now".
  static func isPassing(_ status: Int) -> Bool {
    [408, 425, 429].contains(status) || (status >= 500 && status != 501 && status != 505)
  }

  static func failed(_ fault: HTTPTransfer.Fault, at place: String) -> StageFailure {
    switch fault {
    case .cannotResolve:
      StageFailure(
        id: "extract.unknown-host", "the name of the source's host cannot be resolved", at: place,
        help: "correct 'base_url' in systems.yaml, or look at this machine's name service",
        exit: .unavailable,
        isTransient: true)
    case .cannotConnect:
      lost("no connection to the source", at: place)
    case .timedOut(let fact): lost(fact, at: place)
    case .lost(let fact): lost("the connection was lost: \(fact)", at: place)
    case .cutShort:
      StageFailure(
        id: "extract.cut-short", "the source sent less than it announced, after all retries", at: place,
        help: "run again later; with 'paginate', ask for smaller pages", exit: .sourceProtocol,
        isTransient: true)
    case .certificate(let fact):
      StageFailure(
        id: "extract.certificate", "the source's certificate is not to be trusted: \(fact)", at: place,
        help:
          "name the authority's file under 'tls: { ca_file: … }' in systems.yaml, or tell the system's owner",
        exit: .unavailable)
    case .badAddress:
      StageFailure(
        id: "extract.bad-address", "this is no address that may be called", at: place,
        help: "correct 'base_url' and 'path': https, or http to this machine", exit: .files)
    }
  }

  private static func lost(_ fact: String, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.lost", "\(fact) (after all retries)", at: place,
      help: "run again later; if it lasts, look at the network and 'timeouts' in systems.yaml",
      exit: .tryAgain,
      isTransient: true)
  }

  static func html(at place: String) -> StageFailure {
    StageFailure(
      id: "extract.html-instead-of-data", "the source sent a web page where data were expected", at: place,
      help: "often a page to sign in or of maintenance; look at it in a browser, or say 'accepts_html: true'",
      exit: .sourceProtocol)
  }

  static func outsideHours(_ system: String, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.outside-hours", "the system '\(system)' may not be called at this hour", at: place,
      help: "run again within its 'hours' in systems.yaml", exit: .tryAgain, isTransient: true)
  }

  static func nextElsewhere(_ origin: String, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.next-elsewhere", "the source names \(origin) for the next page", at: place,
      help:
        "only the system's own address is called: correct 'base_url' if it moved, or page by 'cursor' or 'page'",
      exit: .sourceProtocol)
  }

  static func pagesInCircle(_ page: Int, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.pages-in-circle", "page \(page) names a page that came before as the next", at: place,
      help: "correct 'path' and 'parameter' under 'paginate', or tell the system's owner",
      exit: .sourceProtocol)
  }

  static func pagesWithoutEnd(_ most: Int, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.pages-without-end", "there are more than \(most) pages", at: place,
      help: "raise 'most_pages' if that is right", exit: .sourceProtocol)
  }

  static func redirectElsewhere(_ origin: String, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.redirect-elsewhere", "the source sends us on to \(origin)", at: place,
      help:
        "correct 'base_url' if the system moved; a page to sign in means that 'authentication' is not accepted",
      exit: .unavailable)
  }

  static func redirectsWithoutEnd(at place: String) -> StageFailure {
    StageFailure(
      id: "extract.redirects-without-end",
      "the source sends us on more than \(SystemClient.maximumRedirects) times", at: place,
      help: "call the final address in 'path'", exit: .sourceProtocol)
  }

  static func samePage(_ page: Int, as first: Int, at place: String) -> StageFailure {
    let earlier = first == page - 1 ? "the one before" : "page \(first)"
    return StageFailure(
      id: "extract.same-page", "page \(page) is the same as \(earlier): the source does not turn pages",
      at: place,
      help: "correct 'parameter' under 'paginate'", exit: .sourceProtocol)
  }

  static func unknownEncoding(_ name: String, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.unknown-encoding", "the source sent content encoded as '\(name.prefix(40))'", at: place,
      help: "ask the system's owner for gzip or none", exit: .sourceProtocol)
  }

  static func unusable(at place: String) -> StageFailure {
    StageFailure(
      id: "extract.unusable-secret", "a secret of the request holds a line break or a control character",
      at: place,
      help: "store the secret without a line break at its end", exit: .permission)
  }

  static func noLibrary(at place: String) -> StageFailure {
    StageFailure(
      id: "extract.no-library", "libcurl cannot begin", at: place, help: "look at the memory of this machine",
      exit: .storage)
  }
}
