// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths

/// How to ask for one page after the other.
struct Paging: Sendable {
  enum Way: Sendable, Equatable {
    case page
    /// Counts records instead of pages.
    case offset
    /// Each answer holds what to ask the next page by.
    case cursor(RecordPath)
    /// Each answer holds the address of the next page.
    case next(RecordPath)
  }

  private static let parameter = Setting.text(
    "parameter", "Parameter that names the page.", isRequired: false)
  private static let sizeParameter = Setting.text(
    "size_parameter", "Parameter that asks for the size.", isRequired: false)
  private static let size = Setting.integer(
    "size", "Records of a page. A page with fewer is the last: ask for no more than the system gives.",
    minimum: 1, isRequired: false)
  private static func first(_ number: Int) -> Setting<Int> {
    Setting<Int>.integer("first", "Number of the first page or record.", default: number, minimum: 0)
  }

  private static let cursorPath = Setting<RecordPath>.path(
    "path",
    "Where an answer holds the cursor of the next page, as /meta/next. Nothing there: it was the last page.")
  private static let cursorParameter = Setting.text("parameter", "Parameter that takes the cursor.")
  private static let firstCursor = Setting.text(
    "first", "Cursor of the first page, where the system wants one.", isRequired: false)
  private static let cursorSize = Setting.integer(
    "size", "Records of a page to ask for.", minimum: 1, isRequired: false)
  private static let nextPath = Setting<RecordPath>.path(
    "path",
    "Where an answer holds the address of the next page, as /links/next: whole or relative, of the same system. "
      + "Nothing there: it was the last page.")

  private static let page = Setting.group(
    "page", "Pages with numbers, until one is empty or short.",
    [parameter.description, sizeParameter.description, size.description, first(1).description])
  private static let offset = Setting.group(
    "offset", "Pages that begin at a record, until one is empty or short.",
    [parameter.description, sizeParameter.description, size.description, first(0).description])
  private static let cursor = Setting.group(
    "cursor", "Pages that each name the next by a cursor.",
    [
      cursorPath.description, cursorParameter.description, firstCursor.description, sizeParameter.description,
      cursorSize.description,
    ])
  private static let next = Setting.group(
    "next", "Pages that each hold the next one's address.", [nextPath.description])

  /// The settings under `paginate`, of which one is given.
  static let ways = [page.description, offset.description, cursor.description, next.description]

  let way: Way
  let parameter: String?
  let sizeParameter: String?
  let size: Int?
  /// Number of the first page or record.
  private var first = 0
  private var firstCursor: String?

  init(_ settings: Settings) throws(Diagnostic) {
    let page = try settings.find(Self.page)
    let offset = try settings.find(Self.offset)
    let cursor = try settings.find(Self.cursor)
    let next = try settings.find(Self.next)
    let given = [page, offset, cursor, next].compactMap(\.self)
    guard let chosen = given.first, given.count == 1 else {
      throw HTTPDiagnostics.severalPagings(at: settings.tree)
    }
    if cursor != nil {
      way = .cursor(try chosen[Self.cursorPath])
      parameter = try chosen[Self.cursorParameter]
      sizeParameter = try chosen.find(Self.sizeParameter)
      size = try chosen.find(Self.cursorSize)
      firstCursor = try chosen.find(Self.firstCursor)
    } else if next != nil {
      way = .next(try chosen[Self.nextPath])
      (parameter, sizeParameter, size) = (nil, nil, nil)
    } else {
      way = offset == nil ? .page : .offset
      parameter = try chosen.find(Self.parameter)
      sizeParameter = try chosen.find(Self.sizeParameter)
      size = try chosen.find(Self.size)
      first = try chosen[Self.first(way == .offset ? 0 : 1)]
    }
  }

  /// Whether each page has a number that is known before it is asked for.
  var isCounted: Bool { way == .page || way == .offset }

  var firstPage: Page {
    Page(number: 1, position: isCounted ? first : nil, cursor: firstCursor)
  }
}

/// Which page is asked for.
struct Page {
  /// From 1, in the order asked.
  var number: Int
  /// Number of the page or of its first record, where pages are counted.
  var position: Int?
  /// What the answer before said to ask by; on the first page what the file says.
  var cursor: String?
  /// Address that the answer before gave; nil on the first page.
  var address: String?

  /// What the parameter of the page takes.
  var text: String? { position.map(String.init) ?? cursor }

  /// For people.
  var name: String { "page \(position ?? number)" }
}
