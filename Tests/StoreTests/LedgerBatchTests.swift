// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records
import Testing

@testable import Store

@Suite struct LedgerBatchTests {
  let fixture: LedgerFixture
  var ledger: Ledger { fixture.ledger }
  init() throws { fixture = try LedgerFixture() }

  @Test("keeps everything it was told of a batch")
  func roundTrip() throws {
    let row = BatchRow(
      id: "B1", run: "R1", pipeline: "p", status: .failed, fault: .ours, origin: "o", name: "trang 1",
      request: ["trang": "1"], response: ["status": "200"], digest: "d", bytes: 5, landedAt: 6,
      landingDate: "2026-11-22", checkpoint: "{}", attempt: 2, planDigest: "p", declared: 7,
      filled: ["a.b": 1], error: ErrorRow(id: "x.y", message: "m", where: "w", help: "h", exit: 74))
    try ledger.land(row)
    #expect(try ledger.batch("B1") == row)
  }

  @Test("knows a payload by pipeline, origin and digest")
  func known() throws {
    let batch = try fixture.land(digest: "d1")
    #expect(try ledger.knownBatch(pipeline: "public_assets", origin: "in/a.xml", digest: "d1")?.id == batch)
    #expect(try ledger.knownBatch(pipeline: "public_assets", origin: "in/b.xml", digest: "d1") == nil)
    #expect(try ledger.knownBatch(pipeline: "pupils", origin: "in/a.xml", digest: "d1") == nil)
    #expect(try ledger.isReferenced(digest: "d1") && !ledger.isReferenced(digest: "d2"))
  }

  @Test("tells the newest batch of an origin, but for superseded ones")
  func newest() throws {
    let first = try fixture.land(digest: "d1")
    let second = try fixture.land(digest: "d2")
    #expect(try ledger.newestBatch(pipeline: "public_assets", origin: "in/a.xml")?.id == second)
    try ledger.supersede(batches: [second])
    #expect(try ledger.newestBatch(pipeline: "public_assets", origin: "in/a.xml")?.id == first)
    #expect(try ledger.newestBatch(pipeline: "public_assets", origin: "in/b.xml") == nil)
  }

  @Test("settles landed batches and those that failed by our fault first, in landing order")
  func unsettled() throws {
    let batches = try (0..<4).map { try fixture.land(origin: "o\($0)") }
    try fixture.work(batches[0])
    try fixture.work(batches[1], outcome: .failed)
    try ledger.failBatch(
      batches[2], fault: .ours,
      error: ErrorRow(id: "load.disk", message: "m", where: nil, help: "h", exit: 74))
    #expect(try ledger.unsettled(pipeline: "public_assets").map(\.id) == [batches[2], batches[3]])
    #expect(try ledger.failedByData(pipeline: "public_assets").map(\.id) == [batches[1]])
  }

  @Test("names the loaded batches that landed after one, of its pipeline or of several")
  func loadedAfter() throws {
    let batches = try (0..<3).map { try fixture.land(origin: "o\($0)") }
    let other = try fixture.land(pipeline: "pupils", origin: "o9")
    for batch in [batches[0], batches[2], other] { try fixture.work(batch) }
    #expect(try ledger.loadedAfter(batches[0]).map(\.id) == [batches[2]])
    #expect(
      try ledger.loadedAfter(batches[0], pipelines: ["public_assets", "pupils"]).map(\.id) == [
        batches[2], other,
      ])
    #expect(try ledger.loadedAfter("B0") == [])
  }

  @Test("lists batches newest first by pipeline, run and status")
  func listing() throws {
    let batches = try (0..<3).map { try fixture.land(origin: "o\($0)") }
    try fixture.work(batches[1], outcome: .failed)
    #expect(try ledger.batches().map(\.id) == batches.reversed())
    #expect(try ledger.batches(BatchFilter(status: .failed)).map(\.id) == [batches[1]])
    #expect(try ledger.batches(BatchFilter(pipeline: "pupils")) == [])
    #expect(try ledger.batches(BatchFilter(run: "R1", limit: 1)).map(\.id) == [batches[2]])
  }

  @Test("supersedes a failed batch when a newer one of its origin is loaded, and no other")
  func superseding() throws {
    let failed = try fixture.land(digest: "d1")
    try fixture.work(failed, ["k1"], outcome: .failed)
    let elsewhere = try fixture.land(origin: "in/b.xml")
    try fixture.work(elsewhere, ["k2"], outcome: .failed)
    let newer = try fixture.land(digest: "d2")
    try fixture.work(newer)
    #expect(
      try [failed, elsewhere, newer].map { try ledger.batch($0)?.status } == [.superseded, .failed, .loaded])
    #expect(try fixture.listing() == ["superseded k1 1", "open k2 1"])
  }

  @Test("remembers the plan of the newest whole load")
  func planDigest() throws {
    #expect(try ledger.lastLoadedPlanDigest(pipeline: "public_assets") == nil)
    let batch = try fixture.land()
    try fixture.work(batch, ["k1"], plan: "p1")
    try fixture.work(batch, [], resolved: ["k1"], isWhole: false, plan: "p2")
    try fixture.work(try fixture.land(origin: "o2"), outcome: .failed, plan: "p3")
    #expect(try ledger.lastLoadedPlanDigest(pipeline: "public_assets") == "p1")
    #expect(try ledger.batch(batch)?.planDigest == "p1")
  }

  @Test("moves the checkpoint with the attempt that settles its batch")
  func checkpoint() throws {
    let batch = try fixture.land(checkpoint: "{\"page\":2}")
    #expect(try ledger.checkpoint(pipeline: "public_assets") == nil)
    try fixture.work(batch, checkpoint: "{\"page\":2}")
    #expect(try ledger.checkpoint(pipeline: "public_assets") == "{\"page\":2}")
    try ledger.advanceCheckpoint("{\"page\":3}", pipeline: "public_assets")
    #expect(try ledger.checkpoint(pipeline: "public_assets") == "{\"page\":3}")
  }
}

@Suite struct LedgerAttemptTests {
  let fixture: LedgerFixture
  var ledger: Ledger { fixture.ledger }
  init() throws { fixture = try LedgerFixture() }

  @Test("numbers attempts from 1 and keeps each")
  func numbers() throws {
    let batch = try fixture.land()
    #expect(try ledger.nextAttempt(batch: batch) == 1)
    #expect(try [fixture.work(batch, outcome: .failed), fixture.work(batch)] == [1, 2])
    #expect(try ledger.nextAttempt(batch: batch) == 3)
    #expect(try ledger.attempts(batch: batch).map(\.outcome) == [.failed, .committed])
    #expect(try ledger.lastCommittedAttempt(batch)?.number == 2)
    #expect(try ledger.batch(batch)?.attempt == 2)
  }

  @Test("gives back how a prepared attempt was to be closed, as the next process needs it")
  func prepared() throws {
    let batch = try fixture.land()
    try ledger.addFindings([fixture.finding(batch, 1, "k1")])
    let row = AttemptRow(
      batch: batch, number: 1, run: "R1", kind: .run, planDigest: "p", decodeDigest: "d", startedAt: 3)
    let closing = fixture.closing(batch, 1, resolved: ["k9"], checkpoint: "{}")
    try ledger.prepareAttempt(row, closing: closing)
    let next = try Ledger(home: fixture.temporary.home)
    let found = try next.preparedAttempts(pipeline: "public_assets")
    #expect(found.map(\.0) == [row] && found.map(\.1) == [closing])
    #expect(try next.openAttempts(pipeline: "public_assets") == [row])
    #expect(try next.preparedAttempts(pipeline: "pupils").isEmpty)
    try next.closeAttempt(closing)
    #expect(try next.preparedAttempts(pipeline: "public_assets").isEmpty)
    #expect(try fixture.listing() == ["open k1 1"])
  }

  @Test("changes nothing when an attempt is closed a second time")
  func idempotent() throws {
    let batch = try fixture.land()
    let attempt = try fixture.work(batch, ["k1"], checkpoint: "1")
    try ledger.setCheckpoint("2", pipeline: "public_assets")
    try ledger.closeAttempt(fixture.closing(batch, attempt, .failed, checkpoint: "1"))
    #expect(try ledger.batch(batch)?.status == .loaded)
    #expect(try ledger.checkpoint(pipeline: "public_assets") == "2")
    #expect(try fixture.listing() == ["open k1 1"])
  }

  @Test("gives up a failed batch alone, and lets the checkpoint move past it")
  func waived() throws {
    let first = try fixture.land(checkpoint: "1")
    let second = try fixture.land(origin: "in/b.xml", checkpoint: "2")
    #expect(try !ledger.waive(batch: first))
    try fixture.work(first, ["k1"], outcome: .failed)
    try fixture.work(second)
    #expect(try ledger.checkpoint(pipeline: "public_assets") == nil)
    #expect(try ledger.waive(batch: first, by: "lan"))
    #expect(try !ledger.waive(batch: second) && !ledger.waive(batch: "B0"))
    #expect(try ledger.batches().map(\.status) == [.loaded, .waived])
    #expect(try ledger.checkpoint(pipeline: "public_assets") == "2")
    #expect(try fixture.listing() == ["waived k1 1"])
  }

  @Test("forgets an abandoned attempt and what it found, and leaves the batch as it was")
  func abandoned() throws {
    let batch = try fixture.land()
    let attempt = try ledger.openAttempt(
      batch: batch, kind: .run, run: "R1", planDigest: "p", decodeDigest: "d", at: 1)
    try ledger.addFindings([fixture.finding(batch, attempt, "k1")])
    try ledger.abandonAttempt(batch: batch, number: attempt)
    #expect(try ledger.attempts(batch: batch) == [] && ledger.nextAttempt(batch: batch) == 1)
    try fixture.work(batch, outcome: .abandoned)
    #expect(try ledger.batch(batch)?.status == .landed)
    #expect(try fixture.listing() == [])
  }

  @Test("does not abandon an attempt that is closed")
  func abandonedLate() throws {
    let batch = try fixture.land()
    try ledger.abandonAttempt(batch: batch, number: try fixture.work(batch))
    #expect(try ledger.lastCommittedAttempt(batch)?.number == 1)
  }

  @Test("refuses to close what was never opened, as a bug")
  func neverOpened() throws {
    let batch = try fixture.land()
    #expect(failure { try ledger.closeAttempt(fixture.closing(batch, 1)) }?.exit == .bug)
  }

  @Test("adds the outcome of replayed rejects to the batch's counters, which stay balanced")
  func replayedRejects() throws {
    func counters(read: Int, inserted: Int = 0, rejected: Int = 0) -> Counters {
      var counters = Counters()
      counters.read = read
      counters.inserted = inserted
      counters.rejected = rejected
      return counters
    }
    let batch = try fixture.land()
    for (kind, closing) in [
      (
        AttemptRow.Kind.run,
        fixture.closing(batch, 1, counters: counters(read: 100, inserted: 92, rejected: 8))
      ),
      (
        .rejects,
        fixture.closing(batch, 2, isWhole: false, counters: counters(read: 8, inserted: 5, rejected: 3))
      ),
    ] {
      _ = try ledger.openAttempt(
        batch: batch, kind: kind, run: "R1", planDigest: "p", decodeDigest: "d", at: 1)
      try ledger.closeAttempt(closing)
    }
    #expect(try ledger.batch(batch)?.counters == counters(read: 100, inserted: 97, rejected: 3))
    #expect(try ledger.attempts(batch: batch)[1].counters == counters(read: 8, inserted: 5, rejected: 3))
  }
}
