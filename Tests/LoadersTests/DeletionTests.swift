// SPDX-License-Identifier: Apache-2.0

import Components
import PipelineTesting
import Records
import Testing

@testable import Loaders

@Suite("Deletions")
struct DeletionTests {
  private func bench(_ version: String? = "rev") throws -> Bench {
    var kind = Bench.assetWithChildren
    kind.announcesDeletions = true
    return try Bench(.merge, version: version, kind)
  }

  private func gone(_ line: String) -> [[TestRecord]] {
    [[TestRecord(line, children: [[], []], fate: .deletion)]]
  }

  private func live(_ line: String) -> [[TestRecord]] { [[TestRecord(line, children: [[], []])]] }

  private func rows(_ bench: Bench) throws -> [String] {
    try bench.center.rows("SELECT code, name, rev, _deleted_at IS NOT NULL, _batch FROM asset ORDER BY code")
  }

  @Test("marks the row, with the version and batch of the announcement, and leaves its values")
  func marks() throws {
    let bench = try bench()
    try bench.load(live("A | Bàn | 1"))
    #expect(try bench.load(gone("A | - | 2")).counted == "deleted 1")
    #expect(try rows(bench) == ["A | Bàn | 2 | 1 | B2"])
  }

  @Test("is unchanged when it is announced again, and stale when the row is newer")
  func again() throws {
    let bench = try bench()
    try bench.load(live("A | Bàn | 3"))
    #expect(try bench.load(gone("A | - | 2")).counted == "stale 1")
    #expect(try bench.load(gone("A | - | 4")).counted == "deleted 1")
    #expect(try bench.load(gone("A | - | 4")).counted == "unchanged 1")
    #expect(try rows(bench) == ["A | Bàn | 4 | 1 | B3"])
  }

  @Test("takes the mark away when a newer state comes, also the same one")
  func back() throws {
    let bench = try bench()
    try bench.load(live("A | Bàn | 1"))
    try bench.load(gone("A | - | 2"))
    #expect(try bench.load(live("A | Bàn | 2")).counted == "updated 1")
    #expect(try rows(bench) == ["A | Bàn | 2 | 0 | B3"])
  }

  @Test("knows an older state that comes behind the deletion, also of a row that never stood")
  func tombstone() throws {
    let bench = try bench()
    #expect(try bench.load(gone("A | - | 5")).counted == "deleted 1")
    #expect(try bench.load(live("A | Bàn | 4")).counted == "stale 1")
    #expect(try bench.load(live("A | Bàn | 5"), as: bench.batch("B1", isReplay: true)).counted == "updated 1")
    #expect(try rows(bench) == ["A | Bàn | 5 | 0 | B1"])
  }

  @Test("leaves nothing behind of a row that never stood where there is no version")
  func noVersion() throws {
    let bench = try bench(nil)
    #expect(try bench.load(gone("A | - | 5")).counted == "unchanged 1")
    #expect(try rows(bench) == [])
    try bench.load(live("A | Bàn | 1"))
    #expect(try bench.load(gone("A | - | -")).counted == "deleted 1")
    #expect(try rows(bench) == ["A | Bàn | 1 | 1 | B3"])
    var older = bench.batch("B2", isReplay: true)
    older.newerKeys = { _ in true }
    #expect(try bench.load(live("A | Bàn | 1"), as: older).counted == "stale 1")
  }

  @Test("settles a record and a deletion of one key within a batch by version, then by order")
  func withinBatch() throws {
    let bench = try bench()
    func both(_ first: TestRecord, _ second: TestRecord) throws -> String {
      try bench.load([[first], [second]]).counted
    }
    let (a, gone) = (live("A | x | 1")[0][0], self.gone("A | - | 2")[0][0])
    #expect(try both(a, gone) == "duplicate 1 deleted 1")
    #expect(try rows(bench) == ["A | NULL | 2 | 1 | B1"])
    let b = live("A | y | 3")[0][0]
    #expect(try both(self.gone("A | - | 3")[0][0], b) == "updated 1 duplicate 1")
    #expect(try both(live("A | z | 9")[0][0], self.gone("A | - | 4")[0][0]) == "updated 1 duplicate 1")
    #expect(try rows(bench) == ["A | z | 9 | 0 | B3"])
  }

  @Test("looks at nothing of the announcement but its key")
  func keyOnly() throws {
    let bench = try bench()
    #expect(try bench.load(gone("- | x | 2")).counted == "rejected 1")
    let plain = try Bench(.append)
    #expect(try plain.load([[TestRecord("A | x | 1", fate: .deletion)]]).findings == ["1 reject deletion "])
  }

  @Test("a pipeline that knows no deletions brings a row back, and one that does extends the table")
  func otherPipeline() throws {
    let plain = try Bench(.merge, version: "rev", Bench.asset)
    try plain.load("A | Bàn | 1")
    var kind = Bench.asset
    kind.announcesDeletions = true
    let marking = try Bench(.merge, version: "rev", pipeline: "others", kind, in: plain.center)
    #expect(try marking.load([[TestRecord("A | - | 2", fate: .deletion)]]).counted == "deleted 1")
    #expect(try plain.load("A | Bàn | 3").counted == "updated 1")
    #expect(try rows(plain) == ["A | Bàn | 3 | 0 | B2"])
  }

  @Test("says in a dry run what would be marked, and writes nothing")
  func dryRun() throws {
    let bench = try bench()
    try bench.load(live("A | Bàn | 1"))
    let outcome = try bench.load(gone("A | - | 2"), as: bench.batch(isDryRun: true))
    #expect(outcome.changes.map(\.outcome) == ["deleted"] && outcome.counted == "deleted 1")
    #expect(try rows(bench) == ["A | Bàn | 1 | 0 | B1"])
  }
}
