// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records

/// The decode thread of one pass: payload bytes in, chunks out through a short queue.
final class DecodingThread: @unchecked Sendable {
  let queue = BoundedQueue<Chunk>(depth: 4)
  let pool: ChunkPool
  private let plan: Plan
  private let request: BatchWorker.Request
  private let late: LateValues?
  private let read: ReadBytes
  private var thread: WorkerThread?
  private var blocks: (any PayloadBlocks)?
  private let mutex = Mutex()
  private var isStopped = false
  private var outcome: RecordFlow.Result?

  init(_ plan: Plan, _ request: BatchWorker.Request, late: LateValues?, counting read: ReadBytes) {
    self.plan = plan
    self.read = read
    self.request = request
    self.late = late
    pool = ChunkPool(plan.decode)
    thread = WorkerThread { [self] in decode() }
  }

  private func decode() {
    do {
      let blocks = try request.open()
      mutex.locked {
        self.blocks = blocks
        if isStopped { blocks.cancel() }
      }
      let flow = try RecordFlow(
        plan, facts: request.facts, only: request.only, limit: request.limit, pool: pool,
        deliver: { [queue] chunk in try queue.push(chunk) })
      outcome = try flow.run(
        { [read] in
          let block = try blocks.next()
          read.add(block?.count ?? 0)
          return block
        }, late: late)
      queue.finish()
    } catch {
      queue.finish(with: error)
    }
  }

  /// What the pass gave; called once, after the queue ended.
  func result() throws -> RecordFlow.Result {
    join()
    guard let outcome else { throw QueueCancelled() }
    return outcome
  }

  /// Ends the pass early, from the load thread.
  func stop() {
    queue.cancel()
    mutex.locked {
      isStopped = true
      blocks?.cancel()
    }
    join()
  }

  private func join() {
    thread?.join()
    thread = nil
  }
}
