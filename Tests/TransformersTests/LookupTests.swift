// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records
import Testing

@testable import Transformers

@Suite("Lookups")
struct LookupTests {
  private let communes = CodeList(
    name: "commune",
    entries: [
      CodeListEntry(
        code: "00691", name: "Phường Trần Phú", validTo: CalendarDate(year: 2025, month: 6, day: 30),
        successors: ["00691", "00694"]),
      CodeListEntry(
        code: "00691", name: "Phường Hà Giang 2", validFrom: CalendarDate(year: 2025, month: 7, day: 1)),
      CodeListEntry(
        code: "00688", name: "Phường Quang Trung", validTo: CalendarDate(year: 2025, month: 6, day: 30),
        successors: ["00691"]),
      CodeListEntry(code: "00742", name: "Xã Tả Lủng"),
      CodeListEntry(code: "00796", name: "Xã Tả Lủng", aliases: ["Tả Lủng (Mèo Vạc)"]),
    ])

  private func look(
    _ codes: [Cell], on days: [Cell]? = nil, as type: FieldType = .code(list: "commune"),
    _ change: (inout ValuePlan) -> Void = { _ in }
  ) throws -> Mapped {
    try map(
      [
        letValue("day", 1, type: .date),
        field("commune", 0, type: type) { plan in
          plan.asOf = days == nil ? nil : "day"
          change(&plan)
        },
      ], [codes, days ?? codes.map { _ in nil }], lists: ["commune": communes])
  }

  @Test("finds a code as it stood on the record's day")
  func asOf() throws {
    let made = try look(
      ["00691", "00691", "00688", "00688"], on: ["2025-06-30", "2025-07-01", "2025-06-30", "2025-07-01"])
    #expect(made.cells("commune") == ["00691", "00691", "00688", "00688"])
    #expect(
      made.findings == [
        """
        3 lookup.commune commune: '00688' is not valid on 2025-07-01 in the code list \
        commune, only until 2025-06-30; \
        its successors are 00691
        """
      ])
  }

  @Test("takes names and aliases and stores the code")
  func alias() throws {
    let made = try look(["phường hà giang 2", "Tả Lủng (Mèo Vạc)"])
    #expect(made.cells("commune") == ["00691", "00796"])
    #expect(
      made.findings == [
        "note 1 lookup.commune.alias commune: 'Tả Lủng (Mèo Vạc)' was read as 'Xã Tả Lủng' (00796): an alias in the list"
      ])
    #expect(made.fates == [.live, .live])
  }

  @Test("reads a declared source's numbers before the list's own codes, and notes nothing")
  func source() throws {
    let groups = CodeList(
      name: "ethnic_group",
      entries: [
        CodeListEntry(code: "44", name: "Chứt", sourceAliases: ["list_b": ["43"]]),
        CodeListEntry(code: "45", name: "Mảng", sourceAliases: ["list_b": ["44"]]),
        CodeListEntry(code: "55", name: "Người nước ngoài"),
      ], sources: ["list_b": CodeListSource(numbersItself: true)])
    let made = try map(
      [
        field("c", 0) { plan in
          (plan.lookup, plan.lookupSource, plan.unknown) = ("ethnic_group", "list_b", .note)
        }
      ], [["44", "43", "55", "mảng"]], lists: ["ethnic_group": groups])
    #expect(made.cells("c") == ["45", "44", "55", "45"])
    #expect(
      made.findings == [
        "note 2 lookup.ethnic_group c: '55' is not in the code list ethnic_group as source 'list_b' numbers it"
      ])
  }

  @Test("gives codes the zeros back that a spreadsheet took, where the list has them on that day")
  func lostZeros() throws {
    let made = try look(
      ["691", "742.0", "'00796", "688", "688", "7", "00742"],
      on: ["2025-07-01", nil, nil, "2025-06-30", "2025-07-01", nil, nil]
    ) { $0.lostZeros = 5 }
    #expect(made.cells("commune") == ["00691", "00742", "00796", "00688", "688", "7", "00742"])
    #expect(
      made.findings == [
        "note 0 lost_zeros commune: '691' was read as '00691': it had lost zeros or stood as a number",
        "note 1 lost_zeros commune: '742.0' was read as '00742': it had lost zeros or stood as a number",
        "note 2 lost_zeros commune: ''00796' was read as '00796': it had lost zeros or stood as a number",
        "note 3 lost_zeros commune: '688' was read as '00688': it had lost zeros or stood as a number",
        "4 lookup.commune commune: '688' is not in the code list commune",
        "5 lookup.commune commune: '7' is not in the code list commune",
      ])
  }

  @Test("finds the name of today where one that is written nearly so has ended")
  func endedName() throws {
    let list = CodeList(
      name: "commune",
      entries: [
        CodeListEntry(code: "1", name: "Xã Thuận Hoà", validTo: CalendarDate(year: 2025, month: 6, day: 30)),
        CodeListEntry(code: "2", name: "Xã Thuận Hòa", validFrom: CalendarDate(year: 2025, month: 7, day: 1)),
      ])
    let made = try map(
      [
        letValue("day", 1, type: .date),
        field("c", 0) { plan in (plan.lookup, plan.asOf) = ("commune", "day") },
      ], [["Xã Thuận Hoà", "Xã Thuận Hoà"], ["2025-06-30", "2025-07-01"]], lists: ["commune": list])
    #expect(made.cells("c") == ["1", "2"])
    #expect(made.findings.count == 1 && made.findings[0].hasPrefix("note 1 lookup.commune.tone"))
  }

  @Test("names the candidates of a name that several codes share")
  func ambiguous() throws {
    #expect(
      try look(["Xã Tả Lủng"]).findings
        == ["0 lookup.commune commune: 'Xã Tả Lủng' names several codes of commune: 00742, 00796"])
  }

  @Test("reads names whose tone stands elsewhere or whose marks are missing, and notes it")
  func spellings() throws {
    let list = CodeList(
      name: "commune",
      entries: [
        CodeListEntry(code: "00985", name: "Xã Thuận Hòa"), CodeListEntry(code: "00715", name: "Phố Bảng"),
        CodeListEntry(code: "00742", name: "Tả Lủng"), CodeListEntry(code: "00796", name: "Tà Lủng"),
      ])
    let made = try map(
      [field("c", 0) { $0.lookup = "commune" }],
      [["xã Thuận Hoà", "Xa  Thuan Hoa", "Phó Bảng", "Ta Lung", "Xã Thuận"]], lists: ["commune": list])
    #expect(made.cells("c") == ["00985", "00985", "00715", "Ta Lung", "Xã Thuận"])
    #expect(
      made.findings == [
        "note 0 lookup.commune.tone c: 'xã Thuận Hoà' was read as 'Xã Thuận Hòa' (00985): the tone stands elsewhere",
        "note 1 lookup.commune.accents c: 'Xa  Thuan Hoa' was read as 'Xã Thuận Hòa' (00985): the marks differ or are missing",
        "note 2 lookup.commune.accents c: 'Phó Bảng' was read as 'Phố Bảng' (00715): the marks differ or are missing",
        "3 lookup.commune c: 'Ta Lung' names several codes of commune: 00742, 00796",
        "4 lookup.commune c: 'Xã Thuận' is not in the code list commune",
      ])
  }

  @Test("gives the code that took a code's place, and keeps the old one where it was divided")
  func validOn() throws {
    let end = CalendarDate(year: 2025, month: 6, day: 30)
    let begin = CalendarDate(year: 2025, month: 7, day: 1)
    let list = CodeList(
      name: "commune",
      entries: [
        CodeListEntry(code: "00694", name: "Nguyễn Trãi", validTo: end, successors: ["00694"]),
        CodeListEntry(code: "00692", name: "Ngọc Hà", validTo: end, successors: ["00691"]),
        CodeListEntry(code: "00688", name: "Quang Trung", validTo: end, successors: ["00694", "00691"]),
        CodeListEntry(code: "00999", name: "Không còn", validTo: end),
        CodeListEntry(code: "00691", name: "Hà Giang 2", validFrom: begin),
        CodeListEntry(code: "00694", name: "Hà Giang 1", validFrom: begin),
      ], dividedBy: "village or address")
    let made = try map(
      [
        letValue("now", 1, type: .date), letValue("then", 2, type: .date),
        field("c", 0) { plan in
          (plan.lookup, plan.asOf, plan.validOn) = ("commune", "then", "now")
        },
      ],
      [
        ["00692", "00694", "00688", "00999", "00692"],
        ["2026-01-01", "2026-01-01", "2026-01-01", "2026-01-01", "2025-06-01"],
        Array(repeating: "2020-01-01", count: 5),
      ], lists: ["commune": list])
    #expect(made.cells("c") == ["00691", "00694", "00688", "00999", "00692"])
    #expect(
      made.findings == [
        """
        note 2 lookup.commune.divided c: '00688' was divided among 00691, 00694 by 2026-01-01 and stays: \
        needs village or address
        """,
        "3 lookup.commune c: '00999' is not valid on 2026-01-01 in the code list commune, only until 2025-06-30",
      ])
  }

  @Test("rejects, notes or empties an unknown code, as declared")
  func policies() throws {
    let fact = "lookup.commune commune: '70' is not in the code list commune"
    let rejected = try look(["70"])
    #expect(rejected.findings == ["0 \(fact)"])
    #expect(rejected.fates == [.rejected])
    let noted = try look(["70"]) { $0.unknown = .note }
    #expect(noted.findings == ["note 0 \(fact)"])
    #expect(noted.cells("commune") == ["70"])
    let emptied = try look(["70"]) { $0.unknown = .null }
    #expect(emptied.findings == ["note 0 \(fact)"])
    #expect(emptied.cells("commune") == ["null"])
  }

  @Test("looks up a text field too, and at the local day of a moment")
  func moment() throws {
    let made = try map(
      [
        letValue("at", 1, type: .timestamp),
        field("c", 0) { plan in
          plan.lookup = "commune"
          plan.asOf = "at"
        },
      ], [["00688", "00688"], ["2025-06-30T16:59:59Z", "2025-06-30T17:00:00Z"]], lists: ["commune": communes])
    #expect(made.fates == [.live, .rejected])
  }

  @Test("answers the same however often a text repeats")
  func cache() throws {
    let made = try look(
      Array(repeating: "Phường Quang Trung", count: 50) + Array(repeating: "00742", count: 50)
        + Array(repeating: "99999", count: 50))
    #expect(Set(made.cells("commune").prefix(100)) == ["00688", "00742"])
    #expect(made.failures.count == 50)
  }

  @Test("refuses to begin without the list")
  func noList() {
    #expect {
      try map([field("c", 0, type: .code(list: "missing"))], [[]])
    } throws: { error in
      (error as? StageFailure)?.id == "transform.code-list"
    }
  }
}
