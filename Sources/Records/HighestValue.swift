// SPDX-License-Identifier: Apache-2.0

/// The highest value of a field over the records of a batch or a run: what an incremental extractor goes on from.
public enum HighestValue: Sendable, Hashable {
  case date(CalendarDate)
  case timestamp(Instant)
  case integer(Int64)
  /// Compared byte by byte.
  case text(String)

  /// Type and value in one text, as the ledger keeps it: `date 2026-01-05`.
  public var ledgerText: String {
    switch self {
    case .date(let day): "date \(day)"
    case .timestamp(let moment): "timestamp \(moment.microseconds)"
    case .integer(let number): "integer \(number)"
    case .text(let text): "text \(text)"
    }
  }

  /// Nil for what is none of ours.
  public init?(ledgerText: String) {
    guard let space = ledgerText.firstIndex(of: " ") else { return nil }
    let value = String(ledgerText[ledgerText.index(after: space)...])
    let found: HighestValue? =
      switch ledgerText[..<space] {
      case "date": CalendarDate(iso: value).map { .date($0) }
      case "timestamp": Int64(value).map { .timestamp(Instant(microseconds: $0)) }
      case "integer": Int64(value).map { .integer($0) }
      case "text": .text(value)
      default: nil
      }
    guard let found else { return nil }
    self = found
  }

  /// The higher of two. Of different types the second stands: the field's type was changed in between.
  public static func higher(_ first: HighestValue?, _ second: HighestValue?) -> HighestValue? {
    guard let first else { return second }
    guard let second else { return first }
    let isFirstHigher =
      switch (first, second) {
      case (.date(let left), .date(let right)): left > right
      case (.timestamp(let left), .timestamp(let right)): left > right
      case (.integer(let left), .integer(let right)): left > right
      case (.text(let left), .text(let right)): right.utf8.lexicographicallyPrecedes(left.utf8)
      default: false
      }
    return isFirstHigher ? first : second
  }
}
