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
    return "\(counters.read) read = " + (parts.isEmpty ? "0" : parts.joined(separator: " + "))
  }

  static func table(_ reports: [RunReport]) -> String {
    // Few sources announce deletions; where one did, the line would not add up without them.
    let hasDeleted = reports.contains { $0.counters.deleted > 0 }
    var table = TableText(
      [
        ("pipeline", .left), ("status", .left), ("read", .right), ("inserted", .right), ("updated", .right),
        ("unchanged", .right), ("stale", .right), ("duplicate", .right),
      ] + (hasDeleted ? [("deleted", .right)] : []) + [
        ("filtered", .right), ("rejected", .right), ("noted", .right), ("declared", .right),
        ("seconds", .right),
      ])
    for report in reports {
      let counters = report.counters
      table.add(
        [
          report.pipeline, report.status.rawValue, String(counters.read), String(counters.inserted),
          String(counters.updated), String(counters.unchanged), String(counters.stale),
          String(counters.duplicate),
        ] + (hasDeleted ? [String(counters.deleted)] : []) + [
          String(counters.filtered), String(counters.rejected), String(counters.noted),
          report.declared.map(String.init) ?? "–", JSONText.number(report.seconds).text(),
        ])
    }
    return table.text
  }
}
