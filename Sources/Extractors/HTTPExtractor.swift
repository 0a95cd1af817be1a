// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Glibc
import Records

/// Asks a system for data over HTTP: one request, or one for each page.
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
      body.description, paginate.description, mostPages.description, since.description, limit.description,
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
  let limit: Int
  let acceptsHTML: Bool
  /// Seconds since 1970.
  var now: @Sendable () -> Int64 = { Int64(time(nil)) }
  /// From 0 up to 1, for the jitter of waits.
  var chance: @Sendable () -> Double = { Double.random(in: 0..<1) }

  public init(_ settings: Settings) throws(Diagnostic) {
    let name = try settings[Self.system]
    guard let system = settings.environment.systems[name] else {
      throw HTTPDiagnostics.unknownSystem(
        name, known: settings.environment.systems.keys.sorted(), at: settings.tree["system"] ?? settings.tree)
    }
    self.system = system
    path = try settings[Self.path]
    isPost = try settings[Self.method] == "POST"
    query = try settings.find(Self.query) ?? []
    headers = try settings.find(Self.headers) ?? []
    body = try settings.find(Self.body)
    paging = try settings.find(Self.paginate).map { group throws(Diagnostic) in try Paging(group) }
    mostPages = try settings[Self.mostPages]
    since = try settings.find(Self.since).map { group throws(Diagnostic) in try SinceSettings(group) }
    limit = try settings[Self.limit]
    acceptsHTML = try settings[Self.acceptsHTML]
    try checkCombinations(settings.tree)
  }

  public var isPaging: Bool { paging != nil }

  public func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {
    try HTTPRun(self, checkpoint, landing).extract()
  }

  private func checkCombinations(_ tree: Tree) throws(Diagnostic) {
    if let body = tree["body"], !isPost, self.body != nil { throw HTTPDiagnostics.bodyWithoutPost(at: body) }
    if let path = tree["path"], (path.text ?? "").contains(where: { $0 == "?" || $0 == "#" }) {
      throw HTTPDiagnostics.badPath(path)
    }
    for entry in tree["headers"]?.entries ?? [] {
      let isName =
        !entry.key.isEmpty
        && entry.key.utf8.allSatisfy { byte in
          (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 57)
            || byte == 45 || byte == 95
        }
      guard isName else { throw HTTPDiagnostics.badHeader(entry.key, at: entry.keyPosition) }
    }
    let parameters = (tree["query"]?.entries ?? []) + (tree["headers"]?.entries ?? [])
    let places = [tree["path"], tree["body"]].compactMap(\.self) + parameters.map(\.value)
    for place in places {
      let text = place.text ?? ""
      if text.contains("${page}"), paging?.isCounted != true {
        throw HTTPDiagnostics.pageWithoutPages(at: place)
      }
      // A query parameter is left out while there is nothing to count from; elsewhere a hole would be left.
      let mayBeLeftOut = tree["query"]?.entries?.contains { $0.value == place && text == "${since}" } ?? false
      if text.contains("${since"), since == nil || (since?.first == nil && !mayBeLeftOut) {
        throw HTTPDiagnostics.sinceWithoutFirst(at: place)
      }
    }
  }
}

/// How to ask only for what changed. What counts is when the last complete run began, less an overlap: records that
/// were being written just then are met again and settle as unchanged.
struct SinceSettings: Sendable {
  private static let parameter = Setting.text(
    "parameter", "Parameter of the address that takes the date.", isRequired: false)
  private static let format = Setting.text("format", "How the date is written.", default: "yyyy-MM-dd")
  private static let overlap = Setting.duration(
    "overlap", "How far to reach back behind the last run.", default: 0)
  private static let by = Setting.choice(
    "by", "What is counted from: the start of the last complete run.", of: ["start"], default: "start")
  private static let first = Setting.text(
    "first", "Day to count from before the first run, as 2000-01-01.", isRequired: false)
  private static let zone = Setting.text("zone", "Zone that the source writes dates in.", default: "+07:00")

  static let all = [
    parameter.description, format.description, overlap.description, by.description, first.description,
    zone.description,
  ]

  let parameter: String?
  let format: DatePattern
  let overlap: Double
  let first: Instant?
  let zoneMinutes: Int

  init(_ settings: Settings) throws(Diagnostic) {
    parameter = try settings.find(Self.parameter)
    overlap = try settings[Self.overlap]
    _ = try settings[Self.by]
    let format = try settings[Self.format]
    guard let pattern = DatePattern(format) else {
      throw HTTPDiagnostics.badFormat(format, at: settings.tree["format"] ?? settings.tree)
    }
    self.format = pattern
    let zone = try settings[Self.zone]
    guard let minutes = SinceSettings.minutes(zone) else {
      throw HTTPDiagnostics.badZone(zone, at: settings.tree["zone"] ?? settings.tree)
    }
    zoneMinutes = minutes
    let first = try settings.find(Self.first)
    self.first = try first.map { text throws(Diagnostic) in
      guard let day = RunStart.parse("\(text)T00:00:00Z") else {
        throw HTTPDiagnostics.badDay(text, at: settings.tree["first"] ?? settings.tree)
      }
      // Midnight of that day where the source is.
      return Instant(microseconds: (day - Int64(minutes) * 60) * 1_000_000)
    }
  }

  /// Minutes east of UTC of `+07:00`, `-03:30` or `Z`.
  private static func minutes(_ text: String) -> Int? {
    if text == "Z" { return 0 }
    let bytes = Array(text.utf8)
    guard bytes.count == 6, bytes[0] == 43 || bytes[0] == 45, bytes[3] == 58,
      let hours = Int(text.dropFirst().prefix(2)),
      let minutes = Int(text.suffix(2)), (0...14).contains(hours), (0...59).contains(minutes)
    else { return nil }
    return (bytes[0] == 45 ? -1 : 1) * (hours * 60 + minutes)
  }
}

/// When a complete run began, as the checkpoint keeps it.
enum RunStart {
  static func checkpoint(_ seconds: Int64) -> Checkpoint {
    let (clamped, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    return Checkpoint(json: "{\"since\":\"\(Instant(microseconds: overflow ? 0 : clamped))\"}")
  }

  /// Seconds since 1970, or nil when the checkpoint is none of ours.
  static func read(_ checkpoint: Checkpoint) -> Int64? {
    let words = checkpoint.json.split(separator: "\"")
    guard let key = words.firstIndex(of: "since"), key + 2 < words.count else { return nil }
    return parse(String(words[key + 2]))
  }

  /// `yyyy-MM-ddTHH:mm:ssZ`
  static func parse(_ text: String) -> Int64? {
    let numbers = text.split { !$0.isNumber }.map { Int($0) }
    guard text.utf8.count == 20, text.hasSuffix("Z"), numbers.count == 6, let year = numbers[0],
      let month = numbers[1],
      let day = numbers[2], let hour = numbers[3], let minute = numbers[4], let second = numbers[5],
      let date = CalendarDate(year: year, month: month, day: day), hour < 24, minute < 60, second < 60
    else { return nil }
    return Int64(date.days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
  }
}

extension Setting where Value == RequestTemplate {
  fileprivate static func template(
    _ name: String, _ summary: String, shape: SettingShape = .text, isRequired: Bool = false
  ) -> Setting {
    let text = Setting<String>.text(name, summary)
    return Setting(
      name, summary, shape: shape, default: nil, defaultText: nil, isRequired: isRequired,
      readWith: { tree, environment throws(Diagnostic) in
        try text.description.check(tree)
        return try RequestTemplate(tree, environment)
      })
  }
}

extension Setting where Value == [RequestParameter] {
  /// In the order written.
  fileprivate static func parameters(_ name: String, _ summary: String) -> Setting {
    let map = Setting<[String: String]>.map(name, summary)
    return Setting(
      name, summary, shape: .map(.secret), default: nil, defaultText: nil, isRequired: false,
      readWith: { tree, environment throws(Diagnostic) in
        try map.description.check(tree)
        var parameters: [RequestParameter] = []
        for entry in tree.entries ?? [] {
          parameters.append(
            RequestParameter(name: entry.key, value: try RequestTemplate(entry.value, environment)))
        }
        return parameters
      })
  }
}
