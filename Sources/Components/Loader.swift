// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// How the rows of a pipeline meet the rows that stand.
public struct LoadPlan: Sendable, Equatable {
  public enum Mode: String, Sendable, CaseIterable {
    case append, merge, replace
    case replaceSlice = "replace_slice"
  }

  /// What becomes visible at once.
  public enum CommitUnit: Sendable { case batch, run }

  public var pipeline: String
  public var mode: Mode
  /// In `run`, batches are put aside until ``LoadConnection/publish(run:batches:)``.
  public var commitUnit: CommitUnit
  /// In `replace_slice`, the fields whose values name a slice: mapped fields of every root kind. Else empty.
  public var slice: [String]
  /// Field whose higher value is the newer state of a row; nil: landing order decides.
  public var version: String?
  /// For each root kind, the entity it feeds and the fields it maps (of its children likewise).
  public var kinds: [LoadKind]
  /// Every entity of the shared schema, for parents and references.
  public var entities: [String: EntitySchema]

  public init(
    pipeline: String, mode: Mode, version: String? = nil, slice: [String] = [],
    commitUnit: CommitUnit? = nil, kinds: [LoadKind], entities: [String: EntitySchema]
  ) {
    self.pipeline = pipeline
    self.mode = mode
    self.slice = slice
    self.commitUnit = commitUnit ?? (mode == .replace ? .run : .batch)
    self.version = version
    self.kinds = kinds
    self.entities = entities
  }
}

public struct LoadKind: Sendable, Equatable {
  public var entity: EntitySchema
  /// Mapped fields, in the order of the table's `fields` (lets are not among them).
  public var mapped: [String]
  public var children: [LoadKind]
  /// Whether records may announce deletions (``RowFate/deletion``); only in `merge`.
  public var announcesDeletions: Bool
  /// Field with the version of what this kind writes of a row, where that changes apart from the rest: it is held
  /// against this field alone, and kinds of other versions are no duplicates of it. nil: the plan's version.
  public var ownVersion: String?

  public init(
    entity: EntitySchema, mapped: [String], children: [LoadKind] = [], announcesDeletions: Bool = false,
    ownVersion: String? = nil
  ) {
    self.entity = entity
    self.mapped = mapped
    self.children = children
    self.announcesDeletions = announcesDeletions
    self.ownVersion = ownVersion
  }
}

/// What a load belongs to.
public struct LoadBatch: Sendable, Equatable {
  public var batch: String
  /// By what it is told whether this or another batch has the later word on a slice: the batch itself, or where the
  /// run is the unit of commit, the first batch of the run that landed it.
  public var unit: String
  public var attempt: Int
  public var run: String
  public var planDigest: String
  /// Seconds since 1970, from the engine's clock.
  public var loadedAt: Int64
  /// A replay: on equal versions it loses unless the row's `_batch` is its own; in `append` it replaces the
  /// batch's own rows.
  public var isReplay: Bool
  /// Only these ordinals are carried on (replaying single rejects); nil means all. In `append` the batch's other rows stay.
  public var only: Set<Int64>?
  /// Not all of the payload's records come (`--limit`): what is absent is not gone.
  public var isCut: Bool
  /// Records known from an earlier pass to be left out: losers of a duplicate key, or rows whose reference is missing.
  public var settled: [Int64: SettledOutcome]
  /// Keys (see ``KeyDigest``) that batches landed later have loaded: records with these are stale.
  public var newerKeys: (@Sendable (KeyDigest) -> Bool)?
  /// Work out what would happen, then abort (`--dry-run`); a batch that is staged is not, its run is rehearsed.
  public var isDryRun: Bool

  public init(
    batch: String, attempt: Int, run: String, planDigest: String, loadedAt: Int64,
    unit: String? = nil, isReplay: Bool = false, only: Set<Int64>? = nil, isCut: Bool = false,
    settled: [Int64: SettledOutcome] = [:], newerKeys: (@Sendable (KeyDigest) -> Bool)? = nil,
    isDryRun: Bool = false
  ) {
    self.batch = batch
    self.unit = unit ?? batch
    self.isCut = isCut
    self.attempt = attempt
    self.run = run
    self.planDigest = planDigest
    self.loadedAt = loadedAt
    self.isReplay = isReplay
    self.only = only
    self.settled = settled
    self.newerKeys = newerKeys
    self.isDryRun = isDryRun
  }

  public static func == (left: LoadBatch, right: LoadBatch) -> Bool {
    left.batch == right.batch && left.attempt == right.attempt
  }

  /// Whether what is absent from the records that come says nothing.
  public var isPart: Bool { only != nil || isCut }
}

public enum SettledOutcome: Sendable, Equatable {
  /// Another record of the batch stands for its key.
  case duplicate
  case rejected(Failure)
}

/// Puts chunks into a destination, all or nothing per ``LoadPlan/CommitUnit``.
public protocol Loader: Component {
  /// Opens the destination and makes or extends its tables from the shared schema.
  ///
  /// - Parameter center: the center's URL (`sqlite:PATH`); relative paths are resolved by the engine.
  /// - Throws: a ``StageFailure`` (78) when a schema change would lose data, (74) when the center fails.
  func connect(center: String, plan: LoadPlan) throws(StageFailure) -> any LoadConnection

  /// The distinct values of a column that stand in the destination, ascending, as text; none while there is no such
  /// table or column. For extractors that ask once for each.
  func distinctValues(of field: String, in entity: String, center: String) throws(StageFailure) -> [String]

  /// Looks at a query without asking it: it must be one statement that only reads entities, and name each column.
  func examine(
    query: String, entities: [String: EntitySchema]
  ) throws(CenterQueryFault) -> CenterQueryFacts

  /// The rows of a query as NDJSON: an object for each, with numbers in all their digits, and null.
  ///
  /// Nothing is held open in the destination while `take` is called.
  ///
  /// - Returns: entities that the query reads and that nothing was ever loaded into; they count as empty.
  func rows(
    of query: String, entities: [String: EntitySchema], center: String, isCancelled: () -> Bool,
    take: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> [String]
}

extension Loader {
  public func examine(
    query: String, entities: [String: EntitySchema]
  ) throws(CenterQueryFault) -> CenterQueryFacts {
    throw CenterQueryFault(
      "the loader '\(Self.description.name)' cannot be asked for rows", help: "load into the center")
  }

  public func rows(
    of query: String, entities: [String: EntitySchema], center: String, isCancelled: () -> Bool,
    take: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> [String] {
    throw StageFailure(
      id: "load.cannot-query", "the loader '\(Self.description.name)' cannot be asked for rows",
      help: "load into the center", exit: .files)
  }

  public func distinctValues(
    of field: String, in entity: String, center: String
  ) throws(StageFailure) -> [String] {
    throw StageFailure(
      id: "load.cannot-list",
      "the loader '\(Self.description.name)' cannot list what stands in its destination",
      help: "use 'code_list' or 'values' under 'each'", exit: .files)
  }
}

/// One open destination. Used by one thread at a time.
public protocol LoadConnection: AnyObject {
  /// The row of `_terrace_batches` for an attempt, if its transaction was committed.
  func committed(batch: String, attempt: Int) throws(StageFailure) -> Counters?
  func begin(_ batch: LoadBatch) throws(StageFailure) -> any LoadSession
  /// Where the run is the unit of commit: puts what its batches staged in place of this pipeline's rows (in
  /// `replace_slice`, of those in the slices that came), in one transaction. Called once per run when every batch
  /// succeeded and totals balance. Else it does nothing.
  func publish(run: String, batches: [LoadBatch]) throws(StageFailure) -> [String: Counters]
  /// What ``publish(run:batches:)`` would do; leaves the destination as it was and what is staged staged.
  func rehearse(run: String, batches: [LoadBatch]) throws(StageFailure) -> [String: LoadOutcome]
  /// Of the last publishing or rehearsal: references of rows that stand to rows that it took away.
  var lostReferences: [LostReferences] { get }
  /// Where the run is the unit of commit: drops what a failed run staged.
  func discardStaged(run: String) throws(StageFailure)
  func close()
}

extension LoadConnection {
  public var lostReferences: [LostReferences] { [] }
}

/// Rows of the pipeline that refer to what a run took away. Each was judged with its batch, when that still stood.
public struct LostReferences: Sendable, Equatable {
  public var entity: String
  public var field: String
  public var target: EntityReference
  public var rows: Int

  public init(entity: String, field: String, target: EntityReference, rows: Int) {
    self.entity = entity
    self.field = field
    self.target = target
    self.rows = rows
  }
}

/// One batch on its way into the destination.
public protocol LoadSession: AnyObject {
  /// Loads the live rows of a chunk. May mark rows rejected or add notes (differing duplicates, references).
  ///
  /// - Throws: a ``StageFailure`` (74, 77). The session must then be aborted.
  func load(_ chunk: Chunk) throws(StageFailure)

  /// Says that all chunks came. The counters count root records by outcome (`read`, `filtered`, `rejected` by
  /// others are the engine's); nothing is visible yet.
  ///
  /// - Returns: the outcome, or the records that must be left out in another pass because of what came after them.
  func finish() throws(StageFailure) -> LoadOutcome

  /// Makes the batch visible: rows and the batch's row in `_terrace_batches`, in one transaction.
  func commit(_ counters: Counters) throws(StageFailure)
  /// Leaves the destination as it was. Never fails; safe after any error.
  func abort()
  /// Notes about records whose chunk had been handed in before the finding: complete once ``finish()`` returned.
  var lateNotes: [LoadNote] { get }
  /// `replace_slice`: slices that an earlier batch of this run had brought and this one replaced: the first hundred,
  /// complete once ``finish()`` returned.
  var slicesTwice: [SliceTwice] { get }
}

extension LoadSession {
  public var lateNotes: [LoadNote] { [] }
  public var slicesTwice: [SliceTwice] { [] }
}

/// A slice that two batches of one run brought.
public struct SliceTwice: Sendable, Equatable {
  public var entity: String
  /// `unit_code 1071, period 3, year 2026`; values of personal fields do not show.
  public var slice: String
  /// The batch whose records of the slice were replaced.
  public var earlier: String

  public init(entity: String, slice: String, earlier: String) {
    self.entity = entity
    self.slice = slice
    self.earlier = earlier
  }
}

/// A finding about a record of an earlier chunk.
public struct LoadNote: Sendable, Equatable {
  public var ordinal: Int64
  /// Its `row` says nothing: the chunk is gone.
  public var failure: Failure

  public init(ordinal: Int64, failure: Failure) {
    self.ordinal = ordinal
    self.failure = failure
  }
}

public enum LoadOutcome: Sendable, Equatable {
  case loaded(Counters, changes: [RowChange])
  /// Abort, decode again, and load with these settled: the complete set, in place of ``LoadBatch/settled``.
  case again([Int64: SettledOutcome])
}

/// One row that a dry run would change.
public struct RowChange: Sendable, Equatable {
  public var ordinal: Int64
  public var entity: String
  /// The key as text.
  public var key: String
  public var outcome: String
  /// Field, value that stands, value that would stand.
  public var fields: [FieldChange]

  public init(ordinal: Int64, entity: String, key: String, outcome: String, fields: [FieldChange]) {
    self.ordinal = ordinal
    self.entity = entity
    self.key = key
    self.outcome = outcome
    self.fields = fields
  }
}

public struct FieldChange: Sendable, Equatable {
  public var field: String
  public var before: String?
  public var after: String?

  public init(field: String, before: String?, after: String?) {
    self.field = field
    self.before = before
    self.after = after
  }
}

extension Failure {
  /// A record of `mode: replace_slice` that does not say which slice it is of.
  public static func withoutSlice(row: Int, field: String, entity: String) -> Failure {
    Failure(
      row: row, rule: "slice.no_value", field: field, value: nil,
      message: "a field of its slice has no value: which rows of '\(entity)' it belongs with is unknown")
  }
}
