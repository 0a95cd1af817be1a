// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Extractors

@Suite("XML of messages")
struct XMLScannerTests {
  /// What a scanner tells of a text, in short; cut into pieces of a size.
  private func events(_ bytes: [UInt8], piece: Int = .max, isFragment: Bool = false) -> String {
    let scanner = XMLScanner(isFragment: isFragment)
    scanner.keepsText = true
    var told = ""
    let sink: XMLScanner.Sink = { event in
      switch event {
      case .open(let name, let attributes):
        told += "<\(name.namespace)|\(name.local)"
        for attribute in attributes {
          told += " \(attribute.name.namespace)|\(attribute.name.local)=\(attribute.value)"
        }
        told += ">"
      case .close: told += "</>"
      case .text(let text): told += text
      case .literal(let text): told += "[\(text)]"
      case .aside(let text): told += "(\(text))"
      }
    }
    do {
      var rest = bytes[...]
      while !rest.isEmpty {
        try scanner.feed(rest.prefix(piece), sink)
        rest = rest.dropFirst(piece)
      }
      try scanner.finish(sink)
    } catch let fault as XMLFault { return "\(fault.offset): \(fault.reason)" } catch { return "\(error)" }
    return told
  }

  private static let text = """
    <?xml version="1.0"?><!-- a > b --><s:a xmlns:s='urn:s' xmlns="urn:d" x="1 &gt; &#x1EA1;'" s:y="">
    <b xmlns=""/><c>Xã &amp; thôn<![CDATA[ <x> ]]></c></s:a>
    """
  private static let told = """
    (xml version="1.0")( a > b )<urn:s|a |x=1 > ạ' urn:s|y=>
    <|b></><urn:d|c>Xã & thôn[ <x> ]</></>
    """

  @Test("tells of elements by their namespaces, in pieces of any size", arguments: [1, 2, 3, 7, 64, 1000])
  func pieces(_ size: Int) {
    #expect(events(Array(Self.text.utf8), piece: size) == Self.told)
  }

  @Test("reads UTF-16 of both orders, marked or not, and UTF-8 with its mark", arguments: [1, 2, 5, 1000])
  func encodings(_ size: Int) {
    let little = Self.text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let big = Self.text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    for bytes in [
      [0xFF, 0xFE] + little, little, [0xFE, 0xFF] + big, big, [0xEF, 0xBB, 0xBF] + Array(Self.text.utf8),
    ] {
      #expect(events(bytes, piece: size) == Self.told)
    }
  }

  @Test(
    "says what is wrong and where",
    arguments: [
      ("<a><b></a>", "6: 'b' is closed by 'a'"), ("<a", "0: it ends within a tag"),
      ("<a>", "3: it ends within 'a'"),
      ("<a></a><b/>", "7: a second element stands beside the first"),
      ("<a/>x", "4: text stands outside of any element"),
      ("<p:a/>", "0: the prefix 'p' stands for no namespace"),
      ("<a b=c/>", "0: the value of attribute 'b' has no quotes"),
      ("<a b='1' b='2'/>", "0: attribute 'b' stands twice"),
      ("<a>a & b</a>", "5: '&' begins no reference: write &amp;"),
      ("<a>&nbsp;</a>", "3: '&' begins no reference: write &amp;"),
      ("<!DOCTYPE a><a/>", "0: a document type stands there"),
      ("<1/>", "0: '1' is no name of an element"), ("", "0: there is no element"),
      ("</a>", "0: '</a>' closes nothing"),
      ("<a <b/>", "0: a tag is not closed before the next begins"),
      ("<a>]]></a>", "3: ']]>' stands in a text: write ]]&gt;"),
      ("<a>&#0;</a>", "3: '&' begins no reference: write &amp;"),
      ("<a b='<'/>", "0: '<' stands in attribute 'b': write &lt;"),
    ])
  func faults(_ text: String, _ fault: String) {
    #expect(events(Array(text.utf8)) == fault)
  }

  @Test("holds no more of a document than a tag or a text may have")
  func limits() {
    #expect(
      events(Array(("<a b='" + String(repeating: "x", count: 70_000)).utf8))
        == "0: a tag is longer than 64 KiB")
    let deep = String(repeating: "<a>", count: 300)
    #expect(events(Array(deep.utf8)) == "768: elements are nested deeper than 256")
    let long = "<a>" + String(repeating: "x", count: 1_100_000)
    #expect(events(Array(long.utf8), piece: 10_000) == "3: a text is longer than 1 MiB")
  }

  @Test("takes the content of an element as a fragment")
  func fragment() {
    #expect(events(Array("a<b/> <c/>".utf8), isFragment: true) == "a<|b></> <|c></>")
  }

  @Test("escapes what would end a text or an attribute")
  func escaping() {
    #expect(XMLText.escaped("a<b>&\"'\r\u{0}") == "a&lt;b&gt;&amp;&quot;&apos;&#13;")
  }
}
