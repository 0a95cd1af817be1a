// SPDX-License-Identifier: Apache-2.0

/// What became of the source records of a batch or run. The balance (guarantee G1) is enforced over these.
public struct Counters: Sendable, Equatable, Codable {
  public var read = 0
  public var inserted = 0
  public var updated = 0
  public var unchanged = 0
  /// Older than the row that stands.
  public var stale = 0
  /// Settled within the batch against another record of the same key.
  public var duplicate = 0
  /// Records by which the source announced a deletion.
  public var deleted = 0
  public var filtered = 0
  public var rejected = 0
  /// Records loaded with at least one note. Not part of the balance: they are counted as loaded too.
  public var noted = 0
  /// Rows removed because a complete source no longer has them. Not part of the balance: no record says so.
  public var vanished = 0
  /// Child rows written, counted apart from their records.
  public var children = 0

  public init() {}

  public var accountedFor: Int {
    inserted + updated + unchanged + stale + duplicate + deleted + filtered + rejected
  }

  public var isBalanced: Bool { read == accountedFor }

  public static func + (left: Counters, right: Counters) -> Counters {
    var sum = left
    sum.read += right.read
    sum.inserted += right.inserted
    sum.updated += right.updated
    sum.unchanged += right.unchanged
    sum.stale += right.stale
    sum.duplicate += right.duplicate
    sum.deleted += right.deleted
    sum.filtered += right.filtered
    sum.rejected += right.rejected
    sum.noted += right.noted
    sum.vanished += right.vanished
    sum.children += right.children
    return sum
  }
}
