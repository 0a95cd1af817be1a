// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Glibc
import Records

/// One run of an ``HTTPExtractor``: its pages, its retries, its politeness. Used by one thread.
final class HTTPRun {
  static let maximumRedirects = 5

  private let extractor: HTTPExtractor
  private let landing: any LandingWriter
  private let transfer: HTTPTransfer
  private let policy: RetryPolicy
  private let started: Int64
  private let since: Instant?
  private var retriesLeft: Int
  private var lastRequest: Double?
  private var previous: AnswerIdentity?

  init(_ extractor: HTTPExtractor, _ checkpoint: Checkpoint?, _ landing: any LandingWriter) throws {
    self.extractor = extractor
    self.landing = landing
    started = extractor.now()
    policy = RetryPolicy(retries: extractor.system.retries)
    retriesLeft = extractor.system.retries.budget
    let overlap = Int64((extractor.since?.overlap ?? 0).rounded(.up))
    since =
      checkpoint.flatMap(RunStart.read).map { Instant(microseconds: ($0 - overlap) * 1_000_000) }
      ?? extractor.since?.first
    let authority = extractor.system.authorityFile.map {
      $0.hasPrefix("/") ? $0 : "\(landing.baseFolder)/\($0)"
    }
    guard
      let transfer = HTTPTransfer(
        extractor.system, authorityFile: authority, isCancelled: { landing.isCancelled })
    else { throw HTTPDiagnostics.noLibrary(at: extractor.system.baseURL) }
    self.transfer = transfer
  }

  func extract() throws {
    guard extractor.system.isOpen(atMinute: minuteOfDay()) else {
      throw HTTPDiagnostics.outsideHours(extractor.system.name, at: extractor.system.baseURL)
    }
    let isComplete = try extractor.paging.map { try pages($0) } ?? (try single() != .cancelled)
    if isComplete, extractor.since != nil { try landing.finish(resume: RunStart.checkpoint(started)) }
  }

  /// - Returns: whether the last page was reached.
  private func pages(_ paging: Paging) throws -> Bool {
    var page = paging.first
    for number in 1...extractor.mostPages {
      switch try fetch(page: page, paging, number: number) {
      case .cancelled: return false
      // No content is what some systems answer behind their last page.
      case .nothing: return true
      case .landed: break
      }
      let count = try landing.recordCount()
      if count == 0 || count < paging.size ?? 1 { return true }
      page += paging.isOffset ? count : 1
    }
    throw HTTPDiagnostics.pagesWithoutEnd(extractor.mostPages, at: place(values(page: page)))
  }

  private func single() throws -> Fetched { try fetch(page: nil, nil, number: 1) }

  private func minuteOfDay() -> Int {
    var seconds = time_t(started)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return Int(parts.tm_hour) * 60 + Int(parts.tm_min)
  }

  // MARK: - One request with its retries

  private enum Fetched { case landed, nothing, cancelled }

  /// What one try came to.
  private enum Attempt {
    case done(Fetched)
    case failed(StageFailure, isPassing: Bool, retryAfter: Double?)
  }

  private func fetch(page: Int?, _ paging: Paging?, number: Int) throws -> Fetched {
    let values = values(page: page)
    let parameters = parameters(values, paging)
    var attempt = 1
    while true {
      if landing.isCancelled { return .cancelled }
      try waitForTurn()
      switch try self.attempt(values, parameters, page: page, number: number) {
      case .done(let fetched): return fetched
      case .failed(let failure, let isPassing, let asked):
        guard isPassing, attempt < extractor.system.retries.attempts, retriesLeft > 0 else { throw failure }
        retriesLeft -= 1
        try landing.pause(seconds: policy.wait(after: attempt, asked: asked, chance: extractor.chance()))
        attempt += 1
      }
    }
  }

  /// Keeps to the requests that the system allows in a minute.
  private func waitForTurn() throws {
    if let most = extractor.system.requestsPerMinute, let lastRequest {
      let wait = 60 / Double(most) - (MonotonicClock.seconds() - lastRequest)
      if wait > 0 { try landing.pause(seconds: wait) }
    }
    lastRequest = MonotonicClock.seconds()
  }

  private func attempt(
    _ values: RequestValues, _ parameters: [Parameter], page: Int?, number: Int
  ) throws -> Attempt {
    let place = place(values)
    var request = try request(values, parameters, place: place)
    for _ in 0...Self.maximumRedirects {
      var reader: AnswerReader?
      do {
        let outcome = try transfer.perform(
          request,
          takeHead: { [self] head in
            guard isData(head) else { return false }
            reader = try self.reader(head, values, parameters, page: page, place: place)
            return true
          },
          takeBody: { try reader?.take($0) })
        switch outcome {
        case .cancelled:
          reader?.discard()
          return .done(.cancelled)
        case .failed(let fault):
          reader?.discard()
          let isPassing = fault.isPassing
          return .failed(HTTPDiagnostics.failed(fault, at: place), isPassing: isPassing, retryAfter: nil)
        case .answered(let head, let redirect):
          if let reader { return .done(try end(reader, page: number, place: place)) }
          if head.status == 204 || head.status == 205 { return .done(.nothing) }
          if [301, 302, 303, 307, 308].contains(head.status), let redirect {
            request = try follow(redirect, head.status, request, place: place)
            continue
          }
          let asked = head.headers["retry-after"].flatMap { RetryPolicy.asked($0, now: extractor.now()) }
          return .failed(
            HTTPDiagnostics.answered(head.status, at: place),
            isPassing: HTTPDiagnostics.isPassing(head.status),
            retryAfter: asked)
        }
      } catch let failure as StageFailure where failure.id == "extract.broken-compression" {
        // Most often a body cut where its length was not announced.
        reader?.discard()
        return .failed(failure, isPassing: true, retryAfter: nil)
      } catch {
        reader?.discard()
        throw error
      }
    }
    throw HTTPDiagnostics.redirectsWithoutEnd(at: place)
  }

  private func isData(_ head: HTTPTransfer.Head) -> Bool {
    (200..<300).contains(head.status) && ![204, 205, 206].contains(head.status)
  }

  private func reader(
    _ head: HTTPTransfer.Head, _ values: RequestValues, _ parameters: [Parameter], page: Int?, place: String
  ) throws -> AnswerReader {
    if !extractor.acceptsHTML, HTMLSniffer.isPage(contentType: head.headers["content-type"]) {
      throw HTTPDiagnostics.html(at: place)
    }
    let encoding = head.headers["content-encoding"]
    var response = ["status": String(head.status)]
    for name in ["content-type", "etag", "last-modified"] { response[name] = head.headers[name] }
    let path = extractor.path.shown(values)
    let payload = PayloadHead(
      origin: origin(values, parameters),
      name: page.map { "page \($0)" } ?? path.split(separator: "/").last.map(String.init)
        ?? extractor.system.name,
      request: Dictionary(parameters.map { ($0.name, $0.shown) }, uniquingKeysWith: { _, last in last }),
      response: response,
      expectedBytes: encoding == nil ? head.headers["content-length"].flatMap { Int64($0) } : nil)
    return try AnswerReader(
      landing, head: payload, encoding: encoding, limit: extractor.limit, acceptsHTML: extractor.acceptsHTML,
      place: place)
  }

  private func end(_ reader: AnswerReader, page: Int, place: String) throws -> Fetched {
    try reader.finish()
    // A source that does not know the parameter sends its first page for ever.
    if page > 1, previous == reader.identity, reader.identity.bytes > 0 {
      throw HTTPDiagnostics.samePage(page, at: place)
    }
    previous = reader.identity
    try landing.end(resume: nil)
    return .landed
  }

  // MARK: - What is asked

  private struct Parameter {
    var name: String
    var value: String
    /// Secrets stand as `${secret:NAME}`.
    var shown: String
  }

  private func values(page: Int?) -> RequestValues {
    var values = RequestValues(since: since, page: page, runDate: landing.landingDate)
    if let settings = extractor.since {
      values.sinceFormat = settings.format
      values.zoneMinutes = settings.zoneMinutes
    }
    return values
  }

  private func parameters(_ values: RequestValues, _ paging: Paging?) -> [Parameter] {
    var parameters: [Parameter] = []
    for parameter in extractor.query where since != nil || !parameter.value.usesSince {
      parameters.append(
        Parameter(
          name: parameter.name, value: parameter.value.text(values), shown: parameter.value.shown(values)))
    }
    func add(_ name: String?, _ value: String?) {
      if let name, let value { parameters.append(Parameter(name: name, value: value, shown: value)) }
    }
    add(extractor.since?.parameter, since == nil ? nil : values.sinceText())
    add(paging?.parameter, values.page.map(String.init))
    add(paging?.sizeParameter, paging?.size.map(String.init))
    return parameters
  }

  private func request(_ values: RequestValues, _ parameters: [Parameter], place: String) throws
    -> HTTPTransfer.Request
  {
    let query = parameters.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
      .joined(separator: "&")
    var request = HTTPTransfer.Request(url: query.isEmpty ? place : "\(place)?\(query)")
    request.isPost = extractor.isPost
    request.body = extractor.body?.text(values)
    var headers = extractor.headers.map { ($0.name, $0.value.text(values)) }
    switch extractor.system.authentication {
    case .none: break
    case .basic(let user, let password): request.user = (user, password)
    case .bearer(let token): headers.append(("Authorization", "Bearer \(token.reveal())"))
    case .headers(let keys): headers += keys.sorted { $0.key < $1.key }.map { ($0.key, $0.value.reveal()) }
    }
    if let body = request.body, !headers.contains(where: { $0.0.lowercased() == "content-type" }) {
      headers.append(("Content-Type", Self.contentType(of: body)))
    }
    request.headers = try headers.map { name, value in
      // A line break in a value would begin a header of its own.
      guard value.utf8.allSatisfy({ $0 >= 32 || $0 == 9 }) else { throw HTTPDiagnostics.unusable(at: place) }
      return value.isEmpty ? "\(name);" : "\(name): \(value)"
    }
    return request
  }

  private static func contentType(of body: String) -> String {
    switch body.first(where: { !$0.isWhitespace }) {
    case "<": "text/xml; charset=utf-8"
    case "{", "[": "application/json"
    default: "application/x-www-form-urlencoded"
    }
  }

  /// The address without its query.
  private func place(_ values: RequestValues) -> String {
    let path = PercentEncoding.encodePath(extractor.path.text(values))
    return path.isEmpty
      ? extractor.system.baseURL : extractor.system.baseURL + (path.hasPrefix("/") ? "" : "/") + path
  }

  /// System, path and parameters, without secrets; of a POST also a digest of what is sent.
  private func origin(_ values: RequestValues, _ parameters: [Parameter]) -> String {
    let path = extractor.path.shown(values)
    var origin = "http:\(extractor.system.name)\(path.hasPrefix("/") ? "" : "/")\(path)"
    if !parameters.isEmpty {
      origin += "?" + parameters.map { "\($0.name)=\($0.shown)" }.joined(separator: "&")
    }
    if let body = extractor.body?.shown(values) {
      var hasher = KeyHasher()
      Array(body.utf8).withUnsafeBufferPointer { hasher.combine($0) }
      origin += "#\(hasher.finish().hexadecimal.prefix(16))"
    }
    return origin
  }

  private func follow(
    _ address: String, _ status: Int, _ request: HTTPTransfer.Request, place: String
  ) throws -> HTTPTransfer.Request {
    guard let target = WebOrigin(address), let own = WebOrigin(extractor.system.baseURL), target == own else {
      throw HTTPDiagnostics.redirectElsewhere(
        WebOrigin(address)?.description ?? "an address of another kind", at: place)
    }
    var next = request
    next.url = address
    if request.isPost, [301, 302, 303].contains(status) {
      (next.isPost, next.body) = (false, nil)
      next.headers.removeAll { $0.lowercased().hasPrefix("content-type:") }
    }
    return next
  }
}

extension HTTPTransfer.Fault {
  /// Whether the same request may go well a moment later.
  var isPassing: Bool {
    switch self {
    case .cannotResolve, .cannotConnect, .timedOut, .cutShort, .lost: true
    case .certificate, .badAddress: false
    }
  }
}
