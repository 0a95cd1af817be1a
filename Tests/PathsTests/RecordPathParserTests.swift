// SPDX-License-Identifier: Apache-2.0

import Paths
import Testing

@Suite("Reading paths")
struct RecordPathParserTests {
  @Test(
    "reads every kind of step",
    arguments: [
      ("/", RecordPath.Origin.document, [RecordPath.Step]()),
      ("/a/b", .document, [.child(.init("a"), []), .child(.init("b"), [])]),
      ("t:MaTaiSan", .record, [.child(.init("t:MaTaiSan"), [])]),
      ("a-b.c/Họ và tên", .record, [.child(.init("a-b.c"), []), .child(.init("Họ và tên"), [])]),
      ("@ma", .record, [.attribute(.init("ma"))]),
      ("x/@xml:lang", .record, [.child(.init("x"), []), .attribute(.init("xml:lang"))]),
      ("../../@id", .record, [.parent, .parent, .attribute(.init("id"))]),
      ("../..", .record, [.parent, .parent]),
      ("/*/districts/*/name()", .document, [.any([]), .child(.init("districts"), []), .any([]), .name]),
      ("text()", .record, [.text]),
      ("position()", .record, [.position]),
      ("*", .record, [.any([])]),
      (#"a\/b\[1\]\@\*"#, .record, [.child(.init("a/b[1]@*"), [])]),
      (#"text\()"#, .record, [.child(.init("text()"), [])]),
      (#"\.."#, .record, [.child(.init(".."), [])]),
    ])
  func steps(text: String, origin: RecordPath.Origin, steps: [RecordPath.Step]) throws {
    let path = try RecordPath(parsing: text)
    #expect(path.origin == origin)
    #expect(path.steps == steps)
  }

  @Test("reads every kind of predicate")
  func predicates() throws {
    let path = try RecordPath(
      parsing: #"m:f[@tag='245'|"246"][2][c/d!='it''s'][e][ ! g ]/*[h[i='1']/j = 'k']"#)
    func inner(_ text: String) throws -> RecordPath { try RecordPath(parsing: text) }
    #expect(
      path.steps == [
        .child(
          .init("m:f"),
          [
            .equals(try inner("@tag"), ["245", "246"]), .index(2), .differs(try inner("c/d"), ["it's"]),
            .has(try inner("e")), .hasNot(try inner("g")),
          ]),
        .any([.equals(try inner("h[i='1']/j"), ["k"])]),
      ])
  }

  @Test(
    "says where and what is wrong",
    arguments: [
      ("", 0, "a path is empty"),
      ("a//b", 2, "'//' is not a step"),
      ("a/", 2, "a step is missing"),
      ("//a", 1, "'//' is not a step"),
      ("./a", 0, "'.' is not a step"),
      ("a/@b/c", 2, "'@b' must be the last step of a path"),
      ("text()/a", 0, "'text()' must be the last step of a path"),
      ("a@b", 1, "'@' stands within a name"),
      ("a*", 1, "'*' stands within a name"),
      ("*a", 1, "'a' stands where a step should end"),
      ("a]", 1, "']' stands where a step should end"),
      ("last()", 0, "there is no 'last()'"),
      ("a[0]", 2, "'[0]' names no item"),
      ("a[b='c'", 1, "'[' is never closed"),
      ("a[b", 1, "'[' is never closed"),
      ("a[b=c]", 4, "a predicate's value is not quoted"),
      ("a[b='c]", 4, "a quoted value is never closed"),
      ("a[b='c' and d]", 8, "a predicate goes on after its value"),
      ("a[/b]", 2, "a predicate's path begins with '/'"),
      ("a[]", 2, "a step is missing"),
      ("..[1]", 2, "'..' takes no predicate"),
      ("@", 0, "'@' has no name after it"),
      (#"a\b"#, 1, #"'\' stands before nothing it could escape"#),
    ])
  func errors(text: String, offset: Int, message: String) {
    let error = #expect(throws: RecordPathError.self) { try RecordPath(parsing: text) }
    #expect(error?.message == message)
    #expect(error?.offset == offset)
    #expect(error?.help.isEmpty == false)
  }

  @Test("reads back what it describes", arguments: 0..<300)
  func roundTrip(seed: Int) throws {
    var random = Seeded(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
    let path = random.path(depth: 0)
    let text = path.description
    let read = try RecordPath(parsing: text)
    #expect(read == path, "seed \(seed): \(text) reads as \(read)")
    #expect(read.description == text, "seed \(seed)")
  }
}

/// A small generator of paths, so that a failing seed says all.
private struct Seeded {
  var state: UInt64

  mutating func next(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }

  mutating func name() -> RecordPath.Name {
    let pieces = [
      "a", "t:Mã", "/", "[", "]", "@", "*", "\\", " ", ".", "-", "=", "!", "'", "\"", "(", ")", "7", "text()",
      "..",
    ]
    return RecordPath.Name((0...next(4)).map { _ in pieces[next(pieces.count)] }.joined())
  }

  mutating func path(depth: Int) -> RecordPath {
    var steps: [RecordPath.Step] = []
    for _ in 0...next(3) {
      switch next(5) {
      case 0: steps.append(.any(predicates(depth)))
      case 1: steps.append(.parent)
      default: steps.append(.child(name(), predicates(depth)))
      }
    }
    switch next(6) {
    case 0: steps.append(.attribute(name()))
    case 1: steps.append(.text)
    case 2: steps.append(.name)
    case 3: steps.append(.position)
    default: break
    }
    return RecordPath(origin: depth == 0 && next(2) == 0 ? .document : .record, steps: steps, text: "")
  }

  mutating func predicates(_ depth: Int) -> [RecordPath.Predicate] {
    guard depth < 2, next(3) == 0 else { return [] }
    return (0...next(2)).map { _ in
      switch next(5) {
      case 0: .index(next(9) + 1)
      case 1: .equals(path(depth: depth + 1), ["it's", "\"", "]"])
      case 2: .differs(path(depth: depth + 1), [""])
      case 3: .has(path(depth: depth + 1))
      default: .hasNot(path(depth: depth + 1))
      }
    }
  }
}
