// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// How to ask only for what changed. What counts is when the last complete run began, less an overlap: records that
/// were being written just then are met again and settle as unchanged.
struct SinceSettings: Sendable {
  private static let parameter = Setting.text(
    "parameter", "Parameter of the address that takes the date.", isRequired: false)
  private static let format = Setting.text("format", "How the date is written.", default: "yyyy-MM-dd")
  private static let overlap = Setting.duration(
    "overlap", "How far to reach back behind the last run.", default: 0)
  private static let by = Setting.choice(
    "by", "What is counted from: the start of the last complete run.", of: ["start"], default: "start")
  private static let first = Setting.text(
    "first", "Day to count from before the first run, as 2000-01-01.", isRequired: false)
  private static let zone = Setting.text("zone", "Zone that the source writes dates in.", default: "+07:00")

  static let all = [
    parameter.description, format.description, overlap.description, by.description, first.description,
    zone.description,
  ]

  let parameter: String?
  let format: DatePattern
  let overlap: Double
  let first: Instant?
  let zoneMinutes: Int

  init(_ settings: Settings) throws(Diagnostic) {
    parameter = try settings.find(Self.parameter)
    overlap = try settings[Self.overlap]
    _ = try settings[Self.by]
    let format = try settings[Self.format]
    guard let pattern = DatePattern(format) else {
      throw HTTPDiagnostics.badFormat(format, at: settings.tree["format"] ?? settings.tree)
    }
    self.format = pattern
    let zone = try settings[Self.zone]
    guard let minutes = SinceSettings.minutes(zone) else {
      throw HTTPDiagnostics.badZone(zone, at: settings.tree["zone"] ?? settings.tree)
    }
    zoneMinutes = minutes
    let first = try settings.find(Self.first)
    self.first = try first.map { text throws(Diagnostic) in
      guard let day = RunStart.parse("\(text)T00:00:00Z") else {
        throw HTTPDiagnostics.badDay(text, at: settings.tree["first"] ?? settings.tree)
      }
      // Midnight of that day where the source is.
      return Instant(microseconds: (day - Int64(minutes) * 60) * 1_000_000)
    }
  }

  /// Minutes east of UTC of `+07:00`, `-03:30` or `Z`.
  private static func minutes(_ text: String) -> Int? {
    if text == "Z" { return 0 }
    let bytes = Array(text.utf8)
    guard bytes.count == 6, bytes[0] == 43 || bytes[0] == 45, bytes[3] == 58,
      let hours = Int(text.dropFirst().prefix(2)),
      let minutes = Int(text.suffix(2)), (0...14).contains(hours), (0...59).contains(minutes)
    else { return nil }
    return (bytes[0] == 45 ? -1 : 1) * (hours * 60 + minutes)
  }
}

/// When a complete run began, as the checkpoint keeps it.
enum RunStart {
  static func checkpoint(_ seconds: Int64) -> Checkpoint {
    let (clamped, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
    return Checkpoint(json: "{\"since\":\"\(Instant(microseconds: overflow ? 0 : clamped))\"}")
  }

  /// Seconds since 1970, or nil when the checkpoint is none of ours.
  static func read(_ checkpoint: Checkpoint) -> Int64? {
    let words = checkpoint.json.split(separator: "\"")
    guard let key = words.firstIndex(of: "since"), key + 2 < words.count else { return nil }
    return parse(String(words[key + 2]))
  }

  /// `yyyy-MM-ddTHH:mm:ssZ`
  static func parse(_ text: String) -> Int64? {
    let numbers = text.split { !$0.isNumber }.map { Int($0) }
    guard text.utf8.count == 20, text.hasSuffix("Z"), numbers.count == 6, let year = numbers[0],
      let month = numbers[1],
      let day = numbers[2], let hour = numbers[3], let minute = numbers[4], let second = numbers[5],
      let date = CalendarDate(year: year, month: month, day: day), hour < 24, minute < 60, second < 60
    else { return nil }
    return Int64(date.days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
  }
}
