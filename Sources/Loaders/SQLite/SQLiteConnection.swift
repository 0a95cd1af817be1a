// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// A center in an SQLite file, with the tables that one pipeline feeds.
final class SQLiteConnection: LoadConnection {
  private var database: SQLiteDatabase?
  private let path: String
  private let plan: LoadPlan
  private let keysInMemory: Int

  init(
    path: String, plan: LoadPlan, busyMilliseconds: Int32 = 60_000,
    keysInMemory: Int = KeySet.usualLimit
  ) throws(StageFailure) {
    self.path = path
    self.plan = plan
    self.keysInMemory = keysInMemory
    let database = try SQLiteDatabase(path: path, busyMilliseconds: busyMilliseconds)
    // Measured: one big transaction is fastest with large pages and a rollback journal; a journal of the
    // write-ahead kind writes each page twice.
    try database.execute("PRAGMA page_size = 16384")
    try database.execute("PRAGMA synchronous = FULL")
    try database.execute("PRAGMA cache_size = -16384")
    var layouts: [TableLayout] = []
    func visit(_ kind: LoadKind) throws(StageFailure) {
      var layout = try TableLayout(kind.entity, among: plan.entities)
      layout.marksDeletions = kind.announcesDeletions
      layout.ownVersions = kind.ownVersion.map { [$0] } ?? []
      if let known = layouts.firstIndex(where: { $0.name == layout.name }) {
        layouts[known].marksDeletions = layouts[known].marksDeletions || layout.marksDeletions
        layouts[known].ownVersions += layout.ownVersions.filter { !layouts[known].ownVersions.contains($0) }
      } else {
        layouts.append(layout)
      }
      for child in kind.children { try visit(child) }
    }
    for kind in plan.kinds {
      if let parent = kind.entity.parent {
        throw StageFailure(
          id: "load.child-as-root",
          "entity '\(kind.entity.name)' has the parent '\(parent)', but its records come without one",
          help: "map it under 'children' of a transform to '\(parent)'", exit: .files)
      }
      if plan.mode == .merge, kind.entity.key.isEmpty {
        throw StageFailure(
          id: "load.merge-needs-key",
          "records of '\(kind.entity.name)' cannot be merged: the entity has no key",
          help: "give '\(kind.entity.name)' a key in its schema file, or load with mode: append", exit: .files
        )
      }
      try requireSlice(kind)
      try visit(kind)
    }
    try CenterTables(database: database).prepare(layouts, referenced: plan.references)
    if plan.commitUnit == .run { try Staging.makeTables(database) }
    if plan.mode == .replaceSlice { try Slices.makeTable(database) }
    self.database = database
  }

  private func requireSlice(_ kind: LoadKind) throws(StageFailure) {
    guard plan.mode == .replaceSlice else { return }
    if !plan.slice.isEmpty, plan.slice.allSatisfy(kind.mapped.contains) { return }
    throw StageFailure(
      id: "load.slice-not-mapped",
      "records of '\(kind.entity.name)' do not say which slice they are of",
      help: "name mapped fields of '\(kind.entity.name)' under 'slice' in the load section", exit: .files)
  }

  private func opened() throws(StageFailure) -> SQLiteDatabase {
    if let database { return database }
    throw StageFailure(
      id: "load.center-closed", "the center '\(path)' was closed before the work on it was done", at: path,
      help: "report this", exit: .bug)
  }

  func committed(batch: String, attempt: Int) throws(StageFailure) -> Counters? {
    try opened().receipt(batch: batch, attempt: attempt)
  }

  func begin(_ batch: LoadBatch) throws(StageFailure) -> any LoadSession {
    try SQLiteSession(batch, plan: plan, database: opened(), keysInMemory: keysInMemory)
  }

  private(set) var lostReferences: [LostReferences] = []

  func publish(run: String, batches: [LoadBatch]) throws(StageFailure) -> [String: Counters] {
    // A run without batches says nothing about the rows that stand.
    guard plan.commitUnit == .run, !batches.isEmpty else { return [:] }
    let publication = try publication(run)
    let counters = try publication.publish(batches)
    lostReferences = publication.lostReferences
    return counters
  }

  func rehearse(run: String, batches: [LoadBatch]) throws(StageFailure) -> [String: LoadOutcome] {
    guard plan.commitUnit == .run, !batches.isEmpty else { return [:] }
    let publication = try publication(run)
    let outcomes = try publication.rehearse(batches)
    lostReferences = publication.lostReferences
    return outcomes
  }

  private func publication(_ run: String) throws(StageFailure) -> Publication {
    Publication(run: run, plan: plan, database: try opened(), keysInMemory: keysInMemory)
  }

  func discardStaged(run: String) throws(StageFailure) {
    guard plan.commitUnit == .run else { return }
    try Staging.discard(run: run, database: opened())
  }

  func close() { database = nil }
}

extension LoadPlan {
  /// References of all mapped fields.
  var references: [EntityReference] {
    func visit(_ kind: LoadKind) -> [EntityReference] {
      kind.entity.fields.filter { kind.mapped.contains($0.name) }.compactMap(\.references)
        + kind.children.flatMap(visit)
    }
    return kinds.flatMap(visit)
  }
}
