// SPDX-License-Identifier: Apache-2.0

import Components
import Engine
import Records

/// What a dry run would change, row by row.
enum DryRunText {
  static func text(_ reports: [RunReport]) -> String {
    var lines: [String] = []
    for report in reports {
      for batch in report.batches {
        lines.append(
          "\(report.pipeline)  batch \(batch.batch)  \(batch.name): \(BalanceText.line(batch.counters))")
        for change in batch.changes {
          lines.append("  \(change.outcome)  \(change.entity) \(change.key)")
          for field in change.fields {
            lines.append("    \(field.field): \(quoted(field.before)) → \(quoted(field.after))")
          }
        }
        let counters = batch.counters
        let changed = counters.inserted + counters.updated + counters.deleted + counters.vanished
        if changed == 0 { lines.append("  nothing would change") }
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func quoted(_ value: String?) -> String { value.map { "'\($0)'" } ?? "null" }
}
