// SPDX-License-Identifier: Apache-2.0

import CLibXML2
import Diagnostics

/// Turns names of paths into the addresses of libxml2's interned strings: what its callbacks hand over for the same name.
struct XMLNames {
  private let namespaces: [String: [String]]
  private let parser: xmlParserCtxtPtr

  init(_ namespaces: [String: [String]], _ parser: xmlParserCtxtPtr) {
    self.namespaces = namespaces
    self.parser = parser
  }

  /// `xsi:nil`
  var nilKey: NameKey {
    NameKey(local: interned("nil"), space: interned("http://www.w3.org/2001/XMLSchema-instance"))
  }

  /// The name in each of the namespaces that its prefix stands for.
  ///
  /// An unprefixed element name is in the namespace `default`, if there is one; an attribute's never.
  func keys(_ name: String, isAttribute: Bool) throws(StageFailure) -> [NameKey] {
    guard let colon = name.firstIndex(of: ":") else {
      guard !isAttribute, let uris = namespaces["default"] else {
        return [NameKey(local: interned(name), space: 0)]
      }
      return keys(name, in: uris)
    }
    let prefix = String(name[..<colon])
    let local = String(name[name.index(after: colon)...])
    if prefix == "xml" {
      return keys(local, in: ["http://www.w3.org/XML/1998/namespace"])
    }
    guard let uris = namespaces[prefix] else {
      let known = namespaces.keys.filter { $0 != "default" }.sorted().joined(separator: ", ")
      throw StageFailure(
        id: "decode.unknown-prefix", "'\(name)' has the prefix '\(prefix)', which stands for no namespace",
        help: "declare it: 'namespaces: { \(prefix): \"urn:…\" }'"
          + (known.isEmpty ? "" : "; declared are \(known)"),
        exit: .files)
    }
    return keys(local, in: uris)
  }

  private func keys(_ local: String, in uris: [String]) -> [NameKey] {
    var keys: [NameKey] = []
    for uri in uris {
      let key = NameKey(local: interned(local), space: interned(uri))
      if !keys.contains(key) { keys.append(key) }
    }
    return keys
  }

  private func interned(_ text: String) -> UInt {
    text.isEmpty ? 0 : UInt(bitPattern: xmlDictLookup(parser.pointee.dict, text, -1))
  }
}
