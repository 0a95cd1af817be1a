// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// XML of a request in which run-time values and secrets may stand, each escaped when it is put in.
struct XMLTemplate: Sendable {
  private enum Part {
    case xml(String)
    case value(RequestTemplate)
    /// What the answer before said to ask the next page by.
    case cursor
  }

  private let parts: [Part]
  let usesSince: Bool
  let usesPage: Bool
  let usesCursor: Bool

  /// - Parameter name: of the setting.
  /// - Throws: `soap.not-well-formed` at the line within the text; what ``RequestTemplate`` throws.
  init(_ tree: Tree, name: String, _ environment: SettingsEnvironment) throws(Diagnostic) {
    let text = tree.text ?? ""
    try Self.check(text, name: name, at: tree)
    var parts: [Part] = []
    var plain = ""
    var rest = text[...]
    while let character = rest.first {
      guard rest.hasPrefix("${"), let end = rest.firstIndex(of: "}") else {
        plain.append(character)
        rest.removeFirst()
        continue
      }
      parts.append(.xml(plain))
      plain = ""
      let reference = String(rest[...end])
      rest = rest[rest.index(after: end)...]
      if reference == "${cursor}" {
        parts.append(.cursor)
      } else {
        let value = Tree(.scalar(reference, isPlain: false), at: tree.position, length: tree.length)
        let template = try RequestTemplate(value, environment)
        guard template.names.isSubset(of: [.since, .page, .runDate]) else {
          throw HTTPDiagnostics.unknownValue(String(reference.dropFirst(2).dropLast()), at: value)
        }
        parts.append(.value(template))
      }
    }
    self.parts = parts + [.xml(plain)]
    func uses(_ condition: (RequestTemplate) -> Bool) -> Bool {
      parts.contains { if case .value(let value) = $0 { condition(value) } else { false } }
    }
    usesSince = uses(\.usesSince)
    usesPage = uses { $0.names.contains(.page) }
    usesCursor = parts.contains { if case .cursor = $0 { true } else { false } }
  }

  /// What is sent.
  func text(_ values: RequestValues) -> String { joined(values) { $0.text(values) } }

  /// What may be shown and kept: secrets stand as `${secret:NAME}`.
  func shown(_ values: RequestValues) -> String { joined(values) { $0.shown(values) } }

  private func joined(_ values: RequestValues, _ text: (RequestTemplate) -> String) -> String {
    parts.map { part in
      switch part {
      case .xml(let xml): xml
      case .value(let value): XMLText.escaped(text(value))
      case .cursor: XMLText.escaped(values.pageText ?? "")
      }
    }.joined()
  }

  // MARK: - Before anything is sent

  private static func check(_ text: String, name: String, at tree: Tree) throws(Diagnostic) {
    // References stand for text, so they are judged as the text they are.
    let scanner = XMLScanner(isFragment: true, prefixes: SOAPVersion.prefixes(.first))
    scanner.keepsText = true
    var elements = 0
    var isEnvelope = false
    let sink: XMLScanner.Sink = { event in
      switch event {
      case .open(let element, _):
        elements += 1
        if elements == 1, element.local == "Envelope", SOAPVersion(namespace: element.namespace) != nil {
          isEnvelope = true
        }
      case .literal(let text), .aside(let text):
        if text.contains("${") {
          throw XMLFault(
            reason: "a value '${…}' stands in a comment or CDATA section", offset: scanner.offset)
        }
      case .text, .close: break
      }
    }
    do {
      try scanner.feed(Array(text.utf8), sink)
      try scanner.finish(sink)
    } catch let fault as XMLFault {
      let (position, length) = place(of: fault.offset, in: text, name: name, at: tree)
      throw SOAPDiagnostics.notWellFormed(name, fault.reason, at: position, length: length)
    } catch {
      throw SOAPDiagnostics.notWellFormed(name, "it is no text", at: tree.position, length: tree.length)
    }
    guard elements > 0 else { throw SOAPDiagnostics.noElement(name, at: tree) }
    if isEnvelope { throw SOAPDiagnostics.wholeEnvelope(name, at: tree) }
  }

  /// A text on lines of its own begins below its `|`, two columns behind its key in nearly every file.
  private static func place(
    of offset: Int, in text: String, name: String, at tree: Tree
  ) -> (FilePosition, Int) {
    let before = text.utf8.prefix(offset)
    let line = before.count(where: { $0 == 10 })
    let isBlock: Bool = if case .scalar(_, false) = tree.value { tree.length == 1 } else { false }
    guard isBlock else { return (tree.position, tree.length) }
    let column = String(decoding: before.reversed().prefix { $0 != 10 }.reversed(), as: UTF8.self).count
    let indentation = max(1, tree.position.column - name.count)
    return (
      FilePosition(
        file: tree.position.file, line: tree.position.line + 1 + line, column: indentation + column), 1
    )
  }
}

extension Setting where Value == XMLTemplate {
  /// XML in which run-time values and secrets may stand.
  static func xml(_ name: String, _ summary: String, isRequired: Bool = false) -> Setting {
    let text = Setting<String>.text(name, summary)
    return Setting(
      name, summary, shape: .secret, default: nil, defaultText: nil, isRequired: isRequired,
      readWith: { tree, environment throws(Diagnostic) in
        try text.description.check(tree)
        return try XMLTemplate(tree, name: name, environment)
      })
  }
}
