// SPDX-License-Identifier: Apache-2.0

import Components
import PipelineTesting
import Records
import Testing

@testable import Loaders

/// A document's content, and whether it was recalled: two kinds of record that write parts of one row.
@Suite("Parts of a row with versions of their own")
struct OwnVersionTests {
  private static let document = EntitySchema(
    name: "document", key: ["code"],
    fields: [
      EntityField(name: "code", type: .text), EntityField(name: "subject", type: .text),
      EntityField(name: "sent", type: .integer), EntityField(name: "standing", type: .text),
      EntityField(name: "since", type: .integer),
    ])

  private let center = TemporaryCenter()
  private let connection: any LoadConnection
  private let plan: LoadPlan

  init() throws {
    plan = LoadPlan(
      pipeline: "documents", mode: .merge, version: "sent",
      kinds: [
        LoadKind(entity: Self.document, mapped: ["code", "subject", "sent"]),
        LoadKind(entity: Self.document, mapped: ["code", "standing", "since"], ownVersion: "since"),
      ], entities: ["document": Self.document])
    connection = try CenterLoader().connect(center: center.url, plan: plan)
  }

  private enum Line {
    case content(String), standing(String)
  }

  /// Loads records in their order, those of one kind beside each other in one chunk.
  @discardableResult
  private func load(_ batch: String, isReplay: Bool = false, _ lines: Line...) throws -> String {
    let batch = LoadBatch(
      batch: batch, attempt: 1, run: "R1", planDigest: "digest", loadedAt: 1_700_000_000, isReplay: isReplay)
    return try LoadDriver.load(batch, into: connection) {
      lines.enumerated().map { index, line in
        let (kind, text) =
          switch line {
          case .content(let text): (0, text)
          case .standing(let text): (1, text)
          }
        return TableBuilder.chunk(
          [TestRecord(text)], of: plan.kinds[kind], index: kind, firstOrdinal: Int64(index + 1))
      }
    }.counted
  }

  private func rows() throws -> [String] {
    try center.rows("SELECT code, subject, sent, standing, since FROM document ORDER BY code")
  }

  @Test("writes its own fields and leaves the others")
  func apart() throws {
    #expect(try load("B1", .content("A | giao việc | 5")) == "inserted 1")
    #expect(try load("B2", .standing("A | thu hồi | 3")) == "updated 1")
    #expect(try rows() == ["A | giao việc | 5 | thu hồi | 3"])
  }

  @Test("lets what is older than one part, and not than its own, pass")
  func laterContent() throws {
    #expect(try load("B1", .standing("A | thu hồi | 9")) == "inserted 1")
    #expect(try load("B2", .content("A | giao việc | 5")) == "updated 1")
    #expect(try load("B3", .standing("A | hiệu lực | 5")) == "stale 1")
    #expect(try load("B4", .content("A | việc khác | 4")) == "stale 1")
    #expect(try rows() == ["A | giao việc | 5 | thu hồi | 9"])
  }

  @Test("takes records of both parts in one batch, in either order, for no duplicates")
  func oneBatch() throws {
    #expect(
      try load("B1", .content("A | giao | 5"), .standing("A | thu hồi | 9"), .standing("B | thu hồi | 9"))
        == "inserted 2 updated 1")
    #expect(try load("B2", .content("B | họp | 5")) == "updated 1")
    #expect(try rows() == ["A | giao | 5 | thu hồi | 9", "B | họp | 5 | thu hồi | 9"])
  }

  @Test(
    "keeps the other part when a later record of the batch takes the place of the one that inserted the row")
  func beatenInsert() throws {
    #expect(
      try load(
        "B1", .content("A | giao | 5"), .standing("A | thu hồi | 9"), .content("A | giao lại | 6"))
        == "inserted 1 updated 1 duplicate 1")
    #expect(try rows() == ["A | giao lại | 6 | thu hồi | 9"])
  }

  @Test("on equal versions a replay wins where it wrote this part, whoever wrote the other")
  func replay() throws {
    try load("B1", .content("A | giao | 5"))
    try load("B2", .standing("A | thu hồi | 9"))
    #expect(try load("B1", isReplay: true, .content("A | giao việc | 5")) == "updated 1")
    #expect(try load("B2", isReplay: true, .standing("A | thu hồi hẳn | 9")) == "updated 1")
    #expect(try load("B3", isReplay: true, .content("A | khác | 5")) == "stale 1")
    #expect(try load("B3", isReplay: true, .standing("A | khác | 9")) == "stale 1")
    #expect(try rows() == ["A | giao việc | 5 | thu hồi hẳn | 9"])
    #expect(try center.rows("SELECT _batch, _batch_of_since FROM document") == ["B1 | B2"])
  }

  @Test("leaves a deletion's mark, which is of the whole row")
  func mark() throws {
    var marking = plan
    marking.kinds[0].announcesDeletions = true
    let other = try CenterLoader().connect(center: center.url, plan: marking)
    try load("B1", .content("A | giao | 5"))
    _ = try LoadDriver.load(
      LoadBatch(batch: "B2", attempt: 1, run: "R1", planDigest: "digest", loadedAt: 1_700_000_000),
      into: other
    ) {
      [TableBuilder.chunk([TestRecord("A | - | 6", fate: .deletion)], of: marking.kinds[0])]
    }
    #expect(try load("B3", .standing("A | thu hồi | 9")) == "updated 1")
    #expect(try center.rows("SELECT standing, _deleted_at IS NOT NULL FROM document") == ["thu hồi | 1"])
    #expect(try load("B4", .content("A | giao | 7")) == "updated 1")
    #expect(try center.rows("SELECT _deleted_at IS NULL FROM document") == ["1"])
  }
}
