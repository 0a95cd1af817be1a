// SPDX-License-Identifier: Apache-2.0

import Records

/// What a repository holds.
protocol Holdings: Sendable {
  var records: Int { get }
  var seed: UInt64 { get }
  /// Whether a record is one of the odd ones, which are neither changed nor deleted.
  func isOdd(_ ordinal: Int) -> Bool
  /// The sets that a record belongs to, by their specs.
  func sets(of ordinal: Int) -> [String]
  /// What stands within `metadata`, without line end.
  func metadata(_ ordinal: Int, edition: Int, in format: String) -> String
}

/// How a record stands on a day of the repository's clock.
struct RecordLife: Equatable {
  /// Seconds since 1970.
  var datestamp: Int64
  var isDeleted = false
  /// Grows with each change.
  var edition = 1
}

extension Holdings {
  /// One record of sixty was deleted before the first harvest. One of forty lives on: every three days it is changed,
  /// then deleted, then put back.
  func life(_ ordinal: Int, on day: Int) -> RecordLife {
    let draw = Draw(seed: seed, record: ordinal)
    let stamped = changeDay(seed: seed, record: ordinal)
    // Before eight, when harvests are.
    let second = Int64(draw.number("second", in: 0...28_000))
    var life = RecordLife(datestamp: Int64(stamped.days) * 86_400 + second)
    guard !isOdd(ordinal) else { return life }
    if ordinal % 60 == 11 { life.isDeleted = true }
    let phase = draw.number("phase", in: 0...2)
    if ordinal % 40 == 7, day >= phase {
      let changes = (day - phase) / 3 + 1
      let last = Int64(RepositoryClock.start.days) + Int64(phase + 3 * (changes - 1))
      life = RecordLife(
        datestamp: last * 86_400 + second, isDeleted: changes % 3 == 2, edition: 1 + changes)
    }
    return life
  }
}
