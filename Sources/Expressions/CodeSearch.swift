// SPDX-License-Identifier: Apache-2.0

import Records

/// Finds the entry of a code list that a source means by a text, nearest tier first. What any tier but the exact
/// ones finds is to be noted, never silent.
///
/// Used by one thread; the indexes behind it are the list's and made once.
public final class CodeSearch {
  /// How a text led to an entry.
  public enum Tier: String, Sendable, CaseIterable {
    /// What the declared source calls it.
    case source
    case code
    /// The name, in any case.
    case name
    /// Another name that the list gives it, in any case.
    case alias
    /// A name with the tone on the other vowel: Thuận Hoà, Thuận Hòa.
    case tone
    /// A name without regard to diacritics: typed without them, or Phó Bảng for Phố Bảng.
    case accents

    /// Whether the text stands in the list as it is.
    public var isExact: Bool { self == .source || self == .code || self == .name }
  }

  public enum Answer: Sendable, Equatable {
    case found(CodeListEntry, Tier)
    /// The list has it, but not on the day asked for.
    case notValid([CodeListEntry])
    /// Several codes go by this name on that day.
    case ambiguous([CodeListEntry])
    case unknown
  }

  private let list: CodeList
  private let source: String?
  private let ignoresCodes: Bool
  private lazy var indexes: [(tier: Tier, index: CodeList.Index)] = Tier.allCases.compactMap { tier in
    guard tier != .code, tier != .source else { return nil }
    return (tier, list.index(tier.rawValue) { Self.texts(of: $0, tier) })
  }
  private lazy var sourceIndex: CodeList.Index =
    source.map { source in
      list.index("source \(source)") { ($0.sourceAliases[source] ?? []).map { Self.folded($0, .source) } }
    } ?? [:]

  /// - Parameter source: the source whose aliases come before everything else; one that the list has, or nil.
  public init(_ list: CodeList, source: String? = nil) {
    self.list = list
    self.source = source
    ignoresCodes = source.flatMap { list.sources[$0] }?.numbersItself ?? false
  }

  /// Finds a text as it stood on a day; without a day any validity will do, and the latest stands.
  public func find(_ text: String, asOf day: CalendarDate?) -> Answer {
    if source != nil, let answer = pick(sourceIndex[Self.folded(text, .source)], .source, day) {
      return answer
    }
    let entries = list.entries(of: text)
    if !entries.isEmpty { return ignoresCodes ? .unknown : code(entries, day) }
    var ended: Answer?
    for (tier, index) in indexes {
      guard let answer = pick(index[Self.folded(text, tier)], tier, day) else { continue }
      guard case .notValid = answer else { return answer }
      // A later tier may have one that is valid: where Xã Thuận Hoà ended, Xã Thuận Hòa took its place.
      ended = ended ?? answer
    }
    return ended ?? .unknown
  }

  /// Finds a code as it stood on a day, and nothing else.
  public func find(code: String, asOf day: CalendarDate?) -> Answer {
    let entries = list.entries(of: code)
    return entries.isEmpty || ignoresCodes ? .unknown : self.code(entries, day)
  }

  private func code(_ entries: [CodeListEntry], _ day: CalendarDate?) -> Answer {
    let valid = day.map { day in entries.filter { $0.isValid(on: day) } } ?? entries
    return CodeList.latest(valid).map { .found($0, .code) } ?? .notValid(entries)
  }

  private func pick(_ places: [Int]?, _ tier: Tier, _ day: CalendarDate?) -> Answer? {
    guard let places else { return nil }
    let entries = places.map { list.entries[$0] }
    let valid = day.map { day in entries.filter { $0.isValid(on: day) } } ?? entries
    guard let latest = CodeList.latest(valid) else { return .notValid(entries) }
    return valid.allSatisfy { $0.code == latest.code } ? .found(latest, tier) : .ambiguous(valid)
  }

  private static func texts(of entry: CodeListEntry, _ tier: Tier) -> [String] {
    let names = entry.name.isEmpty ? [] : [entry.name]
    let all =
      switch tier {
      case .source, .code: [String]()
      case .name: names
      case .alias: entry.aliases
      case .tone, .accents: names + entry.aliases
      }
    return all.map { folded($0, tier) }
  }

  private static func folded(_ text: String, _ tier: Tier) -> String {
    let lowered = text.lowercased()
    guard tier == .tone || tier == .accents else { return lowered }
    let words = lowered.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return tier == .tone ? Spelling.toneFolded(words) : Spelling.withoutAccents(words)
  }
}
