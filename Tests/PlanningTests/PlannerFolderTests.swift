// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import PipelineFiles
import Records
import Testing

@testable import Planning

@Suite("Plans of a folder")
struct PlannerFolderTests {
  /// Writes the files into a folder of their own, plans, and removes it.
  private func plan(_ files: [String: String], _ wanted: [String] = []) throws -> (
    plans: [Plan], diagnostics: [Diagnostic]
  ) {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent(
      "plan-\(UUID().uuidString)/Pipelines")
    defer { try? FileManager.default.removeItem(at: root.deletingLastPathComponent()) }
    for (name, text) in files {
      let file = root.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    let resolver = ReferenceResolver(environment: ["INBOX": "in/*.json"], secretsFolder: nil)
    let folder = PipelineFolder(root.path, resolver: resolver)
    return Planner(catalog: fakes, folder: folder, resolver: resolver).plan(wanted)
  }

  private let files = [
    "things.yaml": """
    pipeline: things
    extract: { file: { path: "${env:INBOX}" } }
    decode: ndjson
    transform: { to: thing, map: { code: ma, kind: loai } }
    load: center
    """,
    "schema/thing.yaml": """
    entity: thing
    key: [code]
    fields:
      code: { type: text }
      kind: { type: code, list: kind }
    """,
    "codelists/kind.csv": "code,name\nA,Một\n",
  ]

  @Test("plans from files on disk")
  func disk() throws {
    let (plans, diagnostics) = try plan(files)
    #expect(diagnostics == [])
    #expect(plans.map(\.pipeline) == ["things"])
    #expect(plans.first?.lists["kind"]?.entries.map(\.code) == ["A"])
    #expect(plans.first?.file == "Pipelines/things.yaml")
  }

  @Test("checks the other files where one is broken, and says everything")
  func broken() throws {
    var files = files
    files["broken.yaml"] = "pipeline: [\n"
    files["schema/other.yaml"] = "entity: other\nfields: { a: { type: txt } }\n"
    let (plans, diagnostics) = try plan(files)
    #expect(plans.map(\.pipeline) == ["things"])
    #expect(
      Set(diagnostics.compactMap(\.position?.file)) == [
        "Pipelines/broken.yaml", "Pipelines/schema/other.yaml",
      ])
  }

  @Test("is not held up by files that the pipeline does not use")
  func unrelated() throws {
    var files = files
    files["schema/other.yaml"] = "entity: other\nfields: { a: { type: txt } }\n"
    let (plans, diagnostics) = try plan(files, ["things"])
    #expect(plans.count == 1)
    #expect(diagnostics == [])
  }

  @Test("says what is wrong with a file that the pipeline uses, once")
  func used() throws {
    var files = files
    files["schema/thing.yaml"] = "entity: thing\nfields: { a: { type: txt } }\n"
    let (plans, diagnostics) = try plan(files, ["things"])
    #expect(plans.isEmpty)
    #expect(diagnostics.map(\.position?.file) == ["Pipelines/schema/thing.yaml"])
  }

  @Test("points at a variable that the environment does not have")
  func variable() throws {
    var files = files
    files["things.yaml"] = files["things.yaml"]?.replacing("INBOX", with: "OUTBOX")
    let (plans, diagnostics) = try plan(files)
    #expect(plans.isEmpty)
    #expect(diagnostics.map(\.id) == ["reference.missing-variable"])
    #expect(diagnostics.first?.position?.description == "Pipelines/things.yaml:2:26")
  }
}
