// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation

/// One mebibyte of a payload. Written by the writer until it is handed out, only read from then on.
final class PayloadBlock: @unchecked Sendable {
  let memory: UnsafeMutableRawBufferPointer
  var count = 0

  init() { memory = .allocate(byteCount: LandingFormat.frameSize, alignment: 16) }
  deinit { memory.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }
}

/// How blocks get from a writer to a follower on another thread. A full channel makes the writer wait; a
/// cancelled one takes everything and keeps nothing.
///
/// States and their exits: writing → finished | failed; from any of them → cancelled.
final class PayloadChannel: @unchecked Sendable {
  static let capacity = 4

  private enum Ending {
    case finished
    case failed(StageFailure)
  }

  private let condition = NSCondition()
  private var blocks: [PayloadBlock] = []
  private var ending: Ending?
  private var isCancelled = false

  func put(_ block: PayloadBlock) {
    condition.withLock {
      while blocks.count >= Self.capacity, !isCancelled { condition.wait() }
      guard !isCancelled else { return }
      blocks.append(block)
      condition.broadcast()
    }
  }

  /// The next block; nil at the end of a payload that is durable.
  func take() throws(StageFailure) -> PayloadBlock? {
    let outcome: Result<PayloadBlock?, StageFailure> = condition.withLock {
      while blocks.isEmpty, ending == nil, !isCancelled { condition.wait() }
      if isCancelled { return .failure(Self.cancelled) }
      if case .failed(let failure) = ending { return .failure(failure) }
      guard !blocks.isEmpty else { return .success(nil) }
      condition.broadcast()
      return .success(blocks.removeFirst())
    }
    return try outcome.get()
  }

  func finish() { end(.finished) }
  func fail(_ failure: StageFailure) { end(.failed(failure)) }

  func cancel() {
    condition.withLock {
      isCancelled = true
      blocks.removeAll()
      condition.broadcast()
    }
  }

  private func end(_ ending: Ending) {
    condition.withLock {
      if self.ending == nil { self.ending = ending }
      condition.broadcast()
    }
  }

  private static let cancelled = StageFailure(
    id: "store.follow-cancelled", "reading the payload while it landed was cancelled",
    help: "nothing to do: the payload is read again from the landing zone", exit: .interrupted,
    isTransient: true)
}
