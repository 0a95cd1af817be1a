// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// What the checkpoint of an ``HTTPExtractor`` keeps: `{"since":"2026-01-05T00:00:00Z","value":"date 2026-01-04"}`.
struct SinceCheckpoint: Equatable {
  /// Start of the last complete run, in seconds since 1970; or the end of the last complete window.
  var start: Int64?
  /// Highest value of the watched field that complete runs met.
  var highest: HighestValue?

  var checkpoint: Checkpoint {
    var entries: [String] = []
    if let start {
      let (microseconds, overflow) = start.multipliedReportingOverflow(by: 1_000_000)
      entries.append("\"since\":\"\(Instant(microseconds: overflow ? 0 : microseconds))\"")
    }
    // Encoded, so that no character of it needs another escape.
    if let highest {
      entries.append("\"value\":\"\(PercentEncoding.encode(highest.ledgerText, keeping: "-._~ :"))\"")
    }
    return Checkpoint(json: "{\(entries.joined(separator: ","))}")
  }

  /// What is none of ours is as if it were not there: the next run asks from the beginning.
  init(_ checkpoint: Checkpoint) {
    let words = checkpoint.json.split(separator: "\"", omittingEmptySubsequences: false)
    func value(_ key: String) -> String? {
      guard let index = words.firstIndex(of: key[...]), index + 2 < words.count else { return nil }
      return String(words[index + 2])
    }
    start = value("since").flatMap(RunStart.parse)
    highest = value("value").flatMap { HighestValue(ledgerText: PercentEncoding.decode($0)) }
  }

  init(start: Int64? = nil, highest: HighestValue? = nil) {
    self.start = start
    self.highest = highest
  }
}
