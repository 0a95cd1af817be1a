// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import PipelineFiles
import Records
import Testing

@Suite("Code lists")
struct CodeListReaderTests {
  private func read(_ text: String, head: String? = nil) -> CodeListReader {
    CodeListReader(
      text, name: "commune", head: head.flatMap { YAMLReader.read($0, file: "h.yaml").tree }, file: "a.yaml")
  }

  @Test("reads codes, validity, names, links and attributes")
  func whole() throws {
    let reader = read(
      "\u{FEFF}code,name,aliases,valid_from,valid_to,predecessors,successors,province\r\n"
        + "00691,\"Phường Hà Giang 2, cũ \"\"Trần Phú\"\"\",TP; Tran Phu ,2025-07-01,,00688;00692,,08\r\n\r\n00688,Phường Quang Trung,,,2025-06-30,,00691,\n"
    )
    #expect(reader.diagnostics == [])
    let list = try #require(reader.list)
    #expect(
      list.entries == [
        CodeListEntry(
          code: "00691", name: "Phường Hà Giang 2, cũ \"Trần Phú\"", aliases: ["TP", "Tran Phu"],
          validFrom: CalendarDate(year: 2025, month: 7, day: 1), predecessors: ["00688", "00692"],
          attributes: ["province": "08"]),
        CodeListEntry(
          code: "00688", name: "Phường Quang Trung", validTo: CalendarDate(year: 2025, month: 6, day: 30),
          successors: ["00691"]),
      ])
  }

  @Test("takes a published file as it is, with a head that names its columns")
  func head() {
    let reader = read(
      "gso_code,name,code\n1,Kinh,x\n", head: "title: Dân tộc\nsource: TCTK\ncolumns: { code: gso_code }")
    #expect(reader.diagnostics == [])
    #expect(reader.title == "Dân tộc" && reader.source == "TCTK")
    #expect(reader.list?.entries == [CodeListEntry(code: "1", name: "Kinh", attributes: ["code": "x"])])
  }

  @Test("reads what single sources call the entries, and what the head says of the sources")
  func sources() throws {
    let reader = read(
      "code,name,aliases:list_b,aliases:post\n44,Chứt,43,\n45,Mảng,44;044,M\n",
      head: "divided_by: village\nsources: { list_b: { title: B, evidence: seen, own_numbers: true } }")
    #expect(reader.diagnostics == [])
    let list = try #require(reader.list)
    #expect(list.dividedBy == "village")
    #expect(
      list.sources == [
        "list_b": CodeListSource(title: "B", evidence: "seen", numbersItself: true), "post": CodeListSource(),
      ])
    #expect(
      list.entries == [
        CodeListEntry(code: "44", name: "Chứt", sourceAliases: ["list_b": ["43"]]),
        CodeListEntry(code: "45", name: "Mảng", sourceAliases: ["list_b": ["44", "044"], "post": ["M"]]),
      ])
  }

  @Test("warns of a source's number that is two codes at the same time, not of one that changed its meaning")
  func sharedAliases() {
    let rows = "1,7,,2025-06-30\n2,7,2025-07-01,\n3,7,,\n"
    let reader = read("code,aliases:post,valid_from,valid_to\n" + rows)
    #expect(reader.list != nil)
    #expect(
      reader.diagnostics.map { "\($0.severity) \($0.id) \($0.position?.line ?? 0): \($0.message)" } == [
        "warning codelist.shared-alias 4: '7' of source 'post' is '1' and '3' at the same time"
      ])
  }

  @Test("says that a source of the head has no column")
  func sourceWithoutColumn() {
    let reader = read("code\n1\n", head: "sources: { post: { own_numbers: true } }")
    #expect(
      reader.diagnostics.map { "\($0.id) \($0.position?.column ?? 0)" } == [
        "codelist.source-without-column 12"
      ])
  }

  @Test("keeps several validities of one code apart")
  func validities() {
    let reader = read("code,name,valid_from,valid_to\n1,old,,2025-06-30\n1,new,2025-07-01,\n")
    #expect(reader.diagnostics == [])
    #expect(reader.list?.entries.count == 2)
  }

  @Test(
    "points at what is wrong",
    arguments: [
      ("", "a.yaml:1:1 codelist.no-header"),
      ("1️⃣kode,name\n", "1️⃣ codelist.no-code-column"),
      ("code,1️⃣code\n", "1️⃣ codelist.repeated-column"),
      ("code,name\n1,a\n1️⃣2\n", "1️⃣ codelist.cell-count"),
      ("code,name\n1️⃣,a\n", "1️⃣ codelist.empty-code"),
      ("code,tên,valid_from\n1,Hà Giang,1️⃣01/07/2025\n", "1️⃣ codelist.not-a-date"),
      ("code,valid_to\n1,1️⃣2025-02-30\n", "1️⃣ codelist.not-a-date"),
      ("code,valid_from,valid_to\n1,2025-01-02,1️⃣2025-01-01\n", "1️⃣ codelist.empty-validity"),
      ("code,name\n1,1️⃣\"a\n2,b\n", "1️⃣ codelist.quote-never-closed"),
      ("code,name\n1,\"a\"1️⃣b\n", "1️⃣ codelist.text-after-quote"),
      ("code,name\n\"1\n2\",a\n3,b\n3,c\n1️⃣,d", "1️⃣ codelist.empty-code"),
      ("code\n1\n\n1️⃣1\n", "1️⃣ codelist.overlap"),
      ("code,1️⃣aliases:\n1,a\n", "1️⃣ codelist.no-source-name"),
    ])
  func faults(_ text: String, _ expected: String) {
    let marked = MarkedText(text)
    #expect(read(marked.text).diagnostics.ids(in: marked) == [expected])
  }

  @Test("says which head file would help")
  func headHelp() {
    #expect(
      read("gso,name\n1,a\n").diagnostics.first?.help
        == "name it in a head file commune.yaml: 'columns: { code: gso }'")
    #expect(read("x\n1\n", head: "columns: { code: y }").diagnostics.map(\.id) == ["codelist.unknown-column"])
    #expect(read("x\n1\n", head: "colums: { code: x }").diagnostics.first?.id == "codelist.unknown-key")
  }

  @Test("keeps a list usable whose validities overlap, and says so once a pair")
  func overlap() {
    let reader = read("code,valid_from\n1,2025-01-01\n1,2025-02-01\n")
    #expect(reader.list?.entries.count == 2)
    #expect(reader.diagnostics.map(\.severity) == [.warning])
  }

  @Test("does not repeat itself for every line")
  func bounded() {
    let reader = read("code,name\n" + String(repeating: "1\n", count: 500))
    #expect(reader.diagnostics.count == 50)
    #expect(reader.list == nil)
  }
}
