// SPDX-License-Identifier: Apache-2.0

import Components
import Decoders
import Diagnostics
import Paths
import PipelineTesting
import Testing

@Suite("Values outside of XML records")
struct XMLOuterValueTests {
  @Test("takes the record's own ancestors, never the previous one's")
  func ancestors() throws {
    let kit = try xml(
      try kind(
        "/a/g/l/r", "@k", "../../@id", "/a/g/@id", "/a/g/name()", "../../position()", "../../title",
        "/a/head/day", "/a/g/title"))
    let text = """
      <a><head><day>d</day></head><g id='1'><title>one</title><l><r k='1'/></l></g>\
      <g><l><r k='2'/><r k='3'/></l></g></a>
      """
    #expect(
      kit.decode(text, positions: false).rows == """
        #1: "1" "1" "1" "g" "1" "one" "d" "one"
        #2: "2" - - "g" "2" - "d" -
        #3: "3" - - "g" "2" - "d" -
        """)
    #expect(kit.firstDifferingCut(text) == nil)
  }

  @Test("decodes a second time when a value stands behind its records")
  func late() throws {
    let kit = try xml(
      try kind("/a/g/r", "@k", "../title", "last:../title", "count:../r", "/a/foot", "../../foot"))
    let text = """
      <a><g><r k='1'/><title>one</title></g><g><title>two</title><r k='2'/></g><g><r k='3'/></g>\
      <g><title>x</title><r k='4'/><title>y</title></g><foot>end</foot></a>
      """
    #expect(
      kit.decode(text, positions: false).rows == """
        #1: "1" "one" "one" "1" "end" "end"
        #2: "2" "two" "two" "1" "end" "end"
        #3: "3" - - "1" "end" "end"
        #4: "4" many("x") "y" "1" "end" "end"
        """)
    let sink = CollectingSink(kit.plan)
    let session = try kit.decoder.session(kit.plan, late: nil, into: sink)
    try Array(text.utf8).withUnsafeBufferPointer { try session.feed($0) }
    let first = try session.finish()
    #expect(first.late != nil)
    #expect(kit.firstDifferingCut(text) == nil)
  }

  @Test("needs no second pass when every value stands before its records, or changes nothing")
  func notLate() throws {
    let kit = try xml(try kind("/a/r", "first:/a/h", "/a/f[@x]"))
    let sink = CollectingSink(kit.plan)
    let session = try kit.decoder.session(kit.plan, late: nil, into: sink)
    try Array("<a><h>1</h><r/><h>2</h><f>no</f></a>".utf8).withUnsafeBufferPointer { try session.feed($0) }
    #expect(try session.finish().late == nil)
    #expect(sink.dump(positions: false) == #"#1: "1" -"#)
  }

  @Test("gives nested records the values of the record they stand in, wherever these stand")
  func nested() throws {
    let kit = try xml(
      try kind(
        "/a/r", "@k",
        children: [
          try kind(
            "l/i", "text()", "../../code", "../@n", "/a/r/@k", "/a/head",
            children: [try kind("j", "@x", "../../../code", "../@y")])
        ]))
    let text = """
      <a><head>h</head><r k='1'><l n='1'><i y='8'>p<j x='0'/></i></l><l><i>q</i></l><code>c1</code></r>\
      <r k='2'><l><i>s</i></l></r></a>
      """
    #expect(
      kit.decode(text, positions: false).rows == """
        #1: "1"
          0: "p" "c1" "1" "1" "h"
            0: "0" "c1" "8"
          0: "q" "c1" - "1" "h"
        #2: "2"
          0: "s" - - "2" "h"
        """)
    let sink = CollectingSink(kit.plan)
    let session = try kit.decoder.session(kit.plan, late: nil, into: sink)
    try Array(text.utf8).withUnsafeBufferPointer { try session.feed($0) }
    #expect(try session.finish().late == nil)
  }

  @Test("a value under a step that does not hold is no value, late or not")
  func conditional() throws {
    let kit = try xml(
      try kind("/a/r", "/a/h[ok]/v"), document: ["/a/h[ok]/v", "last:/a/h/v", "/a/none", "count:/a/r"])
    let outcome = kit.decode(
      "<a><h><v>1</v></h><h><v>2</v><ok/></h><r/><h><v>3</v></h></a>", positions: false)
    #expect(outcome.rows == #"#1: "2""#)
    #expect(outcome.summary?.documentValues.map(\.text) == ["2", "3", nil, "1"])
  }

  @Test("reads document values without records")
  func documentOnly() throws {
    let kit = try xml(document: ["/a/@n", "/a/b", "/a/b/text()"])
    let values = kit.decode("<a n='1'><b>x<c/></b><b>y</b></a>").summary?.documentValues
    #expect(values == [.text("1"), .text("x"), .text("x")])
  }

  @Test(
    "tells an element that is there from one that is not, whatever it holds",
    arguments: [
      ("<a/>", DocumentValue.absent), ("<a><e/></a>", .text("")), ("<a><e><c>5</c></e></a>", .text("5")),
    ])
  func documentValue(text: String, expected: DocumentValue) throws {
    #expect(try xml(document: ["first:/a/e"]).decode(text).summary?.documentValues == [expected])
  }

  @Test("refuses paths that lead nowhere")
  func impossible() throws {
    for text in ["../../../x", "/a/../../x"] {
      let kit = try xml(try kind("/a/r", text))
      #expect(kit.decode("<a/>").failure?.id == "decode.path-not-possible")
    }
    let early = try xml(try kind("/a[b='1']/r", "x"))
    #expect(early.decode("<a/>").failure?.id == "decode.path-not-possible")
    let prefix = try xml(try kind("/t:a/r", "x"))
    #expect(prefix.decode("<a/>").failure?.id == "decode.unknown-prefix")
  }

  @Test("says what is there when the records' parent is not")
  func nothingThere() throws {
    let records = String(repeating: "<t:TaiSan/>", count: 1000)
    let text = #"<t:DanhSach xmlns:t="urn:vn:taisan:2">\#(records)</t:DanhSach>"#
    let kit = try xml(try kind("/t:DanhSach/t:TaiSan", "@ma"), namespaces: ["t": ["urn:vn:taisan:1"]])
    let failure = kit.decode(text).failure
    #expect(failure?.id == "decode.nothing-matched")
    #expect(failure?.exit == .data)
    #expect(
      failure?.message == "`/t:DanhSach/t:TaiSan` matched nothing; "
        + "the document has `TaiSan` in `urn:vn:taisan:2`, 1,000 times")
    let above = try xml(try kind("/s:Body/t:Answer/R", "@ma"), namespaces: ["s": ["urn:s"], "t": ["urn:1"]])
    #expect(
      above.decode("<Body xmlns='urn:s'><Answer xmlns='urn:2'><R xmlns=''/></Answer></Body>").failure?.message
        == "`/s:Body/t:Answer/R` matched nothing; the document has `Answer` in `urn:2`, once")
    let other = try xml(try kind("/x/y/z", "@ma"))
    #expect(
      other.decode("<p><q/><q/><s/></p>").failure?.message
        == "`/x/y/z` matched nothing; the document begins with `p` with `q`, 2 times; `s`, once")
    let slip = try xml(try kind("/t:DanhSach/t:TaiSan", "@ma"), namespaces: ["t": ["urn:1"]])
    #expect(
      slip.decode("<Danhsach xmlns='urn:1'><TaiSan/></Danhsach>").failure?.message
        == "`/t:DanhSach/t:TaiSan` matched nothing; the document begins with `Danhsach` in `urn:1`: "
        + "did you mean `/t:Danhsach/t:TaiSan`?")
    let lax = try xml(try kind("/x/y", "@ma"), allowsEmpty: true)
    #expect(lax.decode("<p/>").summary?.records == 0)
  }

  @Test("an empty list is an answer")
  func emptyList() throws {
    let kit = try xml(try kind("/a/b", "@ma"))
    #expect(kit.decode("<a/>").summary?.records == 0)
  }
}
