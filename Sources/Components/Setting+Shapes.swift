// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

// Ready-made typed settings. Each comes in three forms: required (no default), with a default, and optional
// (`isRequired: false`, read with `Settings.find`).

extension Setting where Value == String {
  /// Any text, in which `${env:…}` but no `${secret:…}` may stand.
  public static func text(
    _ name: String, _ summary: String, default defaultValue: String? = nil, isRequired: Bool? = nil
  ) -> Setting {
    Setting(
      name, summary, shape: .text, default: defaultValue,
      isRequired: isRequired ?? (defaultValue == nil),
      read: { tree throws(Diagnostic) in try scalar(name, tree, "a text") })
  }

  /// One of a few words.
  public static func choice(
    _ name: String, _ summary: String, of choices: [String], default defaultValue: String? = nil,
    isRequired: Bool? = nil
  ) -> Setting {
    Setting(
      name, summary, shape: .choice(choices), default: defaultValue,
      isRequired: isRequired ?? (defaultValue == nil),
      read: { tree throws(Diagnostic) in
        let text = try scalar(name, tree, "one of \(choices.joined(separator: ", "))")
        guard choices.contains(text) else {
          throw Diagnostic(
            id: "setting.not-a-choice", "setting '\(name)' cannot be '\(text.cut)'", at: tree.position,
            length: tree.length, help: Suggestion.choiceHelp(for: text, among: choices))
        }
        return text
      })
  }
}

extension Setting where Value == Secret {
  /// Text in which `${secret:NAME}` may stand; it never shows in a message.
  public static func secret(_ name: String, _ summary: String, isRequired: Bool = true) -> Setting {
    Setting(
      name, summary, shape: .secret, default: nil, defaultText: nil, isRequired: isRequired,
      readWith: { tree, environment throws(Diagnostic) in
        environment.secret(try scalar(name, tree, "a text such as \"${secret:NAME}\""))
      })
  }
}

extension Setting where Value == Int {
  public static func integer(
    _ name: String, _ summary: String, default defaultValue: Int? = nil, minimum: Int? = nil,
    maximum: Int? = nil, isRequired: Bool? = nil
  ) -> Setting {
    Setting(
      name, summary, shape: .integer(minimum: minimum), default: defaultValue,
      isRequired: isRequired ?? (defaultValue == nil),
      read: { tree throws(Diagnostic) in
        let text = try scalar(name, tree, "a whole number")
        guard let number = Int(text) else {
          throw .wrongType(name, "a whole number", text, tree, help: "write digits only, as 100")
        }
        try inRange(name, number, minimum, maximum, tree)
        return number
      })
  }

  /// A number of bytes: `64KiB`, `10MiB`, `1GiB`, or plain digits.
  public static func size(
    _ name: String, _ summary: String, default defaultValue: Int? = nil, minimum: Int = 1,
    maximum: Int? = nil, isRequired: Bool? = nil
  ) -> Setting {
    Setting(
      name, summary, shape: .size, default: defaultValue,
      defaultText: defaultValue.map(ByteCount.text), isRequired: isRequired ?? (defaultValue == nil),
      readWith: { tree, _ throws(Diagnostic) in
        let text = try scalar(name, tree, "a size")
        guard let bytes = ByteCount.parse(text) else {
          throw .wrongType(
            name, "a size", text, tree, help: "write a number of bytes, or as 64KiB, 10MiB, 1GiB")
        }
        try inRange(name, bytes, minimum, maximum, tree)
        return bytes
      })
  }
}

extension Setting where Value == Double {
  /// A length of time in seconds: `30s`, `5m`, `2h`, `1d`.
  public static func duration(
    _ name: String, _ summary: String, default defaultValue: Double? = nil, isRequired: Bool? = nil
  ) -> Setting {
    Setting(
      name, summary, shape: .duration, default: defaultValue,
      defaultText: defaultValue.map(Seconds.text), isRequired: isRequired ?? (defaultValue == nil),
      readWith: { tree, _ throws(Diagnostic) in
        let text = try scalar(name, tree, "a duration")
        guard let seconds = Seconds.parse(text) else {
          throw .wrongType(
            name, "a duration", text, tree, help: "write it with its unit, as 500ms, 30s, 5m, 2h or 1d")
        }
        return seconds
      })
  }
}

extension Setting where Value == Bool {
  public static func boolean(
    _ name: String, _ summary: String, default defaultValue: Bool? = nil, isRequired: Bool? = nil
  ) -> Setting {
    Setting(
      name, summary, shape: .boolean, default: defaultValue,
      isRequired: isRequired ?? (defaultValue == nil),
      read: { tree throws(Diagnostic) in
        switch try scalar(name, tree, "true or false") {
        case "true": return true
        case "false": return false
        case let other: throw .wrongType(name, "true or false", other, tree, help: "write true or false")
        }
      })
  }
}

extension Setting where Value == [String] {
  /// Texts in brackets or lines; a single text is a list of one.
  public static func list(
    _ name: String, _ summary: String, default defaultValue: [String]? = nil, isRequired: Bool? = nil
  ) -> Setting {
    Setting(
      name, summary, shape: .list(.text), default: defaultValue,
      defaultText: defaultValue.map { "[\($0.joined(separator: ", "))]" },
      isRequired: isRequired ?? (defaultValue == nil),
      readWith: { tree, _ throws(Diagnostic) in
        guard let items = tree.items else { return [try scalar(name, tree, "a list of texts")] }
        var texts: [String] = []
        for item in items { texts.append(try scalar(name, item, "a list of texts")) }
        return texts
      })
  }
}

extension Setting where Value == [String: String] {
  /// Names with a text each.
  public static func map(
    _ name: String, _ summary: String, default defaultValue: [String: String]? = nil,
    isRequired: Bool? = nil
  ) -> Setting {
    Setting(
      name, summary, shape: .map(.text), default: defaultValue,
      defaultText: defaultValue.map { $0.isEmpty ? "{}" : "\($0)" },
      isRequired: isRequired ?? (defaultValue == nil),
      readWith: { tree, _ throws(Diagnostic) in
        var texts: [String: String] = [:]
        for entry in try entries(name, tree) {
          texts[entry.key] = try scalar("\(name).\(entry.key)", entry.value, "a text")
        }
        return texts
      })
  }
}

extension Setting where Value == [String: Secret] {
  /// Names with a text each, in which `${secret:NAME}` may stand.
  public static func secretMap(
    _ name: String, _ summary: String, default defaultValue: [String: Secret]? = nil,
    isRequired: Bool? = nil
  ) -> Setting {
    Setting(
      name, summary, shape: .map(.secret), default: defaultValue,
      defaultText: defaultValue.map { _ in "{}" }, isRequired: isRequired ?? (defaultValue == nil),
      readWith: { tree, environment throws(Diagnostic) in
        var secrets: [String: Secret] = [:]
        for entry in try entries(name, tree) {
          secrets[entry.key] = environment.secret(try scalar("\(name).\(entry.key)", entry.value, "a text"))
        }
        return secrets
      })
  }
}

extension Setting where Value == Settings {
  /// Named sub-settings, read from the group like from a component's settings.
  public static func group(
    _ name: String, _ summary: String, _ members: [SettingDescription], isRequired: Bool = false
  ) -> Setting {
    Setting(
      name, summary, shape: .group(members), default: nil, defaultText: nil, isRequired: isRequired,
      readWith: { tree, environment throws(Diagnostic) in
        _ = try entries(name, tree)
        return Settings(tree, owner: "setting '\(name)'", environment: environment)
      })
  }
}

extension Setting where Value == Tree {
  /// Whatever stands there; the component reads it itself.
  public static func tree(
    _ name: String, _ summary: String, shape: SettingShape, isRequired: Bool = false
  ) -> Setting {
    Setting(
      name, summary, shape: shape, default: nil, isRequired: isRequired,
      read: { tree throws(Diagnostic) in tree })
  }
}

// MARK: - Reading

/// The text of a scalar, or what stands there instead.
private func scalar(_ name: String, _ tree: Tree, _ wanted: String) throws(Diagnostic) -> String {
  if let text = tree.text { return text }
  let found = tree.items != nil ? "a list" : tree.entries != nil ? "a mapping" : "nothing"
  throw Diagnostic(
    id: "setting.wrong-type", "setting '\(name)' must be \(wanted), not \(found)", at: tree.position,
    length: tree.length, help: "write \(wanted) after '\(name):'")
}

private func entries(_ name: String, _ tree: Tree) throws(Diagnostic) -> [Tree.Entry] {
  if let entries = tree.entries { return entries }
  let found = tree.items != nil ? "a list" : tree.text.map { "'\($0.cut)'" } ?? "nothing"
  throw Diagnostic(
    id: "setting.wrong-type", "setting '\(name)' must be names with values, not \(found)",
    at: tree.position, length: tree.length, help: "write '\(name): { key: value }'")
}

private func inRange(_ name: String, _ number: Int, _ minimum: Int?, _ maximum: Int?, _ tree: Tree)
  throws(Diagnostic)
{
  guard number < minimum ?? .min || number > maximum ?? .max else { return }
  let bounds =
    switch (minimum, maximum) {
    case (let low?, let high?): "between \(low) and \(high)"
    case (let low?, nil): "\(low) or more"
    case (nil, let high?): "\(high) or less"
    case (nil, nil): "in range"
    }
  throw Diagnostic(
    id: "setting.out-of-range", "setting '\(name)' cannot be \(number)", at: tree.position,
    length: tree.length, help: "it must be \(bounds)")
}

extension Diagnostic {
  fileprivate static func wrongType(
    _ name: String, _ wanted: String, _ text: String, _ tree: Tree, help: String
  ) -> Diagnostic {
    Diagnostic(
      id: "setting.wrong-type", "setting '\(name)' must be \(wanted), not '\(text.cut)'",
      at: tree.position, length: tree.length, help: help)
  }
}

extension Suggestion {
  fileprivate static func choiceHelp(for text: String, among choices: [String]) -> String {
    let all = "it can be \(choices.joined(separator: ", "))"
    return nearest(to: text, among: choices).map { "did you mean '\($0)'? \(all)" } ?? all
  }
}

extension String {
  /// At most 80 characters of it, for messages.
  fileprivate var cut: String { count <= 80 ? self : prefix(79) + "…" }
}
