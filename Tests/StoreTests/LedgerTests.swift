// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import GRDB
import Records
import Synchronization
import Testing

@testable import Store

@Suite struct LedgerIDTests {
  @Test("gives ids that sort in the order they were made, even when the clock steps back")
  func monotone() throws {
    let temporary = try TemporaryHome()
    let times = Mutex<[Int64]>([
      1_800_000_000_000, 1_800_000_000_000, 1_700_000_000_000, 0, -5, 1_900_000_000_000,
    ])
    let ledger = try Ledger(home: temporary.home) {
      times.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
    }
    let ids = try (0..<10).map { _ in try ledger.newBatchID() }
    #expect(ids == ids.sorted() && Set(ids).count == 10)
    #expect(ids.allSatisfy { $0.hasPrefix("B") && $0.utf8.count == 16 })
  }

  @Test("gives ids above the newest stored one to another process whose clock is behind")
  func monotoneAcrossProcesses() throws {
    let first = try LedgerFixture()
    let stored = try first.land()
    let other = try Ledger(home: first.temporary.home) { 1000 }
    let ids = try (0..<50).map { _ in try other.newBatchID() }
    #expect(ids == ids.sorted() && ids[0] > stored)
  }

  @Test("counts rejects in short ids")
  func rejectIDs() throws {
    let fixture = try LedgerFixture()
    let batch = try fixture.land()
    try fixture.work(batch, (1...40).map { "k\($0)" })
    let ids = try fixture.ledger.rejects().map(\.id)
    #expect(ids.prefix(2) == ["J1", "J2"] && ids.last == "J18")
    #expect(try fixture.ledger.reject("J18")?.identity == "k40")
  }
}

@Suite struct LedgerRunTests {
  let fixture: LedgerFixture
  var ledger: Ledger { fixture.ledger }
  init() throws { fixture = try LedgerFixture() }

  @Test("keeps everything it was told of a run")
  func roundTrip() throws {
    var counters = Counters()
    counters.read = 10
    counters.inserted = 10
    var run = RunRow(id: try ledger.newRunID(), pipeline: "p", startedAt: 5, planDigest: "d")
    try ledger.startRun(run)
    #expect(try ledger.run(run.id) == run)
    #expect(try ledger.unfinishedRuns(pipeline: "p").map(\.id) == [run.id])
    run.status = .failed
    run.endedAt = 9
    run.exit = 65
    run.error = ErrorRow(id: "a.b", message: "\"quoted\"\nline", where: "f:1:2", help: "h", exit: 65)
    run.declared = 11
    run.bytes = 1 << 40
    run.counters = counters
    run.filled = ["a.b": 3]
    try ledger.finishRun(run)
    #expect(try ledger.run(run.id) == run)
    #expect(try ledger.unfinishedRuns(pipeline: "p") == [])
  }

  @Test("lists runs newest first, of one pipeline or of all")
  func listing() throws {
    let ids = try ["a", "b", "a"].map { pipeline in
      let id = try ledger.newRunID()
      try ledger.startRun(RunRow(id: id, pipeline: pipeline, startedAt: 0, planDigest: ""))
      return id
    }
    #expect(try ledger.runs().map(\.id) == ids.reversed())
    #expect(try ledger.runs(limit: 1, pipeline: "a").map(\.id) == [ids[2]])
    #expect(try ledger.find("last") == .run(try #require(try ledger.run(ids[2]))))
  }

  @Test("says how each pipeline stands")
  func summaries() throws {
    let batch = try fixture.land()
    try fixture.work(batch, ["k1", "k2"], outcome: .failed)
    for (status, ended) in [(RunRow.Status.loaded, Int64(100)), (.unchanged, 200), (.failed, 300)] {
      let id = try ledger.newRunID()
      try ledger.startRun(RunRow(id: id, pipeline: "public_assets", startedAt: 0, planDigest: ""))
      try ledger.finishRun(
        id, status: status, exit: 0, error: nil, counters: Counters(), declared: nil, bytes: 0, filled: [:],
        at: ended)
    }
    let summary = try #require(try ledger.summaries().first)
    #expect(summary.pipeline == "public_assets" && summary.lastSuccessAt == 200)
    #expect(summary.openRejects == 2 && summary.openNotes == 0 && summary.failedBatches == 1)
    #expect(summary.lastRun?.status == .failed)
  }
}

@Suite struct LedgerFindingTests {
  let fixture: LedgerFixture
  var ledger: Ledger { fixture.ledger }
  init() throws { fixture = try LedgerFixture() }

  @Test("finds an entry by its id, by a prefix that only it has, and in small letters")
  func prefix() throws {
    let old = try fixture.land("B000000000000001")
    let new = try fixture.land("B000000000000012")
    #expect(try ledger.find(new) == .batch(try #require(try ledger.batch(new))))
    #expect(try ledger.find("b000000000000001") == .batch(try #require(try ledger.batch(old))))
    #expect(try ledger.find("boooooooooooooi2") == .batch(try #require(try ledger.batch(new))))
    #expect(try ledger.find("B0000") == .ambiguous([old, new]))
    #expect(try ledger.find("B9") == .unknown)
    for text in ["", "X1", "J", "R", "JJ1", "'; DROP TABLE run;--"] {
      #expect(try ledger.find(text) == .unknown)
    }
  }

  @Test("finds a reject by its id first and then by prefix")
  func rejectPrefix() throws {
    try fixture.work(try fixture.land(), (1...70).map { "k\($0)" })
    #expect(try ledger.find("J1") == .reject(try #require(try ledger.reject("J1"))))
    #expect(try ledger.find("j26") == .reject(try #require(try ledger.reject("J26"))))
    #expect(try ledger.find("J99") == .unknown)
  }
}

@Suite struct LedgerFileTests {
  @Test("opens with a write-ahead log and full synchronisation, for its owner only")
  func settings() throws {
    let fixture = try LedgerFixture()
    let settings = try fixture.ledger.queue.read { db in
      [
        try String.fetchOne(db, sql: "PRAGMA journal_mode"),
        try String.fetchOne(db, sql: "PRAGMA synchronous"),
      ]
    }
    #expect(settings == ["wal", "2"])
    for suffix in ["", "-wal"] {
      let mode = try FileManager.default.attributesOfItem(atPath: fixture.ledger.path + suffix)[
        .posixPermissions]
      #expect(mode as? Int == 0o600)
    }
  }

  @Test("refuses a file that a newer program wrote, and leaves it as it is")
  func newer() throws {
    let fixture = try LedgerFixture()
    try fixture.ledger.queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99')") }
    try fixture.ledger.close()
    let found = failure { _ = try Ledger(home: fixture.temporary.home) }
    #expect(found?.id == "store.ledger-newer" && found?.exit == .files)
  }

  @Test("says that a file is damaged, whichever page it is", arguments: 0..<12)
  func damaged(seed: Int) throws {
    let fixture = try LedgerFixture()
    for number in 0..<30 { try fixture.work(try fixture.land(), ["k\(number)"]) }
    let path = fixture.ledger.path
    try fixture.ledger.close()
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    // The head of a page says how its cells lie: overwritten, no cell can be read.
    let page = seed % (bytes.count / 4096)
    for index in 0..<64 { bytes[page * 4096 + index + (page == 0 ? 100 : 0)] = 0xFF }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let found = failure { _ = try Ledger(home: fixture.temporary.home) }
    #expect(found?.id == "store.ledger-damaged" && found?.exit == .storage, "page \(page)")
  }

  @Test("says that a file is damaged when it was cut or is something else", arguments: [10, 100, 4096, 9000])
  func cut(length: Int) throws {
    let fixture = try LedgerFixture()
    try fixture.ledger.close()
    let url = URL(fileURLWithPath: fixture.ledger.path)
    let good = try Data(contentsOf: url)
    for bytes in [good.prefix(length), Data(repeating: 7, count: length)] {
      try bytes.write(to: url)
      #expect(failure { _ = try Ledger(home: fixture.temporary.home) }?.id == "store.ledger-damaged")
    }
  }

  @Test("does not take an emptied ledger for a new one when payloads were landed")
  func emptied() throws {
    let fixture = try LedgerFixture()
    try fixture.ledger.close()
    _ = try LandingZone(home: fixture.temporary.home).land([1])
    try Data().write(to: URL(fileURLWithPath: fixture.ledger.path))
    #expect(failure { _ = try Ledger(home: fixture.temporary.home) }?.id == "store.ledger-damaged")
  }

  @Test("goes on from what another handle committed, and lets both write")
  func twoHandles() throws {
    let first = try LedgerFixture()
    let second = try Ledger(home: first.temporary.home)
    let ids = try (0..<20).map { index in
      let batch = try first.land(origin: "o\(index)")
      #expect(try second.batch(batch)?.status == .landed)
      let attempt = try second.openAttempt(
        batch: batch, kind: .run, run: "R1", planDigest: "p", decodeDigest: "d", at: 1)
      try first.ledger.closeAttempt(first.closing(batch, attempt))
      return batch
    }
    #expect(try second.batches(BatchFilter(status: .loaded)).map(\.id) == ids.reversed())
  }

  @Test("can be opened by many at once, also the first time")
  func openedAtOnce() throws {
    let temporary = try TemporaryHome()
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 8) { number in
      do {
        let ledger = try Ledger(home: temporary.home)
        try ledger.startRun(
          RunRow(id: try ledger.newRunID(), pipeline: "p\(number)", startedAt: 0, planDigest: ""))
      } catch { failures.withLock { $0.append("\(error)") } }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(try Ledger(home: temporary.home).runs().count == 8)
  }

  @Test("keeps a record of actions to which nothing can be done unnoticed")
  func actions() throws {
    let ledger = try LedgerFixture().ledger
    try ledger.setCheckpoint("{\"trang\":3}", pipeline: "p", by: "lan", at: 10)
    try ledger.clearCheckpoint(pipeline: "p", by: "lan", at: 11)
    try ledger.recordAction(ActionRow(at: 12, who: "hoa", what: "reveal", subject: "J1"))
    #expect(
      try ledger.actions().map { "\($0.at) \($0.who) \($0.what) \($0.subject) \($0.detail)" } == [
        "10 lan checkpoint-set p {\"trang\":3}", "11 lan checkpoint-reset p {\"trang\":3}",
        "12 hoa reveal J1 ",
      ])
    #expect(try ledger.firstTamperedAction() == nil)
    #expect(try ledger.checkpoint(pipeline: "p") == nil)
    for change in [
      "SET who = 'x' WHERE number = 2", "SET detail = '' WHERE number = 1", "SET at = 13 WHERE number = 3",
    ] {
      try ledger.queue.inDatabase { db in
        try db.inTransaction {
          try db.execute(sql: "UPDATE action \(change)")
          #expect(try Ledger.firstTampered(db) == Int(change.suffix(1)))
          return .rollback
        }
      }
    }
    try ledger.queue.write { try $0.execute(sql: "DELETE FROM action WHERE number = 2") }
    #expect(try ledger.firstTamperedAction() == 2)
  }
}
