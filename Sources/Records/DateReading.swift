// SPDX-License-Identifier: Apache-2.0

/// The parts of a date or moment as read from text; an existing day where it names one.
public struct DateReading: Sendable, Equatable {
  public var year: Int
  /// 1…12, or 0 where the text has none.
  public var month: Int
  /// 1…31, or 0 where the text has none.
  public var day: Int
  /// Time of day, or nil where the text has none.
  public var microseconds: Int64?
  /// Minutes east of UTC, or nil where the text names no zone.
  public var zoneMinutes: Int?

  public init(
    year: Int, month: Int = 0, day: Int = 0, microseconds: Int64? = nil, zoneMinutes: Int? = nil
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.microseconds = microseconds
    self.zoneMinutes = zoneMinutes
  }

  /// The moment, at midnight where there is no time of day; nil without a whole day.
  ///
  /// - Parameter localMinutes: zone of a text that names none.
  public func instant(localMinutes: Int) -> Instant? {
    guard let date = CalendarDate(year: year, month: month, day: day) else { return nil }
    let zone = Int64(zoneMinutes ?? localMinutes) * 60_000_000
    return Instant(microseconds: Int64(date.days) * 86_400_000_000 + (microseconds ?? 0) - zone)
  }

  /// The day; nil without a whole day. A time with a zone falls on the day it is in the local zone; a day
  /// with a zone but no time stays that day.
  public func date(localMinutes: Int) -> CalendarDate? {
    guard microseconds != nil, let zoneMinutes, zoneMinutes != localMinutes else {
      return CalendarDate(year: year, month: month, day: day)
    }
    return instant(localMinutes: localMinutes).map { $0.date(localMinutes: localMinutes) }
  }

  /// `yyyy`, `yyyy-MM` or `yyyy-MM-dd`.
  public var partialText: String {
    let yearText = padded(year, 4)
    if month == 0 { return yearText }
    return day == 0 ? "\(yearText)-\(padded(month, 2))" : "\(yearText)-\(padded(month, 2))-\(padded(day, 2))"
  }
}

extension Instant {
  /// The day in a zone.
  ///
  /// - Parameter localMinutes: minutes east of UTC.
  public func date(localMinutes: Int) -> CalendarDate {
    Instant(microseconds: microseconds + Int64(localMinutes) * 60_000_000).date
  }
}
