// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records

/// What an extractor may ask of the pipeline's surroundings.
struct SourceFacts {
  let plan: Plan
  let landingDate: CalendarDate

  /// The codes of a list that are valid on the landing date.
  func codes(of list: String) -> [String] {
    var seen: Set<String> = []
    return (plan.lists[list]?.entries ?? []).filter { $0.isValid(on: landingDate) }.map(\.code)
      .filter { seen.insert($0).inserted }
  }

  /// The distinct values of a column of the center.
  func centerValues(of field: String, center: String) throws -> [String] {
    let parts = field.split(separator: ".").map(String.init)
    guard parts.count == 2 else { preconditionFailure("planning let '\(field)' pass") }
    return try plan.loader.distinctValues(of: parts[1], in: parts[0], center: center)
  }

  /// The rows of a query of the center, as NDJSON.
  func centerRows(
    of query: String, center: String, isCancelled: () -> Bool,
    take: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> [String] {
    try plan.loader.rows(
      of: query, entities: plan.load.entities, center: center, isCancelled: isCancelled, take: take)
  }
}
