// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths

/// A request that is made first and lists the ids of the records to ask for: `${id}`, or `${ids}` for some at once.
struct ListSettings: Sendable {
  private static let path = Setting<RequestTemplate>.template(
    "path", "Path of the list below the system's base_url.", isRequired: true)
  private static let method = Setting.choice(
    "method", "How to ask for the list.", of: ["GET", "POST"], default: "GET")
  private static let query = Setting<[RequestParameter]>.parameters(
    "query", "Parameters of the list's address.")
  private static let body = Setting<RequestTemplate>.template(
    "body", "What a POST for the list sends.", shape: .secret)
  private static let ids = Setting<RecordPath>.path("ids", "Where the list holds the ids, as /data/id.")
  private static let present = Setting<RecordPath>.path(
    "present",
    "What every list has, also an empty one, as /status: an answer without ids and without it is an error.",
    isRequired: false)
  private static let decode = Setting.text("decode", "Decoder of the list, as json or xml.", default: "json")
  private static let group = Setting.integer(
    "group", "Ids of one request: ${ids} has them all.", default: 1, minimum: 1)
  private static let separator = Setting.text("separator", "What stands between ids.", default: ",")

  static let all = [
    path.description, method.description, query.description, body.description, ids.description,
    present.description, decode.description, group.description, separator.description,
  ]

  let path: RequestTemplate
  let isPost: Bool
  let query: [RequestParameter]
  let body: RequestTemplate?
  let ids: RecordPath
  let present: RecordPath?
  let decoder: ExtractorNeeds.Name
  let group: Int
  let separator: String

  init(_ settings: Settings) throws(Diagnostic) {
    path = try settings[Self.path]
    isPost = try settings[Self.method] == "POST"
    query = try settings.find(Self.query) ?? []
    body = try settings.find(Self.body)
    ids = try settings[Self.ids]
    present = try settings.find(Self.present)
    decoder = ExtractorNeeds.Name(
      try settings[Self.decode], at: settings.tree["decode"] ?? settings.tree["ids"] ?? settings.tree)
    group = try settings[Self.group]
    separator = try settings[Self.separator]
    if let body = settings.tree["body"], !isPost { throw HTTPDiagnostics.bodyWithoutPost(at: body) }
  }
}
