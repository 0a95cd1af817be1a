// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import PipelineFiles

/// Any text is a tree or has a diagnostic, and every place named is within the text.
struct YAMLLaw: Law {
  func check(_ text: String) {
    let (tree, diagnostics) = YAMLReader.read(text, file: "fuzz.yaml")
    if tree == nil, diagnostics.isEmpty { broken("a text that is not read has a diagnostic") }
    let lines = SourceText(file: "fuzz.yaml", text: text).lines().count
    check(diagnostics, lines)
    guard let tree else { return }
    check(tree, lines)
    let spec = PipelineSpecReader.read(tree, file: "fuzz.yaml", text: text)
    if spec.spec == nil, spec.diagnostics.isEmpty { broken("a tree that is no pipeline has a diagnostic") }
    check(spec.diagnostics, lines)
  }

  private func check(_ tree: Tree, _ lines: Int) {
    if !isWithin(tree.position, lines) || tree.length < 0 {
      broken("a value stands within its text", "\(tree)")
    }
    tree.items?.forEach { check($0, lines) }
    for entry in tree.entries ?? [] {
      if !isWithin(entry.keyPosition, lines) { broken("a key stands within its text", "\(entry)") }
      check(entry.value, lines)
    }
  }

  private func check(_ diagnostics: [Diagnostic], _ lines: Int) {
    for diagnostic in diagnostics {
      if diagnostic.help.isEmpty || diagnostic.message.isEmpty {
        broken("a diagnostic says what to do", "\(diagnostic)")
      }
      if let place = diagnostic.position, !isWithin(place, lines) {
        broken("a diagnostic points into its text", "\(diagnostic)")
      }
    }
    let printer = DiagnosticPrinter()
    if !diagnostics.isEmpty, printer.text(of: diagnostics).isEmpty { broken("diagnostics print") }
  }

  private func isWithin(_ place: FilePosition, _ lines: Int) -> Bool {
    // An empty document's end may stand on the line after the last.
    (1...max(lines, 1) + 1).contains(place.line) && place.column >= 1
  }
}
