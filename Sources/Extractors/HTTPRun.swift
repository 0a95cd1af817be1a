// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Glibc
import Paths
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
  /// Cursors sent, or addresses called.
  private var seen: Set<String> = []

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
    var page = paging.firstPage
    for _ in 1...extractor.mostPages {
      switch try fetch(page, paging) {
      case .cancelled: return false
      // No content is what some systems answer behind their last page.
      case .nothing: return true
      case .landed: break
      }
      guard let next = try self.page(after: page, paging) else { return true }
      page = next
    }
    throw HTTPDiagnostics.pagesWithoutEnd(extractor.mostPages, at: place(page))
  }

  /// The page to ask for after the one that was just landed; nil when that was the last.
  private func page(after page: Page, _ paging: Paging) throws -> Page? {
    let place = place(page)
    var next = page
    next.number += 1
    switch paging.way {
    case .page, .offset:
      let count = try landing.recordCount()
      if count == 0 || count < paging.size ?? 1 { return nil }
      next.position = (page.position ?? 0) + (paging.way == .offset ? count : 1)
    case .cursor(let path):
      if let sent = page.cursor { seen.insert(sent) }
      guard let cursor = try value(at: path) else { return nil }
      // Behind their last record some systems give the cursor they were asked by.
      if cursor == page.cursor, try landing.recordCount() == 0 { return nil }
      guard seen.insert(cursor).inserted else { throw HTTPDiagnostics.pagesInCircle(page.number, at: place) }
      next.cursor = cursor
    case .next(let path):
      seen.insert(page.address ?? address(page, parameters(values(page), paging)))
      guard let link = try value(at: path) else { return nil }
      let address = try followed(link, from: page, paging, place: place)
      guard seen.insert(address).inserted else { throw HTTPDiagnostics.pagesInCircle(page.number, at: place) }
      next.address = address
    }
    return next
  }

  /// What the payload last landed has at a path; nil also for nothing but white space.
  private func value(at path: RecordPath) throws -> String? {
    guard let text = try landing.values(at: [path]).first ?? nil else { return nil }
    let trimmed = text.drop(while: \.isWhitespace)
    let kept = trimmed.prefix(trimmed.count - trimmed.reversed().prefix(while: \.isWhitespace).count)
    return kept.isEmpty ? nil : String(kept)
  }

  /// The whole address that an answer gave for the next page. Secrets were configured for one origin: none other is
  /// called because of what an answer says.
  private func followed(_ link: String, from page: Page, _ paging: Paging, place: String) throws -> String {
    let asked = page.address ?? address(page, parameters(values(page), paging))
    guard let address = WebOrigin.resolve(PercentEncoding.encodeAddress(link), against: asked),
      let target = WebOrigin(address)
    else { throw HTTPDiagnostics.nextElsewhere("an address of another kind", at: place) }
    guard target == WebOrigin(extractor.system.baseURL) else {
      throw HTTPDiagnostics.nextElsewhere(target.description, at: place)
    }
    return address
  }

  private func single() throws -> Fetched { try fetch(nil, nil) }

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

  private func fetch(_ page: Page?, _ paging: Paging?) throws -> Fetched {
    let values = values(page)
    let parameters = parameters(values, paging)
    var attempt = 1
    while true {
      if landing.isCancelled { return .cancelled }
      try waitForTurn()
      switch try self.attempt(values, parameters, page) {
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
    _ values: RequestValues, _ parameters: [Parameter], _ page: Page?
  ) throws -> Attempt {
    let place = place(page)
    var request = try request(values, page?.address ?? address(page, parameters), place: place)
    for _ in 0...Self.maximumRedirects {
      var reader: AnswerReader?
      do {
        let outcome = try transfer.perform(
          request,
          takeHead: { [self] head in
            guard isData(head) else { return false }
            reader = try self.reader(head, values, parameters, page, place: place)
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
          if let reader { return .done(try end(reader, page?.number ?? 1, place: place)) }
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
    _ head: HTTPTransfer.Head, _ values: RequestValues, _ parameters: [Parameter], _ page: Page?,
    place: String
  ) throws -> AnswerReader {
    if !extractor.acceptsHTML, HTMLSniffer.isPage(contentType: head.headers["content-type"]) {
      throw HTTPDiagnostics.html(at: place)
    }
    let encoding = head.headers["content-encoding"]
    var response = ["status": String(head.status)]
    for name in ["content-type", "etag", "last-modified"] { response[name] = head.headers[name] }
    let path = extractor.path.shown(values)
    let payload = PayloadHead(
      origin: origin(values, parameters, page),
      name: page?.name ?? path.split(separator: "/").last.map(String.init)
        ?? extractor.system.name,
      request: Dictionary(parameters.map { ($0.name, $0.shown) }, uniquingKeysWith: { _, last in last }),
      response: response,
      expectedBytes: encoding == nil ? head.headers["content-length"].flatMap { Int64($0) } : nil)
    return try AnswerReader(
      landing, head: payload, encoding: encoding, limit: extractor.limit, acceptsHTML: extractor.acceptsHTML,
      place: place)
  }

  private func end(_ reader: AnswerReader, _ page: Int, place: String) throws -> Fetched {
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

  private func values(_ page: Page?) -> RequestValues {
    var values = RequestValues(since: since, page: page?.position, runDate: landing.landingDate)
    values.pageText = page?.text
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
    add(paging?.parameter, values.pageText)
    add(paging?.sizeParameter, paging?.size.map(String.init))
    return parameters
  }

  private func request(_ values: RequestValues, _ address: String, place: String) throws
    -> HTTPTransfer.Request
  {
    var request = HTTPTransfer.Request(url: address)
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

  /// The address that the file describes.
  private func address(_ page: Page?, _ parameters: [Parameter]) -> String {
    let query = parameters.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
      .joined(separator: "&")
    let place = described(page)
    return query.isEmpty ? place : "\(place)?\(query)"
  }

  /// The address without its query.
  private func place(_ page: Page?) -> String {
    page?.address.map { String($0.prefix { $0 != "?" }) } ?? described(page)
  }

  private func described(_ page: Page?) -> String {
    let path = PercentEncoding.encodePath(extractor.path.text(values(page)))
    return path.isEmpty
      ? extractor.system.baseURL : extractor.system.baseURL + (path.hasPrefix("/") ? "" : "/") + path
  }

  /// System, path and parameters, without secrets; of a POST also a digest of what is sent. Cursors and addresses
  /// that a source gave change from run to run: there the page's number stands.
  private func origin(_ values: RequestValues, _ parameters: [Parameter], _ page: Page?) -> String {
    let isGiven = page != nil && page?.position == nil
    let parameters = isGiven ? parameters.filter { $0.name != extractor.paging?.parameter } : parameters
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
    if isGiven, let page { origin += "#\(page.number)" }
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
