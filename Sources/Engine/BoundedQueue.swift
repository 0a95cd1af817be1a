// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A blocking queue of a few chunks between the decode thread and the load thread.
///
/// Ended by either side: the producer when there is no more (``finish(with:)``), the consumer when it wants no more
/// (``cancel()``). Nobody waits on an ended queue.
final class BoundedQueue<Element>: @unchecked Sendable {
  private let mutex = Mutex()
  private var elements: [Element] = []
  private let depth: Int
  private var isFinished = false
  private var isCancelled = false
  private var failure: (any Error)?

  init(depth: Int) { self.depth = depth }

  /// Adds an element, waiting for room.
  ///
  /// - Throws: ``QueueCancelled`` when the consumer wants no more.
  func push(_ element: Element) throws {
    try mutex.locked {
      while elements.count >= depth, !isCancelled { mutex.wait() }
      if isCancelled { throw QueueCancelled() }
      elements.append(element)
      mutex.wakeAll()
    }
  }

  /// The next element, or nil when the producer finished.
  ///
  /// - Parameter check: called a few times per second while nothing is there; ends the waiting by throwing.
  /// - Throws: the producer's failure, once everything before it was taken; what `check` throws.
  func pop(checking check: (() throws -> Void)? = nil) throws -> Element? {
    try mutex.locked {
      while elements.isEmpty, !isFinished {
        guard let check else {
          mutex.wait()
          continue
        }
        try check()
        mutex.wait(seconds: 0.25)
      }
      if let element = elements.first {
        elements.removeFirst()
        mutex.wakeAll()
        return element
      }
      if let failure { throw failure }
      return nil
    }
  }

  /// Whether the consumer wants no more.
  var isEnded: Bool { mutex.locked { isCancelled } }

  func finish(with failure: (any Error)? = nil) {
    mutex.locked {
      isFinished = true
      self.failure = failure
      mutex.wakeAll()
    }
  }

  func cancel() {
    mutex.locked {
      isCancelled = true
      elements.removeAll()
      mutex.wakeAll()
    }
  }
}

/// Tells a producer that nobody takes its chunks any more; never shown to a person.
struct QueueCancelled: Error {}

/// A mutex with its one condition: `wait` releases it, `wakeAll` wakes every waiter.
final class Mutex: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  func wait() { pthread_cond_wait(condition, mutex) }

  /// Waits at most so long; spurious returns are the caller's to expect.
  func wait(seconds: Double) {
    var until = timespec()
    clock_gettime(CLOCK_REALTIME, &until)
    let nanoseconds = Double(until.tv_nsec) + seconds * 1e9
    until.tv_sec += Int(nanoseconds / 1e9)
    until.tv_nsec = Int(nanoseconds.truncatingRemainder(dividingBy: 1e9))
    pthread_cond_timedwait(condition, mutex, &until)
  }

  func wakeAll() { pthread_cond_broadcast(condition) }
}
