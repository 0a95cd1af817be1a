// SPDX-License-Identifier: Apache-2.0

/// A declared way to write dates and times, compiled: `dd/MM/yyyy`, `yyyyMMddHHmmss`, `M/d/yyyy h:mm:ss a`.
///
/// | letters | reads |
/// |---|---|
/// | `yyyy` | year, four digits |
/// | `MM`, `dd`, `HH`, `hh`, `mm`, `ss` | exactly two digits; `hh` 01…12 |
/// | `M`, `d`, `H`, `h`, `m`, `s` | one or two digits |
/// | `S` … `SSSSSS` | fraction of a second, exactly as many digits |
/// | `a` | `AM`, `PM`, `SA`, `CH` in any case |
/// | `X` | `Z`, `+07`, `+0700` |
/// | `XXX` | `Z`, `+07:00` |
/// | `'T'` | the quoted characters; `''` is a quote |
///
/// Characters that are no letters stand for themselves. The whole text must match, and days that do not exist
/// do not.
public struct DatePattern: Sendable, Hashable {
  /// How much of a day a pattern names.
  public enum Precision: Sendable, Comparable { case year, month, day }

  /// As written.
  public let text: String
  public let precision: Precision
  public let hasTime: Bool
  public let hasZone: Bool
  let elements: [Element]

  struct Element: Sendable, Hashable, BitwiseCopyable {
    enum Kind: UInt8, BitwiseCopyable {
      case literal, year, month, day, hour, halfDayHour, minute, second, fraction, halfDay, zone, iso
    }
    var kind: Kind
    /// Least and most digits of a number; of a zone 1 without and 3 with a colon.
    var least: UInt8 = 0
    var most: UInt8 = 0
    /// The byte of a literal.
    var byte: UInt8 = 0
  }

  /// - Throws: the first character that cannot be meant.
  public init(parsing text: String) throws(DatePatternError) {
    let compiled = try DatePatternCompiler.compile(text)
    self.text = text
    elements = compiled.elements
    precision = compiled.precision
    hasTime = compiled.hasTime
    hasZone = compiled.hasZone
  }

  private init(iso text: String) {
    self.text = text
    precision = .year
    hasTime = true
    hasZone = true
    elements = [Element(kind: .iso)]
  }

  /// ISO 8601 in its extended form: `2026-11-22`, `2026-11-22T10:15:30.5+07:00` (or a blank for `T`, seconds
  /// and zone may be left out), and for partial dates `2026-11` and `2026`. Digits beyond microseconds are
  /// cut off.
  public static let iso = DatePattern(iso: "yyyy-MM-dd")

  /// Reads the whole text, or answers nil when it does not match or names a day or time that does not exist.
  public func read(_ text: UnsafeBufferPointer<UInt8>) -> DateReading? {
    var scan = DateScan(text)
    for element in elements {
      guard scan.take(element) else { return nil }
    }
    return scan.finish()
  }
}

/// Why a text is no date pattern: the character at fault, the fact, and what to write instead.
public struct DatePatternError: Error, Sendable, Equatable {
  /// Characters from the start of the pattern, from 0.
  public var offset: Int
  /// Characters at fault.
  public var length: Int
  public var message: String
  public var help: String

  public init(offset: Int, length: Int = 1, message: String, help: String) {
    self.offset = offset
    self.length = length
    self.message = message
    self.help = help
  }
}
