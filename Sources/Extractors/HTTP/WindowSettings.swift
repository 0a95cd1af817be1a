// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// How a source is asked for a span of days, one window after the other: `${window_from}`, `${window_to}`.
struct WindowSettings: Sendable {
  /// Days, or calendar months.
  enum Step: Equatable, Sendable {
    case days(Int)
    case months(Int)
  }

  private static let step = Setting<Step>(
    "step", "Length of a window: days, as 1d, or calendar months, as 1m.", shape: .text, default: nil,
    isRequired: true,
    read: { tree throws(Diagnostic) in
      if let step = tree.text.flatMap(WindowSettings.step(of:)) { return step }
      throw Diagnostic(
        id: "setting.wrong-type", "setting 'step' must be days or months, not '\(tree.text ?? "")'",
        at: tree.position, length: tree.length, help: "write it as 1d, 7d or 1m")
    })
  private static let fromParameter = Setting.text(
    "from_parameter", "Parameter that takes the first day of a window.", isRequired: false)
  private static let toParameter = Setting.text(
    "to_parameter", "Parameter that takes its end.", isRequired: false)
  private static let format = Setting.text("format", "How a day is written.", default: "yyyy-MM-dd")
  private static let to = Setting.choice(
    "to", "Whether the day sent as the end belongs to the window.", of: ["included", "excluded"],
    default: "included")
  private static let zone = Setting.text("zone", "Zone that the source writes days in.", default: "+07:00")

  static let all = [
    step.description, fromParameter.description, toParameter.description, format.description, to.description,
    zone.description,
  ]

  let step: Step
  let fromParameter: String?
  let toParameter: String?
  let format: DatePattern
  let isEndExcluded: Bool
  let zoneMinutes: Int

  init(_ settings: Settings) throws(Diagnostic) {
    step = try settings[Self.step]
    fromParameter = try settings.find(Self.fromParameter)
    toParameter = try settings.find(Self.toParameter)
    isEndExcluded = try settings[Self.to] == "excluded"
    let format = try settings[Self.format]
    guard let pattern = DatePattern(format) else {
      throw HTTPDiagnostics.badFormat(format, at: settings.tree["format"] ?? settings.tree)
    }
    self.format = pattern
    let zone = try settings[Self.zone]
    guard let minutes = ZoneOffset.minutes(zone) else {
      throw HTTPDiagnostics.badZone(zone, at: settings.tree["zone"] ?? settings.tree)
    }
    zoneMinutes = minutes
  }

  /// The windows of a span, in order: each day is in one of them. Windows of months end with a month.
  func windows(of span: DaySpan) -> [DaySpan] {
    var windows: [DaySpan] = []
    var first = span.first
    while first <= span.last {
      let last = min(end(from: first), span.last)
      windows.append(DaySpan(first: first, last: last))
      first = CalendarDate(days: last.days + 1)
    }
    return windows
  }

  private func end(from first: CalendarDate) -> CalendarDate {
    switch step {
    case .days(let count): return CalendarDate(days: first.days + Int32(count - 1))
    case .months(let count):
      let (year, month, _) = first.parts
      let index = year * 12 + month - 1 + count - 1
      let (lastYear, lastMonth) = (index / 12, index % 12 + 1)
      let day = CalendarDate.daysIn(month: lastMonth, year: lastYear)
      return CalendarDate(year: lastYear, month: lastMonth, day: day) ?? first
    }
  }

  /// `7d`, `1m`; from 1, and no longer than anybody needs.
  private static func step(of text: String) -> Step? {
    guard let number = Int(text.dropLast()), number >= 1, number <= 3660, !text.hasPrefix("+") else {
      return nil
    }
    switch text.last {
    case "d": return .days(number)
    case "m": return .months(number)
    default: return nil
    }
  }
}

/// The zone of a source.
enum ZoneOffset {
  /// Minutes east of UTC of `+07:00`, `-03:30` or `Z`.
  static func minutes(_ text: String) -> Int? {
    if text == "Z" { return 0 }
    let bytes = Array(text.utf8)
    guard bytes.count == 6, bytes[0] == 43 || bytes[0] == 45, bytes[3] == 58,
      let hours = Int(text.dropFirst().prefix(2)),
      let minutes = Int(text.suffix(2)), (0...14).contains(hours), (0...59).contains(minutes)
    else { return nil }
    return (bytes[0] == 45 ? -1 : 1) * (hours * 60 + minutes)
  }
}
