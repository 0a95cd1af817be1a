// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("Giving up")
struct WaiveTests {
  private func program() throws -> Program {
    try Program([
      "Pipelines/people.yaml": """
      pipeline: people
      extract: { file: { path: in/*.json } }
      decode: { json: { records: /data } }
      transform: { to: person, map: { code: c, age: a } }
      load: { center: { mode: merge } }
      """,
      "Pipelines/schema/person.yaml":
        "entity: person\nkey: [code]\nfields:\n  code: { type: text }\n  age: { type: integer }\n",
      "in/1.json": #"{"data": [{"c": "A", "a": 5}, {"c": "B", "a": "x"}]}"#, "in/2.json": #"{"data": ["#,
    ])
  }

  /// The first word of a line that begins with a letter.
  private func id(_ letter: Character, in listing: String) throws -> String {
    let words = listing.split { $0 == " " || $0 == "\n" }.map(String.init)
    return try #require(words.first { $0.first == letter && $0.count > 1 })
  }

  @Test("is asked for each payload that failed before, not for the first alone")
  func several() throws {
    let program = try program()
    try program.write("in/3.json", #"{"data": [{"#)
    _ = try program.run("run")
    let again = try program.run("run", "-v")
    #expect(
      again.errors.contains("2.json is as it was") && again.errors.contains("3.json is as it was"),
      "\(again.errors)")
    #expect(again.errors.contains("1 payload is unchanged since"), "\(again.errors)")
  }

  @Test("a failed batch and a reject, by the beginnings of their ids, with the reason on record")
  func both() throws {
    let program = try program()
    let failed = try program.run("run")
    #expect(failed.exit == 65)
    let batch = try id("B", in: try program.run("batches", "--failed").output)
    #expect(failed.errors.contains("\n  batch  \(batch) (2.json)\n"), "\(failed.errors)")
    let again = try program.run("run")
    #expect(
      again.exit == 65 && again.errors.contains("'terrace waive \(batch)' gives it up"), "\(again.errors)")
    let reject = try id("J", in: try program.run("rejects").output)
    let replayed = try program.run("replay", reject)
    #expect(
      replayed.exit == 0 && replayed.errors.contains("people: 1 record is still rejected"),
      "\(replayed.errors)")
    #expect(try program.run("waive", batch.lowercased(), reject, "--reason", "no data").exit == 0)
    #expect(try program.run("batches", "--failed").output.hasPrefix("no failed batches"))
    let listed = try program.run("rejects", "--all").output
    #expect(listed.contains("status") && listed.contains("waived"), "\(listed)")
    #expect(try program.run("run").exit == 0)
    let nothing = try program.run("waive", batch)
    #expect(nothing.exit == 64 && nothing.errors.contains("[waive.nothing-open]"), "\(nothing.errors)")
  }
}
