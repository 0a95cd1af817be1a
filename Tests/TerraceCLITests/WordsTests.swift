// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("Words of the command line")
struct WordsTests {
  private static func pipeline(_ name: String, map: String = "{ code: '@c' }") -> String {
    """
    pipeline: \(name)
    extract: { file: { path: "in/*.xml" } }
    decode: { xml: { records: /p/r } }
    transform: { to: person, map: \(map) }
    load: { center: { mode: merge } }
    """
  }

  private static let schema = "entity: person\nkey: [code]\nfields:\n  code: { type: text }\n"

  private static func program() throws -> Program {
    try Program([
      "Pipelines/p.yaml": pipeline("people"), "Pipelines/schema/person.yaml": schema,
      "other/q.yaml": pipeline("others"), "other/p.yaml": pipeline("people_elsewhere"),
      "other/schema/person.yaml": schema, "in/1.xml": "<p><r c='A1'/></p>",
    ])
  }

  private static func checked(_ program: Program, _ words: String...) throws -> [String] {
    let ended = try program.run(["check", "--format", "json"] + words)
    let document = try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any]
    return document?["pipelines"] as? [String] ?? []
  }

  @Test("a path means the file it leads to, in whatever folder, and that folder's schema")
  func path() throws {
    let program = try Self.program()
    #expect(try Self.checked(program, "p.yaml") == ["people"])
    #expect(try Self.checked(program, "Pipelines/p.yaml") == ["people"])
    #expect(try Self.checked(program, "./other/../Pipelines/p.yaml") == ["people"])
    #expect(try Self.checked(program, "other/p.yaml") == ["people_elsewhere"])
    #expect(try Self.checked(program, program.folder.path() + "/other/q.yaml") == ["others"])
    #expect(try Self.checked(program, "other/p.yaml", "--pipelines", "Pipelines/") == [])
  }

  @Test("a system that no pipeline asks may lack its secret: all pipelines run")
  func unusedSecret() throws {
    let program = try Program([
      "Pipelines/p.yaml": Self.pipeline("people"), "Pipelines/schema/person.yaml": Self.schema,
      "Pipelines/systems.yaml":
        "other:\n  base_url: https://example.org\n  authentication: { bearer: { token: '${secret:T}' } }\n",
      "in/1.xml": "<p><r c='A1'/></p>",
    ])
    let ended = try program.run("run")
    #expect(ended.exit == 0 && ended.errors.isEmpty, "\(ended)")
    #expect(try program.run("check").errors.contains("[secret.missing]"))
  }

  @Test("a pipeline with a wrong file does not run, and stops no other when all are run")
  func oneWrongFile() throws {
    let program = try Program([
      "Pipelines/p.yaml": Self.pipeline("people"),
      "Pipelines/wrong.yaml": Self.pipeline("wrong", map: "{ cod: '@c' }"),
      "Pipelines/schema/person.yaml": Self.schema, "in/1.xml": "<p><r c='A1'/></p>",
    ])
    let ended = try program.run("run", "--format", "json")
    #expect(ended.exit == 78 && ended.errors.contains("did you mean 'code'?"), "\(ended)")
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any])
    #expect((document["runs"] as? [[String: Any]])?.map { $0["status"] as? String } == ["loaded"])
    #expect((document["errors"] as? [[String: Any]])?.isEmpty == false)
    #expect(try program.run("run", "people", "wrong").exit == 78)
    #expect(try program.run("run", "people").exit == 0)
  }

  @Test("a path that leads to no file is no pipeline, whatever its last part")
  func noSuchPath() throws {
    let ended = try Self.program().run("run", "elsewhere/p.yaml")
    #expect(ended.exit == 64 && ended.errors.contains("[pipeline.unknown]"), "\(ended)")
  }

  @Test(
    "a listing of a pipeline that is not there leaves with 64 and names the nearest",
    arguments: ["runs", "batches", "rejects", "status", "checkpoint"])
  func unknown(_ command: String) throws {
    let program = try Self.program()
    let ended = try program.run(command, "peple")
    #expect(ended.exit == 64 && ended.output.isEmpty, "\(ended)")
    #expect(ended.errors.contains("did you mean 'people'?"), "\(ended)")
    #expect(try program.run(command, "people").exit == 0)
    #expect(try program.run(command, "Pipelines/p.yaml").exit == 0)
  }

  @Test("options everywhere may stand before the command")
  func leading() throws {
    let program = try Self.program()
    let ended = try program.run("-C", "other", "-v", "--pipelines=.", "check", "others")
    #expect(ended.exit == 0 && ended.output.contains("1 pipeline checked: others"), "\(ended)")
    let json = try program.run("--format", "json", "run", "people")
    #expect(json.exit == 0 && json.output.hasPrefix("{\n  \"runs\""), "\(json)")
    #expect(try program.run("--version").exit == 0)
    #expect(try program.run("-C").exit == 64)
    #expect(try program.run("-C", "nowhere", "check").exit == 64)
  }
}
