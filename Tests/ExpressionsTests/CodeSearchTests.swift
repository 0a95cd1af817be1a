// SPDX-License-Identifier: Apache-2.0

import Expressions
import Records
import Testing

@Suite("Searching code lists")
struct CodeSearchTests {
  private let list = CodeList(
    name: "commune",
    entries: [
      CodeListEntry(
        code: "00692", name: "Phường Ngọc Hà", validTo: CalendarDate(year: 2025, month: 6, day: 30),
        successors: ["00691"]),
      CodeListEntry(
        code: "00691", name: "Phường Hà Giang 2", validFrom: CalendarDate(year: 2025, month: 7, day: 1),
        predecessors: ["00692"]),
      CodeListEntry(
        code: "00715", name: "Xã Lũng Cú", aliases: ["X. Lũng Cú"], sourceAliases: ["post": ["31"]]),
      CodeListEntry(code: "00985", name: "Xã Thuận Hòa"),
    ], sources: ["post": CodeListSource()])

  @Test(
    "says by which tier a text was found",
    arguments: [
      ("00715", "code"), ("XÃ LŨNG CÚ", "name"), ("x. lũng cú", "alias"), ("Xã Thuận  Hoà", "tone"),
      ("xa lung cu", "accents"), ("31", "source"),
    ])
  func tiers(_ text: String, _ tier: String) {
    guard case .found(_, let found) = CodeSearch(list, source: "post").find(text, asOf: nil) else {
      Issue.record("\(text) was not found")
      return
    }
    #expect(found.rawValue == tier)
  }

  @Test("knows a source's aliases only where the source is declared")
  func undeclared() {
    #expect(CodeSearch(list).find("31", asOf: nil) == .unknown)
    #expect(CodeSearch(list, source: "other").find("31", asOf: nil) == .unknown)
  }

  @Test(
    "proposes what people probably meant, the likeliest first",
    arguments: [
      ("00692", ["00691"]), ("715", ["00715"]), ("00751", ["00715"]), ("Xã Lủng Cu", ["00715"]),
      ("Xã Lũng Cúu", ["00715"]), ("99999", []), ("", []), ("00695", ["00691", "00692"]),
    ])
  func candidates(_ text: String, _ codes: [String]) {
    #expect(CodeCandidates(list).nearest(to: text, atMost: 2).map(\.code) == codes)
  }
}
