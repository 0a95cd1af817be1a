// SPDX-License-Identifier: Apache-2.0

import Records

/// The canonical text of typed values, written to and read from memory without a `String`.
enum CellText {
  /// Room for any value: 38 digits with sign and point, or an instant with its fraction.
  static let capacity = 64

  typealias Memory = UnsafeMutablePointer<UInt8>

  /// Exactly `scale` digits after the point.
  static func write(_ unscaled: Int128, scale: Int, to memory: Memory) -> Int {
    var end = memory + capacity
    let last = end
    var digits = 0
    func put(_ digit: UInt8) {
      if digits == scale, scale > 0 {
        end -= 1
        end.pointee = UInt8(ascii: ".")
      }
      end -= 1
      end.pointee = UInt8(ascii: "0") + digit
      digits += 1
    }
    var rest = unscaled.magnitude
    // 64-bit division is many times faster; most values need nothing else.
    while rest > UInt128(UInt64.max) {
      let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
      put(UInt8(truncatingIfNeeded: remainder))
      rest = quotient
    }
    var low = UInt64(truncatingIfNeeded: rest)
    while low > 0 || digits <= scale {
      let quotient = low / 10
      put(UInt8(truncatingIfNeeded: low &- quotient &* 10))
      low = quotient
    }
    if unscaled < 0 {
      end -= 1
      end.pointee = UInt8(ascii: "-")
    }
    let count = last - end
    memory.update(from: end, count: count)
    return count
  }

  /// `yyyy-MM-dd`.
  static func write(days: Int32, to memory: Memory) -> Int {
    let (year, month, day) = CalendarDate(days: days).parts
    guard year >= 0, year <= 9999 else { return write(CalendarDate(days: days).description, to: memory) }
    write(year / 100, at: memory)
    write(year % 100, at: memory + 2)
    memory[4] = UInt8(ascii: "-")
    write(month, at: memory + 5)
    memory[7] = UInt8(ascii: "-")
    write(day, at: memory + 8)
    return 10
  }

  /// `yyyy-MM-ddTHH:mm:ssZ`, with a fraction of as many digits as needed.
  static func write(microseconds: Int64, to memory: Memory) -> Int {
    let days = microseconds.floorDivided(by: 86_400_000_000)
    let inDay = microseconds - days * 86_400_000_000
    var at = write(days: Int32(truncatingIfNeeded: days), to: memory)
    let seconds = Int(inDay / 1_000_000)
    memory[at] = UInt8(ascii: "T")
    write(seconds / 3600, at: memory + at + 1)
    memory[at + 3] = UInt8(ascii: ":")
    write(seconds / 60 % 60, at: memory + at + 4)
    memory[at + 6] = UInt8(ascii: ":")
    write(seconds % 60, at: memory + at + 7)
    at += 9
    var fraction = inDay % 1_000_000
    if fraction != 0 {
      memory[at] = UInt8(ascii: ".")
      at += 1
      var unit: Int64 = 100_000
      while fraction != 0 {
        memory[at] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction / unit)
        fraction %= unit
        unit /= 10
        at += 1
      }
    }
    memory[at] = UInt8(ascii: "Z")
    return at + 1
  }

  private static func write(_ twoDigits: Int, at memory: Memory) {
    memory[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: twoDigits / 10)
    memory[1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: twoDigits % 10)
  }

  private static func write(_ text: String, to memory: Memory) -> Int {
    var count = 0
    for byte in text.utf8.prefix(capacity) {
      memory[count] = byte
      count += 1
    }
    return count
  }

  /// The number that ``write(_:scale:to:)`` wrote, or nil for other text.
  static func decimal(_ bytes: UnsafeBufferPointer<UInt8>) -> Int128? {
    var unscaled: Int128 = 0
    let isNegative = bytes.first == UInt8(ascii: "-")
    for byte in bytes.dropFirst(isNegative ? 1 : 0) where byte != UInt8(ascii: ".") {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      let (tenfold, isOver) = unscaled.multipliedReportingOverflow(by: 10)
      let (sum, isOverToo) = tenfold.addingReportingOverflow(Int128(byte - UInt8(ascii: "0")))
      if isOver || isOverToo { return nil }
      unscaled = sum
    }
    return isNegative ? -unscaled : unscaled
  }

  /// Days since 1970 of text that begins with `yyyy-MM-dd`.
  static func days(_ bytes: UnsafeBufferPointer<UInt8>) -> Int32? {
    guard bytes.count >= 10, let year = number(bytes, 0, 4), let month = number(bytes, 5, 2),
      let day = number(bytes, 8, 2)
    else { return nil }
    return CalendarDate(year: year, month: month, day: day)?.days
  }

  static func microseconds(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
    guard bytes.count >= 20, let days = days(bytes), let hour = number(bytes, 11, 2),
      let minute = number(bytes, 14, 2), let second = number(bytes, 17, 2)
    else { return nil }
    var fraction: Int64 = 0
    var unit: Int64 = 100_000
    if bytes[19] == UInt8(ascii: ".") {
      for byte in bytes[20...] where byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") {
        fraction += Int64(byte - UInt8(ascii: "0")) * unit
        unit /= 10
      }
    }
    let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    return seconds * 1_000_000 + fraction
  }

  private static func number(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int) -> Int? {
    var number = 0
    for byte in bytes[start..<start + count] {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      number = number * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return number
  }
}
