// SPDX-License-Identifier: Apache-2.0

/// The times that a `schedule` names: five cron fields (minute, hour, day of the month, month, day of the week), or a
/// word such as `@daily`.
///
/// A field is `*`, a number, a range `1-5`, any of these in steps (`*/15`, `8-18/2`), or a list of such joined by
/// commas. Months and days of the week have English names (`JAN`, `mon`); Sunday is 0 or 7. As in cron, a day is meant
/// when the day of the month **or** the day of the week fits where both are restricted, and when both fit where one
/// of them begins with `*`. Times are local; Vietnam is UTC+7 all year round.
public struct CronSchedule: Hashable, Sendable {
  private let minutes: UInt64
  private let hours: UInt64
  private let days: UInt64
  private let months: UInt64
  private let weekdays: UInt64
  /// A day that fits either way is meant, not only one that fits both ways.
  private let takesEitherDay: Bool

  /// Seconds that the local clock is ahead of UTC.
  private static let zone: Int64 = 7 * 3600

  /// - Throws: the first field that means nothing, or that the days named never come.
  public init(parsing text: String) throws(CronScheduleError) {
    let shortcut = try Self.shortcut(text)
    let fields = CronField.split(shortcut ?? text)
    guard fields.count == CronField.Kind.allCases.count else { throw .fieldCount(fields.count, text) }
    var sets: [UInt64] = []
    for (kind, field) in zip(CronField.Kind.allCases, fields) {
      sets.append(try CronField.parse(field, kind))
    }
    (minutes, hours, days, months) = (sets[0], sets[1], sets[2], sets[3])
    // Bit 7 is Sunday too.
    weekdays = (sets[4] | sets[4] >> 7) & 0x7F
    takesEitherDay = !fields[2].text.hasPrefix("*") && !fields[4].text.hasPrefix("*")
    guard firstDay(from: CalendarDate(days: 0)) != nil else { throw .neverComes(fields[2]) }
  }

  /// The first time after a moment; nil past the calendar's last year.
  public func next(after moment: Instant) -> Instant? {
    let local = moment.microseconds.floorDivided(by: 1_000_000) + Self.zone
    // Whole minutes: the first that begins after the moment.
    let minute = local.floorDivided(by: 60) + 1
    let today = minute.floorDivided(by: 1440)
    guard let first = Int32(exactly: today), first <= Self.lastDay else { return nil }
    let date = CalendarDate(days: first)
    if fits(date), let found = time(from: Int(minute - today * 1440)) { return instant(date, found) }
    guard let day = firstDay(from: CalendarDate(days: first + 1)), let found = time(from: 0) else {
      return nil
    }
    return instant(day, found)
  }

  /// 9999-12-31.
  private static let lastDay: Int32 = 2_932_896

  private func instant(_ date: CalendarDate, _ minuteOfDay: Int) -> Instant {
    Instant(microseconds: (Int64(date.days) * 86_400 + Int64(minuteOfDay) * 60 - Self.zone) * 1_000_000)
  }

  /// Longest time between two days that a schedule can name: a leap day on one day of the week, over a century's end.
  private static let longestWait: Int32 = 366 * 40

  private func firstDay(from date: CalendarDate) -> CalendarDate? {
    for day in date.days...(date.days + Self.longestWait)
    where day <= Self.lastDay && fits(CalendarDate(days: day)) {
      return CalendarDate(days: day)
    }
    return nil
  }

  private func fits(_ date: CalendarDate) -> Bool {
    let (_, month, day) = date.parts
    guard months.has(month) else { return false }
    let fitsDay = days.has(day)
    let fitsWeekday = weekdays.has(date.weekday)
    return takesEitherDay ? fitsDay || fitsWeekday : fitsDay && fitsWeekday
  }

  /// The first minute of a day from one on.
  private func time(from first: Int) -> Int? {
    for hour in (first / 60)..<24 where hours.has(hour) {
      let minute = hour == first / 60 ? first % 60 : 0
      let left = minutes >> UInt64(minute)
      if left != 0 { return hour * 60 + minute + left.trailingZeroBitCount }
    }
    return nil
  }

  private static func shortcut(_ text: String) throws(CronScheduleError) -> String? {
    guard let word = CronField.split(text).first, word.text.hasPrefix("@") else { return nil }
    let words = [
      "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
      "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]
    guard let meant = words[word.text.lowercased()], CronField.split(text).count == 1 else {
      throw .unknownWord(word, text)
    }
    return meant
  }
}

/// Why a text is no schedule: what is wrong, where within it, and what to write instead.
public struct CronScheduleError: Error, Equatable, Sendable {
  /// `minute`, `hour`, `day of the month`, `month` or `day of the week`; nil where the whole text is at fault.
  public var field: String?
  /// Character offset and length of what is at fault.
  public var offset: Int
  public var length: Int
  public var message: String
  public var help: String

  fileprivate static func fieldCount(_ count: Int, _ text: String) -> CronScheduleError {
    CronScheduleError(
      field: nil, offset: 0, length: text.count,
      message: "a schedule has five fields, and this has \(count == 0 ? "none" : "\(count)")",
      help: "write minute, hour, day of the month, month, day of the week, as \"30 1 * * 1-5\"; or @daily")
  }

  fileprivate static func neverComes(_ field: CronField) -> CronScheduleError {
    CronScheduleError(
      field: CronField.Kind.day.name, offset: field.offset, length: field.text.count,
      message: "day of the month '\(field.text)' never comes in the months named",
      help: "name a day that these months have")
  }

  fileprivate static func unknownWord(_ word: CronField, _ text: String) -> CronScheduleError {
    CronScheduleError(
      field: nil, offset: 0, length: text.count, message: "'\(text)' is no schedule",
      help: "use @hourly, @daily, @weekly, @monthly or @yearly alone, or five fields, as \"30 1 * * *\"")
  }
}

/// One of the five fields, and where it stands.
private struct CronField {
  enum Kind: CaseIterable {
    case minute, hour, day, month, weekday

    var name: String {
      switch self {
      case .minute: "minute"
      case .hour: "hour"
      case .day: "day of the month"
      case .month: "month"
      case .weekday: "day of the week"
      }
    }

    var range: ClosedRange<Int> {
      switch self {
      case .minute: 0...59
      case .hour: 0...23
      case .day: 1...31
      case .month: 1...12
      case .weekday: 0...7
      }
    }

    /// Names in the order of their numbers, from the range's first.
    var words: [String] {
      switch self {
      case .minute, .hour, .day: []
      case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
      case .weekday: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
      }
    }

    var help: String {
      let numbers = "use numbers from \(range.lowerBound) to \(range.upperBound)"
      let names = words.isEmpty ? "" : ", names as \(words[1].uppercased())"
      return "\(numbers)\(names), *, ranges as 1-5, steps as */2, and lists joined by commas"
    }
  }

  var text: String
  var offset: Int

  static func split(_ text: String) -> [CronField] {
    var fields: [CronField] = []
    var current: CronField?
    for (offset, character) in text.enumerated() {
      if character == " " || character == "\t" {
        if let field = current { fields.append(field) }
        current = nil
      } else {
        current = CronField(
          text: (current?.text ?? "") + String(character), offset: current?.offset ?? offset)
      }
    }
    return fields + [current].compactMap(\.self)
  }

  /// The numbers that a field names, a bit for each.
  static func parse(_ field: CronField, _ kind: Kind) throws(CronScheduleError) -> UInt64 {
    var set: UInt64 = 0
    for part in field.text.split(separator: ",", omittingEmptySubsequences: false) {
      set |= try parse(part: String(part), field, kind)
    }
    return set
  }

  private static func parse(part: String, _ field: CronField, _ kind: Kind) throws(CronScheduleError)
    -> UInt64
  {
    func fault(_ fact: String, help: String? = nil) -> CronScheduleError {
      CronScheduleError(
        field: kind.name, offset: field.offset, length: field.text.count, message: "\(kind.name) \(fact)",
        help: help ?? kind.help)
    }
    let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let ends = halves[0].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    let range: ClosedRange<Int>
    if halves[0] == "*" {
      range = kind.range
    } else if ends.count <= 2, let first = number(ends[0], kind),
      let last = number(ends[ends.count - 1], kind)
    {
      // In `fri-sun` Sunday ends the week.
      let end = last == 0 && kind == .weekday && ends.count == 2 && first > 0 ? 7 : last
      guard first <= end else {
        throw fault("'\(part)' ends before it begins", help: "write it as a list of two ranges, as 22-23,0-5")
      }
      range = first...end
      if halves.count == 2, ends.count == 1 {
        throw fault(
          "'\(part)' has a step but no range",
          help: "write \(first)-\(kind.range.upperBound)/\(halves[1]), or */\(halves[1])")
      }
    } else {
      throw fault(part.isEmpty ? "'\(field.text)' has an empty item" : "cannot be '\(part)'")
    }
    guard halves.count == 2 else { return bits(range, step: 1) }
    guard let step = digits(halves[1]), step >= 1 else { throw fault("'\(part)' has no step after '/'") }
    return bits(range, step: step)
  }

  private static func bits(_ range: ClosedRange<Int>, step: Int) -> UInt64 {
    stride(from: range.lowerBound, through: range.upperBound, by: step).reduce(0) { $0 | 1 << UInt64($1) }
  }

  private static func number(_ text: String, _ kind: Kind) -> Int? {
    if let index = kind.words.firstIndex(of: text.lowercased()) { return kind.range.lowerBound + index }
    return digits(text).flatMap { kind.range.contains($0) ? $0 : nil }
  }

  private static func digits(_ text: String) -> Int? {
    guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return Int(text)
  }
}

extension CalendarDate {
  /// 0 is Sunday, 6 Saturday.
  fileprivate var weekday: Int {
    // 1970-01-01 was a Thursday.
    let shifted = (Int(days) + 4) % 7
    return shifted < 0 ? shifted + 7 : shifted
  }
}

extension UInt64 {
  fileprivate func has(_ bit: Int) -> Bool { self >> UInt64(bit) & 1 == 1 }
}
