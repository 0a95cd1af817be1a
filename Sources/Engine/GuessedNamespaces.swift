// SPDX-License-Identifier: Apache-2.0

import Components

/// The namespaces of a sample and the prefixes that a guessed pipeline gives them: the sample's own where
/// they serve.
struct GuessedNamespaces {
  private(set) var declared: [(prefix: String, uri: String)] = []
  private var prefixes: [String: String] = [:]

  private static let xml = "http://www.w3.org/XML/1998/namespace"

  init() {}

  init(_ root: ObservedNode) {
    var found: [(uri: String, prefix: String?)] = []
    var hasPlainElements = false
    func visit(_ node: ObservedNode) {
      if let uri = node.namespace, uri != Self.xml {
        if let known = found.firstIndex(where: { $0.uri == uri }) {
          if found[known].prefix == nil { found[known].prefix = node.prefix }
        } else {
          found.append((uri, node.prefix))
        }
      } else if node.namespace == nil, node.kind != .attribute {
        hasPlainElements = true
      }
      node.children.forEach(visit)
    }
    visit(root)
    // Names without prefix mean one namespace or none, not both.
    let unprefixed = found.filter { $0.prefix == nil }
    let standard = unprefixed.count == 1 && !hasPlainElements ? unprefixed.first?.uri : nil
    var taken: Set<String> = ["xml", "default"]
    for (uri, prefix) in found {
      if uri == standard {
        declared.append(("default", uri))
        continue
      }
      var name = prefix.flatMap { Self.isPlain($0) ? $0 : nil } ?? "n"
      var number = 2
      while !taken.insert(name).inserted {
        name = "\(prefix.flatMap { Self.isPlain($0) ? $0 : nil } ?? "n")\(number)"
        number += 1
      }
      declared.append((name, uri))
      prefixes[uri] = name
    }
  }

  func prefix(of uri: String) -> String? { uri == Self.xml ? "xml" : prefixes[uri] }

  private static func isPlain(_ prefix: String) -> Bool {
    prefix.utf8.count <= 20
      && prefix.utf8.allSatisfy {
        ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x41 && $0 <= 0x5A) || ($0 >= 0x30 && $0 <= 0x39)
      }
      && !["y", "n", "no", "on", "yes", "off", "null", "true"].contains(prefix.lowercased())
  }
}
