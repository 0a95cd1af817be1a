// SPDX-License-Identifier: Apache-2.0

import Records

/// A year or a quarter that figures are of.
struct EthnicPeriod: Sendable, Equatable {
  var year: Int
  /// Nil for the whole year.
  var quarter: Int?

  /// The years before 2026 and the quarters until 2026-Q3, the first ones first.
  static func all(from first: Int) -> [EthnicPeriod] {
    (first...2026).flatMap { year in
      (1...(year == 2026 ? 3 : 4)).map { EthnicPeriod(year: year, quarter: $0) }
        + (year == 2026 ? [] : [EthnicPeriod(year: year)])
    }
  }

  /// `2026-Q3`, `2025`
  var text: String { quarter.map { "\(year)-Q\($0)" } ?? String(year) }

  /// As people write it: `Quý III/2026`, `Năm 2025`.
  var words: String { quarter.map { "Quý \(Self.numerals[$0 - 1])/\(year)" } ?? "Năm \(year)" }

  /// `A` or `Q`
  var frequency: String { quarter == nil ? "A" : "Q" }

  var end: CalendarDate {
    let month = (quarter ?? 4) * 3
    let next = CalendarDate(year: year + month / 12, month: month % 12 + 1, day: 1) ?? Places.merger
    return CalendarDate(days: next.days - 1)
  }

  var isMerged: Bool { end >= Places.merger }

  private static let numerals = ["I", "II", "III", "IV"]
}
