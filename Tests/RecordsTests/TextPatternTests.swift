// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Records

@Suite("Text patterns")
struct TextPatternTests {
  private func matches(_ pattern: String, _ text: String) throws -> Bool {
    let pattern = try TextPattern(parsing: pattern)
    var text = text
    return text.withUTF8 { pattern.matches($0) }
  }

  @Test(
    "describes the whole value",
    arguments: [
      ("", [""], ["a"]),
      ("abc", ["abc"], ["ab", "abcd", "xabc", ""]),
      (
        "[A-Z0-9.]{6,20}", ["H25.01", "ABCDEFGHIJKLMNOPQRST"],
        ["H25.0", "abc123", "ABCDEFGHIJKLMNOPQRSTU", ""]
      ),
      ("a|b|cd", ["a", "b", "cd"], ["c", "d", "ab"]),
      ("^(?:TS|CC)-\\d{2}$", ["TS-01", "CC-99"], ["TS-1", "TS-٣٤", "XTS-01"]),
      ("a*", ["", "aaa"], ["b"]), ("a+", ["a", "aa"], [""]), ("a?", ["", "a"], ["aa"]),
      ("a{3}", ["aaa"], ["aa", "aaaa"]), ("a{2,}", ["aa", "aaaa"], ["a"]), ("a{0}", [""], ["a"]),
      ("a{1,2}?b+?", ["ab", "aabb"], ["b", "aaab"]),
      ("(ab|c)*d", ["d", "abcd", "cabd"], ["abd2", "ad"]),
      (".", ["x", "ệ", "😀"], ["", "\n", "xy"]),
      ("[^0-9]", ["a", "\n", "ầ"], ["5", ""]),
      ("[]a-]+", ["]a-"], ["b"]), ("[^]]", ["a"], ["]"]), ("[\\]\\\\]", ["]", "\\"], ["a"]),
      ("[\\d\\-x]+", ["1-x"], ["y"]), ("[^\\s\\d]", ["a"], [" ", "1", "\u{A0}"]),
      ("\\D\\S\\W", ["ax-"], ["1x-", "a -", "axà"]),
      ("\\w+", ["Hà_Giang2", "Đồng"], ["a b", "-"]),
      ("\\s", [" ", "\t", "\u{A0}", "\u{3000}"], ["x", "\u{200B}"]),
      ("\\p{Lu}\\p{Ll}+", ["Đỗ", "Ầm"], ["đỗ", "ĐỖ", "D1"]), ("\\P{L}", ["1", "-"], ["ư"]),
      ("\\x41\\u1EC7\\.\\t", ["Aệ.\t"], ["Aệxt"]),
      ("[à-ỹ]+", ["ằ", "ệỹ"], ["z"]),
      ("()", [""], ["a"]), ("(a|)b", ["ab", "b"], ["aab"]), ("(a*)*", ["", "aaa"], ["b"]),
      ("a$b", [], ["ab", "a$b"]), ("$^", [""], ["a"]), ("(^a|b)c", ["ac", "bc"], ["abc"]),
      ("x^", [], ["x", "x^"]), ("a$|b", ["a", "b"], ["ab"]),
    ] as [(String, [String], [String])])
  func whole(pattern: String, yes: [String], no: [String]) throws {
    for text in yes { #expect(try matches(pattern, text), "\(pattern) describes \(text.debugDescription)") }
    for text in no {
      #expect(try !matches(pattern, text), "\(pattern) does not describe \(text.debugDescription)")
    }
  }

  @Test("meets a composed value with a decomposed pattern")
  func composed() throws {
    #expect(try matches("[e\u{323}\u{302}]", "\u{1EC7}"))
    #expect(try matches("Vie\u{323}\u{302}t", "Vi\u{1EC7}t"))
  }

  @Test(
    "finds a part of a text",
    arguments: [
      ("b+", "aabbcc", true), ("^b", "ab", false), ("^a", "ab", true), ("b$", "ab", true),
      ("a$", "ab", false),
      ("", "x", true), ("^$", "", true), ("^$", "x", false), ("ệ", "Việt", true), ("x", "", false),
      ("a.c", "zabcz", true), ("\\d{3}", "12a123", true), ("\\d{3}", "12a12", false),
    ])
  func part(pattern: String, text: String, expected: Bool) throws {
    for budget in [200_000, 0] {
      let pattern = try TextPattern(parsing: pattern, tableBudget: budget)
      var text = text
      #expect(text.withUTF8 { pattern.occurs(in: $0) } == expected, "\(pattern.text) in \(text)")
    }
  }

  @Test(
    "says what cannot be meant, and where",
    arguments: [
      ("(a", 0, "'(' is never closed"), ("a)", 1, "')' without a '(' in front of it"),
      ("ệ[a", 1, "'[' is never closed"), ("e\u{323}\u{302}[a", 1, "'[' is never closed"),
      ("*a", 0, "'*' has nothing to repeat"), ("a|+", 2, "'+' has nothing to repeat"),
      ("a**", 2, "'*' repeats what is already repeated"), ("a*+", 2, "'+' repeats what is already repeated"),
      ("a{2}{3}", 4, "'{' repeats what is already repeated"),
      ("a{", 1, "'{' is not followed by a count"), ("a{,3}", 1, "'{' is not followed by a count"),
      ("a{3,2}", 1, "the count {3,2} allows nothing"), ("a{1001}", 2, "a count is greater than 1000"),
      ("a{99999999999999999999}", 2, "a count is greater than 1000"),
      ("^*", 1, "'^' cannot be repeated"), ("[z-a]", 1, "the range ends before it begins"),
      ("[a-\\d]", 1, "a range needs one character on either side of '-'"),
      ("[[:alpha:]]", 1, "named classes like '[:alpha:]' are not supported"),
      ("(a)\\1", 3, "references back to a group are not supported"),
      ("a(?=b)", 1, "looking ahead or behind is not supported"),
      ("(?<!a)b", 0, "looking ahead or behind is not supported"),
      ("(?i)a", 0, "groups with '(?' other than '(?:' are not supported"),
      ("\\bx", 0, "'\\b' is not supported"), ("a\\", 1, "the pattern ends with '\\'"),
      ("\\q", 0, "'\\q' means nothing"),
      ("\\p{Han}", 0, "the property 'Han' is not supported"), ("\\uD800", 0, "U+D800 is no character"),
      ("\\xZ1", 0, "'\\x' needs 2 hexadecimal digits"),
      ("(a{100}){100}", 0, "the pattern is longer than 4096 steps once its counts are written out"),
      (
        "((((){1000}){1000}){1000}){1000}", 0,
        "the pattern is longer than 4096 steps once its counts are written out"
      ),
      (String(repeating: "(", count: 101), 100, "groups are nested deeper than 100"),
      (String(repeating: "a", count: 4097), 0, "the pattern is longer than 4096 characters"),
    ] as [(String, Int, String)])
  func malformed(pattern: String, offset: Int, message: String) {
    do throws(TextPatternError) {
      _ = try TextPattern(parsing: pattern)
      Issue.record("\(pattern) was taken")
    } catch {
      #expect(error.message == message)
      #expect(error.offset == offset)
      #expect(!error.help.isEmpty)
    }
  }

  @Test("takes malformed bytes for replacement characters", arguments: [200_000, 0])
  func malformedBytes(budget: Int) throws {
    let pattern = try TextPattern(parsing: "a\u{FFFD}+b", tableBudget: budget)
    for middle in [[0xFF], [0xC3], [0xE1, 0xBA], [0xF0, 0x9F], [0x80, 0xBF]] as [[UInt8]] {
      let text = [UInt8(ascii: "a")] + middle + [UInt8(ascii: "b")]
      #expect(text.withUnsafeBufferPointer { pattern.matches($0) }, "\(middle)")
      #expect(!text.dropLast().withUnsafeBufferPointer { pattern.matches($0) }, "\(middle) at the end")
    }
  }

  @Test("never takes more steps than the text is long, times the program", arguments: [200, 2000])
  func linear(length: Int) throws {
    for written in ["(a+)+b", "(a*)*b", "(a|a)*b", "(a|aa)+$b", "(a?){60}a{60}b"] {
      let pattern = try TextPattern(parsing: written, tableBudget: 0)
      #expect(!pattern.hasTable)
      let text = [UInt8](repeating: UInt8(ascii: "a"), count: length)
      var steps = 0
      let found = text.withUnsafeBufferPointer {
        pattern.program.simulate($0, isSearch: false, steps: &steps)
      }
      #expect(!found)
      #expect(steps <= 5 * (length + 2) * pattern.program.steps.count, "\(written)")
    }
  }

  @Test("has tables for the patterns of real fields, and does without where they would explode")
  func tables() throws {
    #expect(try TextPattern(parsing: "[A-Z0-9.]{6,20}").hasTable)
    #expect(try TextPattern(parsing: "(\\p{L}+\\s?){1,20}").hasTable)
    #expect(try TextPattern(parsing: "(a+)+b").hasTable)
    let exploding = "(a|b)*a(a|b){20}"
    #expect(try !TextPattern(parsing: exploding).hasTable)
    #expect(try matches(exploding, "bba" + String(repeating: "b", count: 20)))
    #expect(try !matches(exploding, "bbb" + String(repeating: "b", count: 20)))
  }

  @Test("agrees with a matcher that tries everything", arguments: [UInt64(11), 12, 13])
  func agreesWithNaive(seed: UInt64) throws {
    var random = Choices(state: seed)
    for _ in 0..<150 {
      let node = Naive.random(depth: 3, &random)
      let table = try TextPattern(parsing: node.text)
      let stepwise = try TextPattern(parsing: node.text, tableBudget: 0)
      for _ in 0..<12 {
        let text = (0..<Int.random(in: 0...6, using: &random)).map { _ in
          ["a", "b", "ệ"].randomElement(using: &random) ?? "a"
        }
        let expected = node.ends(text, from: 0).contains(text.count)
        let occurs = (0...text.count).contains { !node.ends(text, from: $0).isEmpty }
        var joined = text.joined()
        joined.withUTF8 { bytes in
          #expect(table.matches(bytes) == expected, "seed \(seed): \(node.text) on \(text)")
          #expect(stepwise.matches(bytes) == expected, "seed \(seed): \(node.text) on \(text), stepwise")
          #expect(table.occurs(in: bytes) == occurs, "seed \(seed): \(node.text) in \(text)")
          #expect(stepwise.occurs(in: bytes) == occurs, "seed \(seed): \(node.text) in \(text), stepwise")
        }
      }
    }
  }
}

/// A pattern and, worked out by trying everything, where its matches end.
private indirect enum Naive {
  case letter(String), any, notA, start, end
  case both(Naive, Naive), either(Naive, Naive), times(Naive, Int, Int?)

  static func random(depth: Int, _ random: inout Choices) -> Naive {
    switch Int.random(in: 0..<(depth == 0 ? 6 : 11), using: &random) {
    case 0: .letter("a")
    case 1: .letter("b")
    case 2: .letter("ệ")
    case 3: .any
    case 4: Int.random(in: 0..<4, using: &random) == 0 ? .start : .notA
    case 5: Int.random(in: 0..<4, using: &random) == 0 ? .end : .letter("a")
    case 6, 7: .both(Self.random(depth: depth - 1, &random), Self.random(depth: depth - 1, &random))
    case 8: .either(Self.random(depth: depth - 1, &random), Self.random(depth: depth - 1, &random))
    default:
      .times(
        Self.random(depth: depth - 1, &random), Int.random(in: 0...2, using: &random),
        Bool.random(using: &random) ? nil : Int.random(in: 2...3, using: &random))
    }
  }

  var text: String {
    switch self {
    case .letter(let letter): letter
    case .any: "."
    case .notA: "[^a]"
    case .start: "^"
    case .end: "$"
    case .both(let one, let other): one.text + other.text
    case .either(let one, let other): "(?:\(one.text)|\(other.text))"
    case .times(let node, let least, let most): "(\(node.text)){\(least),\(most.map(String.init) ?? "")}"
    }
  }

  func ends(_ text: [String], from: Int) -> Set<Int> {
    switch self {
    case .letter(let letter): from < text.count && text[from] == letter ? [from + 1] : []
    case .any: from < text.count ? [from + 1] : []
    case .notA: from < text.count && text[from] != "a" ? [from + 1] : []
    case .start: from == 0 ? [from] : []
    case .end: from == text.count ? [from] : []
    case .both(let one, let other): Set(one.ends(text, from: from).flatMap { other.ends(text, from: $0) })
    case .either(let one, let other): one.ends(text, from: from).union(other.ends(text, from: from))
    case .times(let node, let least, let most):
      times(node, least, most, text, from)
    }
  }

  private func times(_ node: Naive, _ least: Int, _ most: Int?, _ text: [String], _ from: Int) -> Set<Int> {
    var reached: Set<Int> = [from]
    for _ in 0..<least { reached = Set(reached.flatMap { node.ends(text, from: $0) }) }
    var all = reached
    // More repetitions than the text has letters reach nothing new.
    for _ in 0..<((most ?? least + text.count + 1) - least) {
      reached = Set(reached.flatMap { node.ends(text, from: $0) })
      all.formUnion(reached)
    }
    return all
  }
}

private struct Choices: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
