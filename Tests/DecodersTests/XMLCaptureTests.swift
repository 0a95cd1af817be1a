// SPDX-License-Identifier: Apache-2.0

import Components
import Decoders
import Diagnostics
import PipelineTesting
import Testing

@Suite("Cutting records out of XML")
struct XMLCaptureTests {
  @Test("takes elements, attributes and nested lists, with positions, at every cut")
  func everyCut() throws {
    let text = """
      <?xml version="1.0"?>
      <t:DanhSach xmlns:t="urn:vn:taisan:1" tongSo="2">
        <t:TaiSan ma="A1">
          <t:Ten>Xe &amp; máy &#x110;</t:Ten><t:DonVi ma="07"/>
          <t:BienDong><t:But ngay="1"><t:LyDo>mua</t:LyDo></t:But><t:But ngay="2"/></t:BienDong>
        </t:TaiSan><!-- between --><t:TaiSan
          ma="A2"><t:Ten><![CDATA[<b>]]> x</t:Ten></t:TaiSan>
      </t:DanhSach>
      """
    let kit = try xml(
      try kind(
        "/t:DanhSach/t:TaiSan", "@ma", "t:Ten", "t:DonVi/@ma", "position()", "/t:DanhSach/@tongSo",
        children: [
          try kind("t:BienDong/t:But", "position()", "@ngay", "t:LyDo", "../../@ma")
        ]),
      namespaces: ["t": ["urn:vn:taisan:1"]], document: ["/t:DanhSach/@tongSo"])
    let outcome = kit.decode(text)
    #expect(
      outcome.description == """
        #1 @74+182 line 3 /DanhSach/TaiSan[1]: "A1" "Xe & máy Đ" "07" "1" "2"
          0: "1" "1" "mua" "A1"
          0: "2" "2" - "A1"
        #2 @272+65 line 6 /DanhSach/TaiSan[2]: "A2" "<b> x" - "2" "2"
        """)
    #expect(outcome.summary?.records == 2)
    #expect(outcome.summary?.documentValues == [.text("2")])
    #expect(outcome.summary?.filled == [[2, 2, 1, 2, 2, 2, 2, 1, 2]])
    #expect(kit.firstDifferingCut(text) == nil)
    let records = try kit.recordTexts(text)
    #expect(records.allSatisfy { $0.hasPrefix("<t:TaiSan") && $0.hasSuffix("</t:TaiSan>") })
  }

  @Test("passes over a byte order mark, which counts in offsets, at every cut")
  func byteOrderMark() throws {
    let kit = try xml(try kind("/a/b", "@c", "raw:n"))
    let text = "\u{FEFF}<a>\n<b c=\"1\"><n>x</n></b></a>"
    #expect(kit.decode(text).description == ##"#1 @7+21 line 2 /a/b[1]: "1" "<n>x</n>""##)
    #expect(kit.firstDifferingCut(text) == nil)
  }

  @Test("follows namespaces, whatever the prefixes", arguments: ["p", "q"])
  func prefixes(prefix: String) throws {
    let text = """
      <\(prefix):a xmlns:\(prefix)="urn:1"><\(prefix):r \(prefix):k="1" k="2"><n xmlns="urn:2">x</n><n>y</n></\(prefix):r></\(prefix):a>
      """
    let kit = try xml(
      try kind("/m:a/m:r", "@m:k", "@k", "o:n", "n"), namespaces: ["m": ["urn:1"], "o": ["urn:2"]])
    #expect(kit.decode(text, positions: false).rows == #"#1: "1" "2" "x" "y""#)
  }

  @Test(
    "reads one format under several namespaces, attributes and predicates included",
    arguments: ["urn:1", "urn:2"])
  func severalNamespaces(uri: String) throws {
    let kit = try xml(
      try kind("/m:a/m:r", "m:n", "@m:k", "m:n[@m:s='2']/m:v", "n"),
      namespaces: ["m": ["urn:1", "urn:2", "urn:1"]])
    let text = """
      <p:a xmlns:p="\(uri)"><p:r p:k="1"><p:n p:s="2">x<p:v>y</p:v></p:n><n>z</n></p:r></p:a>
      """
    #expect(kit.decode(text, positions: false).rows == #"#1: "xy" "1" "y" "z""#)
    #expect(kit.firstDifferingCut(text) == nil)
    #expect(
      kit.decode(text.replacing(uri, with: "urn:3")).failure?.message
        == "`/m:a/m:r` matched nothing; the document has `r` in `urn:3`, once")
  }

  @Test("reads unprefixed names of paths in the default namespace, attributes in none")
  func defaultNamespace() throws {
    let kit = try xml(try kind("/a/r", "@k", "n", "@xml:lang"), namespaces: ["default": ["urn:1"]])
    let text = #"<a xmlns="urn:1"><r k="1" xml:lang="vi"><n>x</n></r></a>"#
    #expect(kit.decode(text, positions: false).rows == #"#1: "1" "x" "vi""#)
  }

  @Test("keeps absent, empty and nil apart")
  func absence() throws {
    let xsi = #"xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#
    let kit = try xml(try kind("/a/r", "x", "y/@k"))
    let text = """
      <a \(xsi)><r/><r><x/></r><r><x></x></r><r><x xsi:nil="true"/><y k=""/></r><r><x xsi:nil="false">1</x></r></a>
      """
    #expect(
      kit.decode(text, positions: false).rows == """
        #1: - -
        #2: "" -
        #3: "" -
        #4: null ""
        #5: "1" -
        """)
    #expect(kit.firstDifferingCut(text) == nil)
  }

  @Test("takes one, first, last, n-th, count or all of several values")
  func takes() throws {
    let kit = try xml(try kind("/a/r", "x", "first:x", "last:x", "2:x", "count:x", "all:x", "all:y/@k"))
    let text = "<a><r><x>1</x><x>2</x><x/><y k='q'/></r><r/><r><x>4</x></r></a>"
    #expect(
      kit.decode(text, positions: false).rows == """
        #1: many("1") "1" "" "2" "3" ["1", "2", ""] ["q"]
        #2: - - - - "0" - -
        #3: "4" "4" "4" - "1" ["4"] -
        """)
    #expect(kit.firstDifferingCut(text) == nil)
  }

  @Test("tells an element's own text from all its text, and feeds several columns at once")
  func ownText() throws {
    let kit = try xml(try kind("/a/r", "p", "p/text()", "p/b", "p/name()", "*/name()", "raw:p"))
    let text = "<a><r><p>one <b>two</b> three</p></r></a>"
    #expect(
      kit.decode(text, positions: false).rows
        == #"#1: "one two three" "one  three" "two" "p" "p" "<p>one <b>two</b> three</p>""#)
    #expect(kit.firstDifferingCut(text) == nil)
  }

  @Test("takes source text as it stands")
  func raw() throws {
    let kit = try xml(try kind("/a/r", "raw:x", "raw:y/z", "y"))
    let text = "<a><r><x k='1'>&lt;<q/><!-- c --></x><y><z/>v</y></r><r><y><z><![CDATA[]]>1</z></y></r></a>"
    #expect(
      kit.decode(text, positions: false).rows == """
        #1: "<x k='1'>&lt;<q/><!-- c --></x>" "<z/>" "v"
        #2: - "<z><![CDATA[]]>1</z>" "1"
        """)
    #expect(kit.firstDifferingCut(text) == nil)
  }

  @Test("chooses steps by attribute, position and content")
  func predicates() throws {
    let kit = try xml(
      try kind(
        "/c/r", "f[@t='245'|'246']/s[@c='a']", "f[2]/s", "f[s='z']/@t", "f[!s]/@t", "f[@t!='1'][1]/@t",
        "all:f[s][2]/@t", "f[s[@c='b']='y']/@t"))
    let text = """
      <c><r><f t='1'><s c='a'>w</s></f><f t='245'><s c='a'>x</s><s c='b'>y</s></f><f t='9'><s c='b'>z</s></f>\
      <f t='0'/></r></c>
      """
    #expect(
      kit.decode(text, positions: false).rows == #"#1: "x" many("x") "9" "0" "245" ["245"] "245""#)
    #expect(kit.firstDifferingCut(text) == nil)
  }

  @Test("a record whose predicate fails is none: not counted, its values and children gone")
  func recordPredicate() throws {
    let kit = try xml(
      try kind(
        "/a/r[state='live']", "position()", "n", "last:n", "all:n", "count:n",
        children: [try kind("l/i[k]", "position()", "v", "../@g", children: [try kind("m", "@x")])]))
    let dead = "<r><n>1</n><n>2</n><l g='0'><i><k/><v>a</v><m x='0'/></i></l><state>dead</state></r>"
    let live = """
      <r><n>3</n><l g='7'><i><v>b</v><m x='1'/></i><i><v>c</v><k/><m x='2'/><m x='3'/></i></l><state>live</state></r>
      """
    let text = "<a>\(dead)\(live)\(dead)<r/>\(live)</a>"
    let rows = """
      "3" "3" ["3"] "1"
        0: "1" "c" "7"
          0: "2"
          0: "3"
      """
    #expect(
      kit.decode(text, positions: false).rows == "#1: \"1\" \(rows)\n#2: \"2\" \(rows)")
    #expect(try kit.recordTexts(text) == [live, live])
    #expect(kit.firstDifferingCut(text) == nil)
  }

  @Test("takes back what a step that does not hold had captured")
  func takesBack() throws {
    let kit = try xml(try kind("/a/r", "g[ok]/v", "last:g[ok]/v", "all:g[ok]/v", "count:g[ok]/v"))
    let text = """
      <a><r><g><v>1</v><ok/></g><g><v>2</v></g></r><r><g><v>3</v></g></r><r><g><v>4</v></g><g><ok/><v>5</v></g></r></a>
      """
    #expect(
      kit.decode(text, positions: false).rows == """
        #1: "1" "1" ["1"] "1"
        #2: - - - "0"
        #3: "5" "5" ["5"] "1"
        """)
  }

  @Test("hands several kinds on from one pass, also from one element and from within each other")
  func severalKinds() throws {
    let kit = try xml(
      try kind("/a/r", "@k"), try kind("/a/r[s]", "s"), try kind("/a/r/s", "text()"), try kind("/a/q", "@k"))
    let text = "<a><r k='1'/><q k='2'/><r k='3'><s>x</s></r><r k='4'><s>y</s><s>z</s></r></a>"
    #expect(
      kit.decode(text, positions: false).rows == """
        kind 0 #1: "1"
        kind 0 #3: "3"
        kind 0 #6: "4"
        kind 1 #4: "x"
        kind 1 #7: many("y")
        kind 2 #5: "x"
        kind 2 #8: "y"
        kind 2 #9: "z"
        kind 3 #2: "2"
        """)
    #expect(kit.firstDifferingCut(text) == nil)
  }

  @Test(
    "finds one list in any of its places, and misses it where it is in none",
    arguments: [
      ("<a><b><r k='1'/></b></a>", #"kind 0 #1: "1""#), ("<b><r k='2'/></b>", #"kind 1 #1: "2""#),
      ("<r k='3'><h/></r>", #"kind 2 #1: "3""#), ("<a><b/></a>", ""),
    ])
  func places(text: String, rows: String) throws {
    let kit = try places()
    #expect(kit.decode(text, positions: false).rows == rows)
    #expect(kit.decode(text, positions: false).failure == nil)
    #expect(kit.firstDifferingCut(text) == nil)
  }

  @Test(
    "takes a root that is none of the places for another document",
    arguments: ["<c><r k='1'/></c>", "<r k='3'/>", "<a/>"])
  func noPlace(text: String) throws {
    let failure = try places().decode(text).failure
    #expect(failure?.id == "decode.nothing-matched")
    #expect(failure?.message.contains("`/a/b/r` matched nothing") == true)
  }

  @Test("lets one list be missing though another must be there")
  func optional() throws {
    var second = try kind("/a/c/s", "@k")
    second.allowsEmpty = true
    let kit = try xml(try kind("/a/b/r", "@k"), second)
    #expect(kit.decode("<a><b><r k='1'/></b></a>", positions: false).rows == #"kind 0 #1: "1""#)
    #expect(kit.decode("<a><c><s k='1'/></c></a>").failure?.id == "decode.nothing-matched")
  }

  private func places() throws -> DecodingKit {
    func place(_ path: String) throws -> RecordKind {
      var kind = try kind(path, "@k")
      kind.list = 0
      return kind
    }
    return try xml(place("/a/b/r"), place("/b/r"), place("/r[h]"))
  }

  @Test("numbers records densely when one that held others turns out to be none")
  func denseOrdinals() throws {
    let kit = try xml(try kind("/a/r[ok]", "@k"), try kind("/a/r/s", "text()"))
    let text = "<a><r k='1'><s>x</s></r><r k='2'><s>y</s><ok/></r></a>"
    #expect(
      kit.decode(text, positions: false).rows == """
        kind 0 #2: "2"
        kind 1 #1: "x"
        kind 1 #3: "y"
        """)
  }

  @Test("says the same whatever the size of chunks", arguments: [1, 2, 3, 100])
  func chunkSizes(rows: Int) throws {
    let kit = try xml(
      try kind("/a/g/r", "x", "../@n", children: [try kind("c", "text()")]), limits: { $0.chunkRows = rows })
    let text = """
      <a><g n='1'><r><x>1</x><c>a</c></r><r><x>2</x></r></g><g n='2'><r><x>3</x><c>b</c><c>c</c></r></g></a>
      """
    #expect(
      kit.decode(text).rows == """
        #1 @12+23 line 1 /a/g/r[1]: "1" "1"
          0: "a"
        #2 @35+15 line 1 /a/g/r[2]: "2" "1"
        #3 @63+31 line 1 /a/g[2]/r[1]: "3" "2"
          0: "b"
          0: "c"
        """)
  }
}
