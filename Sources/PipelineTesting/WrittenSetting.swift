// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics

/// A setting of a component as a pipeline file would have it, written as a Swift literal.
public enum WrittenSetting: Sendable, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  case text(String)
  case list([WrittenSetting])
  case map([(key: String, value: WrittenSetting)])

  public init(stringLiteral value: String) { self = .text(value) }
  public init(integerLiteral value: Int) { self = .text(String(value)) }
  public init(booleanLiteral value: Bool) { self = .text(String(value)) }
  public init(arrayLiteral elements: WrittenSetting...) { self = .list(elements) }
  public init(dictionaryLiteral elements: (String, WrittenSetting)...) {
    self = .map(elements.map { ($0.0, $0.1) })
  }

  fileprivate var tree: Tree {
    let position = FilePosition(file: "test.yaml", line: 1, column: 1)
    switch self {
    case .text(let text): return Tree(.scalar(text, isPlain: true), at: position)
    case .list(let items): return Tree(.sequence(items.map(\.tree)), at: position)
    case .map(let entries):
      return Tree(
        .mapping(entries.map { Tree.Entry(key: $0.key, keyPosition: position, value: $0.value.tree) }),
        at: position)
    }
  }
}

extension Settings {
  /// Settings for a test: `try FolderExtractor(.written(["path": "Samples"]))`.
  public static func written(
    _ settings: WrittenSetting, environment: SettingsEnvironment = SettingsEnvironment()
  ) -> Settings {
    Settings(settings.tree, owner: "the component under test", environment: environment)
  }
}
