// SPDX-License-Identifier: Apache-2.0

/// One pass of a date pattern over one text.
struct DateScan {
  private let base: UnsafePointer<UInt8>?
  private let end: Int
  private var at = 0
  private var year = 0
  private var month = 0
  private var day = 0
  private var hour = 0
  private var minute = 0
  private var second = 0
  private var fraction = 0
  private var hasTime = false
  private var zone = 0
  private var hasZone = false
  private var isAfternoon = false
  private var isHalfDay = false

  init(_ text: UnsafeBufferPointer<UInt8>) {
    base = text.baseAddress
    end = text.count
  }

  @inline(__always)
  mutating func take(_ element: DatePattern.Element) -> Bool {
    switch element.kind {
    case .literal: return take(byte: element.byte)
    case .zone: return takeZone(needsColon: element.least == 3, allowsColon: element.least == 3)
    case .halfDay: return takeHalfDay()
    case .iso: return takeISO()
    case .year, .month, .day, .hour, .halfDayHour, .minute, .second, .fraction:
      let range = element.kind.range
      guard let number = number(least: Int(element.least), most: Int(element.most), range.0, range.1)
      else { return false }
      keep(number, element)
      return true
    }
  }

  @inline(__always)
  private mutating func keep(_ number: Int, _ element: DatePattern.Element) {
    switch element.kind {
    case .year: year = number
    case .month: month = number
    case .day: day = number
    case .hour:
      hasTime = true
      hour = number
    case .halfDayHour:
      hasTime = true
      isHalfDay = true
      hour = number
    case .minute: minute = number
    case .second: second = number
    default:
      fraction = number
      for _ in element.least..<6 { fraction *= 10 }
    }
  }

  /// The parts, or nil when text is left over or the day does not exist.
  func finish() -> DateReading? {
    guard at == end else { return nil }
    if day > 28, day > CalendarDate.daysIn(month: month, year: year) { return nil }
    guard hasTime else {
      return DateReading(year: year, month: month, day: day, zoneMinutes: hasZone ? zone : nil)
    }
    let hours = isHalfDay ? hour % 12 + (isAfternoon ? 12 : 0) : hour
    let seconds = Int64((hours * 60 + minute) * 60 + second)
    return DateReading(
      year: year, month: month, day: day, microseconds: seconds * 1_000_000 + Int64(fraction),
      zoneMinutes: hasZone ? zone : nil)
  }

  @inline(__always)
  private mutating func take(byte: UInt8) -> Bool {
    guard let base, at < end, base[at] == byte else { return false }
    at += 1
    return true
  }

  private func next(is byte: UInt8) -> Bool {
    guard let base, at < end else { return false }
    return base[at] == byte
  }

  @inline(__always)
  private mutating func number(least: Int, most: Int, _ from: Int, _ to: Int) -> Int? {
    guard let base else { return nil }
    var number = 0
    var count = 0
    while count < most, at < end {
      let digit = base[at] &- 0x30
      guard digit < 10 else { break }
      number = number * 10 + Int(digit)
      at += 1
      count += 1
    }
    return count >= least && number >= from && number <= to ? number : nil
  }

  private mutating func twoDigits(_ from: Int, _ to: Int) -> Int? {
    number(least: 2, most: 2, from, to)
  }

  private mutating func takeHalfDay() -> Bool {
    guard let base, at + 2 <= end else { return false }
    // Letters are compared without their case bit.
    switch (base[at] | 0x20, base[at + 1] | 0x20) {
    case (UInt8(ascii: "a"), UInt8(ascii: "m")), (UInt8(ascii: "s"), UInt8(ascii: "a")): isAfternoon = false
    case (UInt8(ascii: "p"), UInt8(ascii: "m")), (UInt8(ascii: "c"), UInt8(ascii: "h")): isAfternoon = true
    default: return false
    }
    at += 2
    return true
  }

  private mutating func takeZone(needsColon: Bool, allowsColon: Bool) -> Bool {
    hasZone = true
    if take(byte: UInt8(ascii: "Z")) { return true }
    let isWest = next(is: UInt8(ascii: "-"))
    guard isWest || next(is: UInt8(ascii: "+")) else { return false }
    at += 1
    guard let hours = twoDigits(0, 14) else { return false }
    zone = hours * 60
    let hasColon = allowsColon && take(byte: UInt8(ascii: ":"))
    if hasColon || (!needsColon && at < end && isDigit) {
      guard let minutes = twoDigits(0, 59) else { return false }
      zone += minutes
    } else if needsColon {
      return false
    }
    if isWest { zone = -zone }
    return true
  }

  private var isDigit: Bool {
    guard let base, at < end else { return false }
    return base[at] &- 0x30 < 10
  }

  private mutating func takeISO() -> Bool {
    guard let year = number(least: 4, most: 4, 1, 9999) else { return false }
    self.year = year
    if at == end { return true }
    guard take(byte: UInt8(ascii: "-")), let month = twoDigits(1, 12) else { return false }
    self.month = month
    if at == end { return true }
    guard take(byte: UInt8(ascii: "-")), let day = twoDigits(1, 31) else { return false }
    self.day = day
    if at == end { return true }
    if take(byte: UInt8(ascii: "T")) || take(byte: UInt8(ascii: " ")) {
      guard takeISOTime() else { return false }
    }
    return at == end || takeZone(needsColon: false, allowsColon: true)
  }

  private mutating func takeISOTime() -> Bool {
    hasTime = true
    guard let hour = twoDigits(0, 23), take(byte: UInt8(ascii: ":")), let minute = twoDigits(0, 59)
    else { return false }
    self.hour = hour
    self.minute = minute
    guard take(byte: UInt8(ascii: ":")) else { return true }
    guard let second = twoDigits(0, 59) else { return false }
    self.second = second
    return take(byte: UInt8(ascii: ".")) || take(byte: UInt8(ascii: ",")) ? takeFraction() : true
  }

  /// Any number of digits, of which the first six count.
  private mutating func takeFraction() -> Bool {
    guard let base else { return false }
    var count = 0
    while at < end, base[at] &- 0x30 < 10 {
      if count < 6 { fraction = fraction * 10 + Int(base[at] &- 0x30) }
      count += 1
      at += 1
    }
    while count > 0, count < 6 {
      fraction *= 10
      count += 1
    }
    return count > 0
  }
}

extension DatePattern.Element.Kind {
  /// Least and greatest number that the part can be.
  @inline(__always)
  fileprivate var range: (Int, Int) {
    switch self {
    case .year: (1, 9999)
    case .month, .halfDayHour: (1, 12)
    case .day: (1, 31)
    case .hour: (0, 23)
    case .minute, .second: (0, 59)
    default: (0, 999_999)
    }
  }
}
