// SPDX-License-Identifier: Apache-2.0

/// Reads the header `Link` of RFC 8288: `<https://a/?p=2>; rel="next", <https://a/?p=9>; rel="last"`.
enum LinkHeader {
  /// The address of the first link of a relation; nil when there is none. A link with an `anchor` tells of another
  /// page than the one that was asked for, and is passed over.
  static func target(of relation: String, in text: String) -> String? {
    var rest = Array(text.utf8)[...]
    while let link = link(&rest) {
      // Only the first `rel` of a link counts.
      guard let relations = link.parameters.first(where: { $0.name == "rel" })?.value,
        !link.parameters.contains(where: { $0.name == "anchor" })
      else { continue }
      let words = relations.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
      if words.contains(relation.lowercased()) { return link.target }
    }
    return nil
  }

  private struct Link {
    var target: String
    var parameters: [(name: String, value: String)] = []
  }

  /// The next link; nil when there is no more, or nothing that could be read as one.
  private static func link(_ rest: inout ArraySlice<UInt8>) -> Link? {
    skip(&rest) { isSpace($0) || $0 == UInt8(ascii: ",") }
    guard rest.first == UInt8(ascii: "<"), let end = rest.firstIndex(of: UInt8(ascii: ">")) else {
      return nil
    }
    var link = Link(target: text(rest[(rest.startIndex + 1)..<end]))
    rest = rest[(end + 1)...]
    while true {
      skip(&rest, isSpace)
      guard rest.first == UInt8(ascii: ";") else { break }
      rest.removeFirst()
      skip(&rest, isSpace)
      let name = take(&rest) { !isSpace($0) && !";,=".utf8.contains($0) }
      skip(&rest, isSpace)
      var value = ""
      if rest.first == UInt8(ascii: "=") {
        rest.removeFirst()
        skip(&rest, isSpace)
        value =
          rest.first == UInt8(ascii: "\"")
          ? quoted(&rest) : text(take(&rest) { !isSpace($0) && !";,".utf8.contains($0) })
      }
      if !name.isEmpty { link.parameters.append((text(name).lowercased(), value)) }
    }
    // What stands before the next comma is no part of a link that we know.
    skip(&rest) { $0 != UInt8(ascii: ",") }
    return link
  }

  private static func quoted(_ rest: inout ArraySlice<UInt8>) -> String {
    rest.removeFirst()
    var bytes: [UInt8] = []
    while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
      if byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() {
        bytes.append(escaped)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func skip(_ rest: inout ArraySlice<UInt8>, _ isSkipped: (UInt8) -> Bool) {
    rest = rest.drop(while: isSkipped)
  }

  private static func take(
    _ rest: inout ArraySlice<UInt8>, _ isTaken: (UInt8) -> Bool
  ) -> ArraySlice<UInt8> {
    let taken = rest.prefix(while: isTaken)
    rest = rest[taken.endIndex...]
    return taken
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
  private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
