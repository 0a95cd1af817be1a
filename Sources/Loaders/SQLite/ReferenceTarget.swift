// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// A field of another entity that values must occur in. Remembers values it found, in a fixed amount of
/// memory.
final class ReferenceTarget {
  enum Finding { case found, missing, mayCome }

  let reference: EntityReference
  /// The batch itself may bring the rows that are referred to.
  let isFed: Bool
  /// Rows that stand may be gone after the batch, so that nothing is known before its end.
  private let mayLeave: Bool
  private let exists: SQLiteStatement?
  private let known: UnsafeMutablePointer<KeyDigest>
  private static let knownCount = 8192

  init(
    _ reference: EntityReference, isFed: Bool, mayLeave: Bool, database: SQLiteDatabase
  ) throws(StageFailure) {
    self.reference = reference
    self.isFed = isFed
    self.mayLeave = mayLeave
    let standing = try StandingTable(reference.entity, in: database)
    exists =
      standing.columns[reference.field.lowercased()] == nil
      ? nil
      : try database.prepare(
        "SELECT 1 FROM \(quoted(reference.entity)) WHERE \(quoted(reference.field)) = ?1 LIMIT 1")
    known = .allocate(capacity: Self.knownCount)
    known.initialize(repeating: KeyDigest(high: 0, low: 0), count: Self.knownCount)
  }

  deinit { known.deallocate() }

  func find(_ reader: ColumnReader, _ row: Int, _ scratch: CellText.Memory) throws(StageFailure) -> Finding {
    guard let exists else { return .missing }
    if mayLeave { return .mayCome }
    var hasher = KeyHasher()
    reader.hash(row, into: &hasher)
    let digest = hasher.finish()
    let slot = Int(truncatingIfNeeded: digest.low) & (Self.knownCount - 1)
    if known[slot] == digest { return .found }
    reader.bind(row, to: exists.handle, at: 1, scratch)
    if try exists.step() {
      exists.reset()
      known[slot] = digest
      return .found
    }
    return isFed ? .mayCome : .missing
  }
}

extension EntityReference {
  func missing(row: Int, field: String, value: String?, personal: PersonalClass) -> Failure {
    Failure(
      row: row, rule: "references.\(entity)", field: field, value: value.map { String($0.prefix(80)) },
      message: "no row of '\(entity)' has this value in '\(self.field)'", personal: personal)
  }
}
