// SPDX-License-Identifier: Apache-2.0

/// A name with the namespace that its prefix stands for; empty for none.
struct XMLName: Hashable {
  var namespace: String
  var local: String

  init(_ namespace: String, _ local: String) {
    self.namespace = namespace
    self.local = local
  }
}

struct XMLAttribute: Equatable {
  var name: XMLName
  var value: String
}

/// Reads what stands between `<` and `>`.
enum XMLTag {
  typealias Attribute = (name: [UInt8], value: String)

  /// - Parameter offset: of the tag, for faults.
  static func read(
    _ tag: ArraySlice<UInt8>, at offset: Int
  ) throws(XMLFault) -> (name: [UInt8], attributes: [Attribute]) {
    var rest = tag
    let name = try self.name(&rest, "an element", at: offset)
    var attributes: [Attribute] = []
    while let first = rest.first {
      let hasSpace = first.isXMLSpace
      rest = rest.drop(while: \.isXMLSpace)
      if rest.isEmpty { break }
      guard hasSpace else { throw XMLFault(reason: "white space is missing in a tag", offset: offset) }
      let name = try self.name(&rest, "an attribute", at: offset)
      let word = XMLScanner.text(name)
      rest = rest.drop(while: \.isXMLSpace)
      guard rest.popFirst() == UInt8(ascii: "=") else {
        throw XMLFault(reason: "attribute '\(word)' has no value", offset: offset)
      }
      rest = rest.drop(while: \.isXMLSpace)
      guard let quote = rest.popFirst(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
        let end = rest.firstIndex(of: quote)
      else { throw XMLFault(reason: "the value of attribute '\(word)' has no quotes", offset: offset) }
      let raw = rest[..<end]
      if raw.contains(UInt8(ascii: "<")) {
        throw XMLFault(reason: "'<' stands in attribute '\(word)': write &lt;", offset: offset)
      }
      attributes.append((name, try XMLText.decoded(raw, at: offset)))
      rest = rest[(end + 1)...]
    }
    return (name, attributes)
  }

  private static func name(
    _ rest: inout ArraySlice<UInt8>, _ what: String, at offset: Int
  ) throws(XMLFault) -> [UInt8] {
    let name = rest.prefix { byte in isStart(byte) || isDigit(byte) || byte == 45 || byte == 46 || byte == 58
    }
    guard let first = name.first, isStart(first), name.last != 58, name.count(where: { $0 == 58 }) <= 1 else {
      let found = XMLScanner.text(rest.prefix { !$0.isXMLSpace }.prefix(40))
      throw XMLFault(reason: "'\(found)' is no name of \(what)", offset: offset)
    }
    rest = rest[name.endIndex...]
    return Array(name)
  }

  private static func isStart(_ byte: UInt8) -> Bool {
    (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte == 95 || byte >= 0x80
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
}

/// Which prefix stands for which namespace, element by element.
struct XMLNamespaces {
  private static let xml = "http://www.w3.org/XML/1998/namespace"

  private var declared: [(prefix: String, uri: String)]
  /// Length of `declared` before each open element.
  private var lengths: [Int] = []

  init(_ prefixes: [String: String]) {
    declared = [("xml", Self.xml)] + prefixes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  mutating func push() { lengths.append(declared.count) }
  mutating func pop() { declared.removeLast(declared.count - (lengths.popLast() ?? declared.count)) }

  /// Takes an element's declarations, and gives its other attributes.
  mutating func declare(
    _ attributes: [XMLTag.Attribute], at offset: Int
  ) throws(XMLFault) -> [XMLAttribute] {
    for (name, value) in attributes {
      let name = XMLScanner.text(name)
      if name == "xmlns" {
        declared.append(("", value))
      } else if name.hasPrefix("xmlns:") {
        guard !value.isEmpty else { throw XMLFault(reason: "'\(name)' is empty", offset: offset) }
        declared.append((String(name.dropFirst(6)), value))
      }
    }
    var kept: [XMLAttribute] = []
    var seen: Set<String> = []
    for (name, value) in attributes {
      let written = XMLScanner.text(name)
      guard seen.insert(written).inserted else {
        throw XMLFault(reason: "attribute '\(written)' stands twice", offset: offset)
      }
      if written == "xmlns" || written.hasPrefix("xmlns:") { continue }
      let resolved = try resolve(written, usesDefault: false, at: offset)
      kept.append(XMLAttribute(name: resolved, value: value))
    }
    return kept
  }

  func element(_ written: [UInt8], at offset: Int) throws(XMLFault) -> XMLName {
    try resolve(XMLScanner.text(written), usesDefault: true, at: offset)
  }

  private func resolve(
    _ written: String, usesDefault: Bool, at offset: Int
  ) throws(XMLFault) -> XMLName {
    let parts = written.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return XMLName(usesDefault ? uri("") ?? "" : "", written) }
    guard let uri = uri(parts[0]) else {
      throw XMLFault(reason: "the prefix '\(parts[0])' stands for no namespace", offset: offset)
    }
    return XMLName(uri, parts[1])
  }

  private func uri(_ prefix: String) -> String? { declared.last { $0.prefix == prefix }?.uri }
}
