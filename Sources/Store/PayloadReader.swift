// SPDX-License-Identifier: Apache-2.0

import Crypto
import Diagnostics
import Glibc

/// Reads one payload's bytes, from the landing zone or while they land. Used by one thread at a time, except
/// ``cancel()``. What it gives was checked against the checksums.
public final class PayloadReader: @unchecked Sendable {
  private enum Source {
    case landed(LandedFile)
    case following(PayloadChannel)
  }

  private let source: Source
  private var nextFrame = 0
  private var held: PayloadBlock?
  private var unread = UnsafeRawBufferPointer(start: nil, count: 0)

  init(_ file: LandedFile) { source = .landed(file) }
  init(following channel: PayloadChannel) { source = .following(channel) }

  deinit { cancel() }

  /// Bytes of the payload; nil while it lands.
  public var bytes: Int64? {
    guard case .landed(let file) = source else { return nil }
    return Int64(file.ending.bytes)
  }

  /// The next bytes in order, at most a mebibyte, valid until the next call; nil at the end.
  ///
  /// - Throws: a ``StageFailure`` (74) when the landed file is damaged, or what the writer failed with.
  public func nextBlock() throws(StageFailure) -> UnsafeRawBufferPointer? {
    if !unread.isEmpty {
      defer { unread = UnsafeRawBufferPointer(start: nil, count: 0) }
      return unread
    }
    switch source {
    case .following(let channel):
      held = nil
      held = try channel.take()
      return held?.bytes
    case .landed(let file):
      guard nextFrame < file.ending.frames.count else { return nil }
      nextFrame += 1
      return try file.block(nextFrame - 1)
    }
  }

  /// Fills `bytes` from its beginning and answers how many came: 0 only at the end (or for no room).
  public func read(into bytes: UnsafeMutableRawBufferPointer) throws(StageFailure) -> Int {
    guard !bytes.isEmpty else { return 0 }
    if unread.isEmpty {
      guard let block = try nextBlock() else { return 0 }
      unread = block
    }
    let count = min(bytes.count, unread.count)
    bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: unread[..<count]))
    unread = UnsafeRawBufferPointer(rebasing: unread[count...])
    return count
  }

  /// The bytes from an offset on, fewer where the payload ends before; does not move the sequential reading.
  ///
  /// - Throws: a ``StageFailure`` (74) when the file is damaged; (70) while the payload lands.
  public func read(offset: Int64, length: Int) throws(StageFailure) -> [UInt8] {
    guard case .landed(let file) = source else {
      throw StageFailure(
        id: "store.still-landing", "bytes at an offset were asked of a payload that still lands",
        help: "this is a bug of the program: please report it", exit: .bug)
    }
    guard !unread.isEmpty else { return try file.read(offset: offset, length: length) }
    // The frame being read sequentially is in the file's buffer: another reader leaves it alone.
    return try LandedFile(file.path, digest: file.digest).read(offset: offset, length: length)
  }

  /// Gives up following: a waiting writer goes on, a waiting read throws. Safe from any thread, at any time.
  public func cancel() {
    if case .following(let channel) = source { channel.cancel() }
  }
}

/// One file of the landing zone, opened and its ending checked.
final class LandedFile {
  let path: String
  let digest: String
  let ending: LandingFormat.Trailer
  private let file: StoreFile
  private let offsets: [UInt64]
  private let decompressor: Decompressor
  private let frame: UnsafeMutableRawBufferPointer
  private let memory: UnsafeMutableRawBufferPointer

  init(_ path: String, digest: String) throws(StageFailure) {
    self.path = path
    self.digest = digest
    file = try StoreFile(path, O_RDONLY)
    let size = try file.size()
    ending = try Self.readEnding(file, size: size)
    guard hexadecimal(ending.digest) == digest else {
      throw .landingDamaged(path, "it holds the payload \(hexadecimal(ending.digest).prefix(12))")
    }
    var offset = UInt64(LandingFormat.headerSize)
    offsets = ending.frames.map { frame in
      defer { offset += UInt64(frame.stored) }
      return offset
    }
    guard let decompressor = Decompressor() else {
      throw .storage("read", path, ENOMEM)
    }
    self.decompressor = decompressor
    let largest = ending.frames.map { Int($0.stored) }.max() ?? 0
    frame = .allocate(byteCount: max(largest, 1), alignment: 16)
    memory = .allocate(byteCount: max(Int(ending.frames.first?.bytes ?? 1), 1), alignment: 16)
  }

  deinit {
    frame.deallocate()
    memory.deallocate()
  }

  /// The uncompressed bytes of a frame, valid until the next call.
  func block(_ index: Int) throws(StageFailure) -> UnsafeRawBufferPointer {
    let entry = ending.frames[index]
    let stored = UnsafeMutableRawBufferPointer(rebasing: frame[..<Int(entry.stored)])
    guard try file.read(stored, at: offsets[index]),
      XXHash64.hash(UnsafeRawBufferPointer(stored), seed: UInt64(index)) == entry.checksum
    else { throw .landingDamaged(path, "frame \(index + 1) does not match its checksum") }
    let block = UnsafeMutableRawBufferPointer(rebasing: memory[..<Int(entry.bytes)])
    guard decompressor.fill(block, from: UnsafeRawBufferPointer(stored)) else {
      throw .landingDamaged(path, "frame \(index + 1) cannot be decompressed")
    }
    return UnsafeRawBufferPointer(block)
  }

  func read(offset: Int64, length: Int) throws(StageFailure) -> [UInt8] {
    guard offset >= 0, length > 0, UInt64(offset) < ending.bytes else { return [] }
    let end = min(UInt64(offset) + UInt64(length), ending.bytes)
    var at = UInt64(offset)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(end - at))
    while at < end {
      let index = Int(at) / LandingFormat.frameSize
      let start = Int(at) % LandingFormat.frameSize
      let block = try block(index)
      let count = min(block.count - start, Int(end - at))
      bytes.append(contentsOf: block[start..<(start + count)])
      at += UInt64(count)
    }
    return bytes
  }

  /// Reads everything and compares the SHA-256.
  func verify() throws(StageFailure) {
    var sha256 = SHA256()
    for index in ending.frames.indices { sha256.update(bufferPointer: try block(index)) }
    guard Array(sha256.finalize()) == ending.digest else {
      throw .landingDamaged(path, "its bytes do not match its SHA-256")
    }
  }

  private static func readEnding(_ file: StoreFile, size: UInt64) throws(StageFailure)
    -> LandingFormat.Trailer
  {
    let fixed = UInt64(LandingFormat.headerSize + LandingFormat.trailerSize)
    guard size >= fixed else { throw .landingDamaged(file.path, "it has only \(size) bytes") }
    switch try bytes(file, at: 0, count: LandingFormat.headerSize).withUnsafeBytes({
      LandingFormat.inspect(header: $0)
    }) {
    case .good: break
    case .damaged(let fact): throw .landingDamaged(file.path, fact)
    case .newer(let version):
      throw StageFailure(
        id: "store.landing-newer", "the landed payload has format \(version); this program reads format 1",
        at: file.path, help: "use the program version that landed it, or a later one", exit: .files)
    case .encrypted:
      throw StageFailure(
        id: "store.landing-encrypted", "the landed payload is encrypted", at: file.path,
        help: "use a program version that has keys", exit: .files)
    }
    let trailer = try bytes(
      file, at: size - UInt64(LandingFormat.trailerSize), count: LandingFormat.trailerSize)
    let count = trailer.withUnsafeBytes { LandingFormat.frameCount(trailer: $0, fileSize: size) }
    guard let count else { throw .landingDamaged(file.path, "it does not end as one") }
    let length = count * LandingFormat.entrySize + LandingFormat.trailerSize
    let ending = try bytes(file, at: size - UInt64(length), count: length)
    guard let parsed = ending.withUnsafeBytes({ LandingFormat.parse(ending: $0, frames: count) }) else {
      throw .landingDamaged(file.path, "its index does not match its checksum")
    }
    return parsed
  }

  private static func bytes(_ file: StoreFile, at offset: UInt64, count: Int) throws(StageFailure)
    -> [UInt8]
  {
    var bytes = [UInt8](repeating: 0, count: count)
    let outcome: Result<Bool, StageFailure> = bytes.withUnsafeMutableBytes { buffer in
      Result { () throws(StageFailure) in try file.read(buffer, at: offset) }
    }
    guard try outcome.get() else { throw .landingDamaged(file.path, "it ends too early") }
    return bytes
  }
}
