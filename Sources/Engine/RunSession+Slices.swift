// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records
import Store

extension RunSession {
  /// Slices that this run brought twice: the source contradicts itself, and only one of the two stands.
  func tellSlicesTwice(_ batch: BatchReport) {
    let named = 3
    for slice in batch.slicesTwice.prefix(named) {
      let earlier = report.batches.first { $0.batch == slice.earlier }.map { " (\($0.name))" } ?? ""
      notice(
        "two payloads of this run brought the slice \(slice.slice) of '\(slice.entity)': what batch "
          + "\(batch.batch) (\(batch.name)) holds stands, what batch \(slice.earlier)\(earlier) held was replaced."
      )
    }
    let more = batch.slicesTwice.count - named
    if more > 0 {
      notice(
        "batch \(batch.batch) (\(batch.name)) replaced \(more) or more other slices that this run had brought."
      )
    }
  }
}
