// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// The groups of a `sums` rule by the digests of what their records share: in memory up to a limit, from there on in
/// temporary files. How much memory it takes does not grow beyond the limit.
final class SumGroups {
  /// Eight mebibytes of groups.
  static let usualLimit = 1 << 16

  private let limit: Int
  private var groups = GrowableBuffer<SumGroup>(capacity: 16)
  /// By open addressing: index + 1 into `groups`; 0 is free. At most half are taken.
  private var slots: UnsafeMutablePointer<UInt32>
  private var mask: Int
  private var runs: DigestRuns?

  init(limit: Int = usualLimit) {
    self.limit = max(limit, 1)
    mask = 31
    slots = .allocate(capacity: 32)
    slots.initialize(repeating: 0, count: 32)
  }

  deinit {
    groups.deallocate()
    slots.deallocate()
  }

  /// The group of a digest as far as it is in memory; a new one where it is not. Valid until the next call.
  func group(_ digest: KeyDigest) throws(StageFailure) -> UnsafeMutablePointer<SumGroup> {
    var at = slot(of: digest)
    if slots[at] != 0 { return groups.base + Int(slots[at] - 1) }
    if groups.count >= limit {
      try spill()
      at = slot(of: digest)
    }
    groups.append(SumGroup(digest))
    slots[at] = UInt32(truncatingIfNeeded: groups.count)
    if groups.count * 2 > mask { grow() }
    return groups.base + (groups.count - 1)
  }

  /// Adds a group whose digest is not there yet.
  func insert(_ group: SumGroup) throws(StageFailure) { try self.group(group.digest).pointee = group }

  /// Finds a group of which no two parts were spilled.
  func find(_ digest: KeyDigest) throws(StageFailure) -> SumGroup? {
    let at = slot(of: digest)
    if slots[at] != 0 { return groups[Int(slots[at] - 1)] }
    guard let runs else { return nil }
    var found = SumGroup(digest)
    do throws(TemporaryFileFailure) {
      return try runs.find(digest, into: &found) ? found : nil
    } catch {
      throw .temporaryFile(error, rule: "sums")
    }
  }

  /// Calls `body` with every group, whole.
  func forEach(_ body: (SumGroup) throws(StageFailure) -> Void) throws(StageFailure) {
    guard runs != nil else {
      for index in 0..<groups.count { try body(groups[index]) }
      return
    }
    try spill()
    var failure: StageFailure?
    do throws(TemporaryFileFailure) {
      try runs?.forEach { entry in
        guard failure == nil else { return }
        do throws(StageFailure) {
          try body(entry.loadUnaligned(as: SumGroup.self))
        } catch {
          failure = error
        }
      }
    } catch {
      throw .temporaryFile(error, rule: "sums")
    }
    if let failure { throw failure }
  }

  @inline(__always)
  private func slot(of digest: KeyDigest) -> Int {
    var at = Int(truncatingIfNeeded: digest.low) & mask
    while slots[at] != 0, groups.base[Int(slots[at] - 1)].digest != digest { at = (at + 1) & mask }
    return at
  }

  private func spill() throws(StageFailure) {
    let runs =
      self.runs
      ?? DigestRuns(entryBytes: MemoryLayout<SumGroup>.stride) { older, newer in
        older.assumingMemoryBound(to: SumGroup.self).pointee.combine(newer.loadUnaligned(as: SumGroup.self))
      }
    self.runs = runs
    do throws(TemporaryFileFailure) {
      try runs.add(groups.base, count: groups.count)
    } catch {
      throw .temporaryFile(error, rule: "sums")
    }
    groups.count = 0
    slots.update(repeating: 0, count: mask + 1)
  }

  private func grow() {
    let count = (mask + 1) * 2
    slots.deallocate()
    slots = .allocate(capacity: count)
    slots.initialize(repeating: 0, count: count)
    mask = count - 1
    for index in 0..<groups.count {
      slots[slot(of: groups[index].digest)] = UInt32(truncatingIfNeeded: index + 1)
    }
  }
}
