// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// What is known only when a request is made.
struct RequestValues: Sendable {
  /// What to ask from.
  enum Since: Sendable, Equatable {
    case moment(Instant)
    /// A number or text, sent as it is.
    case plain(String)
  }

  /// Nil before the first run.
  var since: Since?
  /// How the source writes days.
  var sinceFormat = DatePattern.day
  var zoneMinutes = 420
  var page: Int?
  /// What the parameter of the page takes: its number, or the cursor that the source gave.
  var pageText: String?
  var each: String?
  /// Of the records asked for together.
  var ids: [String] = []
  var idSeparator = ","
  var window: DaySpan?
  var windowFormat = DatePattern.day
  /// The window's end is asked for as the day after its last.
  var isEndExcluded = false
  var runDate: CalendarDate

  /// The value for a place, encoded for it where it came from elsewhere.
  func text(_ name: RequestTemplate.Name, _ pattern: DatePattern?, _ encode: (String) -> String) -> String {
    switch name {
    case .since: sinceText(pattern)
    case .page: page.map(String.init) ?? ""
    case .each: each.map(encode) ?? ""
    case .id: ids.first.map(encode) ?? ""
    case .ids: ids.map(encode).joined(separator: idSeparator)
    case .runDate: (pattern ?? .day).text(runDate)
    case .windowFrom: windowFrom(pattern)
    case .windowTo: windowTo(pattern)
    }
  }

  func sinceText(_ pattern: DatePattern? = nil) -> String {
    switch since {
    case .moment(let moment): (pattern ?? sinceFormat).text(moment, zoneMinutes: zoneMinutes)
    case .plain(let text): text
    case nil: ""
    }
  }

  func windowFrom(_ pattern: DatePattern? = nil) -> String {
    window.map { text($0.first, pattern) } ?? ""
  }

  func windowTo(_ pattern: DatePattern? = nil) -> String {
    window.map { text(isEndExcluded ? CalendarDate(days: $0.last.days &+ 1) : $0.last, pattern) } ?? ""
  }

  /// A day as its first moment where the source is.
  private func text(_ day: CalendarDate, _ pattern: DatePattern?) -> String {
    let moment = Instant.start(of: day, zoneMinutes: zoneMinutes)
    return (pattern ?? windowFormat).text(moment, zoneMinutes: zoneMinutes)
  }
}

extension Instant {
  /// Midnight of a day, in a zone of so many minutes east of UTC.
  static func start(of day: CalendarDate, zoneMinutes: Int) -> Instant {
    Instant(microseconds: (Int64(day.days) * 86_400 - Int64(zoneMinutes) * 60) * 1_000_000)
  }

  /// The day it is of, in a zone.
  func day(zoneMinutes: Int) -> CalendarDate {
    Instant(microseconds: microseconds &+ Int64(zoneMinutes) &* 60_000_000).date
  }
}
