// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@Suite("Dates as written")
struct DatePatternTests {
  /// The parts that a pattern reads from a text, or nil.
  private func shown(_ text: String, _ pattern: String) throws -> String? {
    shown(text, try DatePattern(parsing: pattern))
  }

  private func shown(_ text: String, _ pattern: DatePattern) -> String? {
    var text = text
    guard let reading = text.withUTF8({ pattern.read($0) }) else { return nil }
    var shown = reading.partialText
    if let time = reading.microseconds { shown += " \(time)" }
    if let zone = reading.zoneMinutes { shown += " zone \(zone)" }
    return shown
  }

  @Test(
    "reads each kind of pattern",
    arguments: [
      ("dd/MM/yyyy", "22/11/2026", "2026-11-22"), ("d/M/yyyy", "2/9/2026", "2026-09-02"),
      ("d/M/yyyy", "02/09/2026", "2026-09-02"), ("dd.MM.yyyy", "01.02.0999", "0999-02-01"),
      ("yyyyMMddHHmmss", "20261122063005", "2026-11-22 23405000000"),
      ("M/d/yyyy h:mm:ss a", "9/2/2026 5:38:54 PM", "2026-09-02 63534000000"),
      ("d/M/yyyy h:mm a", "2/9/2026 12:00 sa", "2026-09-02 0"),
      ("d/M/yyyy h:mm a", "2/9/2026 12:00 CH", "2026-09-02 43200000000"),
      ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "2026-11-22T00:00:00.050+07:00", "2026-11-22 50000 zone 420"),
      ("yyyy-MM-dd HH:mmX", "2026-11-22 00:00Z", "2026-11-22 0 zone 0"),
      ("yyyy-MM-dd HH:mmX", "2026-11-22 00:00-0330", "2026-11-22 0 zone -210"),
      ("yyyy-MM-dd HH:mmX", "2026-11-22 00:00+07", "2026-11-22 0 zone 420"),
      ("MM/yyyy", "03/1985", "1985-03"), ("yyyy", "1985", "1985"),
      ("'ngày' dd 'tháng' MM 'năm' yyyy", "ngày 07 tháng 03 năm 1985", "1985-03-07"),
      ("''yyyy''", "'1985'", "1985"), ("dd–MM–yyyy", "07–03–1985", "1985-03-07"),
    ])
  func reads(_ pattern: String, _ text: String, _ expected: String) throws {
    #expect(try shown(text, pattern) == expected)
  }

  @Test(
    "matches the whole text and existing days only",
    arguments: [
      ("dd/MM/yyyy", "1/11/2026"), ("dd/MM/yyyy", "22/11/2026 "), ("dd/MM/yyyy", "22-11-2026"),
      ("dd/MM/yyyy", ""),
      ("dd/MM/yyyy", "31/02/2020"), ("dd/MM/yyyy", "29/02/1900"), ("dd/MM/yyyy", "00/01/2020"),
      ("dd/MM/yyyy", "01/13/2020"), ("dd/MM/yyyy", "01/01/0000"), ("dd/MM/yyyy", "01/01/20"),
      ("yyyy-MM-dd HH:mm", "2026-11-22 24:00"), ("yyyy-MM-dd HH:mm", "2026-11-22 00:60"),
      ("yyyy-MM-dd hh:mm a", "2026-11-22 13:00 PM"), ("yyyy-MM-dd hh:mm a", "2026-11-22 01:00 XM"),
      ("yyyy-MM-dd HH:mmXXX", "2026-11-22 00:00+0700"), ("yyyy-MM-dd HH:mmX", "2026-11-22 00:00+07:00"),
      ("yyyy-MM-dd HH:mmX", "2026-11-22 00:00+15"), ("d/M/yyyy", "001/1/2026"),
    ])
  func refuses(_ pattern: String, _ text: String) throws { #expect(try shown(text, pattern) == nil) }

  @Test(
    "reads ISO 8601",
    arguments: [
      ("2026-11-22", "2026-11-22"), ("2026-11", "2026-11"), ("2026", "2026"),
      ("2026-11-22T06:30", "2026-11-22 23400000000"),
      ("2026-11-22T06:30:01,5Z", "2026-11-22 23401500000 zone 0"),
      ("2026-11-22 06:30:01.123456789+0700", "2026-11-22 23401123456 zone 420"),
      ("2026-11-22T06:30-05", "2026-11-22 23400000000 zone -300"),
      ("2026-11-22+07:00", "2026-11-22 zone 420"),
    ])
  func iso(_ text: String, _ expected: String) { #expect(shown(text, .iso) == expected) }

  @Test(
    "refuses what is not ISO 8601",
    arguments: [
      "20261122", "2026-11-22T", "2026-11-22T06", "2026-11-22T06:30:", "2026-11-22T06:30:01.",
      "2026-11-22T06:30+7", "26-11-22",
      "2026-11-22T06:30:60", "2026-1-2", "2026-11-22T06:30+07:", "2026-02-30", "2026-", "22/11/2026",
    ])
  func notISO(_ text: String) { #expect(shown(text, .iso) == nil) }

  @Test(
    "names the character of a pattern that cannot be meant",
    arguments: [
      ("dd/MM/yy", 6, 2), ("dd/MMM/yyyy", 3, 3), ("dd/mm/yyyy", 0, 1), ("yyyy-MM-ddTHH:mm", 10, 1),
      ("dd/MM", 0, 5),
      ("dMyyyy", 1, 1), ("yyyy-MM-dd hh:mm", 11, 1), ("yyyy 'năm", 5, 1), ("yyyy yyyy", 5, 4), ("", 0, 1),
      ("yyyy-MM-dd HH:mm XX", 17, 2), ("dd/yyyy", 0, 1), ("yyyy-MM-dd HH:ss", 14, 1), ("yyyy HH", 5, 1),
    ])
  func badPatterns(_ pattern: String, _ offset: Int, _ length: Int) {
    do throws(DatePatternError) {
      _ = try DatePattern(parsing: pattern)
      Issue.record("'\(pattern)' was taken for a pattern")
    } catch {
      #expect([error.offset, error.length] == [offset, length], "\(pattern): \(error.message)")
      #expect(!error.help.isEmpty)
    }
  }

  @Test("knows what a pattern names")
  func facts() throws {
    let moment = try DatePattern(parsing: "dd/MM/yyyy HH:mmX")
    #expect(moment.precision == .day && moment.hasTime && moment.hasZone)
    let month = try DatePattern(parsing: "MM/yyyy")
    #expect(month.precision == .month && !month.hasTime && !month.hasZone)
  }

  @Test("gives back every day written by any pattern", arguments: [21, 22])
  func roundTrip(seed: UInt64) throws {
    var random = SeededNumbers(seed: seed)
    let texts = ["dd/MM/yyyy", "d-M-yyyy", "yyyyMMdd", "M.d.yyyy", "yyyy 'q' dd MM", "d/MM/yyyy"]
    let patterns = try texts.map { ($0, try DatePattern(parsing: $0)) }
    for _ in 0..<400 {
      let date = CalendarDate(days: Int32.random(in: -719_162...2_932_896, using: &random))
      let (year, month, day) = date.parts
      guard let (text, pattern) = patterns.randomElement(using: &random) else { continue }
      func padded(_ number: Int, _ width: Int) -> String {
        String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
      }
      var written = ""
      var at = text.startIndex
      while at < text.endIndex {
        let run = text[at...].prefix { $0 == text[at] }
        switch text[at] {
        case "y": written += padded(year, 4)
        case "M": written += padded(month, run.count)
        case "d": written += padded(day, run.count)
        case "'": break
        default: written += run
        }
        at = run.endIndex
      }
      #expect(
        written.withUTF8 { pattern.read($0) }?.date(localMinutes: 420) == date,
        "seed \(seed): \(written) by \(text)")
    }
  }
}
