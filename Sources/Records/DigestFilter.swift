// SPDX-License-Identifier: Apache-2.0

/// Tells of most digests that they were never added, in a fixed amount of memory: a Bloom filter whose bits of
/// one digest stand in one cache line.
///
/// Of four million digests it takes three of a hundred strange ones for known; beyond it takes more, and is
/// never wrong about one that was added.
struct DigestFilter: ~Copyable {
  private static let lines = 1 << 16
  private static let wordsPerLine = 8
  private static let bitsPerDigest = 5

  private let words: UnsafeMutablePointer<UInt64>

  init() {
    words = .allocate(capacity: Self.lines * Self.wordsPerLine)
    words.initialize(repeating: 0, count: Self.lines * Self.wordsPerLine)
  }

  deinit { words.deallocate() }

  @inline(__always)
  private func line(of digest: KeyDigest) -> UnsafeMutablePointer<UInt64> {
    words + Int(truncatingIfNeeded: digest.high & UInt64(Self.lines - 1)) * Self.wordsPerLine
  }

  func add(_ digest: KeyDigest) {
    let line = line(of: digest)
    var bits = digest.low
    for _ in 0..<Self.bitsPerDigest {
      line[Int(truncatingIfNeeded: bits & 7)] |= 1 << (bits >> 3 & 63)
      bits >>= 9
    }
  }

  func mayHold(_ digest: KeyDigest) -> Bool {
    let line = line(of: digest)
    var bits = digest.low
    for _ in 0..<Self.bitsPerDigest {
      if line[Int(truncatingIfNeeded: bits & 7)] & (1 << (bits >> 3 & 63)) == 0 { return false }
      bits >>= 9
    }
    return true
  }
}
