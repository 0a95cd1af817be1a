// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Components
import Diagnostics
import Records

/// Carries the records of one batch into their tables: settles records of one key against each other, then
/// the one that stands against the row in the center. Knows nothing of transactions.
final class RecordLoader {
  /// What is done with a record that stands for its key.
  enum Destination {
    case append, merge
    /// Put aside for the run's end.
    case stage(Staging)
    /// What was put aside takes the place of the pipeline's rows; keys were settled before.
    case publish(touched: SQLiteStatement)
    /// The slices that come take the place of the pipeline's rows in them.
    ///
    /// - Parameter isSettled: of what was put aside keys were settled before.
    case slices(Slices, isSettled: Bool)
  }

  let plan: LoadPlan
  let batch: LoadBatch
  let database: SQLiteDatabase
  let destination: Destination
  private(set) var kinds: [RootKind] = []
  var counters = Counters()
  private(set) var lateNotes: [(loser: Int64, winner: Int64)] = []
  var changes: [RowChange] = []
  /// Records to be settled as duplicates in another pass, because what they wrote cannot be taken back in
  /// this one.
  private(set) var beaten: Set<Int64> = []
  let references: ReferenceChecks?
  private var chunk = Chunk(kind: 0, table: Table(captures: 0))

  init(
    plan: LoadPlan, batch: LoadBatch, database: SQLiteDatabase, destination: Destination,
    keysInMemory: Int = KeySet.usualLimit
  ) throws(StageFailure) {
    self.plan = plan
    self.batch = batch
    self.database = database
    self.destination = destination
    var keySets: [String: KeySet] = [:]
    let stamp = RowStamp(batch, pipeline: plan.pipeline)
    if destination.isSettled {
      references = nil
    } else {
      var stages = false
      if case .stage = destination { stages = !batch.isDryRun }
      references = try ReferenceChecks(plan, batch, database: database, stages: stages)
    }
    for (index, kind) in plan.kinds.enumerated() {
      let writer = try TableWriter(kind, plan: plan, stamp: stamp, database: database)
      try references?.attach(writer, kind: index)
      // Parts of a row with versions of their own are no duplicates of each other.
      let part = "\(kind.entity.name) \(kind.ownVersion ?? "")"
      let keys = keySets[part] ?? KeySet(limit: keysInMemory)
      keySets[part] = keys
      kinds.append(
        RootKind(index: index, writer: writer, keys: keys, plan: plan, slices: destination.slices(of: kind)))
    }
  }

  func load(_ chunk: Chunk) throws(StageFailure) {
    guard chunk.kind < kinds.count else {
      throw ColumnReader.mismatch("kind \(chunk.kind)", "is of no kind of the plan")
    }
    let kind = kinds[chunk.kind]
    self.chunk = chunk
    try kind.attach(chunk.table)
    for row in 0..<chunk.rows where chunk.table.fates[row].isLoaded {
      try load(row, of: kind)
    }
  }

  private func load(_ row: Int, of kind: RootKind) throws(StageFailure) {
    let ordinal = chunk.positions.ordinals[row]
    let settled = batch.settled.isEmpty ? nil : batch.settled[ordinal]
    if case .rejected(let failure) = settled { return reject(row, failure) }
    if let failure = try defect(row, ordinal, of: kind) { return reject(row, failure) }
    try kind.slices?.enter(row, of: kind)
    if settled == .duplicate {
      try kind.slices?.take(row, of: kind)
      counters.duplicate += 1
      return chunk.add(.duplicate(row: row, of: nil))
    }
    guard kind.hasKey else {
      if let outcome = try place(row, ordinal, KeyDigest(high: 0, low: 0), of: kind) { count(outcome) }
      return
    }
    var record = KeyedRecord(row: row, ordinal: ordinal, isDeletion: isDeletion(row), in: kind)
    if destination.isSettled {
      if let outcome = try place(row, ordinal, record.key, of: kind) { count(outcome) }
      return
    }
    if let earlier = try kind.keys.find(record.key) {
      guard try beats(record, earlier, of: kind) else { return }
      switch earlier.outcome {
      case .updated, .exists, .waits, .deleted: record.outcome = .waits
      // Records of the batch may refer to the row already.
      case .inserted where isDeletion(row) || kind.sharesRows: record.outcome = .waits
      case .inserted, .unchanged, .stale, .staged: break
      }
    }
    if record.outcome != .waits {
      guard let outcome = try place(row, ordinal, record.key, of: kind) else { return }
      record.outcome = outcome
      count(outcome)
    }
    try kind.keys.store(record.entry, version: record.version)
  }

  func isDeletion(_ row: Int) -> Bool { chunk.table.fates[row] == .deletion }

  // MARK: Records of one key within the batch

  /// Settles a record against an earlier one of its key: highest version, then last, stands.
  ///
  /// - Returns: whether the later record is to be loaded.
  private func beats(
    _ later: KeyedRecord, _ earlier: KeySet.Entry, of kind: RootKind
  ) throws(StageFailure) -> Bool {
    if earlier.content == later.content {
      counters.duplicate += 1
      return false
    }
    let standing = try kind.keys.version(of: earlier, isText: kind.hasTextVersion)
    if later.version.compare(standing) < 0 {
      counters.duplicate += 1
      chunk.add(.duplicate(row: later.row, of: earlier.ordinal))
      return false
    }
    counters.duplicate += 1
    noteEarlier(earlier.ordinal, of: later.ordinal)
    switch earlier.outcome {
    case .inserted where isDeletion(later.row) || kind.sharesRows: beaten.insert(earlier.ordinal)
    case .inserted:
      counters.inserted -= 1
      try takeBack(later.row, earlier.ordinal, of: kind)
    case .unchanged:
      counters.unchanged -= 1
      try forgetKept(later.row, of: kind)
    case .stale: counters.stale -= 1
    case .staged: counters.inserted -= 1
    case .updated, .exists, .waits, .deleted: beaten.insert(earlier.ordinal)
    }
    return true
  }

  /// Removes what an earlier record of the same key inserted.
  private func takeBack(_ row: Int, _ ordinal: Int64, of kind: RootKind) throws(StageFailure) {
    guard let standing = try kind.writer.findStanding(row) else { return }
    let rowid = standing.integer(0)
    standing.reset()
    if !kind.writer.children.isEmpty {
      let before = sqlite3_total_changes64(database.handle)
      try kind.writer.clear(belowRoot: row)
      counters.children -= Int(sqlite3_total_changes64(database.handle) - before)
    }
    try kind.writer.deleteRow(rowid)
    try references?.takenBack(rowid, of: kind)
    if batch.isDryRun { changes.removeAll { $0.ordinal == ordinal } }
  }

  private func noteEarlier(_ loser: Int64, of winner: Int64) {
    let ordinals = chunk.positions.ordinals
    var low = 0
    var high = ordinals.count
    while low < high {
      let middle = (low + high) / 2
      if ordinals[middle] < loser { low = middle + 1 } else { high = middle }
    }
    if low < ordinals.count, ordinals[low] == loser {
      chunk.add(.duplicate(row: low, of: winner))
    } else {
      lateNotes.append((loser, winner))
    }
  }

  // MARK: Records that stay out

  func reject(_ row: Int, _ failure: Failure) {
    var failure = failure
    failure.kind = .reject
    failure.row = row
    chunk.add(failure)
    counters.rejected += 1
  }

  /// What is wrong with the record itself, whatever stands in the center.
  private func defect(_ row: Int, _ ordinal: Int64, of kind: RootKind) throws(StageFailure) -> Failure? {
    let writer = kind.writer
    for key in writer.keys where !writer.readers[key].hasValue(row) {
      return Failure(
        row: row, rule: "required", field: writer.fields[key].name, value: nil,
        message: "a key field of '\(writer.layout.name)' has no value")
    }
    if isDeletion(row) { return nil }
    for field in kind.slice where !writer.readers[field].hasValue(row) {
      return .withoutSlice(row: row, field: writer.fields[field].name, entity: writer.layout.name)
    }
    for child in writer.children {
      if let failure = child.defect(below: row, rootRow: row) { return failure }
    }
    return try references?.defect(row, of: writer, ordinal: ordinal) { chunk.add($0) }
  }

  // MARK: Against the center

  private func count(_ outcome: KeyOutcome) {
    switch outcome {
    case .inserted, .staged: counters.inserted += 1
    case .updated: counters.updated += 1
    case .unchanged: counters.unchanged += 1
    case .stale: counters.stale += 1
    case .deleted: counters.deleted += 1
    case .exists, .waits: break
    }
  }

  /// Brings a record to its destination.
  ///
  /// - Returns: what became of it, or nil if it was rejected and its key stays free.
  private func place(
    _ row: Int, _ ordinal: Int64, _ key: KeyDigest, of kind: RootKind
  ) throws(StageFailure) -> KeyOutcome? {
    let outcome = try bring(row, ordinal, key, of: kind)
    switch outcome {
    case .inserted, .updated, .unchanged, .staged: try references?.placed(row, ordinal, key, of: kind)
    case .stale, .deleted, .exists, .waits, nil: break
    }
    return outcome
  }

  private func bring(
    _ row: Int, _ ordinal: Int64, _ key: KeyDigest, of kind: RootKind
  ) throws(StageFailure) -> KeyOutcome? {
    if isDeletion(row) { return try delete(row, ordinal, key, of: kind) }
    switch destination {
    case .append: return try append(row, ordinal, of: kind)
    case .merge: return try merge(row, ordinal, key, of: kind)
    case .stage(let staging): return try stage(row, ordinal, key, of: kind, staging)
    case .publish(let touched):
      guard kind.hasKey else { return try append(row, ordinal, of: kind) }
      let outcome = try merge(row, ordinal, key, of: kind)
      touched.bind(Int64(kind.index), at: 1)
      touched.bind(kind.lastRowid, at: 2)
      try touched.run()
      return outcome
    case .slices: return try placeInSlice(row, ordinal, key, of: kind)
    }
  }

  func append(_ row: Int, _ ordinal: Int64, of kind: RootKind) throws(StageFailure) -> KeyOutcome {
    guard try kind.writer.insert(row) else {
      let field = kind.writer.fields[kind.writer.keys[0]]
      reject(
        row,
        Failure(
          row: row, rule: "key.exists", field: field.name, value: String(kind.writer.keyText(row).prefix(80)),
          message: "a row of '\(kind.writer.layout.name)' with this key stands in the center",
          personal: field.personal))
      return .exists
    }
    return try inserted(row, ordinal, of: kind)
  }

  func merge(
    _ row: Int, _ ordinal: Int64, _ key: KeyDigest, of kind: RootKind
  ) throws(StageFailure) -> KeyOutcome? {
    let writer = kind.writer
    // Without a version landing order decides; only replays ask.
    let isOvertaken = plan.mode == .merge && plan.version == nil && batch.newerKeys?(key) == true
    if !kind.prefersLookup, !isOvertaken {
      if try writer.insert(row) { return try inserted(row, ordinal, of: kind) }
      kind.prefersLookup = true
    }
    guard let standing = try writer.findStanding(row) else {
      if isOvertaken { return .stale }
      kind.prefersLookup = false
      guard try writer.insert(row) else {
        throw database.failure(SQLITE_CONSTRAINT, doing: "inserting into '\(writer.layout.name)'")
      }
      return try inserted(row, ordinal, of: kind)
    }
    kind.lastRowid = standing.integer(0)
    if destination.isSettled, try belongsToAnother(standing, kind) {
      standing.reset()
      throw StageFailure(
        id: "load.other-pipeline",
        "another pipeline loaded a row of '\(writer.layout.name)' with a key of this run meanwhile",
        at: database.path, help: "run again: the record will be rejected", exit: .tryAgain,
        isTransient: true)
    }
    if let slices = kind.slices {
      if try belongsToAnother(standing, kind) {
        standing.reset()
        rejectForeign(row, of: kind)
        return nil
      }
      if try slices.isOvertaken(row, standing, of: kind) {
        standing.reset()
        return .stale
      }
    }
    var isOther = writer.isMarkedDeleted(standing) || writer.differs(row, from: standing)
    if !isOther {
      for child in writer.children where try child.differs(below: row) {
        isOther = true
        break
      }
    }
    guard isOther else {
      standing.reset()
      return .unchanged
    }
    guard !isOvertaken, wins(row, over: standing, of: kind) else {
      standing.reset()
      return .stale
    }
    if batch.isDryRun {
      describe(.updated, row, ordinal, of: kind, try fieldChanges(row, standing, of: kind))
    }
    try references?.updating(row, ordinal, over: standing, of: kind)
    try writer.update(row, over: standing)
    for child in writer.children { counters.children += try child.replaceAll(below: row) }
    return .updated
  }

  private func inserted(_ row: Int, _ ordinal: Int64, of kind: RootKind) throws(StageFailure) -> KeyOutcome {
    kind.lastRowid = database.lastRowid
    try insertChildren(row, of: kind)
    describe(.inserted, row, ordinal, of: kind, [])
    return .inserted
  }

  private func insertChildren(_ row: Int, of kind: RootKind) throws(StageFailure) {
    // Rows of a record that somebody removed by hand may have stayed behind.
    if kind.writer.children.contains(where: { !$0.wasEmpty }) { try kind.writer.clear(belowRoot: row) }
    for child in kind.writer.children { counters.children += try child.insertAll(below: row) }
  }

  /// Of two states of a row the higher (version, batch id) stands; on equal versions a replay loses unless
  /// the row is its own.
  func wins(_ row: Int, over standing: SQLiteStatement, of kind: RootKind) -> Bool {
    guard plan.mode == .merge, plan.version != nil else { return true }
    let newer: Int
    if let field = kind.version {
      let reader = kind.writer.readers[field]
      newer = reader.version(row).compare(reader.standingVersion(standing, at: Int32(field + 1)))
    } else {
      newer = 0
    }
    if newer != 0 { return newer > 0 }
    let owner = standing.text(Int32(kind.writer.fields.count + 1)) ?? ""
    return batch.isReplay ? owner == batch.batch : owner <= batch.batch
  }

  private func belongsToAnother(_ standing: SQLiteStatement, _ kind: RootKind) throws(StageFailure) -> Bool {
    standing.text(Int32(kind.writer.fields.count + 2)) != plan.pipeline
  }

  // MARK: Until the run's end

  private func stage(
    _ row: Int, _ ordinal: Int64, _ key: KeyDigest, of kind: RootKind, _ staging: Staging
  ) throws(StageFailure) -> KeyOutcome? {
    if kind.hasKey, let standing = try kind.writer.findStanding(row) {
      let isForeign = try belongsToAnother(standing, kind)
      standing.reset()
      if isForeign {
        rejectForeign(row, of: kind)
        return nil
      }
    }
    try staging.put(row, ordinal, key, of: kind)
    return .staged
  }
}

extension Failure {
  /// The note on a record that differs from the one that stands for its key.
  static func duplicate(row: Int, of winner: Int64?) -> Failure {
    Failure(
      kind: .note, row: row, rule: "duplicate", field: "", value: nil,
      message: (winner.map { "record \($0)" } ?? "another record")
        + " of the batch has the same key, says otherwise, and stands")
  }
}
