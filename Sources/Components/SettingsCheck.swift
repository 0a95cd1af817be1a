// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// Finds everything that is wrong with the settings of a component before it is made: all at once, each at its place.
public enum SettingsCheck {
  /// Unknown, missing and mistyped settings, and secrets where they would show.
  ///
  /// - Parameters:
  ///   - tree: what stands under the component's name; null counts as no settings.
  ///   - settings: what the component knows.
  ///   - owner: family and name for messages: `decoder 'csv'`.
  ///   - position: where the component is named, for what is missing; by default the tree's own place.
  public static func diagnostics(
    of tree: Tree, against settings: [SettingDescription], owner: String,
    at position: FilePosition? = nil
  ) -> [Diagnostic] {
    var found: [Diagnostic] = []
    check(tree, settings, owner, prefix: "", at: position ?? tree.position, &found)
    return found
  }

  private static func check(
    _ tree: Tree, _ settings: [SettingDescription], _ owner: String, prefix: String,
    at position: FilePosition, _ found: inout [Diagnostic]
  ) {
    guard let entries = tree.isNull ? [] : tree.entries else {
      let subject = prefix.isEmpty ? owner : "setting '\(prefix.dropLast())'"
      let given = tree.items == nil ? "a text" : "a list"
      found.append(
        Diagnostic(
          id: "setting.wrong-type", "\(subject) needs names with values, not \(given)",
          at: tree.position, length: tree.length,
          help: settings.isEmpty ? "write {}" : "write '\(settings[0].name): …' below it"))
      return
    }
    for entry in entries {
      guard let setting = settings.first(where: { $0.name == entry.key }) else {
        found.append(unknown(entry, settings, owner, prefix))
        continue
      }
      if entry.value.isNull { continue }
      check(entry, setting, owner, prefix: prefix, &found)
    }
    for setting in settings where setting.isRequired && tree[setting.name]?.isNull ?? true {
      found.append(
        Diagnostic(
          id: "setting.missing", "\(owner) needs a setting '\(prefix)\(setting.name)'", at: position,
          help: "add '\(setting.name)': \(setting.summary)"))
    }
  }

  private static func check(
    _ entry: Tree.Entry, _ setting: SettingDescription, _ owner: String, prefix: String,
    _ found: inout [Diagnostic]
  ) {
    if case .group(let members) = setting.shape {
      return check(
        entry.value, members, owner, prefix: "\(prefix)\(setting.name).", at: entry.keyPosition, &found)
    }
    if !setting.shape.holdsSecrets, let leak = entry.value.firstSecretReference {
      found.append(
        Diagnostic(
          id: "setting.secret-not-allowed",
          "setting '\(prefix)\(setting.name)' of \(owner) is not kept secret", at: leak.position,
          length: leak.length,
          help: "put ${secret:…} under 'authentication' in systems.yaml, or into a setting made for secrets"))
      return
    }
    do throws(Diagnostic) { try setting.check(entry.value) } catch { found.append(error) }
  }

  private static func unknown(
    _ entry: Tree.Entry, _ settings: [SettingDescription], _ owner: String, _ prefix: String
  ) -> Diagnostic {
    let names = settings.map(\.name)
    let hint = Suggestion.nearest(to: entry.key, among: names).map { "did you mean '\(prefix)\($0)'? " } ?? ""
    let words = owner.split(separator: "'").map { $0.trimmed }.filter { !$0.isEmpty }
    return Diagnostic(
      id: "setting.unknown", "unknown setting '\(prefix)\(entry.key)' for \(owner)",
      at: entry.keyPosition, length: entry.key.count,
      help: "\(hint)'terrace describe \(words.joined(separator: " "))' lists them all.")
  }
}

extension SettingShape {
  /// Whether a text in it is kept from messages.
  var holdsSecrets: Bool {
    switch self {
    case .secret, .anything: true
    case .list(let item), .map(let item): item.holdsSecrets
    case .either(let shapes): shapes.contains { $0.holdsSecrets }
    case .group(let members): members.contains { $0.shape.holdsSecrets }
    default: false
    }
  }
}

extension Tree {
  /// The first scalar below in which `${secret:` stands.
  fileprivate var firstSecretReference: Tree? {
    switch value {
    case .scalar(let text, _): text.contains("${secret:") ? self : nil
    case .sequence(let items): items.lazy.compactMap(\.firstSecretReference).first
    case .mapping(let entries): entries.lazy.compactMap(\.value.firstSecretReference).first
    }
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var rest = self
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return rest
  }
}
