// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Drives a load session as the engine does, for tests of loaders.
public enum LoadDriver {
  public struct Outcome {
    /// What the loader counted of the records it was given.
    public var counters = Counters()
    /// Rejects and notes by ordinal, those of earlier chunks included.
    public var failures: [Int64: [Failure]] = [:]
    public var changes: [RowChange] = []
    /// How often the records were handed in.
    public var passes = 0
  }

  /// Loads one batch, as often as the loader asks to, and commits it unless it is a dry run.
  ///
  /// - Parameter chunks: makes the batch's chunks anew for each pass.
  public static func load(
    _ batch: LoadBatch, into connection: any LoadConnection, _ chunks: () -> [Chunk]
  ) throws -> Outcome {
    var batch = batch
    var outcome = Outcome()
    while true {
      outcome.passes += 1
      precondition(outcome.passes < 1000, "a loader asks for pass after pass")
      outcome.failures = [:]
      let session = try connection.begin(batch)
      for chunk in chunks() {
        try session.load(chunk)
        for failure in chunk.failures {
          outcome.failures[chunk.positions.ordinals[failure.row], default: []].append(failure)
        }
      }
      switch try session.finish() {
      case .again(let settled):
        session.abort()
        batch.settled = settled
      case .loaded(let counters, let changes):
        for note in session.lateNotes { outcome.failures[note.ordinal, default: []].append(note.failure) }
        outcome.counters = counters
        outcome.changes = changes
        var whole = counters
        // What was read is the engine's to count; here every record given is one that the loader answered for.
        whole.read = counters.accountedFor
        batch.isDryRun ? session.abort() : try session.commit(whole)
        return outcome
      }
    }
  }
}
