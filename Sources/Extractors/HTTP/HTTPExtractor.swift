// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Asks a system for data over HTTP: one request, or one for each page, code, id or window of days.
public struct HTTPExtractor: Extractor {
  static let system = Setting.text("system", "System of systems.yaml to ask.")
  static let path = Setting<RequestTemplate>.template(
    "path", "Path below the system's base_url.", isRequired: true)
  static let method = Setting.choice(
    "method", "How to ask; POST only for queries.", of: ["GET", "POST"], default: "GET")
  static let query = Setting<[RequestParameter]>.parameters("query", "Parameters of the address, by name.")
  static let headers = Setting<[RequestParameter]>.parameters("headers", "Header lines, by name.")
  static let body = Setting<RequestTemplate>.template("body", "What a POST sends.", shape: .secret)
  static let paginate = Setting.group(
    "paginate", "How to ask for one page after the other: in one of these ways.", Paging.ways)
  static let mostPages = Setting.integer(
    "most_pages", "Pages after which the source is held to be broken.", default: 10_000, minimum: 1)
  static let since = Setting.group(
    "since", "How to ask only for what changed since the last run.", SinceSettings.all)
  static let each = Setting.group(
    "each", "One request, or one set of pages, for each of these; ${each} stands for it.", EachSettings.all)
  static let list = Setting.group(
    "list", "A request made first, which lists the ids of the records to ask for.", ListSettings.all)
  static let missing = Setting.choice(
    "missing", "What it means when one of several ('each', 'list') is not there (404, 410).",
    of: ["stop", "note"], default: "stop")
  static let windows = Setting.group(
    "windows", "Asks for days, one window after the other; also for 'terrace run --from … --to …'.",
    WindowSettings.all)
  static let conditional = Setting.boolean(
    "conditional", "Whether to ask, by ETag or Last-Modified, only for what is not known already.",
    default: true)
  static let limit = Setting.size(
    "limit_bytes", "Most bytes of one answer, once it is uncompressed.", default: 4 << 30)
  static let acceptsHTML = Setting.boolean("accepts_html", "Whether a web page is data here.", default: false)

  public static let description = ComponentDescription(
    "http", "Asks a system for data over HTTP.",
    example: """
      http:
        system: finance
        path: /api/v1/assets
        paginate: { page: { parameter: page, size_parameter: size, size: 1000 } }
        # or { cursor: { path: /meta/next, parameter: cursor } }, or { next: { path: /links/next } }
        since: { parameter: from, format: dd/MM/yyyy, overlap: 1d }
      """,
    [
      system.description, path.description, method.description, query.description, headers.description,
      body.description, paginate.description, mostPages.description, since.description, each.description,
      list.description, missing.description, windows.description, conditional.description,
      ArchiveMembers.setting.description, limit.description,
      acceptsHTML.description,
    ])

  let system: SystemSpec
  let path: RequestTemplate
  let isPost: Bool
  let query: [RequestParameter]
  let headers: [RequestParameter]
  let body: RequestTemplate?
  let paging: Paging?
  let mostPages: Int
  let since: SinceSettings?
  let each: EachSettings?
  let list: ListSettings?
  let notesMissing: Bool
  let windows: WindowSettings?
  let isConditional: Bool
  let archive: ArchiveMembers?
  let limit: Int
  let acceptsHTML: Bool
  /// Where a date format is given to `${since}`.
  private let formattedSince: Tree?
  var clock = RequestClock()

  public init(_ settings: Settings) throws(Diagnostic) {
    system = try settings.system(Self.system)
    path = try settings[Self.path]
    isPost = try settings[Self.method] == "POST"
    query = try settings.find(Self.query) ?? []
    headers = try settings.find(Self.headers) ?? []
    body = try settings.find(Self.body)
    paging = try settings.find(Self.paginate).map { group throws(Diagnostic) in try Paging(group) }
    mostPages = try settings[Self.mostPages]
    since = try settings.find(Self.since).map { group throws(Diagnostic) in try SinceSettings(group) }
    each = try settings.find(Self.each).map { group throws(Diagnostic) in try EachSettings(group) }
    list = try settings.find(Self.list).map { group throws(Diagnostic) in try ListSettings(group) }
    notesMissing = try settings[Self.missing] == "note"
    windows = try settings.find(Self.windows).map { group throws(Diagnostic) in try WindowSettings(group) }
    isConditional = try settings[Self.conditional]
    archive = try settings.find(ArchiveMembers.setting).map { ArchiveMembers(pattern: $0) }
    limit = try settings[Self.limit]
    acceptsHTML = try settings[Self.acceptsHTML]
    let check = RequestCheck(settings)
    formattedSince = check.formattedSince
    try check.check(self)
  }

  public var isPaging: Bool {
    paging != nil || each != nil || list != nil || windows != nil || archive != nil
  }

  /// A slice may lie across two windows, or two groups of ids; what is asked one by one is answered whole.
  public var splitsAnswers: Bool { paging != nil || windows != nil || list.map { $0.group > 1 } ?? false }

  public var needs: ExtractorNeeds {
    var needs = ExtractorNeeds()
    needs.watched = since?.watched(formatsSince: formattedSince)
    needs.decoders = [list?.decoder].compactMap(\.self)
    needs.lists = [each?.list].compactMap(\.self)
    needs.centerFields = [each?.centerField].compactMap(\.self)
    needs.takesSpans = windows != nil
    return needs
  }

  public func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {
    try HTTPRun(self, checkpoint, landing).extract()
  }
}
