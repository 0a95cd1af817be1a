// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Removes rows of the entities that a pipeline feeds, with everything below them.
struct PipelineRows {
  let plan: LoadPlan
  let database: SQLiteDatabase

  /// Removes root rows that meet a condition with one parameter, from every entity the pipeline feeds.
  ///
  /// - Returns: how many root rows were removed.
  @discardableResult
  func delete(where condition: String, _ value: String) throws(StageFailure) -> Int {
    var removed = 0
    var done: Set<String> = []
    for kind in plan.kinds where done.insert(kind.entity.name).inserted {
      removed += try delete(kind.entity, where: condition, value)
    }
    return removed
  }

  func delete(_ root: EntitySchema, where condition: String, _ value: String) throws(StageFailure) -> Int {
    let layout = try TableLayout(root, among: plan.entities)
    let identity = layout.identity.map(quoted).joined(separator: ", ")
    for entity in descendants(of: root.name) where try database.hasTable(entity) {
      let delete = try database.prepare(
        "DELETE FROM \(quoted(entity)) WHERE (\(identity)) IN "
          + "(SELECT \(identity) FROM \(quoted(root.name)) WHERE \(condition))")
      delete.bind(value, at: 1)
      try delete.run()
    }
    let delete = try database.prepare("DELETE FROM \(quoted(root.name)) WHERE \(condition)")
    delete.bind(value, at: 1)
    try delete.run()
    return database.changes
  }

  private func descendants(of name: String) -> [String] {
    let children = plan.entities.values.filter { $0.parent == name }.map(\.name).sorted()
    return children + children.flatMap { descendants(of: $0) }
  }
}
