// SPDX-License-Identifier: Apache-2.0

import Records

/// Writes a moment as a source wants it in a request: `dd/MM/yyyy`, `yyyy-MM-dd'T'HH:mm:ss`, or `epoch` for seconds
/// since 1970.
struct DatePattern: Sendable, Equatable {
  private enum Part: Equatable {
    case literal(String)
    case year, month, day, hour, minute, second
    case bareMonth, bareDay
    case epoch
  }

  private let parts: [Part]

  /// `yyyy-MM-dd`
  static let day = DatePattern(parts: [.year, .literal("-"), .month, .literal("-"), .day])

  private init(parts: [Part]) { self.parts = parts }

  /// Nil when a letter stands for nothing, or a quote is never closed.
  init?(_ text: String) {
    if text == "epoch" {
      parts = [.epoch]
      return
    }
    var parts: [Part] = []
    var rest = text[...]
    while let first = rest.first {
      if first == "'" {
        guard let end = rest.dropFirst().firstIndex(of: "'") else { return nil }
        parts.append(.literal(String(rest[rest.index(after: rest.startIndex)..<end])))
        rest = rest[rest.index(after: end)...]
        continue
      }
      let run = rest.prefix { $0 == first }
      rest = rest[run.endIndex...]
      switch run {
      case "yyyy": parts.append(.year)
      case "MM": parts.append(.month)
      case "M": parts.append(.bareMonth)
      case "dd": parts.append(.day)
      case "d": parts.append(.bareDay)
      case "HH": parts.append(.hour)
      case "mm": parts.append(.minute)
      case "ss": parts.append(.second)
      default:
        // T and Z stand in so many formats that they need no quotes.
        if first.isLetter, run != "T", run != "Z" { return nil }
        parts.append(.literal(String(run)))
      }
    }
    guard !parts.isEmpty else { return nil }
    self.parts = parts
  }

  /// - Parameter zoneMinutes: minutes east of UTC that days and hours are counted in.
  func text(_ moment: Instant, zoneMinutes: Int) -> String {
    let local = Instant(microseconds: moment.microseconds &+ Int64(zoneMinutes) &* 60_000_000)
    let (year, month, day) = local.date.parts
    let seconds = Int((local.microseconds - Int64(local.date.days) * 86_400_000_000) / 1_000_000)
    return parts.map { part in
      switch part {
      case .literal(let text): text
      case .year: padded(year, 4)
      case .month: padded(month, 2)
      case .bareMonth: String(month)
      case .day: padded(day, 2)
      case .bareDay: String(day)
      case .hour: padded(seconds / 3600, 2)
      case .minute: padded(seconds / 60 % 60, 2)
      case .second: padded(seconds % 60, 2)
      case .epoch: String(moment.microseconds.floorDivided(by: 1_000_000))
      }
    }.joined()
  }

  func text(_ date: CalendarDate) -> String {
    text(Instant(microseconds: Int64(date.days) * 86_400_000_000), zoneMinutes: 0)
  }

  private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
