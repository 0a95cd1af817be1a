// SPDX-License-Identifier: Apache-2.0

import Components

extension Catalog {
  /// The families in the order the data passes, with the components of each by name.
  var families: [(name: String, components: [ComponentDescription])] {
    [
      ("extractor", extractors.map { $0.description }), ("decoder", decoders.map { $0.description }),
      ("transformer", transformers.map { $0.description }), ("validator", validators.map { $0.description }),
      ("loader", loaders.map { $0.description }),
    ].map { family in (family.0, family.1.sorted { $0.name < $1.name }) }
  }
}

/// The description of a component as text for a terminal and as a page of the reference.
enum ComponentText {
  static func plain(_ family: String, _ component: ComponentDescription) -> String {
    var text = "\(family) \(component.name): \(component.summary)\n"
    if component.settings.isEmpty {
      text += "\nIt has no settings of its own.\n"
    } else {
      text += "\n" + settings(component.settings, indentation: "  ")
    }
    if !component.example.isEmpty {
      text +=
        "\nexample:\n"
        + component.example.split(separator: "\n", omittingEmptySubsequences: false)
        .map { "  " + $0 }.joined(separator: "\n") + "\n"
    }
    return text
  }

  private static func settings(_ settings: [SettingDescription], indentation: String) -> String {
    settings.map { setting in
      let kind =
        shape(setting.shape) + (setting.isRequired ? ", required" : "")
        + (setting.defaultText.map { ", default \($0)" } ?? "")
      var text = "\(indentation)\(setting.name) (\(kind))\n\(indentation)    \(setting.summary)\n"
      if case .group(let inner) = setting.shape {
        text += self.settings(inner, indentation: indentation + "  ")
      }
      return text
    }.joined()
  }

  static func markdown(_ family: String, _ component: ComponentDescription) -> String {
    var text = "### \(family) `\(component.name)`\n\n\(component.summary)\n"
    if !component.settings.isEmpty {
      text += "\n| setting | value | default | what it is for |\n|---|---|---|---|\n"
      text += rows(component.settings, prefix: "")
    }
    if !component.example.isEmpty { text += "\n```yaml\n\(component.example)\n```\n" }
    return text
  }

  private static func rows(_ settings: [SettingDescription], prefix: String) -> String {
    settings.map { setting in
      let standard = setting.isRequired ? "required" : setting.defaultText.map { "`\($0)`" } ?? ""
      var text =
        "| `\(prefix)\(setting.name)` | \(shape(setting.shape)) | \(standard) | \(setting.summary) |\n"
      if case .group(let inner) = setting.shape { text += rows(inner, prefix: "\(prefix)\(setting.name).") }
      return text
    }.joined()
  }

  private static func shape(_ shape: SettingShape) -> String {
    switch shape {
    case .text: "text"
    case .secret: "text, may hold ${secret:…}"
    case .integer(let minimum): minimum.map { "whole number from \($0)" } ?? "whole number"
    case .boolean: "true or false"
    case .duration: "duration such as 30s, 5m, 2h"
    case .size: "size such as 64KiB, 10MiB"
    case .choice(let words): words.joined(separator: ", ")
    case .path: "path"
    case .anything: "anything, may hold ${secret:…}"
    case .list(let item): "list of \(Self.shape(item))"
    case .map(let value): "names with \(Self.shape(value))"
    case .group: "block"
    case .either(let shapes): shapes.map(Self.shape).joined(separator: ", or ")
    }
  }
}
