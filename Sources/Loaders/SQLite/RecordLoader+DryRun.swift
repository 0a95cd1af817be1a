// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// What a dry run tells of each row that it would change, up to ten thousand rows.
extension RecordLoader {
  func describe(
    _ outcome: KeyOutcome, _ row: Int, _ ordinal: Int64, of kind: RootKind, _ fields: [FieldChange]
  ) {
    guard batch.isDryRun, changes.count < 10_000 else { return }
    var fields = fields
    if outcome == .inserted {
      for field in kind.writer.table.fields
      where kind.writer.fields.contains(where: { $0.name == field.name }) {
        if let after = field.column.text(row) {
          fields.append(FieldChange(field: field.name, before: nil, after: after))
        }
      }
    }
    changes.append(
      RowChange(
        ordinal: ordinal, entity: kind.writer.layout.name, key: kind.writer.keyText(row),
        outcome: outcome == .inserted ? "inserted" : outcome == .deleted ? "deleted" : "updated",
        fields: fields))
  }

  func fieldChanges(
    _ row: Int, _ standing: SQLiteStatement, of kind: RootKind
  ) throws(StageFailure) -> [FieldChange] {
    let writer = kind.writer
    var fields: [FieldChange] = []
    for (index, field) in writer.fields.enumerated()
    where writer.readers[index].differs(
      row, from: standing.handle, at: Int32(index + 1), writer.scratch(index))
    {
      var before = standing.text(Int32(index + 1))
      if field.type == .boolean { before = before.map { $0 == "0" ? "false" : "true" } }
      fields.append(
        FieldChange(
          field: field.name, before: before,
          after: writer.table.fields.first { $0.name == field.name }?.column.text(row)))
    }
    for child in writer.children where try child.differs(below: row) {
      fields.append(
        FieldChange(
          field: child.layout.name, before: "\(try child.standingCount(of: row)) rows",
          after: "\(child.liveCount(below: row)) rows"))
    }
    return fields
  }
}
