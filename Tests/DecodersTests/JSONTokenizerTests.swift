// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@testable import Decoders

/// Writes what a tokenizer finds as text: `{ "key" "string" 12 null }`, each with its offset where asked.
private struct EventWriter: JSONConsumer {
  var text = ""
  var places = ""

  mutating func note(_ event: String, _ offset: Int64, _ line: Int64) {
    text += text.isEmpty ? event : " " + event
    places += "\(event)@\(offset):\(line) "
  }

  mutating func beginObject(offset: Int64, line: Int64, start: UnsafePointer<UInt8>) {
    note("{", offset, line)
  }
  mutating func endObject(offset: Int64, end: UnsafePointer<UInt8>) { note("}", offset, 0) }
  mutating func beginArray(offset: Int64, line: Int64, start: UnsafePointer<UInt8>) {
    note("[", offset, line)
  }
  mutating func endArray(offset: Int64, end: UnsafePointer<UInt8>) { note("]", offset, 0) }
  mutating func key(_ text: UnsafeBufferPointer<UInt8>, _ token: JSONToken) {
    note(String(decoding: text, as: UTF8.self) + ":", token.offset, token.line)
  }
  mutating func string(_ text: UnsafeBufferPointer<UInt8>, _ token: JSONToken) {
    note("'\(String(decoding: text, as: UTF8.self))'", token.offset, token.line)
  }
  mutating func literal(_ token: JSONToken) {
    note(String(decoding: token.source, as: UTF8.self), token.offset, token.line)
  }
  mutating func null(_ token: JSONToken) { note("null", token.offset, token.line) }
}

@Suite("JSON tokenizer")
struct JSONTokenizerTests {
  struct Outcome: Equatable {
    var text: String
    var places: String
    var failure: StageFailure?
  }

  static func read(
    _ bytes: [UInt8], cuts: [Int] = [], lines: Bool = false, depth: Int = 8, limit: Int = 40
  ) -> Outcome {
    var tokenizer = JSONTokenizer(EventWriter(), isLines: lines, depthLimit: depth, textLimit: limit)
    defer { tokenizer.deallocate() }
    var failure: StageFailure?
    do {
      var start = 0
      for cut in cuts + [bytes.count] {
        // A copy of its own, so that the sanitizer sees every read beyond the piece.
        let piece = Array(bytes[start..<cut])
        try piece.withUnsafeBufferPointer { try tokenizer.feed($0) }
        start = cut
      }
      try tokenizer.finish()
    } catch {
      failure = error as? StageFailure
    }
    return Outcome(
      text: tokenizer.consumer.text, places: tokenizer.consumer.places, failure: failure)
  }

  static func read(_ text: String, lines: Bool = false) -> Outcome { read(Array(text.utf8), lines: lines) }

  static func expectSameAtEveryCut(_ bytes: [UInt8], lines: Bool = false) {
    let whole = read(bytes, lines: lines)
    for cut in 0...bytes.count {
      let outcome = read(bytes, cuts: [cut], lines: lines)
      #expect(outcome == whole, "cut at \(cut) of \(String(decoding: bytes, as: UTF8.self))")
      if outcome != whole { return }
    }
    #expect(
      read(bytes, cuts: Array(0..<bytes.count), lines: lines) == whole,
      "byte by byte: \(String(decoding: bytes, as: UTF8.self))")
  }

  static let accepted: [(String, String)] = [
    ("[]", "[ ]"), ("{}", "{ }"), (" [ ] ", "[ ]"), ("\t{\r\n}\n", "{ }"), ("[[]]", "[ [ ] ]"),
    ("[{},[]]", "[ { } [ ] ]"), ("null", "null"), ("true", "true"), ("false", "false"),
    ("[null,true,false]", "[ null true false ]"),
    ("0", "0"), ("-0", "-0"), ("12", "12"), ("-1", "-1"), ("1.5", "1.5"), ("0.0", "0.0"), ("-0.1", "-0.1"),
    ("1e5", "1e5"), ("1E+5", "1E+5"), ("1.25e-30", "1.25e-30"), ("[0e1]", "[ 0e1 ]"), ("[1 , 2]", "[ 1 2 ]"),
    ("123456789012345678901234567890.12", "123456789012345678901234567890.12"),
    (#""""#, "''"), (#""a""#, "'a'"), (#""079""#, "'079'"), (#"["\"\\\/\n\t"]"#, "[ '\"\\/\n\t' ]"),
    (#""\b\f\r""#, "'\u{8}\u{C}\r'"), (#""\u0041\u00e1\u1Ebf""#, "'Aáế'"), (#""\uD83D\uDE00""#, "'😀'"),
    (#""\u0000""#, "'\u{0}'"), (#""\uFFFF""#, "'\u{FFFF}'"), (#""Đồng Văn 😀""#, "'Đồng Văn 😀'"),
    ("\"\u{7F}\"", "'\u{7F}'"),
    ("\"\u{2028}\u{FEFF}\"", "'\u{2028}\u{FEFF}'"), (#"{"":0}"#, "{ : 0 }"),
    (#"{"a":1,"b":[2]}"#, "{ a: 1 b: [ 2 ] }"),
    (#"{"a" : {"a" : {}}}"#, "{ a: { a: { } } }"), (#"{"\u0061":1}"#, "{ a: 1 }"), (#"[""]"#, "[ '' ]"),
    ("\u{FEFF}[1]", "[ 1 ]"),
    (#""a string of more than sixteen bytes""#, "'a string of more than sixteen bytes'"),
    (#""sixteen bytes ->\n""#, "'sixteen bytes ->\n'"),
    ("[[[[[[[[]]]]]]]]", "[ [ [ [ [ [ [ [ ] ] ] ] ] ] ] ]"),
  ]

  @Test("accepts, the same at every cut", arguments: accepted)
  func accepts(text: String, events: String) {
    let outcome = Self.read(text)
    #expect(outcome.text == events)
    #expect(outcome.failure == nil)
    Self.expectSameAtEveryCut(Array(text.utf8))
  }

  static let rejected: [String] = [
    "", " ", "[", "]", "{", "}", "[1", "[1,", "[,1]", "[1,]", "[1,,2]", "[1 2]", "[1}", "{]", "{\"a\"",
    "{\"a\":",
    "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{\"a\" 1}", "{\"a\":}", "{a:1}", "{'a':1}", "{1:1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\"::1}", "{,}", "{\"a\":1,,\"b\":2}", "{null:1}", "{\"a\":1}}", "[]]", "[] []", "1 2", "nul",
    "nulll", "Null",
    "TRUE", "tru", "truefalse", "NaN", "-NaN", "Infinity", "-Infinity", "undefined", "+1", "01", "-01", "079",
    "1.", ".5",
    "-.5", "-", "--1", "1e", "1e+", "1.e1", "1e1.5", "0x10", "1_000", "1a", "1.2.3", "1-1", "[-]", "[1e]",
    "\"", "\"a",
    "\"\\\"", "\"\\", "\"\\x\"", "\"\\u\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\uD800\"", "\"\\uDC00\"",
    "\"\\uD800\\n\"",
    "\"\\uD800\\uD800\"", "\"\\uD83Dx\"", "\"\\U0041\"", "\"a\nb\"", "\"a\tb\"", "\"\u{0}\"", "\"\u{1F}\"",
    "'a'",
    "[1]//x", "/*x*/1", "[1]#", "{\"a\":1;}", "[\u{A0}1]", "[1]\u{0}", "\u{C}1", "<html>", "\\u0031",
    "[\"a\",\n4\n,1,",
    "[[[[[[[[[]]]]]]]]]", "\"this string is much longer than the limit set\"",
    "{\"this key is much longer than the limit is, too\":1}",
    "1234567890123456789012345678901234567890.12345",
    "[1,\u{FEFF}2]", "\u{FEFF}", "\u{FEFF}\u{FEFF}1", "[1] \"", "{\"a\":tru}", "{\"a\":\"b\"c}",
    "{\"a\",\"b\"}",
  ]

  @Test("refuses, the same at every cut", arguments: rejected)
  func refuses(text: String) throws {
    let failure = try #require(Self.read(text).failure)
    #expect(failure.exit == .data)
    #expect(!failure.help.isEmpty)
    Self.expectSameAtEveryCut(Array(text.utf8))
  }

  @Test(
    "names fact and place",
    arguments: [
      ("[1,\n2,]", "decode.not-well-formed", "expected a value, found ']'", "line 2 (offset 6)"),
      ("{\"a\":079}", "decode.not-well-formed", "'079' is no number", "line 1 (offset 5)"),
      ("[\n\n  \"\\uD800\"]", "decode.not-well-formed", "half of a surrogate pair", "line 3 (offset 6)"),
      ("[1] x", "decode.not-well-formed", "expected the end of the document, found 'x'", "line 1 (offset 4)"),
      ("{\"a\":[1,\n", "decode.truncated", "ends within 2 open objects and arrays", "line 2 (offset 9)"),
      ("[[[[[[[[[", "decode.too-deep", "nested deeper than 8", "line 1 (offset 8)"),
      ("\"\u{1}\"", "decode.not-well-formed", "control character 1 stands in a string", "line 1 (offset 1)"),
    ])
  func namesPlace(text: String, id: String, message: String, place: String) throws {
    let failure = try #require(Self.read(text).failure)
    #expect(failure.id == id)
    #expect(failure.message.contains(message))
    #expect(failure.place == place)
  }

  @Test("places each token by offset and line")
  func placesTokens() {
    let text = "{\"ế\": 1,\n \"b\": [\"x\",\n null]}"
    #expect(
      Self.read(text).places
        == "{@0:1 ế:@1:1 1@8:1 b:@12:2 [@17:2 'x'@18:2 null@24:3 ]@29:0 }@30:0 ")
  }

  @Test("reads one value a line, blank lines between")
  func readsLines() {
    let text = "\n{\"a\":1}\r\n\n [2] \n3\n\"x\""
    #expect(Self.read(text, lines: true).text == "{ a: 1 } [ 2 ] 3 'x'")
    Self.expectSameAtEveryCut(Array(text.utf8), lines: true)
    #expect(Self.read("", lines: true) == Outcome(text: "", places: "", failure: nil))
  }

  @Test(
    "refuses a malformed line with its line",
    arguments: [
      ("{}\n{\"a\":\n{\"a\":1}\n", "the line ends within a value", "line 2 (offset 8)"),
      ("1\n2 3\n", "expected the end of the line", "line 2 (offset 4)"),
      ("1\n2\n{", "ends within 1 open", "line 3 (offset 5)"),
    ])
  func refusesLine(text: String, message: String, place: String) throws {
    let failure = try #require(Self.read(text, lines: true).failure)
    #expect(failure.message.contains(message))
    #expect(failure.place == place)
    Self.expectSameAtEveryCut(Array(text.utf8), lines: true)
  }

  @Test("survives mutated documents, the same whole and byte by byte", arguments: [UInt64(7), 8, 9])
  func survivesMutations(seed: UInt64) {
    var state = seed
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let seeds = [
      #"{"data":{"items":[{"ma":"TS-1","ten":"Nhà làm việc \u1ec7","gia":-1.5e3,"x":null},{"ma":true,"l":[[1],{}]}]}}"#,
      "{\"a\":1}\n[\"\\\"\\\\\",\"\\uD83D\\uDE00\"]\n\n3\n",
    ]
    let parts = Array("{}[]\",:\\u0dD8-+.eE1 \n\t".utf8) + [0, 0x80, 0xE1, 0xFF]
    for round in 0..<300 {
      var bytes = Array(seeds[round % 2].utf8)
      for _ in 0...next(3) {
        let at = next(bytes.count)
        switch next(3) {
        case 0: bytes.remove(at: at)
        case 1: bytes[at] = parts[next(parts.count)]
        default: bytes.insert(parts[next(parts.count)], at: at)
        }
      }
      let whole = Self.read(bytes, lines: round % 2 == 1)
      let single = Self.read(bytes, cuts: Array(0..<bytes.count), lines: round % 2 == 1)
      #expect(whole == single, "seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self))")
    }
  }
}
