// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Records
import Synchronization
import Testing

@testable import Store

@Suite(.timeLimit(.minutes(1))) struct FollowerTests {
  let temporary: TemporaryHome
  let zone: LandingZone

  init() throws {
    temporary = try TemporaryHome()
    zone = try LandingZone(home: temporary.home)
  }

  @Test("gives the payload's bytes while they land, and ends when it is durable")
  func follows() throws {
    let bytes = sampleBytes(7 << 20)
    let writer = try zone.makeWriter()
    let reading = Reading(writer.makeFollower())
    try write(bytes, to: writer)
    let landed = try writer.finish()
    #expect(try reading.result().get() == bytes)
    #expect(zone.contains(landed.digest))
  }

  @Test("gives an empty payload as an end at once")
  func empty() throws {
    let writer = try zone.makeWriter()
    let reading = Reading(writer.makeFollower())
    _ = try writer.finish()
    #expect(try reading.result().get() == [])
  }

  @Test("hands over the first mebibyte before the payload has ended")
  func early() throws {
    let writer = try zone.makeWriter()
    let follower = writer.makeFollower()
    try write(sampleBytes(1 << 20), to: writer)
    #expect(try follower.nextBlock()?.count == 1 << 20)
    writer.discard()
  }

  @Test(
    "fails with the writer when the payload is discarded or its writer goes away", arguments: [true, false])
  func discarded(isExplicit: Bool) throws {
    var writer: PayloadWriter? = try zone.makeWriter()
    let reading = try Reading(#require(writer).makeFollower())
    try write(sampleBytes(100), to: #require(writer))
    if isExplicit { writer?.discard() } else { writer = nil }
    guard case .failure(let error) = reading.result() else { return #expect(Bool(false), "it must fail") }
    #expect((error as? StageFailure)?.id == "store.payload-discarded")
  }

  @Test("does not hold up a writer whose follower went away or was cancelled", arguments: [true, false])
  func abandoned(isCancelled: Bool) throws {
    let writer = try zone.makeWriter()
    var follower: PayloadReader? = writer.makeFollower()
    if isCancelled { follower?.cancel() } else { follower = nil }
    let bytes = sampleBytes(8 << 20)
    try write(bytes, to: writer)
    #expect(try zone.bytes(try writer.finish().digest) == bytes)
    withExtendedLifetime(follower) {}
  }

  @Test("lets a writer that waits for its follower go on when another thread cancels it")
  func cancelledWhileFull() throws {
    let writer = try zone.makeWriter()
    let follower = writer.makeFollower()
    let full = PayloadChannel.capacity << 20
    try write(sampleBytes(full), to: writer)
    let writing = Working { try write(sampleBytes(2 << 20), to: writer) }
    follower.cancel()
    try writing.result().get()
    #expect(failure { _ = try follower.nextBlock() }?.id == "store.follow-cancelled")
    #expect(try writer.finish().bytes == Int64(full + (2 << 20)))
  }

  @Test("keeps at most four mebibytes waiting for a slow follower")
  func backPressure() throws {
    let writer = try zone.makeWriter()
    let follower = writer.makeFollower()
    let written = Mutex(0)
    let writing = Working {
      for _ in 0..<10 {
        try write(sampleBytes(1 << 20), to: writer)
        written.withLock { $0 += 1 }
      }
    }
    for read in 0..<10 {
      #expect(try follower.nextBlock()?.count == 1 << 20)
      // What was written is at most what was read, what waits, and the one just being handed over.
      #expect(written.withLock { $0 } <= read + 1 + PayloadChannel.capacity + 1)
    }
    try writing.result().get()
    _ = try writer.finish()
  }

  @Test("serves several followers")
  func several() throws {
    let bytes = sampleBytes(3 << 20)
    let writer = try zone.makeWriter()
    let readings = (0..<3).map { _ in Reading(writer.makeFollower()) }
    try write(bytes, to: writer)
    _ = try writer.finish()
    for reading in readings { #expect(try reading.result().get() == bytes) }
  }
}

private func write(_ bytes: [UInt8], to writer: PayloadWriter) throws {
  for start in stride(from: 0, to: bytes.count, by: 300_000) {
    try bytes[start..<min(start + 300_000, bytes.count)].withUnsafeBytes { try writer.append($0) }
  }
}

/// Work on a thread of its own, with its outcome.
private final class Working<Value: Sendable>: @unchecked Sendable {
  private let done = DispatchSemaphore(value: 0)
  private var outcome: Result<Value, any Error>?

  init(_ work: @escaping @Sendable () throws -> Value) {
    Thread.detachNewThread { [self] in
      outcome = Result(catching: work)
      done.signal()
    }
  }

  func result() -> Result<Value, any Error> {
    done.wait()
    defer { done.signal() }
    return outcome ?? .failure(CocoaError(.featureUnsupported))
  }
}

private func Reading(_ reader: PayloadReader) -> Working<[UInt8]> { Working { try reader.readAll() } }
