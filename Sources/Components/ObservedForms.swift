// SPDX-License-Identifier: Apache-2.0

import Records

/// What all values met at one place of a sample have in common: which ways of writing numbers, dates and
/// truth
/// they fit. Judged by the readers that transformers use, so that what fits here is read there.
public struct ObservedForms: Sendable, Equatable {
  public struct Fits: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// `true` and `false`.
    public static let boolean = Fits(rawValue: 1 << 0)
    /// Digits without a leading zero, at most 18.
    public static let integer = Fits(rawValue: 1 << 1)
    /// `1234.5`
    public static let plainNumber = Fits(rawValue: 1 << 2)
    /// `1.234,5`
    public static let vietnameseNumber = Fits(rawValue: 1 << 3)
    /// `1,234.5`
    public static let englishNumber = Fits(rawValue: 1 << 4)
    /// `2026-11-22`
    public static let isoDate = Fits(rawValue: 1 << 5)
    /// `2026-11-22T10:15:30Z`
    public static let isoTimestamp = Fits(rawValue: 1 << 6)
    /// The first of ``patterns``; each further one is the next bit.
    public static let firstPattern = Fits(rawValue: 1 << 8)

    static let all = Fits(rawValue: .max)
  }

  /// Dates as sources here write them, the likelier of two that fit first.
  public static let patterns = [
    "dd/MM/yyyy", "d/M/yyyy", "dd-MM-yyyy", "dd.MM.yyyy", "yyyy/MM/dd", "dd/MM/yyyy HH:mm:ss",
    "dd/MM/yyyy HH:mm",
    "d/M/yyyy H:mm:ss", "yyyy/MM/dd HH:mm:ss", "M/d/yyyy", "M/d/yyyy h:mm:ss a",
  ]

  private static let compiled = patterns.map { try? DatePattern(parsing: $0) }
  private static let plain = DecimalText(group: nil, decimal: ".")
  private static let vietnamese = DecimalText(group: ".", decimal: ",")
  private static let english = DecimalText(group: ",", decimal: ".")

  /// Meaningful only where there was a value.
  public private(set) var fits = Fits.all
  /// Values judged; empty ones are none.
  public private(set) var count = 0
  /// Every value was a number or truth word of the format itself, not a quoted text.
  public private(set) var isLiteral = true
  /// Most digits behind a last mark that is a point, and behind one that is a comma.
  public private(set) var pointDigits = 0
  public private(set) var commaDigits = 0
  public private(set) var shortest = Int.max
  public private(set) var longest = 0

  public init() {}

  /// Judges one more value, without white space around it.
  public mutating func add(_ text: UnsafeBufferPointer<UInt8>, isLiteral: Bool = false) {
    guard !text.isEmpty else { return }
    count += 1
    if !isLiteral { self.isLiteral = false }
    shortest = min(shortest, text.count)
    longest = max(longest, text.count)
    if fits.isEmpty { return }
    guard text.count <= 64 else {
      fits = []
      return
    }
    fits.formIntersection(number(text))
    if !fits.isEmpty, fits.rawValue & ~0b11110 != 0 {
      fits.formIntersection(Self.otherForms(text).union(Self.numbers))
    }
  }

  private static let numbers: Fits = [.integer, .plainNumber, .vietnameseNumber, .englishNumber]

  /// The number forms that the text fits, and all others.
  private mutating func number(_ text: UnsafeBufferPointer<UInt8>) -> Fits {
    let others = Fits.all.subtracting(Self.numbers)
    guard !fits.isDisjoint(with: Self.numbers) else { return others }
    let isSigned = text[0] == UInt8(ascii: "-")
    let digits = UnsafeBufferPointer(rebasing: text[(isSigned ? 1 : 0)...])
    // A lost or meant zero in front makes a code: it stays text.
    guard let first = digits.first, first >= 0x30, first <= 0x39,
      first != 0x30 || digits.count == 1 || digits[1] == UInt8(ascii: ".") || digits[1] == UInt8(ascii: ","),
      digits.allSatisfy({ ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",") })
    else { return others }
    var found = others
    if Self.plain.read(text) != nil { found.formUnion(.plainNumber) }
    if Self.vietnamese.read(text) != nil { found.formUnion(.vietnameseNumber) }
    if Self.english.read(text) != nil { found.formUnion(.englishNumber) }
    if let mark = digits.lastIndex(where: { $0 < 0x30 }) {
      let behind = digits.count - mark - 1
      if digits[mark] == UInt8(ascii: ".") {
        pointDigits = max(pointDigits, behind)
      } else {
        commaDigits = max(commaDigits, behind)
      }
    } else if digits.count <= 18 {
      found.formUnion(.integer)
    }
    return found
  }

  private static func otherForms(_ text: UnsafeBufferPointer<UInt8>) -> Fits {
    if text.elementsEqual("true".utf8) || text.elementsEqual("false".utf8) { return .boolean }
    // Every date begins and nearly every one ends with a digit: most texts are told here.
    guard text.count >= 8, text[0] >= 0x30, text[0] <= 0x39 else { return [] }
    var found = Fits()
    if let reading = DatePattern.iso.read(text), reading.day > 0 {
      found.formUnion(reading.microseconds == nil ? .isoDate : .isoTimestamp)
    }
    for (index, pattern) in compiled.enumerated() where pattern?.read(text) != nil {
      found.formUnion(Fits(rawValue: Fits.firstPattern.rawValue << UInt32(index)))
    }
    return found
  }

  /// The likeliest date pattern that all values fit.
  public var pattern: String? {
    guard count > 0 else { return nil }
    return Self.patterns.indices.first {
      fits.contains(Fits(rawValue: Fits.firstPattern.rawValue << UInt32($0)))
    }.map { Self.patterns[$0] }
  }

  /// Takes in what another place had.
  public mutating func formUnion(_ other: ObservedForms) {
    guard other.count > 0 else { return }
    fits.formIntersection(other.fits)
    count += other.count
    isLiteral = isLiteral && other.isLiteral
    pointDigits = max(pointDigits, other.pointDigits)
    commaDigits = max(commaDigits, other.commaDigits)
    shortest = min(shortest, other.shortest)
    longest = max(longest, other.longest)
  }
}
