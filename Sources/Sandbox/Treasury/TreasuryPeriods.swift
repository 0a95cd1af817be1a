// SPDX-License-Identifier: Apache-2.0

import Records

/// A period of a budget year: its months, and the 13th, in which a closed year is adjusted.
struct TreasuryPeriod: Sendable, Equatable {
  var year: Int
  var number: Int

  /// One from before the districts ended, the end of that year with its adjustments, and the next year.
  static let all: [TreasuryPeriod] =
    [6, 12, 13].map { TreasuryPeriod(year: 2025, number: $0) }
    + (1...9).map { TreasuryPeriod(year: 2026, number: $0) }

  /// `03`
  var text: String { digits(number, 2) }

  /// First day of the month in which its entries take effect: of the next year for the 13th.
  var start: CalendarDate { first(ofMonth: number) }

  /// The day on which its books are put into the folder.
  var closed: CalendarDate { CalendarDate(days: first(ofMonth: number + 1).days + 4) }

  private func first(ofMonth month: Int) -> CalendarDate {
    let index = month - 1
    return CalendarDate(year: year + index / 12, month: index % 12 + 1, day: 1) ?? CalendarDate(days: 0)
  }
}

/// A quarter of 2026.
struct TreasuryQuarter: Sendable, Equatable {
  static let all = (1...3).map { TreasuryQuarter(number: $0) }

  var number: Int

  var year: Int { 2026 }
  /// `Q1`
  var text: String { "Q\(number)" }

  /// The day on which its reports are put into the folder.
  var closed: CalendarDate {
    CalendarDate(year: year, month: number * 3 + 1, day: 20) ?? CalendarDate(days: 0)
  }
}
