// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

@Suite("Composition to NFC")
struct ComposedTextTests {
  private let vowels = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵ"

  private func bytes(_ text: String) -> [UInt8] { Array(ComposedText.string(text).utf8) }

  @Test("composes each of the Vietnamese letters, decomposed fully or in part")
  func letters() {
    let letters = vowels + vowels.uppercased() + "đĐ"
    #expect(letters.count == 146)
    for letter in letters {
      let text = String(letter)
      let whole = Array(text.precomposedStringWithCanonicalMapping.utf8)
      #expect(bytes(text.decomposedStringWithCanonicalMapping) == whole, "\(letter)")
      // windows-1258 decodes to a shaped letter and a tone.
      let scalars = Array(text.decomposedStringWithCanonicalMapping.unicodeScalars)
      for cut in scalars.indices {
        var head = String.UnicodeScalarView()
        head.append(contentsOf: scalars[...cut])
        let partly = String(head).precomposedStringWithCanonicalMapping
        var rest = String.UnicodeScalarView(partly.unicodeScalars)
        rest.append(contentsOf: scalars[(cut + 1)...])
        #expect(bytes(String(rest)) == whole, "\(letter) cut at \(cut)")
      }
    }
  }

  @Test(
    "does what the standard says where marks are strange",
    arguments: [
      "a\u{301}\u{302}", "á\u{302}", "a\u{323}\u{302}\u{301}", "\u{300}", "a\u{300}\u{300}", "q\u{301}",
      "n\u{303}",
      "e\u{306}", "o\u{301}\u{31B}", "o\u{31B}\u{31B}", "\u{1100}\u{1161}\u{11A8}", "\u{212B}", "\u{2126}",
      "\u{2000}x\u{2001}",
      "\u{0958}", "\u{FB1D}",
      "👩‍👩‍👧 a\u{300}", "\u{340}", "d\u{301}", "ạ\u{306}", "ă\u{323}", "u\u{323}\u{31B}",
      "\u{E0}\u{323}",
      "\u{2044}\u{20AB}–“”…", "\u{1E9B}\u{323}", "\u{F900}",
    ])
  func strange(_ text: String) {
    #expect(bytes(text) == Array(text.precomposedStringWithCanonicalMapping.utf8))
  }

  @Test("composes a Hangul syllable with its last consonant, which Foundation leaves apart")
  func hangul() { #expect(bytes("\u{AC00}\u{11A8}") == Array("\u{AC01}".utf8)) }

  @Test("equals the platform's composition on random text", arguments: [31, 32, 33])
  func random(seed: UInt64) {
    var random = SeededNumbers(seed: seed)
    let marks: [Unicode.Scalar] = [
      "\u{300}", "\u{301}", "\u{302}", "\u{303}", "\u{306}", "\u{309}", "\u{31B}", "\u{323}", "\u{308}",
    ]
    let letters = Array((vowels + vowels.uppercased() + "đĐqz 1-–₫\u{2000}ﾊ한").unicodeScalars)
    for _ in 0..<400 {
      var view = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...40, using: &random) {
        let list = Int.random(in: 0...3, using: &random) == 0 ? marks : letters
        if let scalar = list.randomElement(using: &random) { view.append(scalar) }
      }
      var text = String(view)
      if Bool.random(using: &random) { text = text.decomposedStringWithCanonicalMapping }
      #expect(
        bytes(text) == Array(text.precomposedStringWithCanonicalMapping.utf8),
        "seed \(seed): \(text.unicodeScalars.map { String($0.value, radix: 16) })")
    }
  }

  @Test("sees at any place that a text needs a closer look")
  func scan() {
    func isPlain(_ text: String) -> Bool {
      var text = text
      return text.withUTF8 { ComposedText.isPlain($0) }
    }
    for place in 0..<80 {
      let before = String(repeating: "x", count: place)
      for after in [0, 1, 2, 17, 40] {
        let rest = String(repeating: "y", count: after)
        #expect(isPlain("\(before)Ồ–₫\(rest)"))
        #expect(!isPlain("\(before)o\u{300}\(rest)"))
        #expect(!isPlain("\(before)\u{2001}\(rest)"))
        #expect(!isPlain("\(before)한\(rest)"))
      }
    }
  }
}
