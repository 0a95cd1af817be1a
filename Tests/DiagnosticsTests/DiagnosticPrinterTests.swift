// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Testing

@Suite("Printed diagnostics")
struct DiagnosticPrinterTests {
  private func at(_ line: Int, _ column: Int, _ file: String = "a.yaml") -> FilePosition {
    FilePosition(file: file, line: line, column: column)
  }

  private func text(_ source: String, _ diagnostics: Diagnostic...) -> String {
    DiagnosticPrinter(sources: ["a.yaml": SourceText(file: "a.yaml", text: source)]).text(of: diagnostics)
  }

  @Test("shows place, line, caret and help")
  func form() {
    let source = String(repeating: "#\n", count: 13) + "      delimeter: \";\"\n"
    let diagnostic = Diagnostic(
      id: "setting.unknown", "unknown setting 'delimeter' for decoder 'csv'", at: at(14, 7), length: 9,
      help: "did you mean 'delimiter'?")
    #expect(
      text(source, diagnostic) == """
        a.yaml:14:7: error: unknown setting 'delimeter' for decoder 'csv' [setting.unknown]
           14 |       delimeter: ";"
              |       ^~~~~~~~~
        help: did you mean 'delimiter'?

        """)
  }

  @Test("sorts by place and says each thing once")
  func order() {
    let late = Diagnostic(.warning, id: "a.b", "late", at: at(9, 1), help: "h")
    let early = Diagnostic(id: "a.b", "early", at: at(2, 5), help: "h")
    let placeless = Diagnostic(id: "a.b", "no place", at: nil, help: "h")
    #expect(DiagnosticPrinter.inOrder([late, early, late, placeless, early]) == [placeless, early, late])
  }

  @Test("keeps the caret under its text beside marks and wide letters")
  func width() {
    let composed = "tên: Tài sản, x"
    let decomposed = "te\u{302}n: Ta\u{300}i sa\u{309}n, x"
    for line in [composed, decomposed] {
      let printed = text(line, Diagnostic(id: "a.b", "m", at: at(1, 6), length: 7, help: "h"))
      #expect(printed.split(separator: "\n")[2] == "      |      ^~~~~~~")
    }
    let wide = text("漢字: x", Diagnostic(id: "a.b", "m", at: at(1, 5), help: "h"))
    #expect(wide.split(separator: "\n")[2] == "      |       ^")
  }

  @Test("cuts long lines around the caret")
  func longLine() {
    let line = String(repeating: "a", count: 500) + "X" + String(repeating: "b", count: 500)
    let printed = text(line, Diagnostic(id: "a.b", "m", at: at(1, 501), help: "h")).split(separator: "\n")
    let column = printed[2].firstIndex(of: "^").map {
      printed[2].distance(from: printed[2].startIndex, to: $0)
    }
    let shown = printed[1].firstIndex(of: "X").map {
      printed[1].distance(from: printed[1].startIndex, to: $0)
    }
    #expect(column == shown && column != nil)
    #expect(printed[1].count < 170)
  }

  @Test("survives places outside the text")
  func outside() {
    for place in [at(0, 0), at(1, 99), at(99, 1), at(1, 0)] {
      #expect(
        text("ab", Diagnostic(id: "a.b", "m", at: place, length: 500, help: "h")).hasSuffix("help: h\n"))
    }
    #expect(text("ab", Diagnostic(id: "a.b", "m", at: nil, help: "h")) == "error: m [a.b]\nhelp: h\n")
  }

  @Test("lets no terminal sequence through")
  func control() {
    let printed = text("a: \u{1B}[2J\tb", Diagnostic(id: "a.b", "m\u{1B}[31m", at: at(1, 1), help: "h"))
    #expect(!printed.contains("\u{1B}"))
  }

  @Test("colours only when asked")
  func colour() {
    let diagnostic = Diagnostic(id: "a.b", "m", at: nil, help: "h")
    let printed = DiagnosticPrinter(isColoured: true).text(of: [diagnostic])
    #expect(printed == "\u{1B}[1;31merror:\u{1B}[0m m [a.b]\n\u{1B}[36mhelp:\u{1B}[0m h\n")
  }

  @Test("shows a failure with its step, cause and state")
  func failure() {
    let failure = StageFailure(
      id: "load.commit-failed", "database is locked", at: "center.db", help: "running again is safe.",
      exit: .storage,
      state: "nothing of this batch was loaded")
    #expect(
      StageFailurePrinter().text(of: failure, doing: "load 'center' failed", step: at(40, 5)) == """
        error: load 'center' failed [load.commit-failed]
          step   a.yaml:40:5
          at     center.db
          cause  database is locked
          state  nothing of this batch was loaded
        help: running again is safe.

        """)
    #expect(
      StageFailurePrinter().text(of: failure).hasPrefix(
        "error: database is locked [load.commit-failed]\n  at "))
  }

  @Test(
    "leaves with 77 only for a secret that others can read, with 64 only for a pipeline that is not there")
  func exits() {
    let exposed = Diagnostic(id: "secret.exposed", "m", at: nil, help: "h")
    let other = Diagnostic(id: "a.b", "m", at: nil, help: "h")
    let warning = Diagnostic(.warning, id: "a.b", "m", at: nil, help: "h")
    #expect([warning].exit == nil)
    #expect([exposed, warning].exit == .permission)
    #expect([exposed, other].exit == .files)
    let unknown = Diagnostic(id: "pipeline.unknown", "m", at: nil, help: "h")
    #expect([unknown].exit == .usage)
    #expect([unknown, other].exit == .files)
  }
}
