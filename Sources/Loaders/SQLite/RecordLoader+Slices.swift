// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Records that take the place of a slice's rows.
extension RecordLoader {
  /// Rows that do not differ are left as they are, those of an entity without key apart: nothing tells them from each
  /// other.
  func placeInSlice(
    _ row: Int, _ ordinal: Int64, _ key: KeyDigest, of kind: RootKind
  ) throws(StageFailure) -> KeyOutcome? {
    guard let slices = kind.slices, slices.current?.isStale == false else { return .stale }
    let found = kind.hasKey ? try merge(row, ordinal, key, of: kind) : try append(row, ordinal, of: kind)
    guard let outcome = found else { return nil }
    if outcome != .stale { try slices.keep(rowid: kind.hasKey ? kind.lastRowid : database.lastRowid) }
    try slices.take(row, of: kind)
    return outcome
  }

  /// The row of a record's key was found, but for a record that does not stand.
  func forgetKept(_ row: Int, of kind: RootKind) throws(StageFailure) {
    guard let slices = kind.slices, let standing = try kind.writer.findStanding(row) else { return }
    let rowid = standing.integer(0)
    standing.reset()
    try slices.forget(rowid: rowid)
  }

  /// Lets the slices of records come, of which others stand for their keys.
  func takeSlices(of chunk: Chunk) throws(StageFailure) {
    let kind = kinds[chunk.kind]
    try kind.attach(chunk.table)
    for row in 0..<chunk.rows {
      try kind.slices?.enter(row, of: kind)
      try kind.slices?.take(row, of: kind)
    }
  }

  /// Removes what the slices that came no longer hold, once every record came.
  func removeRest() throws(StageFailure) {
    guard case .slices(let slices, _) = destination else { return }
    let told: (String, String) -> Void = { [self] entity, key in
      guard changes.count < 10_000 else { return }
      changes.append(RowChange(ordinal: 0, entity: entity, key: key, outcome: "vanished", fields: []))
    }
    counters.vanished += try slices.removeRest(telling: batch.isDryRun ? told : nil)
  }

  func rejectForeign(_ row: Int, of kind: RootKind) {
    let field = kind.writer.fields[kind.writer.keys[0]]
    reject(
      row,
      Failure(
        row: row, rule: "key.other_pipeline", field: field.name,
        value: String(kind.writer.keyText(row).prefix(80)),
        message: "another pipeline loaded the row of '\(kind.writer.layout.name)' with this key",
        personal: field.personal))
  }
}

extension RecordLoader.Destination {
  var isSettled: Bool {
    switch self {
    case .publish: true
    case .slices(_, let isSettled): isSettled
    case .append, .merge, .stage: false
    }
  }

  func slices(of kind: LoadKind) -> EntitySlices? {
    guard case .slices(let slices, _) = self else { return nil }
    return slices.entities.first { $0.entity.name == kind.entity.name }
  }
}
