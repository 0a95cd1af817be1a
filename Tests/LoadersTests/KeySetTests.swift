// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@testable import Loaders

@Suite("Keys of a batch")
struct KeySetTests {
  private func key(_ number: Int) -> KeyDigest {
    var hasher = KeyHasher()
    hasher.combine(Int128(number))
    return hasher.finish()
  }

  @Test("keeps the last record of a key with its text version, however many went to files before")
  func textVersions() throws {
    let keys = KeySet(limit: 50)
    // Twice each, and longer than what is held of versions in memory.
    for number in 0..<2400 {
      let entry = KeySet.Entry(
        key: key(number % 1200), content: UInt64(number), ordinal: Int64(number), outcome: .unchanged)
      var version = String(repeating: "v", count: 60) + "\(number)"
      try version.withUTF8 { try keys.store(entry, version: .text($0)) }
    }
    for number in 0..<1200 {
      let entry = try #require(try keys.find(key(number)))
      #expect(entry.ordinal == Int64(number + 1200) && entry.content == UInt64(number + 1200))
      #expect(entry.outcome == .unchanged)
      guard case .text(let bytes) = try keys.version(of: entry, isText: true) else {
        Issue.record("the version of key \(number) is gone")
        continue
      }
      #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("v\(number + 1200)"))
    }
    #expect(try keys.find(key(1200)) == nil)
  }

  @Test("of versions in files, none and numbers of any size come back as they were")
  func numberVersions() throws {
    let keys = KeySet(limit: 2)
    let numbers: [Int128?] = [nil, 0, -1, Int128(Int64.max) + 7, Int128(Int64.min) - 7, nil, 5]
    for (index, number) in numbers.enumerated() {
      let entry = KeySet.Entry(key: key(index), content: 0, ordinal: 1, outcome: .stale)
      try keys.store(entry, version: number.map { .number($0) } ?? .none)
    }
    for (index, number) in numbers.enumerated() {
      let version = try keys.version(of: try #require(try keys.find(key(index))), isText: false)
      #expect(version.compare(number.map { .number($0) } ?? .none) == 0, "key \(index)")
    }
  }
}
