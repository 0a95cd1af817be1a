// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records

/// The decode thread of one pass: payload bytes in, chunks out through a short queue.
final class DecodingThread: @unchecked Sendable {
  private let queue = BoundedQueue<Chunk>(depth: 4)
  let pool: ChunkPool
  private let sessions: RecordSessions
  private let plan: Plan
  private let request: BatchWorker.Request
  private let earlier: RecordFlow.EarlierPasses
  private let read: ReadBytes
  private let pace: ArrivalPace
  private var thread: WorkerThread?
  private var blocks: (any PayloadBlocks)?
  private let mutex = Mutex()
  private var isStopped = false
  private var outcome: RecordFlow.Result?

  init(
    _ plan: Plan, _ request: BatchWorker.Request, earlier: RecordFlow.EarlierPasses, pool: ChunkPool,
    sessions: RecordSessions, counting read: ReadBytes, pace: ArrivalPace
  ) {
    self.plan = plan
    self.read = read
    self.pace = pace
    self.request = request
    self.earlier = earlier
    self.pool = pool
    self.sessions = sessions
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
        plan, facts: request.facts, only: request.only, limit: request.limit, earlier: earlier,
        pool: pool, sessions: sessions, deliver: { [queue] chunk in try queue.push(chunk) })
      outcome = try flow.run { [read, pace] in
        let block = try blocks.isArriving ? pace.next(of: blocks.next) : blocks.next()
        read.add(block?.count ?? 0)
        return block
      }
      queue.finish()
    } catch {
      queue.finish(with: error)
    }
  }

  /// The next chunk, or nil when the payload is through.
  ///
  /// - Throws: what the decode thread failed with; ``SourceIsSlow`` when the payload arrives too slowly.
  func next() throws -> Chunk? {
    let chunk = try queue.pop(checking: pace.check)
    try pace.check()
    return chunk
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
