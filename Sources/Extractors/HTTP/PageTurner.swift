// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths

/// Finds the page to ask for after the one that was just landed, and sees pages that come round again.
final class PageTurner {
  private let paging: Paging
  private let landing: any LandingWriter
  /// What may be called.
  private let origin: WebOrigin?
  /// Cursors sent, or addresses called.
  private var seen: Set<String> = []
  private var answers: [AnswerIdentity: Int] = [:]
  /// The page that the one just landed is the same as.
  private var repeated: Int?
  private var records = 0

  init(_ paging: Paging, _ landing: any LandingWriter, baseURL: String) {
    self.paging = paging
    self.landing = landing
    origin = WebOrigin(baseURL)
  }

  /// Sees an answer before it is kept.
  ///
  /// - Throws: when it came before: a source that does not know the parameter sends its first page for ever.
  func see(_ identity: AnswerIdentity, of page: Page, at place: String) throws(StageFailure) {
    guard identity.bytes > 0 else { return }
    guard let first = answers[identity] else {
      answers[identity] = page.number
      return
    }
    switch paging.way {
    // The cursor that comes with it tells: pages without records may be alike.
    case .cursor: break
    case .cursorHeader: repeated = first
    default: throw HTTPDiagnostics.samePage(page.number, as: first, at: place)
    }
  }

  /// - Parameters:
  ///   - asked: the whole address that was called for the page.
  ///   - headers: of the answer, by lower-case name; of one that did not change those that it had.
  /// - Returns: nil when that was the last page.
  func page(
    after page: Page, asked: String, headers: [String: String], place: String
  ) throws -> Page? {
    var next = page
    next.number += 1
    switch paging.way {
    case .page, .offset: return try counted(after: page, next, place)
    case .cursor(let path):
      return try go(on: try value(at: path), after: page, next, place)
    case .cursorHeader(let name):
      // An error answer at HTTP 200 has no cursor either.
      _ = try landing.values(at: [])
      if let first = repeated, try landing.recordCount() > 0 {
        throw HTTPDiagnostics.samePage(page.number, as: first, at: place)
      }
      repeated = nil
      return try go(on: Self.trimmed(headers[name]), after: page, next, place)
    case .last(let path):
      let count = try landing.recordCount()
      if count == 0 || count < paging.size ?? 1 { return nil }
      guard let last = Self.trimmed(try landing.lastValue(at: path)) else {
        throw HTTPDiagnostics.lastWithoutValue(path.text, page.number, at: place)
      }
      return try go(on: last, after: page, next, place)
    case .next(let path):
      guard let link = try value(at: path) else { return nil }
      next.address = try followed(link, from: asked, page, place)
    case .link(let relation):
      _ = try landing.values(at: [])
      guard let link = LinkHeader.target(of: relation, in: headers["link"] ?? "") else { return nil }
      next.address = try followed(link, from: asked, page, place)
    }
    return next
  }

  private func counted(after page: Page, _ next: Page, _ place: String) throws -> Page? {
    let count = try landing.recordCount()
    records += count
    var next = next
    next.position = (page.position ?? 0) + (paging.way == .offset ? count : 1)
    guard let extent = paging.extent else {
      return count == 0 || count < paging.size ?? 1 ? nil : next
    }
    switch extent {
    case .records(let path):
      let total = try extentValue(at: path, place)
      if records >= total { return nil }
      guard count > 0 else { throw HTTPDiagnostics.pagesMissing("records", total, records, at: place) }
    case .pages(let path):
      let total = try extentValue(at: path, place)
      if page.number >= total { return nil }
      guard count > 0 else { throw HTTPDiagnostics.pagesMissing("pages", total, page.number - 1, at: place) }
    }
    return next
  }

  private func extentValue(at path: RecordPath, _ place: String) throws -> Int {
    guard let text = try value(at: path), let number = Int(text), number >= 0 else {
      throw HTTPDiagnostics.noExtent(path.text, at: place)
    }
    return number
  }

  private func go(on cursor: String?, after page: Page, _ next: Page, _ place: String) throws -> Page? {
    if let sent = page.cursor { seen.insert(sent) }
    guard let cursor else { return nil }
    // Behind their last record some systems give the cursor they were asked by.
    if cursor == page.cursor, try landing.recordCount() == 0 { return nil }
    guard seen.insert(cursor).inserted else { throw HTTPDiagnostics.pagesInCircle(page.number, at: place) }
    var next = next
    next.cursor = cursor
    return next
  }

  /// The whole address that an answer gave for the next page. Secrets were configured for one origin: none other is
  /// called because of what an answer says.
  private func followed(_ link: String, from asked: String, _ page: Page, _ place: String) throws -> String {
    seen.insert(asked)
    guard let address = WebOrigin.resolve(PercentEncoding.encodeAddress(link), against: asked),
      let target = WebOrigin(address)
    else { throw HTTPDiagnostics.nextElsewhere("an address of another kind", at: place) }
    guard target == origin else { throw HTTPDiagnostics.nextElsewhere(target.description, at: place) }
    guard seen.insert(address).inserted else { throw HTTPDiagnostics.pagesInCircle(page.number, at: place) }
    return address
  }

  /// What the payload last landed has at a path; nil also for nothing but white space, and for the `false` by which some
  /// systems say that no page follows.
  private func value(at path: RecordPath) throws -> String? {
    Self.trimmed(try landing.values(at: [path]).first ?? nil)
  }

  private static func trimmed(_ text: String?) -> String? {
    guard let text else { return nil }
    let trimmed = text.drop(while: \.isWhitespace)
    let kept = trimmed.prefix(trimmed.count - trimmed.reversed().prefix(while: \.isWhitespace).count)
    return kept.isEmpty || kept == "false" ? nil : String(kept)
  }
}
