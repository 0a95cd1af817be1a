// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// Keeps out records that do not say which slice they are of: what loads them could never replace their rows. Judged
/// before the loader sees them, so that previews and tests of pipelines say it too.
struct SliceFields {
  private let plan: LoadPlan

  init(_ plan: LoadPlan) { self.plan = plan }

  func check(_ chunk: Chunk) {
    for name in plan.slice {
      guard let column = chunk.table.field(name) else { continue }
      for row in 0..<chunk.rows where chunk.table.fates[row] == .live && column.state(row) != .value {
        chunk.add(
          .withoutSlice(row: row, field: name, entity: plan.kinds[chunk.kind].entity.name))
      }
    }
  }
}
