// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
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
  var clock = RequestClock()

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
