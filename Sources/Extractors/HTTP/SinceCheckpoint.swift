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
    start = value("since").flatMap(Self.seconds)
    highest = value("value").flatMap { HighestValue(ledgerText: PercentEncoding.decode($0)) }
  }

  init(start: Int64? = nil, highest: HighestValue? = nil) {
    self.start = start
    self.highest = highest
  }

  /// Seconds since 1970 of `yyyy-MM-ddTHH:mm:ssZ`.
  private static func seconds(_ text: String) -> Int64? {
    let numbers = text.split { !$0.isNumber }.map { Int($0) }
    guard text.utf8.count == 20, text.hasSuffix("Z"), numbers.count == 6, let year = numbers[0],
      let month = numbers[1],
      let day = numbers[2], let hour = numbers[3], let minute = numbers[4], let second = numbers[5],
      let date = CalendarDate(year: year, month: month, day: day), hour < 24, minute < 60, second < 60
    else { return nil }
    return Int64(date.days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
  }
}
