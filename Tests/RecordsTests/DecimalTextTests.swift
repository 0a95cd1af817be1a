// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@Suite("Numbers as written")
struct DecimalTextTests {
  private let plain = DecimalText(group: nil, decimal: ".")
  private let vietnamese = DecimalText(group: ".", decimal: ",")
  private let english = DecimalText(group: ",", decimal: ".")

  /// `magnitude e exponent`, or nil.
  private func shown(_ text: String, _ format: DecimalText) -> String? {
    var text = text
    return text.withUTF8 { format.read($0) }.map {
      "\($0.isNegative ? "-" : "")\($0.magnitude)e\($0.exponent)\($0.rest == .none ? "" : " \($0.rest)")"
    }
  }

  @Test(
    "reads each accepted form",
    arguments: [
      ("1234", "1234e0"), ("1.234.567,89", "123456789e-2"), ("12.345", "12345e0"), (",5", "5e-1"),
      ("-5", "-5e0"),
      ("+5", "5e0"), ("5-", "-5e0"), ("(5)", "-5e0"), ("\u{2212}5", "-5e0"), ("5\u{2212}", "-5e0"),
      ("0", "0e0"),
      ("-0,00", "0e-2"), ("000", "0e0"), ("123456,7", "1234567e-1"),
    ])
  func accepts(_ text: String, _ expected: String) { #expect(shown(text, vietnamese) == expected) }

  @Test(
    "refuses everything else",
    arguments: [
      "", "-", "(", ")", "()", "(-5)", "-5-", "--5", "+-5", "- 5", "5,", ",", "1.23", "1.2345", ".123",
      "1.234.", "1..234",
      "0.123", "1,2,3", "1,234.5", "1e3", "1 234", " 1", "1 ", "٣", "１", "0x1", "NaN", "1.234,5,", "5(", "(5",
      "5)", "\u{2212}",
    ])
  func refuses(_ text: String) { #expect(shown(text, vietnamese) == nil) }

  @Test("reads exponents in plain format alone, of any size")
  func exponents() {
    #expect(shown("1.5e3", plain) == "15e2")
    #expect(shown("2.08512E+09", plain) == "208512e4")
    #expect(shown("-1e-2", plain) == "-1e-2")
    #expect(shown("1e", plain) == nil)
    #expect(shown("1e+", plain) == nil)
    #expect(shown("1e3", english) == nil)
    #expect(shown("1e99999999999999999999999", plain) != nil)
  }

  @Test("takes a blank group mark for the no-break spaces too")
  func blanks() {
    let french = DecimalText(group: " ", decimal: ",")
    #expect(shown("1 234\u{A0}567\u{202F}890,5", french) == "12345678905e-1")
    #expect(DecimalText(group: "\u{A0}", decimal: ",") != french)
    #expect(shown("1\u{A0}234", DecimalText(group: "\u{A0}", decimal: ",")) == "1234e0")
  }

  @Test("keeps 38 significant digits and says what stands behind them")
  func longNumbers() {
    let digits = String(repeating: "1234567890", count: 4)
    let head = digits.prefix(38)
    #expect(shown(digits, plain) == "\(head)e2 aboveHalf")
    #expect(shown("\(head)50", plain) == "\(head)e2 half")
    #expect(shown("\(head).0000", plain) == "\(head)e0")
    #expect(shown("\(head).0001", plain) == "\(head)e0 belowHalf")
    #expect(shown("000\(head)", plain) == "\(head)e0")
    #expect(shown("0.000\(head)", plain) == "\(head)e-41")
  }

  @Test("divides exactly and compares what is left with the half")
  func units() {
    func units(_ text: String, scale: Int) -> String? {
      var text = text
      guard let reading = text.withUTF8({ plain.read($0) }), let units = reading.units(scale: scale) else {
        return nil
      }
      return "\(units.whole) \(units.rest)"
    }
    #expect(units("1.25", scale: 2) == "125 none")
    #expect(units("1.25", scale: 4) == "12500 none")
    #expect(units("1.25", scale: 1) == "12 half")
    #expect(units("1.2500000000000000000000000000000000001", scale: 1) == "12 aboveHalf")
    #expect(units("1.2499999999999999999999999999999999999", scale: 1) == "12 belowHalf")
    #expect(units("1e-99999", scale: 2) == "0 belowHalf")
    #expect(units("0e99999", scale: 2) == "0 none")
    #expect(units("1e36", scale: 2) == nil)
    #expect(units("9e35", scale: 2) == "9\(String(repeating: "0", count: 37)) none")
  }

  @Test("gives back every number of up to 38 digits, in each format", arguments: [11, 12, 13])
  func roundTrip(seed: UInt64) {
    var random = SeededNumbers(seed: seed)
    for _ in 0..<300 {
      let count = Int.random(in: 1...38, using: &random)
      let scale = Int.random(in: 0...min(count, 10), using: &random)
      var magnitude: Int128 = 0
      for _ in 0..<count { magnitude = magnitude * 10 + Int128(Int.random(in: 0...9, using: &random)) }
      let isNegative = magnitude != 0 && Bool.random(using: &random)
      let exact = ExactDecimal(unscaled: isNegative ? -magnitude : magnitude, scale: scale)
      for (format, group, decimal) in [(plain, "", "."), (vietnamese, ".", ","), (english, ",", ".")] {
        let text = written(exact, group: group, decimal: decimal, &random)
        var copy = text
        let reading = copy.withUTF8 { format.read($0) }
        let back = reading?.units(scale: scale).map { units in
          ExactDecimal(unscaled: (reading?.isNegative ?? false ? -1 : 1) * Int128(units.whole), scale: scale)
        }
        #expect(back == exact, "seed \(seed): \(text)")
      }
    }
  }

  private func written(
    _ number: ExactDecimal, group: String, decimal: String, _ random: inout SeededNumbers
  ) -> String {
    let parts = ExactDecimal(unscaled: Int128(number.unscaled.magnitude), scale: number.scale).description
      .split(separator: ".")
    var whole = ""
    for (index, digit) in parts[0].reversed().enumerated() {
      if index > 0, index % 3 == 0 { whole = group + whole }
      whole = String(digit) + whole
    }
    let text = whole + (parts.count > 1 ? decimal + parts[1] : "")
    guard number.unscaled < 0 else { return text }
    return ["-\(text)", "\(text)-", "(\(text))", "\u{2212}\(text)"].randomElement(using: &random) ?? text
  }
}

/// Random numbers that a seed decides (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
