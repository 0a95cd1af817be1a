// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// A text of a request in which run-time values may stand: `${since}`, `${page}`, `${each}`, `${run_date:dd/MM/yyyy}`.
struct RequestTemplate: Sendable {
  /// What a `${…}` stands for.
  enum Name: String, Sendable, CaseIterable {
    case since, page, each, id, ids
    case runDate = "run_date"
    case windowFrom = "window_from"
    case windowTo = "window_to"

    /// Whether a date format may follow.
    var takesFormat: Bool {
      switch self {
      case .since, .runDate, .windowFrom, .windowTo: true
      case .page, .each, .id, .ids: false
      }
    }
  }

  private enum Part {
    /// What is sent, and what is shown: secrets are there only in the first.
    case text(Secret, shown: String)
    case value(Name, DatePattern?)
  }

  private let parts: [Part]
  /// The values that stand in it.
  let names: Set<Name>
  /// Whether a date format is given to `${since}`.
  let formatsSince: Bool

  /// - Throws: `http.unknown-value` for a name that is none, `http.bad-format` for a pattern that is none.
  init(_ tree: Tree, _ environment: SettingsEnvironment) throws(Diagnostic) {
    var parts: [Part] = []
    var plain = ""
    func flush() {
      if !plain.isEmpty { parts.append(.text(environment.secret(plain), shown: plain)) }
      plain = ""
    }
    var rest = (tree.text ?? "")[...]
    while let character = rest.first {
      guard rest.hasPrefix("${"), !rest.hasPrefix("${secret:"), let end = rest.firstIndex(of: "}") else {
        plain.append(character)
        rest.removeFirst()
        continue
      }
      let inside = rest[rest.index(rest.startIndex, offsetBy: 2)..<end]
      rest = rest[rest.index(after: end)...]
      flush()
      let word = inside.prefix { $0 != ":" }
      let format =
        word.endIndex == inside.endIndex ? nil : String(inside[inside.index(after: word.endIndex)...])
      let pattern = try format.map { text throws(Diagnostic) in
        guard let pattern = DatePattern(text) else { throw HTTPDiagnostics.badFormat(text, at: tree) }
        return pattern
      }
      guard let name = Name(rawValue: String(word)), pattern == nil || name.takesFormat else {
        throw HTTPDiagnostics.unknownValue(String(inside), at: tree)
      }
      parts.append(.value(name, pattern))
    }
    flush()
    self.parts = parts
    names = Set(parts.compactMap { if case .value(let name, _) = $0 { name } else { nil } })
    formatsSince = parts.contains { if case .value(.since, .some) = $0 { true } else { false } }
  }

  var usesSince: Bool { names.contains(.since) }

  /// What is sent.
  ///
  /// - Parameter encode: makes a value that came from elsewhere (a code, an id) fit the text around it.
  func text(_ values: RequestValues, encode: (String) -> String = { $0 }) -> String {
    joined(values, encode) { secret, _ in secret.reveal() }
  }

  /// What may be shown and kept: secrets stand as `${secret:NAME}`.
  func shown(_ values: RequestValues) -> String { joined(values, { $0 }) { _, shown in shown } }

  private func joined(
    _ values: RequestValues, _ encode: (String) -> String, _ text: (Secret, String) -> String
  ) -> String {
    parts.map { part in
      switch part {
      case .text(let secret, let shown): text(secret, shown)
      case .value(let name, let pattern): values.text(name, pattern, encode)
      }
    }.joined()
  }
}

/// One parameter or header of a request.
struct RequestParameter: Sendable {
  var name: String
  var value: RequestTemplate
}
