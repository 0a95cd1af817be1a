// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import Records

/// One run of a ``SOAPExtractor``: what it asks for, page by page. Used by one thread.
final class SOAPRun {
  private let extractor: SOAPExtractor
  private let landing: any LandingWriter
  private let client: SystemClient
  private let started: Int64
  private let before: SinceCheckpoint
  private let since: RequestValues.Since?
  private let address: String
  /// The address without its query, for messages.
  private let place: String
  private var previous: AnswerIdentity?
  /// Cursors sent.
  private var seen: Set<String> = []

  init(_ extractor: SOAPExtractor, _ checkpoint: Checkpoint?, _ landing: any LandingWriter) throws {
    self.extractor = extractor
    self.landing = landing
    started = extractor.clock.now()
    before = checkpoint.map { SinceCheckpoint($0) } ?? SinceCheckpoint()
    since = extractor.since?.since(before)
    let path = extractor.path
    address =
      extractor.system.baseURL + (path.hasPrefix("/") ? "" : "/") + PercentEncoding.encodeAddress(path)
    place = String(address.prefix { $0 != "?" })
    client = try SystemClient(
      extractor.system, landing, clock: extractor.clock, limit: extractor.limit, acceptsHTML: false)
  }

  func extract() throws {
    try client.checkHours()
    let isComplete = try extractor.paging.map { try pages($0) } ?? (try fetch(nil) != .cancelled)
    if isComplete, let since = extractor.since {
      try since.finish(landing, before: before, started: started)
    }
  }

  /// - Returns: whether the last page was reached.
  private func pages(_ paging: MessagePaging) throws -> Bool {
    var page = paging.firstPage
    for _ in 1...extractor.mostPages {
      switch try fetch(page) {
      case .cancelled: return false
      case .nothing: return true
      case .landed: break
      }
      guard let next = try self.page(after: page, paging) else { return true }
      page = next
    }
    throw HTTPDiagnostics.pagesWithoutEnd(extractor.mostPages, at: place)
  }

  /// The page to ask for after the one that was just landed; nil when that was the last.
  private func page(after page: Page, _ paging: MessagePaging) throws -> Page? {
    var next = page
    next.number += 1
    guard case .cursor(let path) = paging.way else {
      let count = try landing.recordCount()
      if count == 0 || count < paging.size ?? 1 { return nil }
      next.position = (page.position ?? 0) + (paging.way == .offset ? count : 1)
      return next
    }
    if let sent = page.cursor { seen.insert(sent) }
    guard let cursor = try landing.values(at: [path]).first ?? nil, !cursor.allSatisfy(\.isWhitespace) else {
      return nil
    }
    // Behind their last record some systems give the cursor they were asked by.
    if cursor == page.cursor, try landing.recordCount() == 0 { return nil }
    guard seen.insert(cursor).inserted else { throw HTTPDiagnostics.pagesInCircle(page.number, at: place) }
    next.cursor = cursor
    return next
  }

  // MARK: - One call

  private enum Fetched { case landed, nothing, cancelled }

  private func fetch(_ page: Page?) throws -> Fetched {
    let values = values(page)
    var target: EnvelopeTarget?
    let answer = try client.ask(request(values)) { [self] head in
      let made = EnvelopeTarget(
        LandingTarget(landing, head: payloadHead(head, values, page)), status: head.status,
        faults: extractor.faults, place: place)
      target = made
      return try MultipartTarget.wrapping(made, contentType: head.headers["content-type"], place: place)
    }
    switch answer {
    case .cancelled: return .cancelled
    case .bodiless: return .nothing
    case .taken(_, let identity):
      if target?.isEmpty == true { return .nothing }
      let number = page?.number ?? 1
      // A service that does not look at the page sends its first one for ever.
      if number > 1, previous == identity {
        landing.discard()
        throw HTTPDiagnostics.samePage(number, as: number - 1, at: place)
      }
      previous = identity
      try landing.end(resume: nil)
      return .landed
    }
  }

  private func request(_ values: RequestValues) -> SystemRequest {
    var request = SystemRequest(address: address, place: place)
    request.isPost = true
    request.headers = extractor.version.headers(action: extractor.action)
    // Version 1.1 says 500 for every fault, 1.2 also 400; some services say 200.
    request.wantedStatuses = [400, 500]
    request.makeBody = { [extractor] in
      let security =
        extractor.security?.header(now: extractor.clock.now(), nonce: extractor.nonce()) ?? ""
      return extractor.version.envelope(
        header: security + (extractor.header?.text(values) ?? ""), body: extractor.body.text(values))
    }
    return request
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

  // MARK: - What is kept of it

  /// The operation as people call it.
  private var operation: String {
    extractor.action.split { $0 == "/" || $0 == "#" || $0 == ":" }.last.map(String.init)
      ?? extractor.path.split(separator: "/").last.map(String.init) ?? extractor.system.name
  }

  private func payloadHead(
    _ head: HTTPTransfer.Head, _ values: RequestValues, _ page: Page?
  ) -> PayloadHead {
    var request: [String: String] = [:]
    if !extractor.action.isEmpty { request["action"] = extractor.action }
    if extractor.body.usesSince { request["since"] = values.sinceText() }
    if let page { request["page"] = page.position.map(String.init) ?? String(page.number) }
    return PayloadHead(
      origin: origin(values, page), name: page.map { "\(operation) \($0.name)" } ?? operation,
      request: request, response: head.facts, expectedBytes: head.expectedBytes)
  }

  /// System, path, operation, and a digest of what is asked, without secrets. Cursors change from run to run: there
  /// the page's number stands.
  private func origin(_ values: RequestValues, _ page: Page?) -> String {
    var values = values
    if page?.position == nil { values.pageText = nil }
    let asked = "\(extractor.header?.shown(values) ?? "")\n\(extractor.body.shown(values))"
    var hasher = KeyHasher()
    Array(asked.utf8).withUnsafeBufferPointer { hasher.combine($0) }
    let path = extractor.path.hasPrefix("/") ? extractor.path : "/\(extractor.path)"
    let number = page.map { $0.position == nil ? "#\($0.number)" : "" } ?? ""
    return
      "soap:\(extractor.system.name)\(path)#\(operation)#\(hasher.finish().hexadecimal.prefix(16))\(number)"
  }
}
