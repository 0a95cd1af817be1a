// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Records

@Suite("Digests in temporary files")
struct DigestRunsTests {
  private struct Entry: BitwiseCopyable, Equatable {
    var digest: KeyDigest
    var value: Int
  }

  private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 29
    }
  }

  private func add(_ entries: [Entry], to runs: DigestRuns) throws {
    try entries.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { try runs.add(base, count: entries.count) }
    }
  }

  private func find(_ digest: KeyDigest, in runs: DigestRuns) throws -> Int? {
    var entry = Entry(digest: KeyDigest(high: 0, low: 0), value: 0)
    guard try runs.find(digest, into: &entry) else { return nil }
    #expect(entry.digest == digest)
    return entry.value
  }

  /// How the high words of digests lie: evenly as they should, all the same, or in a far corner.
  @Test("of entries added over and over the last stands, and no other is found", arguments: [0, 1, 2])
  func lastStands(shape: Int) throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = Random(state: seed)
    let runs = DigestRuns(entryBytes: MemoryLayout<Entry>.stride)
    var standing: [KeyDigest: Int] = [:]
    for round in 0..<150 {
      var batch: [KeyDigest: Int] = [:]
      for number in 0..<40 {
        let high =
          switch shape {
          case 0: UInt64(random.next() % 2000) << 52 | 77
          case 1: UInt64(5)
          default: UInt64.max - random.next() % 3
          }
        batch[KeyDigest(high: high, low: random.next() % 2000)] = round * 100 + number
      }
      try add(batch.map { Entry(digest: $0.key, value: $0.value) }, to: runs)
      standing.merge(batch) { $1 }
    }
    for (digest, value) in standing { #expect(try find(digest, in: runs) == value, "seed \(seed)") }
    for digest in standing.keys {
      let strange = KeyDigest(high: digest.high, low: digest.low + 2000)
      #expect(try find(strange, in: runs) == nil, "seed \(seed)")
    }
  }

  @Test("finds the least and the greatest digest, and nothing in nothing")
  func ends() throws {
    let runs = DigestRuns(entryBytes: MemoryLayout<Entry>.stride)
    let least = KeyDigest(high: 0, low: 0)
    let greatest = KeyDigest(high: .max, low: .max)
    try add([], to: runs)
    #expect(try find(least, in: runs) == nil)
    try add([Entry(digest: greatest, value: 2), Entry(digest: least, value: 1)], to: runs)
    #expect(try find(least, in: runs) == 1)
    #expect(try find(greatest, in: runs) == 2)
    #expect(try find(KeyDigest(high: 0, low: 1), in: runs) == nil)
  }

  @Test("the filter knows whatever was added, and few of four million besides")
  func filter() {
    let filter = DigestFilter()
    var random = Random(state: 1)
    let known = (0..<400_000).map { _ in KeyDigest(high: random.next(), low: random.next()) }
    for digest in known { filter.add(digest) }
    #expect(known.allSatisfy { filter.mayHold($0) })
    let strange = (0..<100_000).count { _ in
      filter.mayHold(KeyDigest(high: random.next(), low: random.next()))
    }
    #expect(strange < 100)
  }
}
