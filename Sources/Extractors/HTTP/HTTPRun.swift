// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import Records

/// One run of an ``HTTPExtractor``: what it asks for, page by page. Used by one thread.
final class HTTPRun {
  private let extractor: HTTPExtractor
  private let landing: any LandingWriter
  private let client: SystemClient
  private let started: Int64
  private let since: Instant?
  private var previous: AnswerIdentity?
  /// Cursors sent, or addresses called.
  private var seen: Set<String> = []

  init(_ extractor: HTTPExtractor, _ checkpoint: Checkpoint?, _ landing: any LandingWriter) throws {
    self.extractor = extractor
    self.landing = landing
    started = extractor.clock.now()
    let overlap = Int64((extractor.since?.overlap ?? 0).rounded(.up))
    since =
      checkpoint.flatMap(RunStart.read).map { Instant(microseconds: ($0 - overlap) * 1_000_000) }
      ?? extractor.since?.first
    client = try SystemClient(
      extractor.system, landing, clock: extractor.clock, limit: extractor.limit,
      acceptsHTML: extractor.acceptsHTML)
  }

  func extract() throws {
    try client.checkHours()
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

  // MARK: - One request

  private enum Fetched { case landed, nothing, cancelled }

  private func fetch(_ page: Page?, _ paging: Paging?) throws -> Fetched {
    let values = values(page)
    let parameters = parameters(values, paging)
    let place = place(page)
    let request = request(values, page?.address ?? address(page, parameters), place: place)
    let answer = try client.ask(request) { [self] head in
      LandingTarget(landing, head: payloadHead(head, values, parameters, page))
    }
    switch answer {
    case .cancelled: return .cancelled
    case .bodiless: return .nothing
    case .taken(_, let identity):
      let number = page?.number ?? 1
      // A source that does not know the parameter sends its first page for ever.
      if number > 1, previous == identity, identity.bytes > 0 {
        landing.discard()
        throw HTTPDiagnostics.samePage(number, at: place)
      }
      previous = identity
      try landing.end(resume: nil)
      return .landed
    }
  }

  private func payloadHead(
    _ head: HTTPTransfer.Head, _ values: RequestValues, _ parameters: [Parameter], _ page: Page?
  ) -> PayloadHead {
    let path = extractor.path.shown(values)
    return PayloadHead(
      origin: origin(values, parameters, page),
      name: page?.name ?? path.split(separator: "/").last.map(String.init) ?? extractor.system.name,
      request: Dictionary(parameters.map { ($0.name, $0.shown) }, uniquingKeysWith: { _, last in last }),
      response: head.facts, expectedBytes: head.expectedBytes)
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

  private func request(_ values: RequestValues, _ address: String, place: String) -> SystemRequest {
    var request = SystemRequest(address: address, place: place)
    request.isPost = extractor.isPost
    request.body = extractor.body?.text(values)
    request.headers = extractor.headers.map { ($0.name, $0.value.text(values)) }
    return request
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
}
