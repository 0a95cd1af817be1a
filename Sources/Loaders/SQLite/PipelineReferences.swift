// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// The references between rows that a pipeline feeds itself.
struct PipelineReferences {
  let plan: LoadPlan
  let database: SQLiteDatabase

  /// Counts those that lead nowhere now. Records with one that was missing before were kept out, so it is the run that
  /// took its row away; what is only noted where it is missing is not counted.
  ///
  /// - Parameter hasVanished: whether the run took any row away.
  func lost(after hasVanished: Bool) throws(StageFailure) -> [LostReferences] {
    guard hasVanished else { return [] }
    let fed = plan.fedEntities
    var lost: [LostReferences] = []
    var seen: Set<String> = []
    for kind in plan.kinds {
      for field in kind.entity.fields where kind.mapped.contains(field.name) {
        guard let target = field.references, fed.contains(target.entity),
          field.referenceRules.whenMissing == .reject,
          seen.insert("\(kind.entity.name).\(field.name)").inserted
        else { continue }
        let rows = try count(kind.entity.name, field.name, target)
        if rows > 0 {
          lost.append(LostReferences(entity: kind.entity.name, field: field.name, target: target, rows: rows))
        }
      }
    }
    return lost
  }

  private func count(_ entity: String, _ field: String, _ target: EntityReference) throws(StageFailure) -> Int
  {
    let count = try database.prepare(
      "SELECT count(*) FROM \(quoted(entity)) AS r WHERE r._pipeline = ?1 AND r.\(quoted(field)) IS NOT NULL "
        + "AND NOT EXISTS (SELECT 1 FROM \(quoted(target.entity)) AS t "
        + "WHERE t.\(quoted(target.field)) = r.\(quoted(field)))")
    count.bind(plan.pipeline, at: 1)
    guard try count.step() else { return 0 }
    defer { count.reset() }
    return Int(count.integer(0))
  }
}
