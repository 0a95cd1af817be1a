// SPDX-License-Identifier: Apache-2.0

import Records

/// The parts of a partial date's canonical text: `1985`, `1985-03`, `1985-03-07`.
struct PartialDateText {
  let year: Int
  let month: Int?
  let day: Int?

  /// Stands for a month or day that is not known.
  static let none: Int64 = -1

  /// The canonical text of its parts; nil when there is no such day, or a day without its month.
  static func canonical(year: Int64, month: Int64, day: Int64) -> String? {
    guard (1...9999).contains(year), month == none || (1...12).contains(month) else { return nil }
    if month == none { return day == none ? padded(year, 4) : nil }
    let text = "\(padded(year, 4))-\(padded(month, 2))"
    if day == none { return text }
    guard (1...31).contains(day), CalendarDate(year: Int(year), month: Int(month), day: Int(day)) != nil
    else { return nil }
    return "\(text)-\(padded(day, 2))"
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }

  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count == 4 || bytes.count == 7 || bytes.count == 10,
      let year = MomentText.number(bytes, 0..<4), year > 0
    else { return nil }
    self.year = year
    if bytes.count == 10 {
      guard let date = MomentText.date(bytes) else { return nil }
      (month, day) = (date.parts.month, date.parts.day)
      return
    }
    day = nil
    if bytes.count == 4 {
      month = nil
    } else {
      guard bytes[4] == UInt8(ascii: "-"), let month = MomentText.number(bytes, 5..<7),
        (1...12).contains(month)
      else { return nil }
      self.month = month
    }
  }
}
