// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// One run of an ``HTTPExtractor``: window by window, one after the other of what is asked for, page by page. Used by
/// one thread.
final class HTTPRun {
  private let extractor: HTTPExtractor
  private let landing: any LandingWriter
  private let client: SystemClient
  private let requests: HTTPRequests
  private let started: Int64
  private let before: SinceCheckpoint
  private var items: [String]?
  /// What is not there, of ``asked``.
  private var missing: [String] = []
  private var asked = 0

  init(_ extractor: HTTPExtractor, _ checkpoint: Checkpoint?, _ landing: any LandingWriter) throws {
    self.extractor = extractor
    self.landing = landing
    requests = HTTPRequests(extractor: extractor)
    started = extractor.clock.now()
    before = checkpoint.map { SinceCheckpoint($0) } ?? SinceCheckpoint()
    client = try SystemClient(
      extractor.system, landing, clock: extractor.clock, limit: extractor.limit,
      acceptsHTML: extractor.acceptsHTML)
  }

  func extract() throws {
    try client.checkHours()
    let isComplete = try extractor.windows.map { try windows($0) } ?? (try all(values()))
    tellMissing()
    guard isComplete, let since = extractor.since, landing.backfill == nil else { return }
    try since.finish(landing, before: before, started: started)
  }

  private func values() -> RequestValues {
    var values = RequestValues(runDate: landing.landingDate)
    if let settings = extractor.since {
      values.sinceFormat = settings.format
      values.zoneMinutes = settings.zoneMinutes
      values.since = settings.since(before)
    }
    values.idSeparator = extractor.list?.separator ?? ","
    return values
  }

  // MARK: - What is asked for, one after the other

  /// - Returns: false when the run was interrupted; so do those below.
  private func windows(_ settings: WindowSettings) throws -> Bool {
    var values = values()
    values.windowFormat = settings.format
    values.isEndExcluded = settings.isEndExcluded
    let span: DaySpan
    if let backfill = landing.backfill {
      span = backfill
    } else {
      guard case .moment(let moment) = values.since else { return true }
      let first = moment.day(zoneMinutes: settings.zoneMinutes)
      span = DaySpan(first: min(first, landing.landingDate), last: landing.landingDate)
    }
    values.zoneMinutes = settings.zoneMinutes
    for window in settings.windows(of: span) {
      let part = "\(window.first)..\(window.last)"
      if landing.backfill != nil, try landing.isFinished(part: part) { continue }
      values.window = window
      guard try all(values) else { return false }
      if landing.backfill != nil {
        try landing.finish(part: part)
      } else if window.last < span.last {
        try reach(endOf: window, settings)
      }
    }
    return true
  }

  /// Lets the next run go on behind a window, never before where this one began.
  private func reach(endOf window: DaySpan, _ settings: WindowSettings) throws {
    let next = CalendarDate(days: window.last.days + 1)
    let seconds = Instant.start(of: next, zoneMinutes: settings.zoneMinutes).microseconds / 1_000_000
    guard seconds < started, before.start.map({ $0 < seconds }) ?? true else { return }
    try landing.reach(resume: SinceCheckpoint(start: seconds).checkpoint)
  }

  private func all(_ values: RequestValues) throws -> Bool {
    guard let each = extractor.each else { return try records(values) }
    let items = try self.items ?? each.items(landing)
    self.items = items
    if items.isEmpty { landing.notice("'each' has nothing to ask for") }
    var values = values
    for item in items {
      values.each = item
      guard try records(values) else { return false }
    }
    return true
  }

  private func records(_ values: RequestValues) throws -> Bool {
    if let list = extractor.list { return try listed(list, values) }
    if let paging = extractor.paging { return try pages(paging, values) }
    return try single(values)
  }

  /// First the ids, then the records by them.
  private func listed(_ list: ListSettings, _ values: RequestValues) throws -> Bool {
    let request = requests.list(list, values)
    let kept = KeptTarget(limit: 256 << 20, place: request.place)
    switch try client.ask(request, into: { _ in kept }) {
    case .cancelled: return false
    case .bodiless: return true
    case .taken: break
    }
    var seen: Set<String> = []
    let ids = try self.ids(list, in: kept.bytes).filter { !$0.isEmpty && seen.insert($0).inserted }
    var values = values
    for start in stride(from: 0, to: ids.count, by: list.group) {
      values.ids = Array(ids[start..<min(start + list.group, ids.count)])
      guard try single(values) else { return false }
    }
    return true
  }

  private func ids(_ list: ListSettings, in answer: [UInt8]) throws -> [String] {
    // A bare list has nothing beside its items that could be looked for.
    if answer.count < 64, answer.filter({ $0 > 32 }) == Array("[]".utf8) { return [] }
    do {
      return try landing.values(in: answer, every: list.ids, decoder: list.decoder.text)
    } catch let failure as StageFailure where failure.id == "extract.nothing-at-path" {
      guard let present = list.present,
        try !landing.values(in: answer, every: present, decoder: list.decoder.text).isEmpty
      else { throw failure }
      return []
    }
  }

  private func single(_ values: RequestValues) throws -> Bool {
    switch try fetch(values, nil, nil) {
    case .cancelled: false
    case .landed, .nothing: true
    }
  }

  /// Page by page until the last one.
  private func pages(_ paging: Paging, _ values: RequestValues) throws -> Bool {
    let turner = PageTurner(paging, landing, baseURL: extractor.system.baseURL)
    var values = values
    var page = paging.firstPage
    var place = ""
    for _ in 1...extractor.mostPages {
      values.page = page.position
      values.pageText = page.text
      let asked = requests.payload(values, page)
      place = asked.request.place
      switch try fetch(values, page, turner) {
      case .cancelled: return false
      // No content is what some systems answer behind their last page.
      case .nothing: return true
      case .landed(let headers):
        guard let next = try turner.page(after: page, asked: asked.address, headers: headers, place: place)
        else { return true }
        page = next
      }
    }
    throw HTTPDiagnostics.pagesWithoutEnd(extractor.mostPages, at: place)
  }

  // MARK: - One request

  private enum Fetched {
    /// With the headers of the answer.
    case landed([String: String])
    case nothing, cancelled
  }

  private func fetch(_ values: RequestValues, _ page: Page?, _ turner: PageTurner?) throws -> Fetched {
    if values.ids.contains(where: Self.isDots) || values.each.map(Self.isDots) == true {
      throw HTTPDiagnostics.unusableValue(at: extractor.system.baseURL)
    }
    var asked = requests.payload(values, page)
    let known = try self.known(asked, page)
    if let known { asked.request.ask(onlyIfNot: known.response) }
    let isOneOfSeveral = extractor.each != nil || extractor.list != nil
    if extractor.notesMissing, isOneOfSeveral, page?.number ?? 1 == 1 {
      asked.request.bodilessStatuses.formUnion([404, 410])
    }
    self.asked += 1
    var spool: SpoolTarget?
    let answer = try client.ask(asked.request) { [landing, extractor] head in
      if extractor.archive != nil {
        let target = SpoolTarget(folder: landing.scratchFolder)
        spool = target
        return target
      }
      return LandingTarget(landing, head: asked.head(head))
    }
    switch answer {
    case .cancelled: return .cancelled
    case .bodiless(let head):
      if head.status == 304, let known {
        try landing.keep(known, head: PayloadHead(origin: asked.origin, name: asked.name))
        return .landed(head.headers)
      }
      if [404, 410].contains(head.status) { missing.append(asked.name) }
      return .nothing
    case .taken(let head, let identity):
      if let archive = extractor.archive, let spool {
        let isWhole = try archive.land(
          spool.descriptor, asked.head(head), limit: extractor.limit, place: asked.request.place, landing)
        return isWhole ? .landed(head.headers) : .cancelled
      }
      if let page, let turner {
        do { try turner.see(identity, of: page, at: asked.request.place) } catch {
          landing.discard()
          throw error
        }
      }
      try landing.end(resume: nil)
      return .landed(head.headers)
    }
  }

  /// What is known of the same request, if its answer says all that is needed to go on.
  private func known(_ asked: HTTPRequests.Asked, _ page: Page?) throws -> KnownPayload? {
    guard extractor.isConditional, !extractor.isPost, page == nil || extractor.paging?.isMadeUp == false
    else { return nil }
    return try landing.known(origin: asked.origin)
  }

  /// Values that a path takes for a step up or none, however they are encoded.
  private static func isDots(_ value: String) -> Bool { value == "." || value == ".." }

  private func tellMissing() {
    guard !missing.isEmpty else { return }
    let shown = missing.prefix(5).joined(separator: ", ")
    let more = missing.count > 5 ? " and \(missing.count - 5) more" : ""
    landing.notice("\(missing.count) of \(asked) asked for are not there (404 or 410): \(shown)\(more)")
  }
}

extension SystemRequest {
  /// Asks to be spared an answer that is known already.
  fileprivate mutating func ask(onlyIfNot known: [String: String]) {
    if let tag = known["etag"], !tag.isEmpty {
      headers.append(("If-None-Match", tag))
    } else if let modified = known["last-modified"], !modified.isEmpty {
      headers.append(("If-Modified-Since", modified))
    } else {
      return
    }
    bodilessStatuses.insert(304)
  }
}
