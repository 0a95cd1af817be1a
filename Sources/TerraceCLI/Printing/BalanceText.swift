// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Records
import Store

/// The balance of runs, for people: what was read and what became of it.
enum BalanceText {
  static func line(_ counters: Counters) -> String {
    let parts = [
      ("inserted", counters.inserted), ("updated", counters.updated), ("unchanged", counters.unchanged),
      ("stale", counters.stale), ("duplicate", counters.duplicate), ("deleted", counters.deleted),
      ("filtered", counters.filtered), ("rejected", counters.rejected),
    ].filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
    // No record says so: it stands beside the balance.
    let vanished = counters.vanished > 0 ? ", \(counters.vanished) vanished" : ""
    return "\(counters.read) read = " + (parts.isEmpty ? "0" : parts.joined(separator: " + ")) + vanished
  }

  static func table(_ reports: [RunReport]) -> String {
    // Few sources announce deletions; where one did, the line would not add up without them.
    let hasDeleted = reports.contains { $0.counters.deleted > 0 }
    let hasVanished = reports.contains { $0.counters.vanished > 0 }
    var columns: [(title: String, alignment: TableText.Alignment)] = [("pipeline", .left), ("status", .left)]
    columns += ["read", "inserted", "updated", "unchanged", "stale", "duplicate"].map { ($0, .right) }
    if hasDeleted { columns.append(("deleted", .right)) }
    columns += ["filtered", "rejected", "noted"].map { ($0, .right) }
    if hasVanished { columns.append(("vanished", .right)) }
    columns += [("declared", .right), ("seconds", .right)]
    var table = TableText(columns)
    for report in reports {
      let counters = report.counters
      var cells = [report.pipeline, report.status.rawValue]
      var counts = [
        counters.read, counters.inserted, counters.updated, counters.unchanged, counters.stale,
        counters.duplicate,
      ]
      if hasDeleted { counts.append(counters.deleted) }
      counts += [counters.filtered, counters.rejected, counters.noted]
      if hasVanished { counts.append(counters.vanished) }
      cells += counts.map(String.init)
      cells += [report.declared.map(String.init) ?? "–", JSONText.number(report.seconds).text()]
      table.add(cells)
    }
    return table.text
  }
}
