// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// What a text may stand for that a code list does not have, or not any more. For people who keep a list or ask a
/// source; a pipeline never takes one of these.
public struct CodeCandidates {
  private let list: CodeList
  /// Codes and names without diacritics → entries.
  private let places: CodeList.Index
  private let codeLengths: [Int]

  public init(_ list: CodeList) {
    self.list = list
    places = list.index("candidates") { entry in
      ([entry.code, entry.name] + entry.aliases + entry.sourceAliases.values.joined()).filter { !$0.isEmpty }
        .map(Self.folded)
    }
    codeLengths = Set(list.entries.map(\.code.count)).sorted()
  }

  /// - Returns: the likeliest first, one entry a code: what followed a code that ended, a code with the zeros it has
  /// lost, then codes and names that are a slip away.
  public func nearest(to text: String, atMost count: Int = 3) -> [CodeListEntry] {
    let ended = list.entries(of: text)
    if !ended.isEmpty {
      let heirs = ended.flatMap(\.successors).filter { $0 != text }.flatMap { latest($0) }
      return distinct(heirs.isEmpty ? ended : heirs, count)
    }
    var found: [CodeListEntry] = []
    if !text.isEmpty, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) {
      for length in codeLengths where length > text.count {
        found += latest(String(repeating: "0", count: length - text.count) + text)
      }
    }
    // Two slips in a code of a few digits lead anywhere.
    let slips = text.contains(where: \.isNumber) ? 1 : nil
    let near = Suggestion.nearest(
      to: Self.folded(text), among: places.keys.sorted(), atMost: count, slips: slips)
    for name in near { found += (places[name] ?? []).map { list.entries[$0] } }
    return distinct(found, count)
  }

  /// A help sentence: what was probably meant, or how the list's codes look.
  public func help(for text: String) -> String {
    let near = nearest(to: text)
    if near.isEmpty { return Suggestion.help(for: text, among: Set(list.entries.map(\.code)).sorted()) }
    return
      "did you mean \(near.map { $0.name.isEmpty ? $0.code : "\($0.code) \($0.name)" }.joined(separator: ", "))?"
  }

  private func latest(_ code: String) -> [CodeListEntry] {
    CodeList.latest(list.entries(of: code)).map { [$0] } ?? []
  }

  private func distinct(_ entries: [CodeListEntry], _ count: Int) -> [CodeListEntry] {
    var codes: Set<String> = []
    return Array(entries.filter { codes.insert($0.code).inserted }.prefix(count))
  }

  private static func folded(_ text: String) -> String {
    Spelling.withoutAccents(text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " "))
  }
}
