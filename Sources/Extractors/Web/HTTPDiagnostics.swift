// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

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

  static func failed(_ fault: HTTPTransfer.Fault, _ system: SystemSpec, at place: String) -> StageFailure {
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
    case .runOver:
      StageFailure(
        id: "extract.run-over", "the run asked for longer than \(Seconds.text(system.timeouts.run))",
        at: place,
        help:
          "what is landed stays; run again, ask for less, or raise 'timeouts: { run: … }' in systems.yaml",
        exit: .tryAgain, isTransient: true)
    case .certificate(let fault):
      StageFailure(
        id: "extract.certificate", "the source's certificate is not to be trusted: \(fault.sentence)",
        at: place,
        help: fault.help, exit: .unavailable)
    case .oldTLS:
      StageFailure(
        id: "extract.old-tls", "the source speaks no TLS, or none newer than 1.1", at: place,
        help: "tell the system's owner: TLS 1.2 or later is needed; look at scheme and port of 'base_url'",
        exit: .unavailable)
    case .clientCertificate(let words):
      StageFailure(
        id: "extract.client-certificate", "the source does not let us in by certificate: \(words)", at: place,
        help: "name certificate and key under 'tls: { certificate_file, key_file }' in systems.yaml, "
          + "and ask the system's owner whether ours is known there", exit: .permission)
    case .ownCertificate:
      StageFailure(
        id: "extract.own-certificate", "our certificate or its key cannot be used", at: place,
        help: "look whether the files of 'tls' belong together, are PEM (or PKCS#12 in 'pkcs12_file'), "
          + "and whether 'passphrase' is theirs", exit: .permission)
    case .forbiddenAddress(let address):
      StageFailure(
        id: "extract.forbidden-address", "the source's name leads to \(address), which no source has",
        at: place,
        help: "link-local and management addresses are never called: look at the name service and 'base_url'",
        exit: .unavailable)
    case .proxy(let status):
      StageFailure(
        id: "extract.proxy-refused", "the proxy answered \(status)", at: place,
        help: "look at 'proxy' in systems.yaml, or at https_proxy where terrace runs; "
          + "name and password stand under 'proxy: { url, user, password }'",
        exit: status == 407 ? .permission : fault.isPassing ? .tryAgain : .unavailable,
        isTransient: fault.isPassing)
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
      help:
        "often a page to sign in or of maintenance; look at it in a browser; with 'http', 'accepts_html: true' "
        + "takes web pages for data",
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

  static func exposedKey(_ file: String) -> StageFailure {
    StageFailure(
      id: "extract.exposed-key", "others can read the private key in '\(file)'", at: file,
      help: "chmod 600 '\(file)', and have the certificate renewed if the key may have been read",
      exit: .permission)
  }

  static func noTLSFile(_ file: String, _ reason: String, isPermission: Bool) -> StageFailure {
    StageFailure(
      id: "extract.no-tls-file", "the file '\(file)' of 'tls' cannot be read: \(reason)", at: file,
      help: "correct 'tls' in systems.yaml (paths count from the folder that holds the pipelines folder), "
        + "or let the user that runs terrace read it", exit: isPermission ? .permission : .files)
  }

  static func noToken(at place: String) -> StageFailure {
    StageFailure(
      id: "extract.no-token", "the token endpoint answered without a bearer token", at: place,
      help: "compare 'token_url' with what the system's documentation says", exit: .sourceProtocol)
  }

  static func resting(_ system: String, _ rest: SystemRest, at place: String) -> StageFailure {
    let since = Instant(microseconds: rest.since * 1_000_000)
    return StageFailure(
      id: "extract.system-resting",
      "the system '\(system)' is left in peace: a run gave up on it at \(since) (\(rest.reason))", at: place,
      help: "run again later: the next run asks once whether it is back", exit: .tryAgain, isTransient: true)
  }

  static func tokenRefused(_ status: Int, _ error: String?, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.token-refused",
      "the token endpoint answered \(status)\(error.map { ": \($0)" } ?? "")", at: place,
      help: error == "invalid_scope" || error == "invalid_target"
        ? "correct 'scope' and 'audience' under 'authentication' in systems.yaml"
        : "look at client_id, client_secret and 'credentials_in' under 'authentication' in systems.yaml, "
          + "and ask the system's owner whether they still hold", exit: .permission)
  }

  static func redirectElsewhere(_ origin: String, at place: String) -> StageFailure {
    StageFailure(
      id: "extract.redirect-elsewhere", "the source sends us on to \(origin)", at: place,
      help:
        "correct 'base_url' if the system moved, or name the other under 'allow_redirect_to'; "
        + "a page to sign in means that 'authentication' is not accepted",
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
      help: "ask the system's owner for gzip, deflate, zstd or none", exit: .sourceProtocol)
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
