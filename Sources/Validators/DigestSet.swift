// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// The digests that a rule has met in a batch: in memory up to a limit, from there on in a temporary file.
final class DigestSet {
  static let usualLimit = 1_000_000

  private static let free = KeyDigest(high: 0, low: 0)

  private let limit: Int
  private var count = 0
  /// By open addressing; at most half of the slots are taken.
  private var slots: UnsafeMutablePointer<KeyDigest>
  private var mask: Int
  private var file: DigestFile?

  init(limit: Int = usualLimit) {
    self.limit = limit
    mask = 1023
    slots = .allocate(capacity: 1024)
    slots.initialize(repeating: Self.free, count: 1024)
  }

  deinit { slots.deallocate() }

  /// - Returns: false when the digest was there.
  /// - Throws: where the temporary file cannot be made or written.
  func insert(_ digest: KeyDigest) throws(StageFailure) -> Bool {
    // The digest that marks a free slot takes its neighbour's place.
    let digest = digest == Self.free ? KeyDigest(high: 0, low: 1) : digest
    let at = slot(of: digest)
    if slots[at] == digest { return false }
    guard count >= limit else {
      slots[at] = digest
      count += 1
      if count * 2 > mask { grow() }
      return true
    }
    if let file { return try file.insert(digest) }
    let fresh = try DigestFile()
    file = fresh
    return try fresh.insert(digest)
  }

  private func slot(of digest: KeyDigest) -> Int {
    var at = Int(truncatingIfNeeded: digest.low) & mask
    while slots[at] != Self.free, slots[at] != digest { at = (at + 1) & mask }
    return at
  }

  private func grow() {
    let (old, oldCount) = (slots, mask + 1)
    mask = oldCount * 2 - 1
    slots = .allocate(capacity: oldCount * 2)
    slots.initialize(repeating: Self.free, count: oldCount * 2)
    for index in 0..<oldCount where old[index] != Self.free { slots[slot(of: old[index])] = old[index] }
    old.deallocate()
  }
}
