// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// The digests that a rule has met in a batch: in memory up to a limit, from there on in temporary files.
final class DigestSet {
  /// Two mebibytes of slots.
  static let usualLimit = 1 << 16

  private static let free = KeyDigest(high: 0, low: 0)

  private let limit: Int
  private var count = 0
  /// By open addressing; at most half of the slots are taken.
  private var slots: UnsafeMutablePointer<KeyDigest>
  private var mask: Int
  private var runs: DigestRuns?

  init(limit: Int = usualLimit) {
    self.limit = limit
    mask = 1023
    slots = .allocate(capacity: 1024)
    slots.initialize(repeating: Self.free, count: 1024)
  }

  deinit { slots.deallocate() }

  /// - Returns: false when the digest was there.
  /// - Throws: where a temporary file cannot be made, read or written.
  func insert(_ digest: KeyDigest) throws(StageFailure) -> Bool {
    // The digest that marks a free slot takes its neighbour's place.
    let digest = digest == Self.free ? KeyDigest(high: 0, low: 1) : digest
    var at = slot(of: digest)
    if slots[at] == digest { return false }
    do throws(TemporaryFileFailure) {
      var known = Self.free
      if let runs, try runs.find(digest, into: &known) { return false }
      if count >= limit {
        try spill()
        at = slot(of: digest)
      }
    } catch {
      throw .temporaryFile(error, rule: "unique")
    }
    slots[at] = digest
    count += 1
    if count * 2 > mask { grow() }
    return true
  }

  private func slot(of digest: KeyDigest) -> Int {
    var at = Int(truncatingIfNeeded: digest.low) & mask
    while slots[at] != Self.free, slots[at] != digest { at = (at + 1) & mask }
    return at
  }

  private func spill() throws(TemporaryFileFailure) {
    let runs = self.runs ?? DigestRuns(entryBytes: MemoryLayout<KeyDigest>.stride)
    self.runs = runs
    var gathered = 0
    for index in 0...mask where slots[index] != Self.free {
      slots[gathered] = slots[index]
      gathered += 1
    }
    try runs.add(slots, count: gathered)
    slots.update(repeating: Self.free, count: mask + 1)
    count = 0
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

extension StageFailure {
  /// - Parameter rule: the key of the rule that needs the file.
  static func temporaryFile(_ failure: TemporaryFileFailure, rule: String) -> StageFailure {
    StageFailure(
      id: "validate.temporary-file",
      "cannot \(failure.action) the temporary file that a '\(rule)' rule needs in a large batch: "
        + failure.cause,
      help: "free space in the folder for temporary files, or name another by TMPDIR, then run again",
      exit: .storage)
  }
}
