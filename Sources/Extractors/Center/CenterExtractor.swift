// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics

/// Reads rows that stand in the center, with one query, so that what several systems sent can be put side by side. The
/// answer is landed like that of any source.
public struct CenterExtractor: Extractor {
  static let query = Setting.text(
    "query",
    "One SELECT of the center's database over entities of the shared schema; each column has a name of its own. Put rows in order, so that the same rows make the same payload."
  )

  public static let description = ComponentDescription(
    "center", "Reads rows of the center.",
    example: """
      center:
        query: select unit_code, name from budget_unit where status = 'hoạt động' order by unit_code
      """, [query.description])

  private let query: ExtractorNeeds.Name

  public init(_ settings: Settings) throws(Diagnostic) {
    query = ExtractorNeeds.Name(
      try settings[Self.query], at: settings.tree["query"] ?? settings.tree)
  }

  public var isPaging: Bool { false }

  public var needs: ExtractorNeeds {
    var needs = ExtractorNeeds()
    needs.centerQuery = query
    return needs
  }

  public func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {
    if landing.isCancelled { return }
    var hasBegun = false
    func begin() throws {
      if !hasBegun { try landing.begin(PayloadHead(origin: "center", name: "center")) }
      hasBegun = true
    }
    let missing: [String]
    do {
      missing = try landing.centerRows(of: query.text) { bytes in
        if landing.isCancelled { throw Cancelled() }
        try begin()
        try landing.write(bytes)
      }
    } catch {
      if hasBegun { landing.discard() }
      if error is Cancelled { return }
      throw error
    }
    try begin()
    for entity in missing {
      landing.notice("nothing was loaded into '\(entity)' yet: the query found it empty")
    }
    try landing.end(resume: nil)
  }

  private struct Cancelled: Error {}
}
