// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("Showing a reject")
struct ShowTests {
  @Test("names the regulation of the rule that was broken, and of the field")
  func basis() throws {
    let program = try Program([
      "Pipelines/people.yaml": """
      pipeline: people
      extract: { file: { path: in/*.json } }
      decode: { json: { records: /data } }
      transform:
        to: person
        map: { code: c, age: a }
        validate:
          - { check: age < 100, basis: "TT 1/2020, Điều 2" }
      load: { center: { mode: merge } }
      """,
      "Pipelines/schema/person.yaml": """
      entity: person
      key: [code]
      fields:
        code: { type: text, pattern: "[A-Z]", basis: "QĐ 5/2019, Điều 1" }
        age: { type: integer }
      """,
      "in/1.json": #"{"data": [{"c": "A", "a": 500}, {"c": "b", "a": 5}, {"c": "C", "a": 5}]}"#,
    ])
    #expect(try program.run("run").exit == 0)
    #expect(try program.run("show", "J1").output.contains("basis: TT 1/2020, Điều 2\n"))
    #expect(try program.run("show", "J2").output.contains("basis: QĐ 5/2019, Điều 1\n"))
  }
}
