// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths

/// How to ask for one page after the other where the message itself says which: ``Paging`` without parameters.
struct MessagePaging: Sendable {
  private static let size = Setting.integer(
    "size", "Records of a page. A page with fewer is the last: ask for no more than the service gives.",
    minimum: 1, isRequired: false)
  private static func first(_ number: Int) -> Setting<Int> {
    Setting<Int>.integer("first", "Number of the first page or record.", default: number, minimum: 0)
  }
  private static let cursorPath = Setting<RecordPath>.path(
    "path", "Where an answer holds the cursor of the next page. Nothing there: it was the last page.")
  private static let firstCursor = Setting.text(
    "first", "Cursor of the first page; by default nothing.", isRequired: false)

  private static let page = Setting.group(
    "page", "Pages with numbers, until one is empty or short: ${page}.",
    [size.description, first(1).description])
  private static let offset = Setting.group(
    "offset", "Pages that begin at a record, until one is empty or short: ${page} is the record's number.",
    [size.description, first(0).description])
  private static let cursor = Setting.group(
    "cursor", "Pages that each name the next: ${cursor}.", [cursorPath.description, firstCursor.description])

  /// Settings of the group; exactly one is given.
  static let ways = [page.description, offset.description, cursor.description]

  let way: Paging.Way
  let size: Int?
  let firstPage: Page

  init(_ settings: Settings) throws(Diagnostic) {
    let page = try settings.find(Self.page)
    let offset = try settings.find(Self.offset)
    let cursor = try settings.find(Self.cursor)
    guard let chosen = page ?? offset ?? cursor,
      [page, offset, cursor].compactMap(\.self).count == 1
    else { throw SOAPDiagnostics.severalPagings(at: settings.tree) }
    if cursor != nil {
      way = .cursor(try chosen[Self.cursorPath])
      size = nil
      firstPage = Page(number: 1, position: nil, cursor: try chosen.find(Self.firstCursor))
    } else {
      way = offset == nil ? .page : .offset
      size = try chosen.find(Self.size)
      firstPage = Page(number: 1, position: try chosen[Self.first(offset == nil ? 1 : 0)], cursor: nil)
    }
  }

  var isCounted: Bool { way == .page || way == .offset }
}
