// SPDX-License-Identifier: Apache-2.0

import Crypto
import Diagnostics
import Glibc

/// What the landing zone says of a payload once it is durable.
public struct LandedPayload: Sendable, Equatable {
  /// SHA-256 of the bytes, in 64 hexadecimal digits.
  public var digest: String
  /// Bytes as received.
  public var bytes: Int64
  /// Bytes on disk.
  public var storedBytes: Int64
}

/// Lands one payload. Used by one thread at a time, on which it compresses and digests; dropped without
/// ``finish()`` it leaves nothing behind.
public final class PayloadWriter: @unchecked Sendable {
  private enum State { case writing, finished, discarded }

  private let zone: LandingZone
  private let file: StoreFile
  private let compressor: Compressor
  private var sha256 = SHA256()
  private var frames: [LandingFormat.Frame] = []
  private var bytes: UInt64 = 0
  private var stored: UInt64 = 0
  private var state = State.writing
  private var channels: [PayloadChannel] = []
  private var block = PayloadBlock()
  /// Blocks lent to followers; one that nobody reads any more is used again.
  private var lent: [PayloadBlock] = []

  init(zone: LandingZone) throws(StageFailure) {
    guard let compressor = Compressor() else { throw Self.noMemory }
    self.zone = zone
    self.compressor = compressor
    try step("landing.create")
    file = try zone.makeTemporaryFile()
    do throws(StageFailure) {
      try write(LandingFormat.header())
    } catch {
      discard(because: error)
      throw error
    }
  }

  deinit { discard() }

  /// A reader that gets the bytes from the first on while they arrive, for another thread.
  ///
  /// It ends when ``finish()`` made the payload durable and throws when the payload is discarded. The writer
  /// waits while the follower is 4 MiB behind, until it reads, is cancelled or goes away.
  ///
  /// Call it before the first mebibyte is full.
  public func makeFollower() -> PayloadReader {
    precondition(frames.isEmpty && state == .writing, "followers are made before the first bytes")
    let channel = PayloadChannel()
    channels.append(channel)
    return PayloadReader(following: channel)
  }

  /// Adds bytes.
  ///
  /// - Throws: a ``StageFailure`` (74); the payload is discarded then.
  public func append(_ piece: UnsafeRawBufferPointer) throws(StageFailure) {
    precondition(state == .writing, "bytes for a payload that has ended")
    var rest = piece
    while !rest.isEmpty {
      let taken = min(rest.count, LandingFormat.frameSize - block.count)
      UnsafeMutableRawBufferPointer(rebasing: block.memory[block.count...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<taken]))
      block.count += taken
      rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
      if block.count == LandingFormat.frameSize { try ending(onFailure: sealBlock) }
    }
  }

  /// Ends the payload and makes it durable: file, then name, then folders.
  ///
  /// - Throws: a ``StageFailure`` (74); the payload is discarded then.
  public func finish() throws(StageFailure) -> LandedPayload {
    precondition(state == .writing, "a payload ends once")
    var landed: LandedPayload?
    try ending { () throws(StageFailure) in landed = try makeDurable() }
    state = .finished
    for channel in channels { channel.finish() }
    guard let landed else { throw Self.noMemory }
    return landed
  }

  /// Drops the payload. Does nothing once it has ended.
  public func discard() { discard(because: Self.discarded) }

  private func makeDurable() throws(StageFailure) -> LandedPayload {
    if block.count > 0 { try sealBlock() }
    let digest = Array(sha256.finalize())
    try step("landing.end")
    try write(LandingFormat.ending(.init(frames: frames, bytes: bytes, digest: digest)))
    try step("landing.sync")
    try file.sync()
    try zone.adopt(file, digest: hexadecimal(digest), bytes: bytes)
    return LandedPayload(digest: hexadecimal(digest), bytes: Int64(bytes), storedBytes: Int64(stored))
  }

  private func sealBlock() throws(StageFailure) {
    sha256.update(bufferPointer: block.bytes)
    guard let frame = compressor.frame(block.bytes) else { throw Self.noMemory }
    // Followers may begin before the frame is on disk: they learn of a failure before the end.
    let checksum = XXHash64.hash(frame, seed: UInt64(frames.count))
    frames.append(.init(stored: UInt32(frame.count), bytes: UInt32(block.count), checksum: checksum))
    bytes += UInt64(block.count)
    for channel in channels { channel.put(block) }
    try step("landing.write")
    try write(frame)
    block = nextBlock()
  }

  private func nextBlock() -> PayloadBlock {
    guard channels.isEmpty else {
      lent.append(block)
      guard let free = lent.indices.first(where: { isKnownUniquelyReferenced(&lent[$0]) }) else {
        return PayloadBlock()
      }
      let block = lent.remove(at: free)
      block.count = 0
      return block
    }
    block.count = 0
    return block
  }

  private func write(_ bytes: [UInt8]) throws(StageFailure) {
    let outcome: Result<Void, StageFailure> = bytes.withUnsafeBytes { buffer in
      Result { () throws(StageFailure) in try file.write(buffer) }
    }
    try outcome.get()
    stored += UInt64(bytes.count)
  }

  private func write(_ frame: UnsafeRawBufferPointer) throws(StageFailure) {
    try file.write(frame)
    stored += UInt64(frame.count)
  }

  private func ending(onFailure body: () throws(StageFailure) -> Void) throws(StageFailure) {
    do throws(StageFailure) {
      try body()
    } catch {
      discard(because: error)
      throw error
    }
  }

  private func discard(because failure: StageFailure) {
    guard state == .writing else { return }
    state = .discarded
    unlink(file.path)
    for channel in channels { channel.fail(failure) }
  }

  private static let discarded = StageFailure(
    id: "store.payload-discarded", "the payload was dropped before it was complete",
    help: "nothing to do: it is extracted again", exit: .tryAgain, isTransient: true)
  private static let noMemory = StageFailure(
    id: "store.no-memory", "zstd got no memory", help: "free memory and run again", exit: .storage,
    isTransient: true)
}
