// SPDX-License-Identifier: Apache-2.0

import Expressions
import Records

/// Finds the names of a code list in other spellings, nearest first: with the tone on the other vowel (Thuận Hoà,
/// Thuận Hòa), then without regard to diacritics (typed without them, or Phó Bảng for Phố Bảng). What is found so
/// is noted, never silent.
final class SpellingIndex {
  enum Tier: String, CaseIterable { case tone, accents }

  private let list: CodeList
  private let byTone: [String: [Int]]
  private let byLetters: [String: [Int]]

  init(_ list: CodeList) {
    self.list = list
    var byTone: [String: [Int]] = [:]
    var byLetters: [String: [Int]] = [:]
    for (index, entry) in list.entries.enumerated() {
      for name in entry.aliases + [entry.name] where !name.isEmpty {
        byTone[Self.folded(name, .tone), default: []].append(index)
        byLetters[Self.folded(name, .accents), default: []].append(index)
      }
    }
    self.byTone = byTone
    self.byLetters = byLetters
  }

  /// - Returns: the entries valid on the day (any, without one) in the first tier that has some.
  func find(_ text: String, asOf day: CalendarDate?) -> (tier: Tier, entries: [CodeListEntry])? {
    for tier in Tier.allCases {
      let index = tier == .tone ? byTone : byLetters
      let entries = (index[Self.folded(text, tier)] ?? []).map { list.entries[$0] }
        .filter { entry in day.map { entry.isValid(on: $0) } ?? true }
      if !entries.isEmpty { return (tier, entries) }
    }
    return nil
  }

  private static func folded(_ text: String, _ tier: Tier) -> String {
    let words = text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return tier == .tone ? Spelling.toneFolded(words) : Spelling.withoutAccents(words)
  }
}
