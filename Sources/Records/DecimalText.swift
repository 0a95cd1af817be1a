// SPDX-License-Identifier: Apache-2.0

/// How numbers are written in a source, ready to read them: exactly, from bytes, without a binary float.
///
/// | accepted | as |
/// |---|---|
/// | `1234`, `1.234.567,89` | digits; where groups are used, all but the first have three digits |
/// | `,5` | a fraction without an integer part |
/// | `-5`, `+5`, `5-`, `(5)`, and U+2212 for `-` | the sign in front, behind, or as accountants write it |
/// | `1.5e3` | an exponent (JSON's), only without a group mark and with a decimal point |
///
/// Everything else is no number: `5,`, `1.23.456`, `0.123` with groups, `1 234` without a declared group
/// mark, digits of other scripts, blanks within.
public struct DecimalText: Sendable, Hashable {
  /// UTF-8 bytes of the group mark, the first in the lowest byte; 0 for none.
  private let group: UInt32
  private let groupLength: Int
  private let decimal: UInt32
  private let decimalLength: Int
  private let allowsExponent: Bool

  /// - Parameters:
  ///   - group: what stands between groups of three, or nil for none allowed. A blank stands for the no-break
  ///     spaces too.
  ///   - decimal: what stands in front of the fraction.
  public init(group: Character?, decimal: Character) {
    (self.group, groupLength) = group.map(Self.packed) ?? (0, 0)
    (self.decimal, decimalLength) = Self.packed(decimal)
    allowsExponent = group == nil && decimal == "."
  }

  private static func packed(_ mark: Character) -> (UInt32, Int) {
    let bytes = Array(String(mark).utf8.prefix(4))
    return (bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }, bytes.count)
  }

  /// Reads the whole text as one number, or answers nil when it is none.
  public func read(_ text: UnsafeBufferPointer<UInt8>) -> DecimalReading? {
    guard let base = text.baseAddress else { return nil }
    var at = 0
    var end = text.count
    guard let isNegative = Self.takeSign(base, &at, &end) else { return nil }

    var digits = DecimalDigits()
    var integerDigits = 0
    var sinceGroup = 0
    var isGrouped = false
    let startsWithZero = at < end && base[at] == 0x30
    while at < end {
      let byte = base[at]
      if byte &- 0x30 < 10 {
        digits.append(byte &- 0x30)
        integerDigits += 1
        sinceGroup += 1
        at += 1
        continue
      }
      let length = groupMark(base, at, end)
      guard length > 0 else { break }
      guard isGrouped ? sinceGroup == 3 : (1...3).contains(sinceGroup) else { return nil }
      isGrouped = true
      sinceGroup = 0
      at += length
    }
    if isGrouped, sinceGroup != 3 || startsWithZero { return nil }

    if at < end, matches(decimal, decimalLength, base, at, end) {
      at += decimalLength
      let first = at
      while at < end, base[at] &- 0x30 < 10 {
        digits.appendFraction(base[at] &- 0x30)
        at += 1
      }
      if at == first { return nil }
    } else if integerDigits == 0 {
      return nil
    }
    if at < end {
      guard allowsExponent, let exponent = Self.takeExponent(base, &at, end) else { return nil }
      digits.exponent += exponent
    }
    guard at == end else { return nil }
    return digits.reading(isNegative: isNegative)
  }

  /// Bytes of a group mark at this place; 0 when there is none.
  private func groupMark(_ base: UnsafePointer<UInt8>, _ at: Int, _ end: Int) -> Int {
    guard groupLength > 0 else { return 0 }
    if matches(group, groupLength, base, at, end) { return groupLength }
    guard group == 0x20 else { return 0 }
    // A blank between groups is often sent as U+00A0 or U+202F.
    if at + 2 <= end, base[at] == 0xC2, base[at + 1] == 0xA0 { return 2 }
    if at + 3 <= end, base[at] == 0xE2, base[at + 1] == 0x80, base[at + 2] == 0xAF { return 3 }
    return 0
  }

  private func matches(
    _ mark: UInt32, _ length: Int, _ base: UnsafePointer<UInt8>, _ at: Int, _ end: Int
  ) -> Bool {
    guard base[at] == UInt8(truncatingIfNeeded: mark) else { return false }
    if length == 1 { return true }
    guard at + length <= end else { return false }
    for index in 1..<length where base[at + index] != UInt8(truncatingIfNeeded: mark >> (8 * index)) {
      return false
    }
    return true
  }

  /// Narrows the text to what stands between its sign marks; nil when they contradict each other.
  private static func takeSign(_ base: UnsafePointer<UInt8>, _ at: inout Int, _ end: inout Int) -> Bool? {
    guard at < end else { return nil }
    if base[at] &- 0x30 < 10, base[end - 1] &- 0x30 < 10 { return false }
    if base[at] == UInt8(ascii: "(") {
      guard base[end - 1] == UInt8(ascii: ")") else { return nil }
      at += 1
      end -= 1
      return true
    }
    if base[at] == UInt8(ascii: "+") {
      at += 1
      return false
    }
    if base[at] == UInt8(ascii: "-") {
      at += 1
      return true
    }
    if isMinus(base, at, end) {
      at += 3
      return true
    }
    if base[end - 1] == UInt8(ascii: "-") {
      end -= 1
      return true
    }
    if isMinus(base, end - 3, end) {
      end -= 3
      return true
    }
    return false
  }

  /// U+2212.
  private static func isMinus(_ base: UnsafePointer<UInt8>, _ at: Int, _ end: Int) -> Bool {
    at >= 0 && at + 3 <= end && base[at] == 0xE2 && base[at + 1] == 0x88 && base[at + 2] == 0x92
  }

  private static func takeExponent(_ base: UnsafePointer<UInt8>, _ at: inout Int, _ end: Int) -> Int? {
    guard base[at] | 0x20 == UInt8(ascii: "e") else { return nil }
    at += 1
    var isNegative = false
    if at < end, base[at] == UInt8(ascii: "+") || base[at] == UInt8(ascii: "-") {
      isNegative = base[at] == UInt8(ascii: "-")
      at += 1
    }
    let first = at
    var exponent = 0
    while at < end, base[at] &- 0x30 < 10 {
      // Past every number of 38 digits the size no longer matters.
      if exponent < 1 << 24 { exponent = exponent * 10 + Int(base[at] &- 0x30) }
      at += 1
    }
    return at == first ? nil : isNegative ? -exponent : exponent
  }
}

/// Gathers up to 38 digits in two machine words, and what is left of the digits behind them.
private struct DecimalDigits {
  /// The first 19 significant digits, and the next 19.
  private var high: UInt64 = 0
  private var low: UInt64 = 0
  private var highCount = 0
  private var lowCount = 0
  var exponent = 0
  private var tailDigits = 0
  private var tailFirst: UInt8 = 0
  private var tailHasMore = false

  @inline(__always)
  mutating func append(_ digit: UInt8) {
    if highCount < 19 {
      high = high &* 10 &+ UInt64(digit)
      if high != 0 { highCount += 1 }
    } else {
      appendFar(digit, exponentIfKept: 0, exponentIfDropped: 1)
    }
  }

  @inline(__always)
  mutating func appendFraction(_ digit: UInt8) {
    if highCount < 19 {
      high = high &* 10 &+ UInt64(digit)
      if high != 0 { highCount += 1 }
      exponent -= 1
    } else {
      appendFar(digit, exponentIfKept: -1, exponentIfDropped: 0)
    }
  }

  private mutating func appendFar(_ digit: UInt8, exponentIfKept: Int, exponentIfDropped: Int) {
    if lowCount < 19 {
      low = low &* 10 &+ UInt64(digit)
      lowCount += 1
      exponent += exponentIfKept
      return
    }
    if tailDigits == 0 { tailFirst = digit } else if digit != 0 { tailHasMore = true }
    tailDigits += 1
    exponent += exponentIfDropped
  }

  func reading(isNegative: Bool) -> DecimalReading {
    var magnitude = UInt128(high)
    if lowCount > 0 { magnitude = magnitude * DecimalReading.powers[lowCount] + UInt128(low) }
    let rest: DecimalRemainder =
      switch (tailFirst, tailHasMore) {
      case (0, false): .none
      case (5, false): .half
      case (0..<5, _): .belowHalf
      default: .aboveHalf
      }
    return DecimalReading(
      isNegative: isNegative && (magnitude != 0 || rest != .none), magnitude: magnitude,
      exponent: exponent, rest: rest)
  }
}
