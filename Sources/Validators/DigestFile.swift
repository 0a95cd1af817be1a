// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc
import Records

/// A set of digests in a temporary file that has no name: it vanishes with the process, however that ends.
///
/// A table by open addressing, read and written in blocks of one page; the file grows fourfold when half of
/// its slots are taken. Slots of zeros are free.
final class DigestFile {
  private static let blockSlots = 256

  private var descriptor: Int32
  private var blocks: Int
  private var count = 0
  private var block: UnsafeMutablePointer<KeyDigest>

  private static let free = KeyDigest(high: 0, low: 0)
  private static let blockBytes = blockSlots * MemoryLayout<KeyDigest>.stride

  /// - Parameter blocks: a power of two.
  init(blocks: Int = 1 << 14) throws(StageFailure) {
    descriptor = try Self.open(blocks: blocks)
    self.blocks = blocks
    block = .allocate(capacity: Self.blockSlots)
    block.initialize(repeating: Self.free, count: Self.blockSlots)
  }

  deinit {
    close(descriptor)
    block.deallocate()
  }

  /// - Returns: false when the digest was there.
  func insert(_ digest: KeyDigest) throws(StageFailure) -> Bool {
    guard try Self.insert(digest, into: descriptor, blocks: blocks, block) else { return false }
    count += 1
    if count * 2 > blocks * Self.blockSlots { try grow() }
    return true
  }

  private func grow() throws(StageFailure) {
    let larger = try Self.open(blocks: blocks * 4)
    let page = UnsafeMutablePointer<KeyDigest>.allocate(capacity: Self.blockSlots)
    defer { page.deallocate() }
    do throws(StageFailure) {
      for number in 0..<blocks {
        try Self.read(descriptor, number, page)
        for slot in 0..<Self.blockSlots where page[slot] != Self.free {
          _ = try Self.insert(page[slot], into: larger, blocks: blocks * 4, block)
        }
      }
    } catch {
      close(larger)
      throw error
    }
    close(descriptor)
    descriptor = larger
    blocks *= 4
  }

  private static func insert(
    _ digest: KeyDigest, into file: Int32, blocks: Int, _ block: UnsafeMutablePointer<KeyDigest>
  ) throws(StageFailure) -> Bool {
    var number = Int(truncatingIfNeeded: digest.low >> 8) & (blocks - 1)
    var slot = Int(digest.low & 0xFF)
    while true {
      try read(file, number, block)
      // A block is searched to its end before the next one, so that most digests cost one read.
      for _ in 0..<blockSlots {
        if block[slot] == digest { return false }
        if block[slot] == free {
          try write(digest, file, number * blockSlots + slot)
          return true
        }
        slot = (slot + 1) % blockSlots
      }
      number = (number + 1) & (blocks - 1)
    }
  }

  private static func read(_ file: Int32, _ number: Int, _ block: UnsafeMutablePointer<KeyDigest>)
    throws(StageFailure)
  {
    var done = 0
    while done < blockBytes {
      let got = pread(
        file, UnsafeMutableRawPointer(block) + done, blockBytes - done, off_t(number * blockBytes + done))
      if got > 0 {
        done += got
      } else if got == 0 || errno != EINTR {
        throw failure("read", got == 0 ? EIO : errno)
      }
    }
  }

  private static func write(_ digest: KeyDigest, _ file: Int32, _ slot: Int) throws(StageFailure) {
    let size = MemoryLayout<KeyDigest>.stride
    var digest = digest
    while true {
      let put = withUnsafeBytes(of: &digest) { pwrite(file, $0.baseAddress, size, off_t(slot * size)) }
      if put == size { return }
      // A short write happens only where the disk is full; the next attempt says so.
      if put < 0, errno != EINTR { throw failure("write", errno) }
      if put >= 0 { throw failure("write", ENOSPC) }
    }
  }

  private static func open(blocks: Int) throws(StageFailure) -> Int32 {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var file: Int32 = -1
    repeat {
      let name = "\(folder)/terrace-unique-\(String(UInt64.random(in: .min ... .max), radix: 36))"
      file = Glibc.open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      if file >= 0 { unlink(name) }
    } while file < 0 && (errno == EEXIST || errno == EINTR)
    guard file >= 0 else { throw failure("make", errno) }
    guard ftruncate(file, off_t(blocks * blockBytes)) == 0 else {
      let code = errno
      close(file)
      throw failure("make", code)
    }
    return file
  }

  private static func failure(_ action: String, _ code: Int32) -> StageFailure {
    StageFailure(
      id: "validate.temporary-file",
      "cannot \(action) the temporary file that a 'unique' rule needs beyond a million records: "
        + String(cString: strerror(code)),
      help: "free space in the folder for temporary files, or name another by TMPDIR, then run again",
      exit: .storage)
  }
}
