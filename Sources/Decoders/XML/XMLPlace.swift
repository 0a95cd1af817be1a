// SPDX-License-Identifier: Apache-2.0

import CLibXML2

/// A place in the document: bytes before it, and its line.
struct XMLPlace {
  var offset: Int64
  var line: Int64
  /// Where the last `<` before this place stands in the parser's buffer, in offset and line.
  private var tag: (offset: Int64, line: Int64)?

  /// Where the parser stands. Within a start tag's callback that is at its `>` or `/>`, within an end tag's behind it.
  init(_ parser: xmlParserCtxtPtr) {
    guard let input = parser.pointee.input, let cur = input.pointee.cur, let base = input.pointee.base
    else {
      (offset, line) = (0, 1)
      return
    }
    offset = Int64(input.pointee.consumed) + Int64(cur - base)
    line = Int64(input.pointee.line)
    // No `<` can stand within a tag, so the first one met going back began it.
    var at = cur - 1
    var lines: Int64 = 0
    while at >= base, at[0] != UInt8(ascii: "<") {
      if at[0] == UInt8(ascii: "\n") { lines += 1 }
      at -= 1
    }
    if at >= base { tag = (offset - Int64(cur - at), line - lines) }
  }

  /// Bytes of the document before the parser's place.
  static func offset(_ parser: xmlParserCtxtPtr) -> Int64 {
    guard let input = parser.pointee.input else { return 0 }
    return Int64(input.pointee.consumed) + Int64(input.pointee.cur - input.pointee.base)
  }

  /// The '&' of a reference that has no ';' before the parser's place, if there is one.
  static func unendedReference(_ parser: xmlParserCtxtPtr) -> XMLPlace? {
    guard let input = parser.pointee.input, let cur = input.pointee.cur, let base = input.pointee.base
    else { return nil }
    var at = cur - 1
    while at >= base, isNamePart(at[0]) { at -= 1 }
    guard at >= base, at[0] == UInt8(ascii: "&") else { return nil }
    return XMLPlace(offset: offset(parser) - Int64(cur - at), line: Int64(input.pointee.line))
  }

  /// Bytes that names of entities are made of, and a few more.
  static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"),
      UInt8(ascii: ":"), 0x80...:
      true
    default: false
    }
  }

  private init(offset: Int64, line: Int64) {
    self.offset = offset
    self.line = line
  }

  /// Where the tag just parsed began.
  var tagStart: XMLPlace {
    tag.map { XMLPlace(offset: $0.offset, line: $0.line) } ?? self
  }

  var short: String { "line \(line) (offset \(offset))" }
}
