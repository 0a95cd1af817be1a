// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

/// One expression, a local moment, and the local times that follow it.
struct CronCase: Sendable, CustomTestStringConvertible {
  var text: String
  var after: String
  var next: [String]

  init(_ text: String, after: String, _ next: String...) {
    self.text = text
    self.after = after
    self.next = next
  }

  var testDescription: String { "\(text) after \(after)" }
}

@Suite("Cron schedule")
struct CronScheduleTests {
  /// `yyyy-MM-dd HH:mm:ss` (seconds may be left out) on the clock in Hà Giang.
  private func instant(_ text: String) throws -> Instant {
    let halves = text.split(separator: " ")
    let date = try #require(CalendarDate(iso: String(halves[0])))
    let time = halves[1].split(separator: ":").compactMap { Int64($0) } + [0]
    let seconds = Int64(date.days) * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
    return Instant(microseconds: (seconds - 7 * 3600) * 1_000_000)
  }

  private func text(_ instant: Instant) -> String {
    let local = Instant(microseconds: instant.microseconds + 7 * 3600 * 1_000_000).description
    return String(local.prefix(10)) + " " + String(local.dropFirst(11).prefix(5))
  }

  // 2026-01-01 is a Thursday, 2026-11-22 a Sunday.
  @Test(
    "names the times that follow",
    arguments: [
      CronCase("* * * * *", after: "2026-01-01 00:00", "2026-01-01 00:01", "2026-01-01 00:02"),
      CronCase("* * * * *", after: "2026-01-01 00:00:59", "2026-01-01 00:01"),
      CronCase("* * * * *", after: "2025-12-31 23:59", "2026-01-01 00:00"),
      CronCase("30 1 * * *", after: "2026-01-01 01:29:59", "2026-01-01 01:30", "2026-01-02 01:30"),
      CronCase("30 1 * * *", after: "2026-01-01 01:30", "2026-01-02 01:30"),
      CronCase(
        "30 1 1-4 * *", after: "2026-01-03 12:00", "2026-01-04 01:30", "2026-02-01 01:30", "2026-02-02 01:30"),
      CronCase(
        "*/20 6 * * *", after: "2026-01-01 06:19", "2026-01-01 06:20", "2026-01-01 06:40", "2026-01-02 06:00"),
      CronCase(
        "10-30/15 0 * * *", after: "2026-01-01 00:00", "2026-01-01 00:10", "2026-01-01 00:25",
        "2026-01-02 00:10"),
      CronCase(
        "5,50 22-23,0 * * *", after: "2026-01-01 23:05", "2026-01-01 23:50", "2026-01-02 00:05",
        "2026-01-02 00:50", "2026-01-02 22:05"),
      CronCase("59 23 * * *", after: "2026-02-28 23:59", "2026-03-01 23:59"),
      CronCase(
        "0 0 31 * *", after: "2026-01-31 00:00", "2026-03-31 00:00", "2026-05-31 00:00", "2026-07-31 00:00",
        "2026-08-31 00:00"),
      CronCase("0 0 29 2 *", after: "2026-01-01 00:00", "2028-02-29 00:00", "2032-02-29 00:00"),
      CronCase("0 0 29 FEB *", after: "2096-02-29 00:00", "2104-02-29 00:00"),
      CronCase("0 8 * * mon-FRI", after: "2026-11-20 08:00", "2026-11-23 08:00", "2026-11-24 08:00"),
      CronCase("0 8 * * 7", after: "2026-11-16 00:00", "2026-11-22 08:00", "2026-11-29 08:00"),
      CronCase("0 8 * * 0", after: "2026-11-16 00:00", "2026-11-22 08:00"),
      CronCase(
        "0 8 * * 5-7", after: "2026-11-20 08:00", "2026-11-21 08:00", "2026-11-22 08:00", "2026-11-27 08:00"),
      CronCase(
        "0 8 * * sat-sun", after: "2026-11-16 00:00", "2026-11-21 08:00", "2026-11-22 08:00",
        "2026-11-28 08:00"),
      // Both days restricted: either will do. The 13th is a Tuesday in January 2026.
      CronCase(
        "0 0 13 1 fri", after: "2026-01-08 12:00", "2026-01-09 00:00", "2026-01-13 00:00", "2026-01-16 00:00"),
      // One begins with a star: both must fit.
      CronCase("0 0 */10 1 thu", after: "2026-01-01 00:00", "2027-01-21 00:00", "2029-01-11 00:00"),
      CronCase(
        "0 0 29 2 */7", after: "2026-01-01 00:00", "2032-02-29 00:00", "2060-02-29 00:00", "2088-02-29 00:00",
        "2128-02-29 00:00"),
      CronCase("0 0 30 2 1", after: "2026-02-01 00:00", "2026-02-02 00:00", "2026-02-09 00:00"),
      CronCase("0 0 1 jan,JUL *", after: "2026-01-01 00:00", "2026-07-01 00:00", "2027-01-01 00:00"),
      CronCase("  15\t4  * * *  ", after: "2026-01-01 00:00", "2026-01-01 04:15"),
      CronCase("@hourly", after: "2026-01-01 00:00", "2026-01-01 01:00"),
      CronCase("@daily", after: "2026-01-01 00:00", "2026-01-02 00:00"),
      CronCase("@Midnight", after: "2026-01-01 00:00", "2026-01-02 00:00"),
      CronCase("@weekly", after: "2026-01-01 00:00", "2026-01-04 00:00", "2026-01-11 00:00"),
      CronCase("@monthly", after: "2026-01-01 00:00", "2026-02-01 00:00"),
      CronCase("@yearly", after: "2026-01-01 00:00", "2027-01-01 00:00"),
      CronCase("@annually", after: "2026-01-01 00:00", "2027-01-01 00:00"),
      CronCase("0 0 * * *", after: "1969-12-31 12:00", "1970-01-01 00:00"),
    ])
  func times(_ given: CronCase) throws {
    let schedule = try CronSchedule(parsing: given.text)
    var moment = try instant(given.after)
    var found: [String] = []
    for _ in given.next {
      moment = try #require(schedule.next(after: moment))
      found.append(text(moment))
    }
    #expect(found == given.next)
  }

  @Test("comes to an end with the calendar")
  func end() throws {
    #expect(try CronSchedule(parsing: "@yearly").next(after: instant("9999-06-01 00:00")) == nil)
    #expect(try CronSchedule(parsing: "* * * * *").next(after: Instant(microseconds: .max)) == nil)
  }

  @Test(
    "names the field that means nothing",
    arguments: [
      ("60 * * * *", "minute", "60", "minute cannot be '60'"),
      ("* 24 * * *", "hour", "24", "hour cannot be '24'"),
      ("* * 0 * *", "day of the month", "0", "day of the month cannot be '0'"),
      ("* * * 13 *", "month", "13", "month cannot be '13'"),
      ("* * * * 8", "day of the week", "8", "day of the week cannot be '8'"),
      ("* * * * thứ2", "day of the week", "thứ2", "day of the week cannot be 'thứ2'"),
      ("* * mon * *", "day of the month", "mon", "day of the month cannot be 'mon'"),
      ("1, * * * *", "minute", "1,", "minute '1,' has an empty item"),
      ("1-2-3 * * * *", "minute", "1-2-3", "minute cannot be '1-2-3'"),
      ("-5 * * * *", "minute", "-5", "minute cannot be '-5'"),
      ("+5 * * * *", "minute", "+5", "minute cannot be '+5'"),
      ("*/0 * * * *", "minute", "*/0", "minute '*/0' has no step after '/'"),
      ("*/ * * * *", "minute", "*/", "minute '*/' has no step after '/'"),
      ("*/1/2 * * * *", "minute", "*/1/2", "minute '*/1/2' has no step after '/'"),
      ("5/15 * * * *", "minute", "5/15", "minute '5/15' has a step but no range"),
      ("* 22-5 * * *", "hour", "22-5", "hour '22-5' ends before it begins"),
      ("* * ? * *", "day of the month", "?", "day of the month cannot be '?'"),
      ("30 1 30 2 *", "day of the month", "30", "day of the month '30' never comes in the months named"),
      (
        "0 0 31 4,6,9,nov *", "day of the month", "31",
        "day of the month '31' never comes in the months named"
      ),
      (
        "99999999999999999999 * * * *", "minute", "99999999999999999999",
        "minute cannot be '99999999999999999999'"
      ),
    ])
  func faults(_ text: String, _ field: String, _ at: String, _ message: String) {
    let error = #expect(throws: CronScheduleError.self) { try CronSchedule(parsing: text) }
    guard let error else { return }
    #expect(error.field == field && error.message == message && !error.help.isEmpty)
    #expect(String(text.dropFirst(error.offset).prefix(error.length)) == at)
  }

  @Test(
    "wants five fields or one known word",
    arguments: ["", "   ", "30 2", "0 0 1 1 * 2026", "@reboot", "@daily 5", "daily"])
  func fields(_ text: String) {
    let error = #expect(throws: CronScheduleError.self) { try CronSchedule(parsing: text) }
    #expect(error?.field == nil && error?.length == text.count && error?.help.isEmpty == false)
  }
}
