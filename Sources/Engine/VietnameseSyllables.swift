// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Tells text from letters that merely look Vietnamese: how many of its words are syllables of the language.
enum VietnameseSyllables {
  /// The share of words beyond ASCII that are syllables, 0…1; 0 when there are none.
  static func share(of text: String) -> Double {
    var words = 0
    var syllables = 0
    for word in text.precomposedStringWithCanonicalMapping.split(whereSeparator: {
      !$0.isLetter && $0.isASCII
    }) {
      guard !word.utf8.allSatisfy({ $0 < 0x80 }) else { continue }
      words += 1
      if isSyllable(word.lowercased()) { syllables += 1 }
      if words == 5_000 { break }
    }
    return words == 0 ? 0 : Double(syllables) / Double(words)
  }

  private static let tones: Set<Unicode.Scalar> = ["\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"]

  /// One initial, one vowel group with at most one tone mark, one final.
  private static func isSyllable(_ word: String) -> Bool {
    var toneCount = 0
    var bare = String.UnicodeScalarView()
    for scalar in word.decomposedStringWithCanonicalMapping.unicodeScalars {
      if tones.contains(scalar) { toneCount += 1 } else { bare.append(scalar) }
    }
    guard toneCount <= 1 else { return false }
    let letters = String(bare).precomposedStringWithCanonicalMapping
    return initials.contains { initial in
      guard letters.hasPrefix(initial) else { return false }
      let rest = letters.dropFirst(initial.count)
      return finals.contains { rest.hasSuffix($0) && nuclei.contains(String(rest.dropLast($0.count))) }
    }
  }

  private static let initials = [
    "", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p",
    "ph", "q", "qu",
    "r", "s", "t", "th", "tr", "v", "x",
  ]
  private static let finals = ["", "c", "ch", "m", "n", "ng", "nh", "p", "t", "k"]
  private static let nuclei = Set(
    """
    a ă â e ê i o ô ơ u ư y ia iê yê ya ua uô ưa ươ oa oă oe uê uy uơ uâ \
    ai ao au âu ay ây eo êu iu iêu yêu oi ôi ơi oai \
    oay oao oeo ui uôi ưi ươi ưu ươu uya uyê uyu uây uêu uao ue uă
    """.split(separator: " ").map(String.init))
}
