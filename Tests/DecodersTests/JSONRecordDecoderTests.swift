// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import PipelineTesting
import Testing

@testable import Decoders

@Suite("JSON decoder")
struct JSONRecordDecoderTests {
  /// Decodes whole and at every cut; answers the rows, or the failure's id and message.
  static func decode(
    _ text: String, _ records: String, _ slots: [String], children: [RecordKind] = [], lines: Bool = false,
    positions: Bool = false, allowsEmpty: Bool = false
  ) throws -> String {
    let plan = DecodePlan(kinds: [try kind(records, slots, children: children)], allowsEmpty: allowsEmpty)
    let decoder: any RecordDecoder =
      lines ? try NDJSONRecordDecoder(settings()) : try JSONRecordDecoder(settings())
    let kit = DecodingKit(decoder, plan)
    if let difference = kit.firstDifferingCut(text) { return "DIFFERS " + difference }
    return kit.decode(text, positions: positions).description
  }

  @Test("enters arrays without a step, wherever they stand")
  func entersArrays() throws {
    let text = #"{"data":{"items":[{"ma":"079","gia":12.50},{"ma":"080","gia":-1e3}]},"total":2}"#
    #expect(
      try Self.decode(text, "/data/items", ["ma", "gia", "../../total"]) == """
        #1: "079" "12.50" "2"
        #2: "080" "-1e3" "2"
        """)
  }

  @Test("takes one object where a list was expected as a list of one")
  func takesSingleObject() throws {
    #expect(try Self.decode(#"{"items":{"a":"x"}}"#, "/items", ["a"]) == #"#1: "x""#)
  }

  @Test("reads the items of a top-level array, a lone root value, and an empty array")
  func readsRoots() throws {
    #expect(try Self.decode(#"[{"a":1},{"a":2}]"#, "/", ["a"]) == "#1: \"1\"\n#2: \"2\"")
    #expect(try Self.decode(#"{"a":1}"#, "/", ["a"]) == #"#1: "1""#)
    #expect(try Self.decode("[]", "/", ["a"]) == "")
    #expect(try Self.decode(#"["x","y"]"#, "/", ["text()"]) == "#1: \"x\"\n#2: \"y\"")
  }

  @Test("tells absent, null, empty, scalar words and structures apart")
  func tellsStates() throws {
    let text = #"[{"a":null,"b":"","c":true,"d":{"x":1},"e":[],"f":[[1]],"g":["only"]}]"#
    #expect(
      try Self.decode(text, "/", ["a", "b", "c", "d", "e", "f", "g", "z"])
        == #"#1: null "" "true" {} - {} "only" -"#)
  }

  @Test("takes null where a list was expected as no records; null in a list, or under a code, is a record")
  func takesNullList() throws {
    #expect(try Self.decode(#"{"d":{"items":null}}"#, "/d/items", ["a"]) == "")
    #expect(try Self.decode(#"{"d":null}"#, "/d", ["a"]) == "")
    #expect(try Self.decode(#"{"d":[null]}"#, "/d", ["a"]) == "#1: -")
    #expect(try Self.decode(#"{"d":{"02":null}}"#, "/d/*", ["name()"]) == #"#1: "02""#)
    let text = #"[{"id":1,"l":null},{"id":2,"l":{"n":3}}]"#
    #expect(
      try Self.decode(text, "/", ["id"], children: [try kind("l", ["n"])]) == """
        #1: "1"
        #2: "2"
          0: "3"
        """)
  }

  @Test("takes several values of an array of scalars as asked")
  func takesSeveral() throws {
    let text = #"[{"t":["a",null,"b"]}]"#
    #expect(
      try Self.decode(text, "/", ["t", "all:t", "count:t", "first:t", "last:t"])
        == #"#1: many("a") ["a", null, "b"] "3" "a" "b""#)
  }

  @Test("enters an array directly within an array by *")
  func entersInnerArrays() throws {
    #expect(
      try Self.decode(#"{"r":[["a","b"],["c"]]}"#, "/r", ["first:*", "all:*"]) == """
        #1: "a" ["a", "b"]
        #2: "c" ["c"]
        """)
  }

  @Test("takes an array under a key as one record by list(), its items as *")
  func takesListsWhole() throws {
    let text = """
      {"sets":[{"series":{"0:1":{"obs":{"0":[1.50,0],"1":[null,2,"x"],"2":[]}},
       "1:0":{"obs":{"0":7,"1":null,"2":{"v":1},"3":[[8],9]}},"1:1":{"obs":{}}}}]}
      """
    #expect(
      try Self.decode(
        text, "/sets/series/*/obs/*/list()",
        ["*[1]", "*[2]", "name()", "../../name()", "/sets/series/*/name()"])
          == """
          #1: "1.50" "0" "0" "0:1" "0:1"
          #2: null "2" "1" "0:1" "0:1"
          #3: - - "2" "0:1" "0:1"
          #4: - - "0" "1:0" "1:0"
          #5: - - "1" "1:0" "1:0"
          #6: "1" - "2" "1:0" "1:0"
          #7: {} "9" "3" "1:0" "1:0"
          """)
  }

  @Test(
    "takes an array under one name whole, beside arrays that are entered, with its source text as its place")
  func takesNamedListWhole() throws {
    let text = #"{"a":{"row":[1,2],"rows":[3,4]}}"#
    #expect(try Self.decode(text, "/a/row/list()", ["*[1]", "all:../rows"]) == ##"#1: "1" ["3", "4"]"##)
    #expect(
      try Self.decode(text, "/a/row/list()", ["*[2]"], positions: true)
        == ##"#1 @12+5 line 1 /a/row[1]: "2""##)
  }

  @Test("takes the arrays of a record whole as children")
  func takesListsAsChildren() throws {
    let text = #"{"r":[{"id":1,"o":{"a":[5,6],"b":[7]}},{"id":2,"o":{}}]}"#
    let child = try kind("o/*/list()", ["name()", "*[1]", "*[2]"])
    #expect(
      try Self.decode(text, "/r", ["id"], children: [child]) == """
        #1: "1"
          0: "a" "5" "6"
          0: "b" "7" -
        #2: "2"
        """)
  }

  @Test("refuses paths that would enter an array which is a record itself")
  func refusesEnteredLists() throws {
    #expect(
      try Self.decode(#"{"o":{"a":[1]}}"#, "/o/*/list()", ["../a"])
        .contains("takes arrays whole (list()), and 'a' beside it"))
  }

  @Test("reads objects keyed by code, with the keys on the way")
  func readsKeyedObjects() throws {
    let text = """
      {"02":{"districts":{"024":{"communes":{"00688":{"n":"Phường"},"00691":{"n":"Xã"}}}}},
       "08":{"districts":{"070":{"communes":{"02200":{"n":"Thị trấn"}}}}}}
      """
    #expect(
      try Self.decode(text, "/*/districts/*/communes/*", ["name()", "../../name()", "/*/name()", "n"]) == """
        #1: "00688" "024" "02" "Phường"
        #2: "00691" "024" "02" "Xã"
        #3: "02200" "070" "08" "Thị trấn"
        """)
  }

  @Test("an item's name is its array's key")
  func namesItems() throws {
    #expect(try Self.decode(#"{"items":[{"a":1}]}"#, "/items", ["name()"]) == #"#1: "items""#)
  }

  @Test("places records by the value without its key")
  func placesRecords() throws {
    let text = "{\"đ\": 1,\n \"items\": [ {\"a\": 1} ,\n{\"a\":2}]}"
    #expect(
      try Self.decode(text, "/items", ["a"], positions: true) == """
        #1 @22+8 line 2 /items[1]: "1"
        #2 @33+7 line 3 /items[2]: "2"
        """)
  }

  @Test("counts a byte order mark in offsets")
  func countsMark() throws {
    #expect(try Self.decode("\u{FEFF}[7]", "/", ["text()"], positions: true).contains("@4+1 line 1"))
  }

  @Test("keeps the source text of a value that is taken raw, also around others")
  func keepsRaw() throws {
    let text = #"[{"a": {"x": "\u0041", "y":[1, 2]} ,"b":"q\n","c": [ 1 , {} ]}]"#
    #expect(
      try Self.decode(text, "/", ["raw:a", "raw:a/x", "a/x", "raw:b", "all:a/y"])
        == #"#1: "{"x": "\u0041", "y":[1, 2]}" ""\u0041"" "A" ""q\n"" ["1", "2"]"#)
  }

  @Test("gives nested lists to children")
  func readsChildren() throws {
    let text = #"[{"id":1,"l":[{"n":"a"},{"n":"b"}]},{"id":2},{"id":3,"l":{"n":"c"}}]"#
    #expect(
      try Self.decode(text, "/", ["id"], children: [try kind("l", ["n"])]) == """
        #1: "1"
          0: "a"
          0: "b"
        #2: "2"
        #3: "3"
          0: "c"
        """)
  }

  @Test("reads values that stand behind their records in a second pass")
  func readsLate() throws {
    #expect(
      try Self.decode(#"{"items":[{"a":1}],"at":"2026"}"#, "/items", ["a", "/at"]) == #"#1: "1" "2026""#)
  }

  @Test("skips what nobody wants and yet checks it")
  func checksUnwanted() throws {
    #expect(try Self.decode(#"[{"u":{"v":[{"w":"\n"}]},"a":1}]"#, "/", ["a"]) == #"#1: "1""#)
    #expect(
      try Self.decode(#"[{"u":{"v":[{"w":"\x"}]},"a":1}]"#, "/", ["a"]).hasPrefix("decode.not-well-formed"))
    #expect(
      try Self.decode(#"[{"u":{"v":[{"w":1,"w":1}]},"a":1}]"#, "/", ["a"]).hasPrefix("decode.duplicate-key"))
  }

  @Test(
    "refuses a key that an object has twice, in any order",
    arguments: [
      #"[{"a":1,"a":2}]"#, #"[{"a":1,"b":2},{"b":1,"a":2,"b":3}]"#, #"[{"a":1,"\u0061":2}]"#,
      #"[{"":1,"":2}]"#, #"[{"a":1,"b":2,"c":3},{"a":1,"c":1,"b":1,"c":2}]"#, #"{"a":{"x":1,"x":2}}"#,
    ])
  func refusesRepeatedKey(text: String) throws {
    #expect(try Self.decode(text, "/", ["a"]).hasPrefix("decode.duplicate-key"))
  }

  @Test("refuses a repeated key among hundreds")
  func refusesRepeatedAmongMany() throws {
    let keys = (0..<300).map { "\"k\(($0 * 7) % 300)\":0" }
    let plan = DecodePlan(kinds: [try kind("/", ["k1"])])
    let kit = DecodingKit(try JSONRecordDecoder(settings()), plan)
    let good = "[{" + keys.joined(separator: ",") + "},{" + keys.reversed().joined(separator: ",") + "}]"
    #expect(kit.decode(good).failure == nil)
    for repeated in [0, 40, 60, 299] {
      let bad = "[{" + (keys + [keys[repeated]]).joined(separator: ",") + "}]"
      #expect(kit.decode(bad).failure?.id == "decode.duplicate-key")
    }
  }

  @Test("lets a key repeat where members are the records")
  func letsRecordKeysRepeat() throws {
    #expect(
      try Self.decode(#"{"02":{"n":1},"02":{"n":2}}"#, "/*", ["name()", "n"]) == """
        #1: "02" "1"
        #2: "02" "2"
        """)
    #expect(try Self.decode(#"{"02":{"n":1,"n":2}}"#, "/*", ["n"]).hasPrefix("decode.duplicate-key"))
  }

  @Test("an empty list is an answer, a missing one is not")
  func tellsMissingParent() throws {
    #expect(try Self.decode(#"{"data":{"items":[]}}"#, "/data/items", ["a"]) == "")
    #expect(try Self.decode(#"{"data":{}}"#, "/data/items", ["a"]) == "")
    #expect(try Self.decode(#"{"error":"x"}"#, "/data/items", ["a"]).hasPrefix("decode.nothing-matched"))
    #expect(try Self.decode(#"{"error":"x"}"#, "/data/items", ["a"], allowsEmpty: true) == "")
  }

  @Test(
    "tells what stands at a document's path: nothing, a text or an object",
    arguments: [
      ("{}", DocumentValue.absent), (#"{"e":null}"#, .absent), (#"{"e":[]}"#, .absent),
      (#"{"e":""}"#, .text("")), (#"{"e":5}"#, .text("5")), (#"{"e":["a","b"]}"#, .text("a")),
      (#"{"e":{}}"#, .structure), (#"{"e":{"code":5}}"#, .structure), (#"{"e":[{"code":5}]}"#, .structure),
      (#"{"e":[[]]}"#, .structure),
    ])
  func documentValues(text: String, expected: DocumentValue) throws {
    let slot = CaptureSlot(.path(try RecordPath(parsing: "/e")), take: .first)
    let plan = DecodePlan(kinds: [], documentSlots: [slot])
    let outcome = DecodingKit(try JSONRecordDecoder(settings()), plan).decode(text)
    #expect(outcome.summary?.documentValues == [expected])
  }

  @Test(
    "says what stands where the records should, unless the list is empty",
    arguments: [
      (
        #"{"data":{"item":[{"a":1},{"a":2}],"total":2}}"#,
        "/data/items matched nothing; /data has 'item' (2 times): did you mean /data/item?"
      ),
      (
        #"{"data":{"item":[]}}"#,
        "/data/items matched nothing; /data has 'item' (without items): did you mean /data/item?"
      ),
      (#"{"data":{"items":[],"total":0,"item":[1]}}"#, nil), (#"{"data":{"items":null,"item":[1]}}"#, nil),
      (#"{"data":{"total":0}}"#, nil), (#"{"data":{"item":[1],"items":[{"a":1}]}}"#, nil),
    ])
  func nothingMatched(text: String, expected: String?) throws {
    let plan = DecodePlan(kinds: [try kind("/data/items", ["a"])])
    let outcome = DecodingKit(try JSONRecordDecoder(settings()), plan).decode(text)
    #expect(outcome.failure == nil)
    #expect(outcome.summary?.nothingMatched == expected)
  }

  @Test("names what is there, be it an empty list, and no namespaces, when the records' parent is missing")
  func namesEmptyList() throws {
    let plan = DecodePlan(kinds: [try kind("/data/items", ["a"])])
    let failure = DecodingKit(try JSONRecordDecoder(settings()), plan).decode(#"{"dta":[]}"#).failure
    #expect(
      failure?.message == "`/data/items` matched nothing; the document begins with `dta`: "
        + "did you mean `/dta/items`?")
    #expect(failure?.help.contains("namespaces") == false)
  }

  @Test("reads each line of NDJSON, with its line")
  func readsLines() throws {
    #expect(
      try Self.decode("{\"a\":1}\n\n{\"a\":2}\r\n[{\"a\":3}]", "/", ["a"], lines: true, positions: true)
        == """
        #1 @0+7 line 1 /[1]: "1"
        #2 @9+7 line 3 /[2]: "2"
        #3 @19+7 line 4 /[3]: "3"
        """)
    #expect(try Self.decode("", "/", ["a"], lines: true) == "")
    #expect(
      try Self.decode("{\"a\":1}\n{\"a\":}\n", "/", ["a"], lines: true).contains("line 2 (offset 13)"))
  }

  @Test("filters by predicates")
  func filters() throws {
    let text = #"[{"k":"a","v":1},{"k":"b","v":2},{"v":3}]"#
    #expect(try Self.decode(text, "/", ["v"]) == "#1: \"1\"\n#2: \"2\"\n#3: \"3\"")
    #expect(try Self.decode(#"{"r":"# + text + "}", "/r[k='b']", ["v"]) == #"#1: "2""#)
  }

  @Test("refuses an attribute in a path")
  func refusesAttribute() throws {
    let plan = DecodePlan(kinds: [try kind("/", ["@a"])])
    let outcome = DecodingKit(try JSONRecordDecoder(settings()), plan).decode("[]")
    #expect(outcome.failure?.id == "decode.no-attributes")
    #expect(outcome.failure?.exit == .files)
  }

  @Test("hands U+0000 on, for the record to be rejected")
  func handsOnNull() throws {
    #expect(try Self.decode(#"["a\u0000b"]"#, "/", ["text()"]) == "#1: \"a\u{0}b\"")
  }

  @Test("refuses nesting and texts beyond the limits")
  func holdsLimits() throws {
    var plan = DecodePlan(kinds: [try kind("/", ["a"])])
    plan.limits.depth = 4
    plan.limits.textBytes = 10
    let kit = DecodingKit(try JSONRecordDecoder(settings()), plan)
    #expect(
      kit.decode(#"{"a":"0123456789","x":[[[1]]]}"#).description == #"#1 @0+30 line 1 /[1]: "0123456789""#)
    #expect(kit.decode(#"{"x":[[[[1]]]]}"#).failure?.id == "decode.too-deep")
    #expect(kit.decode(#"{"x":"0123456789A"}"#).failure?.id == "decode.text-too-long")
  }
}
