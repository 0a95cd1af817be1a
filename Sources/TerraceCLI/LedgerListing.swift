// SPDX-License-Identifier: Apache-2.0

import Store

/// What listings show: rows of the ledger for words that may be pipelines, runs or batches.
struct LedgerListing {
  private let ledger: Ledger
  /// The pipeline that a word names; throws when there is none.
  private let pipeline: (String) throws -> String

  init(_ ledger: Ledger, in workspace: Workspace) {
    self.ledger = ledger
    pipeline = { try workspace.pipeline($0, in: ledger) }
  }

  func runs(_ pipelines: [String], limit: Int) throws -> [RunRow] {
    if pipelines.isEmpty { return try ledger.runs(limit: limit) }
    let rows = try pipelines.flatMap { try ledger.runs(limit: limit, pipeline: pipeline($0)) }
    return Array(rows.sorted { $0.id > $1.id }.prefix(limit))
  }

  func batches(_ words: [String], onlyFailed: Bool, limit: Int) throws -> [BatchRow] {
    var rows: [BatchRow] = []
    for filter in try filters(words) {
      if onlyFailed {
        rows += try ledger.batches(BatchFilter(pipeline: filter.pipeline, run: filter.run, status: .failed))
        rows += try ledger.batches(BatchFilter(pipeline: filter.pipeline, run: filter.run, status: .landed))
      } else {
        rows += try ledger.batches(BatchFilter(pipeline: filter.pipeline, run: filter.run, limit: limit))
      }
    }
    return Array(rows.sorted { $0.id > $1.id }.prefix(limit))
  }

  func rejects(_ words: [String], onlyOpen: Bool, notes: Bool, limit: Int) throws -> [RejectRow] {
    let rows = try rejectFilters(words, onlyOpen: onlyOpen, notes: notes, limit: limit)
      .flatMap { try ledger.rejects($0) }
    return Array(rows.prefix(limit))
  }

  func causes(_ words: [String], notes: Bool) throws -> [RejectCause] {
    try rejectFilters(words, onlyOpen: true, notes: notes, limit: nil)
      .flatMap { try ledger.rejectCauses($0) }.sorted { $0.records > $1.records }
  }

  private func filters(_ words: [String]) throws -> [(pipeline: String?, run: String?)] {
    if words.isEmpty { return [(nil, nil)] }
    return try words.map { word in
      if case .run(let row) = try ledger.find(word) { return (nil, row.id) }
      return (try pipeline(word), nil)
    }
  }

  private func rejectFilters(_ words: [String], onlyOpen: Bool, notes: Bool, limit: Int?) throws
    -> [RejectFilter]
  {
    let status: RejectRow.Status? = onlyOpen ? .open : nil
    if words.isEmpty { return [RejectFilter(status: status, notes: notes, limit: limit)] }
    return try words.flatMap { word -> [RejectFilter] in
      switch try ledger.find(word) {
      case .batch(let row): return [RejectFilter(status: status, batch: row.id, notes: notes, limit: limit)]
      case .run(let row):
        return try ledger.batches(BatchFilter(run: row.id)).map {
          RejectFilter(status: status, batch: $0.id, notes: notes, limit: limit)
        }
      default: return [RejectFilter(status: status, pipeline: try pipeline(word), notes: notes, limit: limit)]
      }
    }
  }
}
