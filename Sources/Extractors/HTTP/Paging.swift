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
    /// A header of each answer holds it; by its lower-case name.
    case cursorHeader(String)
    /// Each answer holds the address of the next page.
    case next(RecordPath)
    /// The header `Link` of each answer holds it.
    case link(relation: String)
    /// The next page is asked for by a value of the last record of the one before.
    case last(RecordPath)
  }

  /// What a source says of how much there is.
  enum Extent: Sendable {
    case records(RecordPath)
    case pages(RecordPath)
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
  private static let total = Setting<RecordPath>.path(
    "total",
    "Where an answer says how many records there are on all pages: they are the end then, not a short page.",
    isRequired: false)
  private static let pages = Setting<RecordPath>.path(
    "pages", "Where an answer says how many pages there are: the last is the end then, not a short page.",
    isRequired: false)

  private static let cursorPath = Setting<RecordPath>.path(
    "path",
    "Where an answer holds the cursor of the next page, as /meta/next. Nothing there: it was the last page.",
    isRequired: false)
  private static let cursorHeader = Setting.text(
    "header", "Header of an answer that holds the cursor instead, as X-Next-Cursor.", isRequired: false)
  private static let cursorParameter = Setting.text("parameter", "Parameter that takes the cursor.")
  private static let firstCursor = Setting.text(
    "first", "Cursor of the first page, where the system wants one.", isRequired: false)
  private static let cursorSize = Setting.integer(
    "size", "Records of a page to ask for.", minimum: 1, isRequired: false)
  private static let nextPath = Setting<RecordPath>.path(
    "path",
    "Where an answer holds the address of the next page, as /links/next: whole or relative, of the same system. "
      + "Nothing there: it was the last page.")
  private static let relation = Setting.text(
    "relation", "Relation of the link that leads to the next page.", default: "next")
  private static let lastPath = Setting<RecordPath>.recordPath(
    "path", "Value of a record to go on behind, as id: records must come in its order.")
  private static let lastParameter = Setting.text(
    "parameter", "Parameter that takes the value of the last record.")
  private static let lastFirst = Setting.text(
    "first", "Value for the first page, where the system wants one.", isRequired: false)

  private static let page = Setting.group(
    "page", "Pages with numbers, until one is empty or short.",
    [
      parameter.description, sizeParameter.description, size.description, first(1).description,
      total.description, pages.description,
    ])
  private static let offset = Setting.group(
    "offset", "Pages that begin at a record, until one is empty or short.",
    [
      parameter.description, sizeParameter.description, size.description, first(0).description,
      total.description, pages.description,
    ])
  private static let cursor = Setting.group(
    "cursor", "Pages that each name the next by a cursor.",
    [
      cursorPath.description, cursorHeader.description, cursorParameter.description, firstCursor.description,
      sizeParameter.description, cursorSize.description,
    ])
  private static let next = Setting.group(
    "next", "Pages that each hold the next one's address.", [nextPath.description])
  private static let link = Setting.group(
    "link", "Pages that each name the next one's address in the header Link.", [relation.description])
  private static let last = Setting.group(
    "last", "Pages that each begin behind the last record of the one before, until one is empty or short.",
    [
      lastPath.description, lastParameter.description, lastFirst.description, sizeParameter.description,
      size.description,
    ])

  /// The settings under `paginate`, of which one is given.
  static let ways = [
    page.description, offset.description, cursor.description, next.description, link.description,
    last.description,
  ]

  let way: Way
  let parameter: String?
  let sizeParameter: String?
  let size: Int?
  let extent: Extent?
  /// Number of the first page or record.
  private var first = 0
  private var firstCursor: String?

  init(_ settings: Settings) throws(Diagnostic) {
    let page = try settings.find(Self.page)
    let offset = try settings.find(Self.offset)
    let cursor = try settings.find(Self.cursor)
    let next = try settings.find(Self.next)
    let link = try settings.find(Self.link)
    let last = try settings.find(Self.last)
    let given = [page, offset, cursor, next, link, last].compactMap(\.self)
    guard let chosen = given.first, given.count == 1 else {
      throw HTTPDiagnostics.severalPagings(at: settings.tree)
    }
    var extent: Extent?
    if cursor != nil {
      way = try Self.cursorWay(chosen)
      parameter = try chosen[Self.cursorParameter]
      sizeParameter = try chosen.find(Self.sizeParameter)
      size = try chosen.find(Self.cursorSize)
      firstCursor = try chosen.find(Self.firstCursor)
    } else if last != nil {
      way = .last(try chosen[Self.lastPath])
      parameter = try chosen[Self.lastParameter]
      sizeParameter = try chosen.find(Self.sizeParameter)
      size = try chosen.find(Self.size)
      firstCursor = try chosen.find(Self.lastFirst)
    } else if next != nil || link != nil {
      way = next != nil ? .next(try chosen[Self.nextPath]) : .link(relation: try chosen[Self.relation])
      (parameter, sizeParameter, size) = (nil, nil, nil)
    } else {
      way = offset == nil ? .page : .offset
      parameter = try chosen.find(Self.parameter)
      sizeParameter = try chosen.find(Self.sizeParameter)
      size = try chosen.find(Self.size)
      first = try chosen[Self.first(way == .offset ? 0 : 1)]
      extent = try Self.extent(chosen)
    }
    self.extent = extent
  }

  private static func cursorWay(_ settings: Settings) throws(Diagnostic) -> Way {
    switch (try settings.find(cursorPath), try settings.find(cursorHeader)) {
    case (let path?, nil): return .cursor(path)
    case (nil, let header?): return .cursorHeader(header.lowercased())
    default: throw HTTPDiagnostics.cursorPlace(at: settings.tree)
    }
  }

  private static func extent(_ settings: Settings) throws(Diagnostic) -> Extent? {
    switch (try settings.find(total), try settings.find(pages)) {
    case (let path?, nil): return .records(path)
    case (nil, let path?): return .pages(path)
    case (nil, nil): return nil
    case (_?, _?): throw HTTPDiagnostics.twoExtents(at: settings.tree)
    }
  }

  /// Whether each page has a number that is known before it is asked for.
  var isCounted: Bool { way == .page || way == .offset }

  /// Whether the source makes up what the next page is asked by: it may differ from run to run.
  var isMadeUp: Bool {
    switch way {
    case .page, .offset, .last: false
    case .cursor, .cursorHeader, .next, .link: true
    }
  }

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
