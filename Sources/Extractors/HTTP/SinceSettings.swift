// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// How to ask only for what changed. What counts is when the last complete run began, or the highest value of a field
/// that it met; less an overlap: records that were being written just then are met again and settle as unchanged.
struct SinceSettings: Sendable {
  private static let parameter = Setting.text(
    "parameter", "Parameter of the address that takes the date or value.", isRequired: false)
  private static let format = Setting.text("format", "How a date is written.", default: "yyyy-MM-dd")
  private static let overlap = Setting.duration(
    "overlap", "How far to reach back behind the last run, or behind the highest date met.", default: 0)
  private static let by = Setting.choice(
    "by", "What is counted from: the start of the last complete run.", of: ["start"], isRequired: false)
  private static let value = Setting.text(
    "value",
    "Mapped field to go on from instead: the next run asks from the highest value that complete runs met, as updated_at.",
    isRequired: false)
  private static let first = Setting.text(
    "first",
    "What to count from before the first run: a day, as 2000-01-01; with 'value' also a number or text.",
    isRequired: false)
  private static let zone = Setting.text("zone", "Zone that the source writes dates in.", default: "+07:00")

  static let all = [parameter.description] + counting
  /// Those that do not say where the date goes.
  static let counting = [
    value.description, format.description, overlap.description, by.description, first.description,
    zone.description,
  ]

  let parameter: String?
  let format: DatePattern
  let overlap: Double
  let first: RequestValues.Since?
  let zoneMinutes: Int
  /// The mapped field whose highest value counts; nil: the start of the last run.
  let value: ExtractorNeeds.Name?
  /// A setting that only a date can answer to, for `value`.
  private let dateSetting: Tree?

  init(_ settings: Settings) throws(Diagnostic) {
    let tree = settings.tree
    parameter = try settings.find(Self.parameter)
    overlap = try settings[Self.overlap]
    value = try settings.find(Self.value).map { ExtractorNeeds.Name($0, at: tree["value"] ?? tree) }
    if let by = try settings.find(Self.by), value != nil {
      throw HTTPDiagnostics.sinceTwice(by, at: tree["by"] ?? tree)
    }
    dateSetting = tree["format"] ?? tree["overlap"]
    let format = try settings[Self.format]
    guard let pattern = DatePattern(format) else {
      throw HTTPDiagnostics.badFormat(format, at: tree["format"] ?? tree)
    }
    self.format = pattern
    let zone = try settings[Self.zone]
    guard let minutes = ZoneOffset.minutes(zone) else {
      throw HTTPDiagnostics.badZone(zone, at: tree["zone"] ?? tree)
    }
    zoneMinutes = minutes
    let isValue = value != nil
    first = try settings.find(Self.first).map { text throws(Diagnostic) in
      if let day = CalendarDate(iso: text) { return .moment(.start(of: day, zoneMinutes: minutes)) }
      guard isValue else { throw HTTPDiagnostics.badDay(text, at: tree["first"] ?? tree) }
      return .plain(text)
    }
  }

  /// What is wrong with going on from values of a type.
  func check(_ type: FieldType, formatsSince: Tree?) throws(Diagnostic) {
    guard let value else { return }
    switch type {
    case .date, .timestamp:
      if case .plain(let text) = first {
        throw Diagnostic(
          id: "http.bad-day", "'\(value.text)' is \(type), and 'first: \(text)' is no day",
          at: value.position,
          length: value.length, help: "write 'first' as 2000-01-01")
      }
    case .integer, .text:
      guard let place = dateSetting ?? formatsSince else { return }
      throw Diagnostic(
        id: "http.since-no-date", "'\(value.text)' is \(type), which takes no date format and no overlap",
        at: place.position, length: place.length, help: "remove 'format' and 'overlap', or name a date")
    case .decimal, .boolean, .partialDate, .code:
      throw Diagnostic(
        id: "http.since-not-orderable", "'\(value.text)' is \(type), which tells no earlier from later",
        at: value.position, length: value.length,
        help: "name a field of type date, timestamp, integer or text")
    }
  }

  /// What to ask from in a run that begins at a checkpoint; nil before the first one that has none to begin with.
  func since(_ checkpoint: SinceCheckpoint) -> RequestValues.Since? {
    if value != nil { return checkpoint.highest.map(since) ?? first }
    return checkpoint.start.map { .moment(reachingBack(Instant(microseconds: $0 * 1_000_000))) } ?? first
  }

  /// What a pipeline must have for it.
  func watched(formatsSince: Tree?) -> ExtractorNeeds.WatchedField? {
    value.map { name in
      ExtractorNeeds.WatchedField(name) { type throws(Diagnostic) in
        try check(type, formatsSince: formatsSince)
      }
    }
  }

  /// Says that the source gave all there is.
  ///
  /// - Parameters:
  ///   - before: what the run began with.
  ///   - started: when it began, in seconds since 1970.
  func finish(_ landing: any LandingWriter, before: SinceCheckpoint, started: Int64) throws {
    guard value != nil else { return try landing.finish(resume: SinceCheckpoint(start: started).checkpoint) }
    let earlier = before.highest
    try landing.finish { highest in
      SinceCheckpoint(start: started, highest: .higher(earlier, highest?.notAfter(started))).checkpoint
    }
  }

  /// What to ask from, of the highest value met.
  private func since(_ highest: HighestValue) -> RequestValues.Since {
    switch highest {
    case .date(let day): .moment(reachingBack(.start(of: day, zoneMinutes: zoneMinutes)))
    case .timestamp(let moment): .moment(reachingBack(moment))
    case .integer(let number): .plain(String(number))
    case .text(let text): .plain(text)
    }
  }

  /// A moment less the overlap, in whole seconds.
  func reachingBack(_ moment: Instant) -> Instant {
    let back = Int64(overlap.rounded(.up)).multipliedReportingOverflow(by: 1_000_000)
    let (reached, isBefore) = moment.microseconds.subtractingReportingOverflow(back.partialValue)
    return Instant(microseconds: back.overflow || isBefore ? 0 : reached)
  }
}

extension HighestValue {
  /// The value, or the start of the run where it is a moment behind that: the source's clock is ahead, or it is a
  /// mistake, and what changes until then would be left out.
  fileprivate func notAfter(_ seconds: Int64) -> HighestValue {
    guard case .timestamp(let moment) = self, moment.microseconds / 1_000_000 > seconds else { return self }
    return .timestamp(Instant(microseconds: seconds * 1_000_000))
  }
}
