// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics

extension Setting where Value == RequestTemplate {
  /// A text in which run-time values may stand.
  static func template(
    _ name: String, _ summary: String, shape: SettingShape = .text, isRequired: Bool = false
  ) -> Setting {
    let text = Setting<String>.text(name, summary)
    return Setting(
      name, summary, shape: shape, default: nil, defaultText: nil, isRequired: isRequired,
      readWith: { tree, environment throws(Diagnostic) in
        try text.description.check(tree)
        return try RequestTemplate(tree, environment)
      })
  }
}

extension Setting where Value == [RequestParameter] {
  /// In the order written.
  static func parameters(_ name: String, _ summary: String) -> Setting {
    let map = Setting<[String: String]>.map(name, summary)
    return Setting(
      name, summary, shape: .map(.secret), default: nil, defaultText: nil, isRequired: false,
      readWith: { tree, environment throws(Diagnostic) in
        try map.description.check(tree)
        var parameters: [RequestParameter] = []
        for entry in tree.entries ?? [] {
          parameters.append(
            RequestParameter(name: entry.key, value: try RequestTemplate(entry.value, environment)))
        }
        return parameters
      })
  }
}
