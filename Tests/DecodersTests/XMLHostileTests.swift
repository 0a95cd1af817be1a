// SPDX-License-Identifier: Apache-2.0

import Components
import Decoders
import Diagnostics
import Paths
import PipelineTesting
import Records
import Testing

@Suite("Hostile and broken XML")
struct XMLHostileTests {
  private func failure(
    _ text: String, limits: (inout DecodeLimits) -> Void = { _ in }
  ) throws -> StageFailure? {
    try xml(try kind("/a/r", "x", "@k"), limits: limits, allowsEmpty: true).decode(text).failure
  }

  /// Bytes a session took before it refused; the text's count if it took all.
  private func taken(
    _ piece: String, times: Int, head: String = "", limits: (inout DecodeLimits) -> Void = { _ in }
  ) throws -> (bytes: Int, id: String?) {
    let kit = try xml(try kind("/a/r", "x"), limits: limits, allowsEmpty: true)
    let session = try kit.decoder.session(kit.plan, late: nil, into: CollectingSink(kit.plan))
    try Array(head.utf8).withUnsafeBufferPointer { try session.feed($0) }
    let bytes = Array(piece.utf8)
    for round in 0..<times {
      do {
        try bytes.withUnsafeBufferPointer { try session.feed($0) }
      } catch let failure as StageFailure {
        return (round * bytes.count, failure.id)
      }
    }
    return (times * bytes.count, nil)
  }

  @Test(
    "refuses every document type declaration",
    arguments: [
      "<!DOCTYPE a><a/>",
      "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
      "<!DOCTYPE a [<!ENTITY x 'y'>]><a><r><x>&x;</x></r></a>",
      "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a><r><x>&x;</x></r></a>",
      "<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]><a/>",
      "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]><l>&c;</l>",
      "<?xml version='1.0'?><!-- c -->\n<!DOCTYPE a><a/>",
    ])
  func doctype(text: String) throws {
    #expect(try failure(text)?.id == "decode.doctype-forbidden")
  }

  @Test(
    "refuses what is not well-formed",
    arguments: [
      "<a><b></a></b>", "<a", "a", "<a/><b/>", "<a/>x", "<a>&nbsp;</a>", "<a>&#0;</a>", "<a>&#xD800;</a>",
      "<a>&</a>", "<a>& b</a>", "<a b=c/>", "<a b='1' b='2'/>", "<a b='<'/>", "<a>]]></a>", "<a b='1'c='2'/>",
      "<a><!-- -- --></a>", "<a><?xml version='1.0'?></a>", " <?xml version='1.0'?><a/>", "<1a/>", "<a.b:/>",
      "<a>\u{1}</a>", "<a>\u{FFFE}</a>", "<a \u{0}/>", "<p:a/>", "<a p:b='1'/>",
      "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", "<a xmlns:p=''/>", "<a></A>", "<a></ a>", "< a/>",
      "<a><![CDATA[x]]</a>", "<?xml version='1.0' encoding=''?><a/>", "<a/><?p", "<a/><!-- x",
    ])
  func malformed(text: String) throws {
    let failure = try failure(text)
    #expect(failure?.id == "decode.not-well-formed", "\(text): \(String(describing: failure))")
    #expect(failure?.exit == .data)
    #expect(failure?.place?.hasPrefix("line 1") == true)
    #expect(failure?.help.isEmpty == false)
  }

  @Test(
    "accepts what is well-formed",
    arguments: [
      "<a/>", "<a></a >", "<a\n/>", "<?xml version='1.0' encoding='windows-1258' standalone='yes'?><a>ế</a>",
      "<?xml version='1.0' encoding='UTF-16'?><a/>", "<a/>\n<!-- x --><?p q?>\n", "<a b=\"'\" c='\"'/>",
      "<a>&lt;&gt;&amp;&apos;&quot;&#233;&#x1F600;</a>", "<a><![CDATA[]]]]><![CDATA[>&<]]></a>",
      "<a xmlns='u'><b xmlns=''/></a>", "<a xml:space='preserve' xml:lang='vi'/>", "<_a.b-c/>", "<đơn-vị/>",
      "<a xmlns:p='not a uri'><p:b/></a>", "<a>\r\n\t</a>", "<?xml-stylesheet href='x'?><a/>",
    ])
  func wellFormed(text: String) throws {
    let kit = try xml(try kind("/a/r", "x"), allowsEmpty: true)
    #expect(kit.decode(text).failure == nil)
    #expect(kit.firstDifferingCut(text) == nil)
  }

  @Test("says where a document is broken, at every cut")
  func place() throws {
    let text = "<a>\n <r>\n  <x>1</y>\n</r></a>"
    let kit = try xml(try kind("/a/r", "x"))
    let failure = kit.decode(text).failure
    #expect(
      failure?.message
        == "the document is not well-formed XML: Opening and ending tag mismatch: x line 3 and y")
    #expect(failure?.place == "line 3, column 11 (offset 19)")
    #expect(kit.firstDifferingCut(text) == nil)
  }

  @Test(
    "finds an '&' that begins no reference, at every cut, and does not call the document cut off for it",
    arguments: [
      ("<a><r><x>B & M</x></r><r/></a>", 11), ("<a><r><x>B & M; N</x></r></a>", 11),
      ("<a><r><x>R&D</x></r><r><x>1</x></r></a>", 10), ("<a><r><x y='B & M'>1</x></r></a>", 14),
      ("<a><r><x>Ng&ọc</x>\n</r></a>", 11),
    ])
  func bareAmpersand(text: String, offset: Int) throws {
    let kit = try xml(try kind("/a/r", "x"))
    let failure = kit.decode(text).failure
    #expect(failure?.message == "the document is not well-formed XML: a '&' begins no reference")
    #expect(failure?.place == "line 1 (offset \(offset))")
    #expect(kit.firstDifferingCut(text) == nil)
  }

  @Test("says that a document is cut off", arguments: ["<a><r><x>1</x></r>", "<a><r", "<a>\n<r>x", "<a>&am"])
  func truncated(text: String) throws {
    let failure = try failure(text)
    #expect(failure?.id == "decode.not-well-formed")
    #expect(failure?.message.hasPrefix("the document is truncated") == true)
    #expect(try self.failure("")?.message == "the document is empty")
    #expect(
      try self.failure("<?xml version='1.0'?>\n<a")?.message.contains("before its first element") == true)
  }

  @Test("refuses deep nesting at the level past the limit, at every cut")
  func depth() throws {
    let kit = try xml(try kind("/a/r", "x"), limits: { $0.depth = 5 }, allowsEmpty: true)
    #expect(kit.decode("<a><b><c><d><e>x</e></d></c></b></a>").failure == nil)
    let text = "<a><b><c><d><e>\n<f/></e></d></c></b></a>"
    let failure = kit.decode(text).failure
    #expect(failure?.id == "decode.too-deep")
    #expect(failure?.help.contains("'decode.xml.limits.depth'") == true)
    #expect(failure?.place?.hasPrefix("line 2 (offset ") == true)
    #expect(kit.firstDifferingCut(text) == nil)
    let deep = try taken("<b>", times: 10_000, head: "<a>")
    #expect(deep.id == "decode.too-deep")
    #expect(deep.bytes < 300)
  }

  @Test("refuses a long tag before the parser sees it whole, however it is cut")
  func longTag() throws {
    let attributes = (0..<200_000).map { " a\($0)='1'" }.joined()
    #expect(try failure("<a><r\(attributes)/></a>")?.id == "decode.tag-too-long")
    let taken = try taken(" abcdefgh='1'", times: 100_000, head: "<a><r")
    #expect(taken.id == "decode.tag-too-long")
    #expect(taken.bytes <= 64 << 10 + 64)
    let short = try xml(try kind("/a/r", "@k"), limits: { $0.tagBytes = 12 })
    let fitting = "<a><r k='123'/></a>"
    #expect(short.decode(fitting, positions: false).rows == "#1: \"123\"")
    #expect(short.firstDifferingCut(fitting) == nil)
    let long = "<a><r k='1234'/></a>"
    #expect(short.decode(long).failure?.id == "decode.tag-too-long")
    #expect(short.decode(long).failure?.place == "line 1 (offset 3)")
    #expect(short.firstDifferingCut(long) == nil)
  }

  @Test("refuses a crowd of attributes in one tag")
  func crowd() throws {
    let attributes = (0..<1_001).map { " a\($0)='1'" }.joined()
    #expect(try failure("<a><r\(attributes)/></a>")?.id == "decode.too-many-attributes")
  }

  @Test(
    "refuses a long text, wherever it stands, soon after the limit",
    arguments: ["<a><r><x>", "<a>", "<a><r><x><![CDATA[", "<a><!-- ", "<a><?p ", "<a>&", "<!-- "])
  func longText(head: String) throws {
    let taken = try taken(
      String(repeating: "n", count: 1000), times: 10_000, head: head, limits: { $0.textBytes = 100_000 })
    #expect(taken.id == "decode.text-too-long")
    #expect(taken.bytes < 300_000)
  }

  @Test("counts a text's bytes exactly, at every cut")
  func textLimit() throws {
    let kit = try xml(
      try kind("/a/r", "x", "raw:y", "z"), limits: { $0.textBytes = 10 })
    let fitting = "<a><r><x>12345&lt;7890</x><y>123</y><z>12<q>345</q>67890</z><!--1234567890--></r></a>"
    #expect(kit.decode(fitting).failure == nil)
    #expect(kit.firstDifferingCut(fitting) == nil)
    for long in [
      "<x>12345&lt;78901</x>", "<y>1234</y>", "<z>12<q>345</q>678901</z>", "<!--12345678901-->",
      "<w>12345678901</w>",
    ] {
      let text = "<a><r>\(long)</r></a>"
      #expect(kit.decode(text).failure?.id == "decode.text-too-long", "\(long)")
    }
  }

  @Test("reads the encoding that a declaration names")
  func encodings() throws {
    let decoder = try xml().decoder
    func read(_ bytes: [UInt8]) -> String? {
      bytes.withUnsafeBufferPointer { decoder.declaredEncoding(head: $0) }
    }
    #expect(read(Array("<?xml version=\"1.0\" encoding='TCVN'?><a/>".utf8)) == "TCVN")
    #expect(
      read(Array("<?xml version='1.0' encoding = \"windows-1258\" standalone='no'?>".utf8)) == "windows-1258")
    #expect(read([0xEF, 0xBB, 0xBF] + Array("<?xml version='1.0' encoding='utf-8'?>".utf8)) == "utf-8")
    #expect(
      read([0xFF, 0xFE] + Array("<?xml version='1.0' encoding='UTF-16'?>".utf8).flatMap { [$0, 0] })
        == "UTF-16")
    #expect(read(Array("<?xml version='1.0'?><a encoding='x'/>".utf8)) == nil)
    #expect(read(Array("<a encoding='x'/>".utf8)) == nil)
    #expect(read(Array("<?xml version='1.0' enc".utf8)) == nil)
    #expect(read([]) == nil)
  }

  @Test("passes on what the sink throws")
  func sinkFails() throws {
    struct Full: Error {}
    final class FullSink: ChunkSink {
      let inner: CollectingSink
      init(_ plan: DecodePlan) { inner = CollectingSink(plan) }
      func emptyChunk(kind: Int) -> Chunk { inner.emptyChunk(kind: kind) }
      func take(_ chunk: Chunk) throws { throw Full() }
    }
    let kit = try xml(try kind("/a/r", "x"), limits: { $0.chunkRows = 2 })
    let session = try kit.decoder.session(kit.plan, late: nil, into: FullSink(kit.plan))
    #expect(throws: Full.self) {
      try Array("<a><r/><r/><r/></a>".utf8).withUnsafeBufferPointer { try session.feed($0) }
    }
  }
}
