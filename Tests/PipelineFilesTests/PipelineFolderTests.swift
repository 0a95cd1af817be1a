// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import PipelineFiles
import Records
import Testing

@Suite("Pipelines folder")
struct PipelineFolderTests {
  private let resolver = ReferenceResolver(environment: [:], secretsFolder: nil)

  @Test("finds pipelines, schema, lists and systems, with every text")
  func whole() throws {
    let folder = try TemporaryFolder([
      "b.yaml": "pipeline: b", "a.yaml": "pipeline: a", "a.test.yaml": "x", "notes.txt": "x",
      ".hidden.yaml": "x",
      "systems.yaml": "s: { base_url: https://h }",
      "schema/e.yaml": "entity: e\nfields: { a: { type: code, list: l } }",
      "codelists/l.csv": "kode\n1\n", "codelists/l.yaml": "columns: { code: kode }",
    ])
    let read = PipelineFolder(folder.path + "/", displayName: "Pipelines", resolver: resolver)
    #expect(read.diagnostics == [])
    #expect(read.pipelines.map(\.name) == ["a", "b"])
    #expect(read.pipelines.first?.source == SourceText(file: "Pipelines/a.yaml", text: "pipeline: a"))
    #expect(Array(read.schema.entities.keys) == ["e"])
    #expect(read.lists["l"]?.entries.map(\.code) == ["1"])
    #expect(Array(read.systems.systems.keys) == ["s"])
    #expect(
      read.sources.keys.sorted() == [
        "Pipelines/a.yaml", "Pipelines/b.yaml", "Pipelines/codelists/l.csv", "Pipelines/codelists/l.yaml",
        "Pipelines/schema/e.yaml", "Pipelines/systems.yaml",
      ])
  }

  @Test("gathers what is wrong in all files, sorted by place, and reports a faulty list once")
  func faults() throws {
    let folder = try TemporaryFolder([
      "systems.yaml": "s: {", "schema/e.yaml": "entity: f\nfields: { a: { type: code, list: l } }",
      "schema/f.yaml": "entity: f\nfields: { a: { type: code, list: l } }", "codelists/l.csv": "x\n",
      "codelists/alone.yaml": "title: x",
    ])
    try folder.write("latin.yaml", Data("a: b\nc: h\u{E9}".unicodeScalars.map { UInt8($0.value) }))
    let read = PipelineFolder(folder.path, displayName: "P", resolver: resolver)
    #expect(
      read.diagnostics.map { "\($0.position?.description ?? "") \($0.id)" } == [
        "P/codelists/alone.yaml:1:1 folder.head-without-list",
        "P/codelists/l.csv:1:1 codelist.no-code-column",
        "P/latin.yaml:2:5 folder.not-utf8", "P/schema/e.yaml:1:9 schema.other-name",
        "P/systems.yaml:1:5 yaml.syntax",
      ])
    #expect(read.unreadableLists == ["l"])
    #expect(read.schema.unreadable == ["e"])
  }

  @Test("says when there is no folder")
  func missing() {
    let read = PipelineFolder("/nowhere/Pipelines", resolver: resolver)
    #expect(read.diagnostics.map(\.message) == ["there is no folder '/nowhere/Pipelines'"])
  }

  @Test("does not wait for a pipe in a file's place")
  func pipe() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.path + "/x.yaml", 0o600) == 0)
    let read = PipelineFolder(folder.path, resolver: resolver)
    #expect(read.diagnostics.map(\.id) == ["folder.not-a-file"])
  }
}
