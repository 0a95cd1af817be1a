// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records
import Store

/// What one run of one pipeline did, as printed and as JSON.
public struct RunReport: Sendable {
  public var run: String
  public var pipeline: String
  public var status: RunRow.Status
  public var exit: ExitCode
  public var error: StageFailure?
  /// Everything that failed, ``error`` among it.
  public var failures: [StageFailure] = []
  public var declared: Int64?
  public var seconds: Double
  public var bytes: Int64
  public var counters: Counters
  public var filled: [String: Int]
  public var batches: [BatchReport]
  /// Sentences for a person at a terminal: a changed file and the replay that applies it, fields never filled.
  public var notices: [String]

  init(run: String, pipeline: String) {
    self.run = run
    self.pipeline = pipeline
    status = .unchanged
    exit = .done
    declared = nil
    seconds = 0
    bytes = 0
    counters = Counters()
    filled = [:]
    batches = []
    notices = []
  }
}

/// What one batch of a run became.
public struct BatchReport: Sendable {
  public var batch: String
  public var status: BatchRow.Status
  public var attempt: Int
  public var payload: String
  public var name: String
  public var bytes: Int64
  public var declared: Int64?
  public var counters: Counters
  public var filled: [String: Int]
  public var error: StageFailure?
  /// What stands where the records should, when the path's last step matched nothing.
  public var nothingMatched: String?
  /// Of the watched field, over the records that passed.
  var highest: HighestValue?
  /// Slices that an earlier batch of the run had brought.
  var slicesTwice: [SliceTwice] = []
  /// Batches that failed earlier and gave way to this one of the same origin.
  public var superseded: [String] = []
  /// What a dry run would change.
  public var changes: [RowChange]

  init(batchID: String, name: String) {
    batch = batchID
    self.name = name
    status = .landed
    attempt = 0
    payload = ""
    bytes = 0
    declared = nil
    counters = Counters()
    filled = [:]
    error = nil
    changes = []
  }

  init(_ row: BatchRow) {
    batch = row.id
    status = row.status
    attempt = row.attempt
    payload = row.digest
    name = row.name
    bytes = row.bytes
    declared = row.declared
    counters = row.counters
    filled = row.filled
    error = nil
    changes = []
  }
}
