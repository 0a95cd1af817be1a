// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// A text of a request in which run-time values may stand: `${since}`, `${page}`, `${run_date:dd/MM/yyyy}`.
struct RequestTemplate: Sendable {
  private enum Part {
    /// What is sent, and what is shown: secrets are there only in the first.
    case text(Secret, shown: String)
    case since(DatePattern?)
    case page
    case runDate(DatePattern)
  }

  private let parts: [Part]
  let usesSince: Bool
  let usesPage: Bool

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
      let name = inside.prefix { $0 != ":" }
      let format =
        name.endIndex == inside.endIndex ? nil : String(inside[inside.index(after: name.endIndex)...])
      let pattern = try format.map { text throws(Diagnostic) in
        guard let pattern = DatePattern(text) else { throw HTTPDiagnostics.badFormat(text, at: tree) }
        return pattern
      }
      switch name {
      case "since": parts.append(.since(pattern))
      case "page" where format == nil: parts.append(.page)
      case "run_date": parts.append(.runDate(pattern ?? .day))
      default: throw HTTPDiagnostics.unknownValue(String(inside), at: tree)
      }
    }
    flush()
    self.parts = parts
    usesSince = parts.contains { if case .since = $0 { true } else { false } }
    usesPage = parts.contains { if case .page = $0 { true } else { false } }
  }

  /// What is sent.
  func text(_ values: RequestValues) -> String { joined(values) { secret, _ in secret.reveal() } }

  /// What may be shown and kept: secrets stand as `${secret:NAME}`.
  func shown(_ values: RequestValues) -> String { joined(values) { _, shown in shown } }

  private func joined(_ values: RequestValues, _ text: (Secret, String) -> String) -> String {
    parts.map { part in
      switch part {
      case .text(let secret, let shown): text(secret, shown)
      case .since(let pattern): values.sinceText(pattern)
      case .page: values.page.map(String.init) ?? ""
      case .runDate(let pattern): pattern.text(values.runDate)
      }
    }.joined()
  }
}

/// What is known only when a request is made.
struct RequestValues: Sendable {
  /// Where the last complete run began, less the overlap; nil before the first.
  var since: Instant?
  var sinceFormat = DatePattern.day
  var zoneMinutes = 420
  var page: Int?
  /// What the parameter of the page takes: its number, or the cursor that the source gave.
  var pageText: String?
  var runDate: CalendarDate

  func sinceText(_ pattern: DatePattern? = nil) -> String {
    since.map { (pattern ?? sinceFormat).text($0, zoneMinutes: zoneMinutes) } ?? ""
  }
}

/// One parameter or header of a request.
struct RequestParameter: Sendable {
  var name: String
  var value: RequestTemplate
}
