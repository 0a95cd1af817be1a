// SPDX-License-Identifier: Apache-2.0

import Records

/// ISO 8601 texts of days and instants, as expressions write and read them.
enum MomentText {
  /// Minutes east of UTC of a timestamp without a zone, and of the day a timestamp belongs to: the country has one
  /// zone, UTC+7.
  static let zoneMinutes: Int64 = 420
  static let microsecondsPerDay: Int64 = 86_400_000_000

  static func date(_ text: String) -> CalendarDate? {
    var text = text
    return text.withUTF8 { date($0) }
  }

  /// `yyyy-MM-dd`
  static func date(_ bytes: UnsafeBufferPointer<UInt8>) -> CalendarDate? {
    guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      let year = number(bytes, 0..<4), let month = number(bytes, 5..<7), let day = number(bytes, 8..<10)
    else { return nil }
    return CalendarDate(year: year, month: month, day: day)
  }

  static func instant(_ text: String) -> Instant? {
    var text = text
    return text.withUTF8 { instant($0) }
  }

  /// `yyyy-MM-dd[T| ]HH:mm[:ss[.ffffff]][Z|±HH:mm]`
  static func instant(_ bytes: UnsafeBufferPointer<UInt8>) -> Instant? {
    guard bytes.count >= 16, let day = date(UnsafeBufferPointer(rebasing: bytes[0..<10])),
      bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " "), bytes[13] == UInt8(ascii: ":"),
      let hour = number(bytes, 11..<13), let minute = number(bytes, 14..<16), hour < 24, minute < 60
    else { return nil }
    var at = 16
    var micros = (Int64(hour) * 3600 + Int64(minute) * 60) * 1_000_000
    if at + 2 < bytes.count, bytes[at] == UInt8(ascii: ":") {
      guard let second = number(bytes, at + 1..<at + 3), second < 60 else { return nil }
      micros += Int64(second) * 1_000_000
      at += 3
      if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
        at += 1
        let start = at
        var unit: Int64 = 100_000
        while at < bytes.count, bytes[at] >= 48, bytes[at] <= 57 {
          micros += Int64(bytes[at] - 48) * unit
          unit /= 10
          at += 1
        }
        if at == start || at - start > 6 { return nil }
      }
    }
    guard let zone = zone(bytes, at) else { return nil }
    return Instant(microseconds: Int64(day.days) * microsecondsPerDay + micros - zone * 60_000_000)
  }

  private static func zone(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int64? {
    if at == bytes.count { return zoneMinutes }
    if bytes[at] == UInt8(ascii: "Z") { return at + 1 == bytes.count ? 0 : nil }
    guard bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-"), at + 6 == bytes.count,
      bytes[at + 3] == UInt8(ascii: ":"), let hours = number(bytes, at + 1..<at + 3),
      let minutes = number(bytes, at + 4..<at + 6), hours <= 18, minutes < 60
    else { return nil }
    let offset = Int64(hours * 60 + minutes)
    return bytes[at] == UInt8(ascii: "-") ? -offset : offset
  }

  static func number(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
    var number = 0
    for index in range {
      guard bytes[index] >= 48, bytes[index] <= 57 else { return nil }
      number = number * 10 + Int(bytes[index] - 48)
    }
    return number
  }

  /// The day of an instant at the zone above.
  @inline(__always)
  static func localDays(_ microseconds: Int64) -> Int32 {
    Int32(truncatingIfNeeded: (microseconds &+ zoneMinutes * 60_000_000).floorDivided(by: microsecondsPerDay))
  }

  /// The instant a day begins at the zone above.
  @inline(__always)
  static func start(ofDay days: Int32) -> Int64 {
    Int64(days) * microsecondsPerDay - zoneMinutes * 60_000_000
  }
}
