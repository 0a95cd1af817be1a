// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// Puts values in place of `${env:NAME}` and `${secret:NAME}`, after parsing and in string scalars only.
///
/// Environment variables become part of the tree. Secrets never do: the tree keeps `${secret:NAME}`, so that no
/// snippet, diagnostic or listing can show one, and ``secret(_:)`` gives the value to the component that sends it.
/// Run-time names (`${since}`, `${page}`, `${run_date:…}`) are left alone.
public struct ReferenceResolver: Sendable {
  private let environment: [String: String]
  /// systemd's `$CREDENTIALS_DIRECTORY`.
  private let credentialsFolder: String?
  /// `<home>/secrets`.
  private let secretsFolder: String?

  public init(environment: [String: String], secretsFolder: String?) {
    self.environment = environment
    self.secretsFolder = secretsFolder
    credentialsFolder = environment["CREDENTIALS_DIRECTORY"]
  }

  /// Resolves a declared subtree: a system, or an `extract` section.
  ///
  /// - Returns: the tree with environment variables put in, and what is missing: a variable is an error, a secret a
  ///   warning (see ``Swift/Array/requiringSecrets()``), so that files can be checked where the secrets are not.
  public func resolve(_ tree: Tree) -> (tree: Tree, diagnostics: [Diagnostic]) {
    var diagnostics: [Diagnostic] = []
    let resolved = resolve(tree, &diagnostics)
    return (resolved, diagnostics)
  }

  /// The text with its secrets put in; a missing one is empty.
  public func secret(_ text: String) -> Secret {
    var value = ""
    for part in Reference.split(text) {
      switch part {
      case .text(let text): value += text
      case .reference(let reference):
        if reference.kind == "secret" {
          if case .found(let secret) = find(reference.name) {
            Redaction.learn(secret)
            value += secret
          }
        } else {
          value += reference.written
        }
      }
    }
    return Secret(value)
  }

  private func resolve(_ tree: Tree, _ diagnostics: inout [Diagnostic]) -> Tree {
    var tree = tree
    switch tree.value {
    case .scalar(let text, let isPlain):
      guard text.contains("${") else { return tree }
      tree.value = .scalar(resolve(text, at: tree, &diagnostics), isPlain: isPlain)
    case .sequence(let items):
      tree.value = .sequence(items.map { resolve($0, &diagnostics) })
    case .mapping(let entries):
      tree.value = .mapping(
        entries.map {
          Tree.Entry(key: $0.key, keyPosition: $0.keyPosition, value: resolve($0.value, &diagnostics))
        })
    }
    return tree
  }

  private func resolve(_ text: String, at tree: Tree, _ diagnostics: inout [Diagnostic]) -> String {
    var resolved = ""
    for part in Reference.split(text) {
      guard case .reference(let reference) = part else {
        if case .text(let text) = part { resolved += text }
        continue
      }
      guard reference.isNameValid else {
        diagnostics.append(ReferenceDiagnostics.malformed(reference, at: tree))
        continue
      }
      switch reference.kind {
      case "env":
        guard let value = environment[reference.name] else {
          diagnostics.append(ReferenceDiagnostics.missingVariable(reference, at: tree))
          continue
        }
        // A variable's value is data: it must not bring in references of its own.
        if value.contains("${") {
          diagnostics.append(ReferenceDiagnostics.nestedReference(reference, at: tree))
          continue
        }
        resolved += value
      default:
        resolved += reference.written
        switch find(reference.name) {
        case .found: break
        case .missing: diagnostics.append(ReferenceDiagnostics.missingSecret(reference, at: tree))
        case .exposed(let file):
          diagnostics.append(ReferenceDiagnostics.exposedSecret(reference, file, at: tree))
        case .unreadable(let file):
          diagnostics.append(ReferenceDiagnostics.unreadableSecret(reference, file, at: tree))
        }
      }
    }
    return resolved
  }

  private enum Found {
    case found(String)
    case missing
    case exposed(file: String)
    case unreadable(file: String)
  }

  private func find(_ name: String) -> Found {
    if let value = environment["TERRACE_SECRET_\(name)"] { return .found(value) }
    // systemd may let the service's group read its credentials; nobody but the owner reads ours.
    for (folder, forbidden) in [(credentialsFolder, 0o007), (secretsFolder, 0o077)] {
      guard let folder else { continue }
      let file = "\(folder)/\(name)"
      switch TextFile.read(file, atMost: 64 << 10) {
      case .success(let content):
        if content.mode & UInt32(forbidden) != 0 { return .exposed(file: file) }
        return .found(content.text.hasSuffix("\n") ? String(content.text.dropLast()) : content.text)
      case .failure(.missing): continue
      case .failure: return .unreadable(file: file)
      }
    }
    return .missing
  }
}

/// `${env:NAME}` or `${secret:NAME}`.
struct Reference {
  enum Part {
    case text(String)
    case reference(Reference)
  }

  var kind: String
  var name: String

  var written: String { "${\(kind):\(name)}" }

  var isNameValid: Bool {
    !name.isEmpty && name.utf8.count <= 128
      && name.utf8.allSatisfy {
        ($0 >= 65 && $0 <= 90) || ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 95
      }
  }

  static func split(_ text: String) -> [Part] {
    var parts: [Part] = []
    var plain = ""
    var rest = text[...]
    while let character = rest.first {
      let kind = ["env", "secret"].first { rest.hasPrefix("${\($0):") }
      guard let kind else {
        plain.append(character)
        rest.removeFirst()
        continue
      }
      let name = rest.dropFirst(kind.count + 3).prefix { $0 != "}" }
      if !plain.isEmpty { parts.append(.text(plain)) }
      plain = ""
      rest = rest[name.endIndex...]
      // Without its brace the name runs to the end and is refused as malformed.
      let isClosed = rest.first == "}"
      parts.append(.reference(Reference(kind: kind, name: isClosed ? String(name) : "\(name) ")))
      rest = rest.dropFirst()
    }
    if !plain.isEmpty { parts.append(.text(plain)) }
    return parts
  }
}

extension [Diagnostic] {
  /// The same findings where secrets are needed, as in a run: a missing one is an error.
  public func requiringSecrets() -> [Diagnostic] {
    map {
      var diagnostic = $0
      if diagnostic.id == "secret.missing" { diagnostic.severity = .error }
      return diagnostic
    }
  }
}

/// What is said of references; sorted by id.
private enum ReferenceDiagnostics {
  static func malformed(_ reference: Reference, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "reference.malformed", "'${\(reference.kind):…' is not a reference", at: tree.position,
      length: tree.length,
      help: "write ${\(reference.kind):NAME} with letters, digits and underscores, closed by '}'")
  }

  static func missingVariable(_ reference: Reference, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "reference.missing-variable", "the environment has no variable '\(reference.name)'",
      at: tree.position, length: tree.length,
      help: "set \(reference.name) where terrace runs (for cron: in the crontab)")
  }

  static func nestedReference(_ reference: Reference, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "reference.nested", "the value of the environment variable '\(reference.name)' holds '${'",
      at: tree.position, length: tree.length, help: "write the reference in the file itself")
  }

  static func exposedSecret(_ reference: Reference, _ file: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "secret.exposed", "others can read the secret '\(reference.name)' in \(file)", at: tree.position,
      length: tree.length, help: "chmod 600 \(file), and change the secret if it may have been read")
  }

  static func missingSecret(_ reference: Reference, at tree: Tree) -> Diagnostic {
    Diagnostic(
      .warning, id: "secret.missing", "there is no secret '\(reference.name)' here", at: tree.position,
      length: tree.length,
      help: "set TERRACE_SECRET_\(reference.name), or put it into the file secrets/\(reference.name) "
        + "in the home folder (mode 600)")
  }

  static func unreadableSecret(_ reference: Reference, _ file: String, at tree: Tree) -> Diagnostic {
    Diagnostic(
      id: "secret.unreadable", "the secret '\(reference.name)' in \(file) cannot be read", at: tree.position,
      length: tree.length, help: "it must be a UTF-8 text file of at most 64 KiB that its owner can read")
  }
}
