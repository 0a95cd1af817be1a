// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics

/// What a tap is configured by, as the file says it: JSON in which run-time values and secrets may stand.
indirect enum SingerConfig: Sendable {
  case text(RequestTemplate)
  /// A number, `true`, `false` or `null`: without quotes in the file, as JSON writes it.
  case literal(String)
  case list([SingerConfig])
  case object([(name: String, value: SingerConfig)])

  init(_ tree: Tree, _ environment: SettingsEnvironment) throws(Diagnostic) {
    switch tree.value {
    case .sequence(let items):
      var list: [SingerConfig] = []
      for item in items { list.append(try SingerConfig(item, environment)) }
      self = .list(list)
    case .mapping(let entries):
      var object: [(name: String, value: SingerConfig)] = []
      for entry in entries { object.append((entry.key, try SingerConfig(entry.value, environment))) }
      self = .object(object)
    case .scalar(let text, let isPlain):
      if tree.isNull {
        self = .literal("null")
      } else if isPlain, text == "true" || text == "false" || JSONText.isNumber(text) {
        self = .literal(text)
      } else {
        let template = try RequestTemplate(tree, environment)
        if template.usesSince { throw CommandDiagnostics.sinceWithState(at: tree) }
        let unknown = template.names.subtracting([.runDate]).map(\.rawValue).min()
        if let unknown { throw CommandDiagnostics.unknownValue(unknown, at: tree) }
        self = .text(template)
      }
    }
  }

  func json(_ values: RequestValues) -> String {
    switch self {
    case .text(let template): JSONText.quoted(template.text(values))
    case .literal(let text): text
    case .list(let items): "[\(items.map { $0.json(values) }.joined(separator: ","))]"
    case .object(let members):
      "{\(members.map { "\(JSONText.quoted($0.name)):\($0.value.json(values))" }.joined(separator: ","))}"
    }
  }
}

extension Setting where Value == SingerConfig {
  static func config(_ name: String, _ summary: String) -> Setting {
    Setting(
      name, summary, shape: .anything, default: nil, defaultText: nil, isRequired: false,
      readWith: { tree, environment throws(Diagnostic) in try SingerConfig(tree, environment) })
  }
}
