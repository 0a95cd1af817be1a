// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Records
import Testing

@testable import PipelineFiles

/// What every file in `Pipelines/` owes to those whose data it moves.
@Suite("Shipped files")
struct ShippedFilesTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let folder = PipelineFolder(
    root.appending(path: "Pipelines").path(),
    resolver: ReferenceResolver(environment: [:], secretsFolder: nil))

  private static func readsCenter(_ text: String) -> Bool { text.contains("extract:\n  center:") }

  private static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path())
  }

  @Test("there are pipelines and entities to look at")
  func some() {
    #expect(Self.folder.pipelines.count >= 9 && Self.folder.schema.entities.count >= 15)
  }

  @Test(
    "each pipeline names its agreement, its purpose and its law", arguments: folder.pipelines.map(\.name))
  func agreement(_ file: String) throws {
    let source = try #require(Self.folder.pipelines.first { $0.name == file }?.source)
    let text = source.text
    // What is read from the center came under agreements of its own, and no sample of it is sent by anybody.
    if Self.readsCenter(text) { return }
    for key in ["owner: ", "purpose: ", "legal_basis: ", "agreement: { number: ", "valid_to: ", "contact: "] {
      #expect(text.contains(key), "\(file) has no \(key)")
    }
  }

  @Test("each pipeline has a test file and samples", arguments: folder.pipelines.map(\.name))
  func tests(_ pipeline: String) throws {
    #expect(Self.exists("Pipelines/\(pipeline).test.yaml"))
    let source = try #require(Self.folder.pipelines.first { $0.name == pipeline }?.source)
    #expect(Self.exists("Samples/\(pipeline)") || Self.readsCenter(source.text))
  }

  /// Words of field names by the class that Decree 13/2023/NĐ-CP, Article 2 gives to what they name.
  private static let basic = [
    "full_name", "other_name", "born", "sex", "personal_number", "card_number", "phone", "guardian", "leader",
    "signer", "representative",
  ]
  private static let sensitive = ["ethnic_group", "religion", "party_", "disability"]
  /// Entities about areas, not about people.
  private static let statistics: Set = ["ethnic_observation"]

  @Test("what names or describes a person is classed", arguments: folder.schema.entities.keys.sorted())
  func classes(_ name: String) throws {
    let entity = try #require(Self.folder.schema.entities[name])
    guard !Self.statistics.contains(name) else { return }
    let isPerson = entity.fields.contains { $0.name.hasSuffix("full_name") }
    for field in entity.fields where isPerson || field.name != "phone" {
      if Self.sensitive.contains(where: field.name.contains) {
        #expect(field.personal == .sensitive, "\(name).\(field.name)")
      } else if Self.basic.contains(where: field.name.contains) {
        #expect(field.personal != .none, "\(name).\(field.name)")
      }
    }
  }

  @Test("each code list says where it is from", arguments: folder.lists.keys.sorted())
  func sources(_ list: String) throws {
    let head = try String(
      contentsOf: Self.root.appending(path: "Pipelines/codelists/\(list).yaml"), encoding: .utf8)
    #expect(head.contains("source:") && head.contains("title:"))
  }
}
