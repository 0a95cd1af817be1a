// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records
import Store

/// The extraction thread of a run: the extractor lands payloads, this hands them over in landing order.
final class Extraction: @unchecked Sendable {
  private let queue = BoundedQueue<LandingPayload>(depth: 64)
  private let mutex = Mutex()
  private var isIdle = false
  private var thread: WorkerThread?
  private var ended: (any Error)?
  private var checkpoint: (@Sendable (HighestValue?) -> Checkpoint)?
  private var said: [String] = []

  init(_ environment: EngineEnvironment, _ plan: Plan, run: String, options: RunOptions) {
    thread = WorkerThread { [self] in
      let writer = EngineLandingWriter(
        environment, plan, run: run, options: options, queue: queue,
        isProcessorIdle: { [self] in mutex.locked { isIdle } })
      defer {
        mutex.locked { self.checkpoint = writer.finalCheckpoint }
        queue.finish()
      }
      do {
        // A replaced table needs the whole source, whatever was seen before.
        let isWhole = options.isFull || plan.load.mode == .replace || options.backfill != nil
        let checkpoint = isWhole ? nil : try environment.ledger.checkpoint(pipeline: plan.pipeline)
        defer { mutex.locked { said = writer.notices } }
        try plan.extractor.extract(since: checkpoint.map { Checkpoint(json: $0) }, into: writer)
      } catch {
        writer.discard()
        mutex.locked { ended = Interruption.requested.map { RunInterrupted(exit: $0) } ?? error }
      }
    }
  }

  /// The next payload, perhaps still landing; nil when the extractor is done (see ``failure``).
  func nextPayload() throws -> LandingPayload? {
    mutex.locked { isIdle = true }
    defer { mutex.locked { isIdle = false } }
    return try queue.pop()
  }

  /// Why the extractor ended early. Payloads landed before stay.
  var failure: (any Error)? {
    let error = mutex.locked { ended }
    return error is QueueCancelled ? nil : error
  }

  /// The checkpoint that holds once every payload of the run is settled; nil while the extraction goes on. One that
  /// failed after it has taken all it could has one too.
  var finalCheckpoint: (@Sendable (HighestValue?) -> Checkpoint)? { mutex.locked { checkpoint } }

  /// What the extractor put on record, once it is done.
  var notices: [String] { mutex.locked { said } }

  /// Ends the extraction and waits for its thread.
  func stop() {
    queue.cancel()
    thread?.join()
    thread = nil
  }
}
