// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import PipelineFiles
import Testing

@Suite("Hostile YAML")
struct YAMLReaderHostileTests {
  private static let sample = """
    # c
    pipeline: tài_sản
    extract: { http: { system: "finance", path: /a, query: { a: '1', b: [x, "y\\n"] } } }
    decode:
      xml: { records: /t:A/t:B }
    map:
      - a: |
          text
      - b: >-
          more
    """

  @Test(
    "answers any damage with a tree or a diagnostic at a place in the text, never with a crash",
    arguments: 1...8)
  func damaged(_ seed: UInt64) {
    var random = SplitMix(state: seed)
    let alphabet = Array("{}[]:,-?&*!|>'\"%@`#\t\n\r \\aầ\u{0}\u{85}\u{FEFF}\u{2028}0~<=")
    for round in 0..<120 {
      var text = Array(Self.sample)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let at = Int.random(in: 0..<text.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: text.remove(at: at)
        case 1: text[at] = alphabet.randomElement(using: &random) ?? " "
        default: text.insert(alphabet.randomElement(using: &random) ?? " ", at: at)
        }
      }
      let damaged = String(text)
      let (tree, diagnostics) = YAMLReader.read(damaged, file: "a.yaml")
      #expect(tree != nil || !diagnostics.isEmpty, "seed \(seed), round \(round)")
      let lines = SourceText(file: "a.yaml", text: damaged).lines()
      for diagnostic in diagnostics {
        let line = diagnostic.position?.line ?? 0
        #expect((1...lines.count).contains(line), "seed \(seed), round \(round): \(diagnostic)")
        #expect(!diagnostic.help.isEmpty, "seed \(seed), round \(round)")
      }
    }
  }

  @Test("reads a key that would expand to more than memory holds in no time")
  func bombInKey() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...20 {
      text +=
        "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]\n"
    }
    text += "? *a20\n: x\n? *a20\n: y\n"
    #expect(YAMLReader.read(text, file: "a.yaml").diagnostics.first?.id == "yaml.anchor")
  }
}

/// SplitMix64: repeatable everywhere.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
