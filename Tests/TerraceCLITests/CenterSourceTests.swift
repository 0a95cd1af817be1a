// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("Pipelines that read the center")
struct CenterSourceTests {
  private static func pipeline(
    _ name: String, _ extract: String, to entity: String, _ map: String, decode: String = "ndjson"
  ) -> String {
    """
    pipeline: \(name)
    extract: \(extract)
    decode: { \(decode): {} }
    transform: { to: \(entity), map: \(map) }
    load: { center: { mode: replace } }
    """
  }

  private static let query =
    "select unit, count(*) as people, min(name) as first from person group by 1 order by 1"

  /// `all_units` comes first by name and reads what `people` feeds.
  private func program(query: String = query, first: String = "personal: basic") throws -> Program {
    try Program([
      "Pipelines/schema/person.yaml": """
      entity: person
      key: [code]
      fields: { code: { type: text }, unit: { type: text }, name: { type: text, personal: basic } }
      """,
      "Pipelines/schema/unit_size.yaml": """
      entity: unit_size
      key: [unit]
      fields: { unit: { type: text }, people: { type: integer }, first: { type: text, \(first) } }
      """,
      "Pipelines/people.yaml": Self.pipeline(
        "people", "{ file: { path: people.csv } }", to: "person", "{ code: code, unit: unit, name: name }",
        decode: "csv"),
      "Pipelines/all_units.yaml": Self.pipeline(
        "all_units", "{ center: { query: \"\(query)\" } }", to: "unit_size",
        "{ unit: unit, people: people, first: first }"),
      "people.csv": "code,unit,name\n1,A,An\n2,A,Bình\n3,B,Chi\n",
    ])
  }

  private func rows(_ program: Program) throws -> [String] {
    let preview = try program.run("preview", "all_units", "--reveal", "--format", "json")
    let document = try JSONSerialization.jsonObject(with: Data(preview.output.utf8)) as? [String: Any]
    let tables = document?["tables"] as? [[String: Any]]
    return (tables?.first?["rows"] as? [[String: Any]] ?? []).map {
      "\($0["unit"] ?? "-") \($0["people"] ?? "-") \($0["first"] ?? "-")"
    }
  }

  private func counts(_ result: Program.Result, _ pipeline: String) throws -> String {
    let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let runs = document?["runs"] as? [[String: Any]] ?? []
    guard let run = runs.first(where: { $0["pipeline"] as? String == pipeline }) else { return "none" }
    return ["status", "inserted", "updated", "unchanged", "vanished"]
      .map { "\(run[$0] ?? "-")" }.joined(separator: " ")
  }

  @Test("run behind those that feed what they read, and again when it changed")
  func order() throws {
    let program = try program()
    let first = try program.run("run", "--format", "json")
    #expect(first.exit == 0, "\(first.errors)")
    #expect(try counts(first, "all_units") == "loaded 2 0 0 0")
    #expect(try counts(program.run("run", "--format", "json"), "all_units") == "unchanged 0 0 0 0")
    try program.write("people.csv", "code,unit,name\n1,A,An\n2,A,Bình\n4,C,Dũng\n")
    #expect(try counts(program.run("run", "--format", "json"), "all_units") == "loaded 1 0 1 1")
    let replay = try program.run("replay", "all_units", "--format", "json")
    #expect(try counts(replay, "all_units") == "loaded 0 0 2 0")
  }

  @Test("found nothing loaded yet: they say so, and replace nothing")
  func empty() throws {
    let program = try program()
    let run = try program.run("run", "all_units", "-v")
    #expect(run.exit == 65 && run.errors.contains("nothing was loaded into 'person' yet"), "\(run)")
  }

  @Test(
    "are told what is wrong with their query before anything runs",
    arguments: [
      ("select unit, count(*) from person group by 1", "[extract.bad-query]", "'count(*)', has no name"),
      ("delete from person", "[extract.bad-query]", "the query is no SELECT"),
      ("select unit from persons", "[extract.bad-query]", "did you mean 'person'?"),
    ])
  func faults(query: String, id: String, said: String) throws {
    let check = try program(query: query).run("check")
    #expect(check.exit == 78 && check.errors.contains(id) && check.errors.contains(said), "\(check)")
  }

  @Test("may not carry a personal field into one that is not")
  func personal() throws {
    let query = "select unit, count(*) as people, name as first from person group by 1 order by 1"
    #expect(try program(query: query).run("check").exit == 0)
    let check = try program(query: query, first: "required: true").run("check")
    #expect(check.exit == 78 && check.errors.contains("[extract.personal-into-less]"), "\(check)")
    #expect(check.errors.contains("'first' is 'person.name', personal: basic"), "\(check)")
  }
}
