// SPDX-License-Identifier: Apache-2.0

import Records

/// One execution of one pipeline, as the ledger keeps it. Times are seconds since 1970, UTC.
public struct RunRow: Sendable, Equatable {
  public enum Status: String, Sendable { case running, loaded, unchanged, partial, failed, locked }
  /// What was asked for: only a `run` brings in all that its schedule owes.
  public enum Kind: String, Sendable { case run, limited, replay, backfill }

  /// `R…`
  public var id: String
  public var pipeline: String
  public var kind: Kind
  public var status: Status
  public var startedAt: Int64
  public var endedAt: Int64?
  public var exit: Int32?
  public var error: ErrorRow?
  public var planDigest: String
  public var declared: Int64?
  public var bytes: Int64
  public var counters: Counters
  /// How many records had a value per mapped field, `entity.field` → count.
  public var filled: [String: Int]

  public init(
    id: String, pipeline: String, kind: Kind = .run, status: Status = .running, startedAt: Int64,
    endedAt: Int64? = nil,
    exit: Int32? = nil, error: ErrorRow? = nil, planDigest: String, declared: Int64? = nil,
    bytes: Int64 = 0, counters: Counters = Counters(), filled: [String: Int] = [:]
  ) {
    self.id = id
    self.pipeline = pipeline
    self.kind = kind
    self.status = status
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.exit = exit
    self.error = error
    self.planDigest = planDigest
    self.declared = declared
    self.bytes = bytes
    self.counters = counters
    self.filled = filled
  }
}

/// Why a run or batch failed, as listings and JSON show it.
public struct ErrorRow: Sendable, Equatable, Codable {
  public var id: String
  public var message: String
  public var `where`: String?
  public var help: String
  public var exit: Int32

  public init(id: String, message: String, where place: String?, help: String, exit: Int32) {
    self.id = id
    self.message = message
    self.where = place
    self.help = help
    self.exit = exit
  }
}

/// One payload as the unit of work and replay.
public struct BatchRow: Sendable, Equatable {
  /// `superseded`: a later payload took its place; `waived`: somebody gave it up.
  public enum Status: String, Sendable, Codable { case landed, loaded, failed, superseded, waived }
  /// Whose fault a failure is: ours is tried again by the next run, the data's waits for a changed file or a replay.
  public enum Fault: String, Sendable, Codable { case ours, data }

  /// `B…`; ids sort in landing order.
  public var id: String
  public var run: String
  public var pipeline: String
  public var status: Status
  public var fault: Fault?
  public var origin: String
  public var name: String
  public var request: [String: String]
  public var response: [String: String]
  public var digest: String
  public var bytes: Int64
  public var landedAt: Int64
  /// `yyyy-MM-dd`, local landing date: `today()` of every attempt.
  public var landingDate: String
  /// Checkpoint that holds once this batch is settled.
  public var checkpoint: String?
  /// The latest attempt's number; 0 before the first.
  public var attempt: Int
  /// Plan digest of the latest closed attempt.
  public var planDigest: String?
  public var declared: Int64?
  public var counters: Counters
  public var filled: [String: Int]
  public var error: ErrorRow?
  /// Highest value of the watched field over the records that passed, if the pipeline watches one.
  public var highest: HighestValue?

  public init(
    id: String, run: String, pipeline: String, status: Status = .landed, fault: Fault? = nil,
    origin: String, name: String, request: [String: String] = [:], response: [String: String] = [:],
    digest: String, bytes: Int64, landedAt: Int64, landingDate: String, checkpoint: String? = nil,
    attempt: Int = 0, planDigest: String? = nil, declared: Int64? = nil,
    counters: Counters = Counters(), filled: [String: Int] = [:], error: ErrorRow? = nil
  ) {
    self.id = id
    self.run = run
    self.pipeline = pipeline
    self.status = status
    self.fault = fault
    self.origin = origin
    self.name = name
    self.request = request
    self.response = response
    self.digest = digest
    self.bytes = bytes
    self.landedAt = landedAt
    self.landingDate = landingDate
    self.checkpoint = checkpoint
    self.attempt = attempt
    self.planDigest = planDigest
    self.declared = declared
    self.counters = counters
    self.filled = filled
    self.error = error
  }
}

/// A record kept out (`isNote` false) or loaded with a finding (`isNote` true), with every rule it broke.
public struct RejectRow: Sendable, Equatable {
  public enum Status: String, Sendable { case open, resolved, superseded, waived }

  /// `J…`; empty before the ledger has given one.
  public var id: String
  public var isNote: Bool
  public var status: Status
  public var batch: String
  public var attempt: Int
  public var pipeline: String
  public var entity: String
  /// Ordinal in the payload, from 1.
  public var record: Int64
  public var offset: Int64
  public var length: Int64
  public var line: Int64
  public var path: String
  /// Digest of the record's key, or of its content where the key could not be read; one open reject per pipeline and identity.
  public var identity: String
  /// The key as text, for people (`HG.01234`); nil where it is personal or could not be read.
  public var key: String?
  /// How often this reject was met.
  public var seen: Int
  public var failures: [FailureRow]

  public init(
    id: String = "", isNote: Bool, status: Status = .open, batch: String, attempt: Int,
    pipeline: String, entity: String, record: Int64, offset: Int64, length: Int64, line: Int64,
    path: String, identity: String, key: String? = nil, seen: Int = 1, failures: [FailureRow]
  ) {
    self.id = id
    self.isNote = isNote
    self.status = status
    self.batch = batch
    self.attempt = attempt
    self.pipeline = pipeline
    self.entity = entity
    self.record = record
    self.offset = offset
    self.length = length
    self.line = line
    self.path = path
    self.identity = identity
    self.key = key
    self.seen = seen
    self.failures = failures
  }
}

/// One broken rule of a reject or note.
public struct FailureRow: Sendable, Equatable, Codable {
  public var rule: String
  public var field: String
  public var value: String?
  public var message: String
  public var ruleAt: String?
  /// `none`, `basic` or `sensitive`: whether listings mask the value.
  public var personal: String

  public init(
    rule: String, field: String, value: String?, message: String, ruleAt: String? = nil,
    personal: String = "none"
  ) {
    self.rule = rule
    self.field = field
    self.value = value
    self.message = message
    self.ruleAt = ruleAt
    self.personal = personal
  }
}

/// One try at a batch.
public struct AttemptRow: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Codable { case run, replay, rejects }
  public enum Outcome: String, Sendable, Codable { case open, committed, failed, abandoned }

  public var batch: String
  public var number: Int
  public var run: String
  public var kind: Kind
  public var outcome: Outcome
  public var planDigest: String
  public var decodeDigest: String
  public var startedAt: Int64
  public var closedAt: Int64?
  public var counters: Counters
  public var error: ErrorRow?

  public init(
    batch: String, number: Int, run: String, kind: Kind, outcome: Outcome = .open,
    planDigest: String, decodeDigest: String, startedAt: Int64, closedAt: Int64? = nil,
    counters: Counters = Counters(), error: ErrorRow? = nil
  ) {
    self.batch = batch
    self.number = number
    self.run = run
    self.kind = kind
    self.outcome = outcome
    self.planDigest = planDigest
    self.decodeDigest = decodeDigest
    self.startedAt = startedAt
    self.closedAt = closedAt
    self.counters = counters
    self.error = error
  }
}

/// What closing an attempt changes, all in one transaction.
public struct AttemptClosing: Sendable, Equatable, Codable {
  public var batch: String
  public var attempt: Int
  public var outcome: AttemptRow.Outcome
  public var closedAt: Int64
  public var counters: Counters
  public var declared: Int64?
  public var filled: [String: Int]
  public var error: ErrorRow?
  public var batchStatus: BatchRow.Status
  public var fault: BatchRow.Fault?
  /// Identities of open rejects of this pipeline that this attempt loaded: they become `resolved`.
  public var resolved: [String]
  /// The whole payload was worked through (not just single rejects): open rejects of this batch's earlier attempts
  /// that it did not meet again become `resolved`, earlier failed batches of the same origin `superseded`.
  public var isWhole: Bool
  /// The new checkpoint of the pipeline, or nil to leave it.
  public var checkpoint: String?
  /// ``HighestValue/ledgerText`` of the watched field.
  public var highest: String?

  public init(
    batch: String, attempt: Int, outcome: AttemptRow.Outcome, closedAt: Int64, counters: Counters,
    declared: Int64? = nil, filled: [String: Int] = [:], error: ErrorRow? = nil,
    batchStatus: BatchRow.Status, fault: BatchRow.Fault? = nil, resolved: [String] = [],
    isWhole: Bool = true, checkpoint: String? = nil
  ) {
    self.batch = batch
    self.attempt = attempt
    self.outcome = outcome
    self.closedAt = closedAt
    self.counters = counters
    self.declared = declared
    self.filled = filled
    self.error = error
    self.batchStatus = batchStatus
    self.fault = fault
    self.resolved = resolved
    self.isWhole = isWhole
    self.checkpoint = checkpoint
  }
}
