// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("terrace codelist coverage")
struct CodeListCoverageTests {
  @Test("counts what came and is not in a list, with the nearest there is; personal values stay masked")
  func coverage() throws {
    let program = try Program([
      "Pipelines/p.yaml": """
      pipeline: people
      extract: { file: { path: "in/*.json" } }
      decode: { json: { records: / } }
      transform:
        to: person
        map: { code: c, place: { from: p, unknown: note }, sex: { from: s, unknown: "null" } }
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
      "Pipelines/codelists/place.csv": "code,name\n00715,Lũng Cú\n",
      "Pipelines/codelists/sex.csv": "code,name\n1,Nam\n2,Nữ\n",
      "in/1.json": """
      [{"c": 1, "p": "00751", "s": "1"}, {"c": 2, "p": "00751", "s": "Nan"}, {"c": 3, "p": "Sủng Là"}, {"c": 4, "p": "00715"}]
      """,
    ])
    #expect(try program.run("run").exit == 0)
    let shown = try program.run("codelist", "coverage")
    #expect(
      shown.output == """
        list   value    records  pipelines  nearest
        place  00751          2  people     00715 Lũng Cú
        place  Sủng Là        1  people
        sex    •••            1  people

        """)
    #expect(
      try program.run("codelist", "coverage", "sex", "--reveal").output.contains(
        "Nan          1  people     1 Nam"))
    #expect(try program.run("codelist", "coverage", "places").exit == 64)
  }
}
