// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("terrace codelist coverage")
struct CodeListCoverageTests {
  private static let files = [
    "Pipelines/p.yaml": """
    pipeline: people
    extract: { file: { path: "in/*.json" } }
    decode: { json: { records: / } }
    transform:
      to: person
      let: { day: { from: d, type: date } }
      map: { code: c, place: { from: p, as_of: day, unknown: note }, sex: { from: s, unknown: "null" } }
    load: { center: { mode: merge } }
    """,
    "Pipelines/schema/person.yaml": """
    entity: person
    key: [code]
    fields:
      code: { type: text }
      place: { type: code, list: place }
      sex: { type: code, list: sex, personal: basic }
    """,
    "Pipelines/codelists/place.csv":
      "code,name,valid_to,successors\n00715,Lũng Cú,,\n00692,Ngọc Hà,2025-06-30,00715\n",
    "Pipelines/codelists/sex.csv": "code,name\n1,Nam\n2,Nữ\n",
    "in/1.json": """
    [{"c": 1, "p": "00751", "s": "1"}, {"c": 2, "p": "00751", "s": "Nan"}, {"c": 3, "p": "Sủng Là"}, {"c": 4, "p": "00715"},
     {"c": 5, "p": "00692", "d": "2026-01-01"}, {"c": 6, "p": "715", "s": "X"}]
    """,
  ]

  private func ran() throws -> Program {
    let program = try Program(Self.files)
    #expect(try program.run("run").exit == 0)
    return program
  }

  @Test("counts what came and is not in a list, with the nearest there is; personal values stay masked")
  func coverage() throws {
    let program = try ran()
    #expect(
      try program.run("codelist", "coverage").output == """
        list   value    in the list       records  seen by  field         nearest        for example
        place  00751    no                      2  people   person.place  00715 Lũng Cú  J1
        place  00692    until 2025-06-30        1  people   person.place  00715 Lũng Cú  J4
        place  715      no                      1  people   person.place  00715 Lũng Cú  J5
        place  Sủng Là  no                      1  people   person.place                 J3
        sex    •••                              2  people   person.sex                   J2

        """)
    let revealed = try program.run("codelist", "coverage", "sex", "--reveal").output
    #expect(revealed.contains("Nan") && revealed.contains("1 Nam"))
    #expect(try program.run("codelist", "coverage", "places").exit == 64)
  }

  @Test("names places and candidates as JSON")
  func json() throws {
    let output = try ran().run("codelist", "coverage", "place", "--format", "json").output
    let document = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
    let misses = document?["misses"] as? [[String: Any]] ?? []
    #expect(misses.count == 4)
    let ended = try #require(misses.first { $0["value"] as? String == "00692" })
    #expect(ended["listed"] as? [String] == ["until 2025-06-30"])
    #expect((ended["nearest"] as? [[String: String]])?.first == ["code": "00715", "name": "Lũng Cú"])
    let place = (ended["places"] as? [[String: Any]])?.first
    #expect(place?["pipeline"] as? String == "people" && place?["field"] as? String == "person.place")
    #expect(place?["records"] as? Int == 1)
  }

  @Test("has nothing to show where nothing was loaded yet")
  func fresh() throws {
    let shown = try Program(Self.files).run("codelist", "coverage")
    #expect(shown.exit == 0 && shown.output == "every code that came is in its list\n", "\(shown.errors)")
  }

  @Test("finds in the center what a list has lost since")
  func center() throws {
    let program = try ran()
    try program.write("Pipelines/codelists/sex.csv", "code,name\n2,Nữ\n")
    let shown = try program.run("codelist", "coverage", "sex", "--reveal").output
    #expect(shown.contains("sex   1      no                 –  (the center)  person.sex"))
  }
}
