// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Settings written as Swift literals, each value at a line of its own.
enum Written: ExpressibleByDictionaryLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
  Sendable
{
  typealias Key = String
  typealias Value = Written

  case text(String)
  /// Without quotes: a number, `true`, `null`.
  case plain(String)
  case map([(String, Written)])
  case list([Written])

  init(arrayLiteral elements: Written...) { self = .list(elements) }
  init(stringLiteral value: String) { self = .text(value) }
  init(dictionaryLiteral elements: (String, Written)...) { self = .map(elements) }

  var tree: Tree {
    let position = FilePosition(file: "a.yaml", line: 1, column: 1)
    switch self {
    case .text(let text): return Tree(.scalar(text, isPlain: false), at: position)
    case .plain(let text): return Tree(.scalar(text, isPlain: true), at: position)
    case .list(let items): return Tree(.sequence(items.map(\.tree)), at: position)
    case .map(let entries):
      return Tree(
        .mapping(entries.map { Tree.Entry(key: $0.0, keyPosition: position, value: $0.1.tree) }), at: position
      )
    }
  }

  func settings(_ owner: String, systems: [SystemSpec] = []) -> Settings {
    let environment = SettingsEnvironment(
      systems: Dictionary(uniqueKeysWithValues: systems.map { ($0.name, $0) }),
      secret: { text in
        var parts = text.components("${secret:")
        let first = parts.removeFirst()
        return Secret(first + parts.map { "geheim-" + $0.replacingBrace() }.joined())
      })
    return Settings(tree, owner: owner, environment: environment)
  }
}

extension String {
  fileprivate func components(_ separator: String) -> [String] {
    var parts: [String] = [""]
    var rest = self[...]
    while let first = rest.first {
      if rest.hasPrefix(separator) {
        parts.append("")
        rest = rest.dropFirst(separator.count)
      } else {
        parts[parts.count - 1].append(first)
        rest.removeFirst()
      }
    }
    return parts
  }

  fileprivate func replacingBrace() -> String { filter { $0 != "}" } }
}
