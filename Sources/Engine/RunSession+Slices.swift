// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records
import Store

extension RunSession {
  /// Slices that this run brought twice: the source contradicts itself, and only one of the two stands.
  func tellSlicesTwice() {
    let named = 5
    let twice = report.batches.flatMap { batch in batch.slicesTwice.map { (batch, $0) } }
    for (batch, slice) in twice.prefix(named) {
      let earlier = report.batches.first { $0.batch == slice.earlier }.map { " (\($0.name))" } ?? ""
      notice(
        "two payloads of this run brought the slice \(slice.slice) of '\(slice.entity)': what batch "
          + "\(batch.batch) (\(batch.name)) holds stands, what batch \(slice.earlier)\(earlier) held was replaced."
      )
    }
    let more = twice.dropFirst(named)
    if let (batch, _) = more.last {
      notice(
        "\(more.count) or more other slices came twice in this run, the last in batch \(batch.batch) (\(batch.name)); of "
          + "each what came later stands.")
    }
  }
}
