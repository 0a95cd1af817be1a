// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Harvests the records of a library or archive by OAI-PMH 2.0: each page of a list is a payload.
public struct OAIPMHExtractor: Extractor {
  static let system = Setting.text("system", "System of systems.yaml to ask.")
  static let path = Setting.text("path", "Path of the repository below the system's base_url.")
  static let prefix = Setting.text(
    "prefix", "Format of the records (metadataPrefix), as oai_dc or marcxml.", default: "oai_dc")
  static let set = Setting.list(
    "set", "Sets to harvest, one after the other; by default everything.", isRequired: false)
  static let sizes = Setting.choice(
    "sizes", "Whether a list that ends before the size it says (completeListSize) is a failure.",
    of: ["check", "ignore"], default: "check")
  static let mostPages = Setting.integer(
    "most_pages", "Pages of one list after which the source is held to be broken.", default: 100_000,
    minimum: 1)
  static let overlap = Setting.duration(
    "overlap", "How far to reach back behind the last run.", default: 0)
  static let first = Setting.text(
    "first",
    "Day (UTC) to begin with before the first run, as 2000-01-01; by default the repository's first.",
    isRequired: false)
  static let since = Setting.group(
    "since", "Ask only for what changed since the last complete run; {} for what is usual.",
    [overlap.description, first.description])
  static let limit = Setting.size(
    "limit_bytes", "Most bytes of one answer, once it is uncompressed.", default: 1 << 30)

  public static let description = ComponentDescription(
    "oai_pmh", "Harvests a library's records by OAI-PMH 2.0.",
    example: """
      oai_pmh:
        system: library
        path: /oai
        prefix: oai_dc
        set: [theses, journals]
        since: { overlap: 1d }
      """,
    [
      system.description, path.description, prefix.description, set.description, since.description,
      sizes.description, mostPages.description, limit.description,
    ])

  struct Since: Sendable {
    /// Seconds.
    var overlap: Double
    /// Seconds since 1970.
    var first: Int64?
  }

  let system: SystemSpec
  let path: String
  let prefix: String
  /// One list each; nil for everything.
  let sets: [String?]
  let checksSizes: Bool
  let mostPages: Int
  let since: Since?
  let limit: Int
  var clock = RequestClock()

  public init(_ settings: Settings) throws(Diagnostic) {
    system = try settings.system(Self.system)
    path = try settings[Self.path]
    if let given = settings.tree["path"], path.contains(where: { $0 == "?" || $0 == "#" }) {
      throw HTTPDiagnostics.badPath(given)
    }
    prefix = try settings[Self.prefix]
    let sets = try settings.find(Self.set) ?? []
    self.sets = sets.isEmpty ? [nil] : sets
    checksSizes = try settings[Self.sizes] == "check"
    mostPages = try settings[Self.mostPages]
    limit = try settings[Self.limit]
    since = try settings.find(Self.since).map { group throws(Diagnostic) in
      let first = try group.find(Self.first).map { text throws(Diagnostic) in
        guard let day = RunStart.parse("\(text)T00:00:00Z") else {
          throw OAIDiagnostics.badDay(text, at: group.tree["first"] ?? group.tree)
        }
        return day
      }
      return Since(overlap: try group[Self.overlap], first: first)
    }
  }

  public var isPaging: Bool { true }

  public func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {
    try OAIPMHRun(self, checkpoint, landing).extract()
  }
}
