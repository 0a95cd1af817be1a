// SPDX-License-Identifier: Apache-2.0

import Records

extension SystemSpec.Hours {
  private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

  /// `18:00-06:00`, or `mon-fri,sun 18:00-06:00`.
  init?(text: String) {
    let days = text.prefix { !$0.isNumber }.filter { $0 != " " }
    guard let weekdays = days.isEmpty ? [] : Self.weekdays(days) else { return nil }
    let times = text.dropFirst(text.prefix { !$0.isNumber }.count)
    let ends = times.split(separator: "-", omittingEmptySubsequences: false).map { end -> Int? in
      let parts = end.filter { $0 != " " }.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, parts.allSatisfy({ (1...2).contains($0.utf8.count) }), let hour = Int(parts[0]),
        let minute = Int(parts[1]), (0...59).contains(minute), (0...24).contains(hour),
        hour * 60 + minute <= 1440
      else { return nil }
      return hour * 60 + minute
    }
    guard ends.count == 2, let from = ends[0], let to = ends[1], from != to else { return nil }
    self.init(from: from, to: to, weekdays: weekdays)
  }

  /// `mon-fri,sun`; a span may go over the end of the week.
  private static func weekdays(_ text: String) -> Set<Int>? {
    var days: Set<Int> = []
    for span in text.lowercased().split(separator: ",", omittingEmptySubsequences: false) {
      let ends = span.split(separator: "-", omittingEmptySubsequences: false)
        .map { name in names.firstIndex { $0 == name } }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else {
        return nil
      }
      for step in 0...((last - first + 7) % 7) { days.insert((first + step) % 7 + 1) }
    }
    return days
  }
}
