// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records
import Testing

@testable import Store

@Suite struct LedgerRejectTests {
  let fixture: LedgerFixture
  var ledger: Ledger { fixture.ledger }
  init() throws { fixture = try LedgerFixture() }

  @Test("shows nothing of an attempt before it is closed, also when its batch is not written down yet")
  func invisible() throws {
    let id = try ledger.newBatchID()
    try ledger.addFindings([fixture.finding(id, 1, "k1")])
    _ = try fixture.land(id)
    #expect(try ledger.rejects(RejectFilter(status: nil)) == [])
    try fixture.work(id)
    #expect(try fixture.listing() == ["open k1 1"])
  }

  @Test("keeps everything it was told of a reject")
  func roundTrip() throws {
    let batch = try fixture.land()
    var row = fixture.finding(batch, 1, "k1", value: "tab\t\"quote\" \\ \u{1} ẵ 😀")
    row.failures.append(
      FailureRow(
        rule: "required", field: "name", value: nil, message: "m", ruleAt: "p.yaml:1:2", personal: "basic"))
    try ledger.addFindings([row])
    try fixture.work(batch)
    row.id = "J1"
    #expect(try ledger.reject("J1") == row)
    #expect(try ledger.rejects() == [row])
  }

  @Test("counts a reject that is met again, keeps its id and points to the newest place")
  func metAgain() throws {
    try fixture.work(try fixture.land(origin: "page 1"), ["k0", "k1"])
    let newer = try fixture.land(origin: "page 2")
    try fixture.work(newer, ["k1"])
    let reject = try #require(try ledger.reject("J2"))
    #expect(reject.seen == 2 && reject.batch == newer && reject.record == 1 && reject.attempt == 1)
    #expect(try fixture.listing() == ["open k0 1", "open k1 2"])
  }

  @Test("leaves a reject with the newer batch when an older one is replayed")
  func oldReplay() throws {
    let old = try fixture.land(origin: "page 1")
    try fixture.work(old, ["k1"])
    let newer = try fixture.land(origin: "page 2")
    try fixture.work(newer, ["k1"])
    try fixture.work(old, ["k1"])
    #expect(try ledger.reject("J1")?.batch == newer)
    try fixture.work(old, [], resolved: ["k1"])
    #expect(try fixture.listing() == ["open k1 3"])
  }

  @Test("keeps each of several records of one identity in a payload")
  func sameIdentityTwice() throws {
    let batch = try fixture.land()
    try fixture.work(batch, ["k1", "k1"])
    #expect(try fixture.listing() == ["open k1 1", "open k1 1"])
    #expect(try ledger.recordsKeptOut(ofBatch: batch) == [1, 2])
    try fixture.work(batch, ["k1", "k1"])
    #expect(try fixture.listing() == ["open k1 2", "open k1 2"])
    try fixture.work(try fixture.land(origin: "o2"), resolved: ["k1"])
    #expect(try fixture.listing() == ["resolved k1 2", "resolved k1 2"])
  }

  @Test("resolves what a replay of the whole batch no longer meets, with its notes")
  func wholeReplay() throws {
    let batch = try fixture.land()
    _ = try ledger.openAttempt(batch: batch, kind: .run, run: "R1", planDigest: "p", decodeDigest: "d", at: 1)
    try ledger.addFindings([
      fixture.finding(batch, 1, "k1"), fixture.finding(batch, 1, "k2", record: 2),
      fixture.finding(batch, 1, "k3", record: 3, isNote: true),
    ])
    try ledger.closeAttempt(fixture.closing(batch, 1))
    try fixture.work(batch, ["k2"])
    #expect(try fixture.listing() == ["resolved k1 1", "open k2 2", "resolved k3 1"])
  }

  @Test("resolves only what was loaded when single rejects are replayed")
  func rejectsReplay() throws {
    let batch = try fixture.land()
    try fixture.work(batch, ["k1", "k2", "k3"])
    try fixture.work(batch, ["k2"], resolved: ["k1"], isWhole: false)
    #expect(try fixture.listing() == ["resolved k1 1", "open k2 2", "open k3 1"])
  }

  @Test("opens a new reject when a resolved one comes back")
  func comesBack() throws {
    let batch = try fixture.land()
    try fixture.work(batch, ["k1"])
    try fixture.work(try fixture.land(origin: "o2"), resolved: ["k1"])
    try fixture.work(try fixture.land(origin: "o3"), ["k1"])
    #expect(try fixture.listing() == ["resolved k1 1", "open k1 1"])
  }

  @Test("replaces the rejects of earlier attempts by those of a failed one, as evidence")
  func failedAttempt() throws {
    let batch = try fixture.land()
    try fixture.work(batch, ["k1", "k2"], outcome: .failed)
    try fixture.work(batch, ["k2", "k3"], outcome: .failed, resolved: ["k1"])
    #expect(try fixture.listing() == ["superseded k1 1", "open k2 2", "open k3 1"])
  }

  @Test("supersedes the rejects of a failed payload when a newer one of its origin loads")
  func newerPayload() throws {
    try fixture.work(try fixture.land(digest: "d1"), ["k1", "k2"], outcome: .failed)
    try fixture.work(try fixture.land(digest: "d2"), ["k2"])
    #expect(try fixture.listing() == ["superseded k1 1", "open k2 2"])
  }

  @Test("keeps the rejects of a loaded payload open when a newer one does not hold their records")
  func delta() throws {
    try fixture.work(try fixture.land(digest: "d1"), ["k1", "k2"])
    try fixture.work(try fixture.land(digest: "d2"), ["k2"])
    #expect(try fixture.listing() == ["open k1 1", "open k2 2"])
  }

  @Test("tells notes from rejects")
  func notes() throws {
    let batch = try fixture.land()
    try ledger.addFindings([fixture.finding(batch, 1, "k1"), fixture.finding(batch, 1, "k1", isNote: true)])
    try fixture.work(batch)
    #expect(try fixture.listing(notes: true).count == 1 && fixture.listing(notes: false).count == 1)
    #expect(try ledger.openRejectIdentities(pipeline: "public_assets") == ["k1"])
    #expect(try ledger.openRejectIdentities(pipeline: "pupils") == [])
    #expect(try ledger.recordsKeptOut(ofBatch: batch) == [1])
  }

  @Test("keeps a waived reject waived while it is met exactly as it was")
  func waived() throws {
    try fixture.work(try fixture.land(origin: "o1"), ["k1"])
    #expect(try ledger.waive("J1", by: "lan", reason: "known") && !ledger.waive("J1"))
    #expect(try !ledger.waive("J7") && !ledger.waive("x"))
    try fixture.work(try fixture.land(origin: "o2"), ["k1"])
    #expect(try fixture.listing() == ["waived k1 2"])
    let batch = try fixture.land(origin: "o3")
    try ledger.addFindings([fixture.finding(batch, 1, "k1", rule: "pattern")])
    try fixture.work(batch)
    #expect(try fixture.listing() == ["waived k1 2", "open k1 1"])
    #expect(
      try ledger.actions().map { "\($0.who) \($0.what) \($0.subject) \($0.detail)" } == ["lan waive J1 known"]
    )
  }

  @Test("groups rejects by rule and field")
  func causes() throws {
    let batch = try fixture.land()
    try ledger.addFindings([
      fixture.finding(batch, 1, "k1"), fixture.finding(batch, 1, "k2", rule: "pattern"),
      fixture.finding(batch, 1, "k3"),
    ])
    try fixture.work(batch)
    let causes = try ledger.rejectCauses()
    #expect(
      causes.map { "\($0.rule) \($0.field) \($0.records) \($0.example)" } == [
        "type.date in_use_from 2 J1", "pattern in_use_from 1 J2",
      ])
    #expect(try ledger.rejects(RejectFilter(cause: "pattern")).map(\.id) == ["J2"])
    #expect(try ledger.rejects(RejectFilter(cause: "type.date in_use_from")).map(\.id) == ["J1", "J3"])
    #expect(try ledger.rejects(RejectFilter(cause: "type.date name")) == [])
    #expect(try ledger.rejects(RejectFilter(batch: batch, limit: 1)).map(\.id) == ["J1"])
  }

  @Test("drops findings that no attempt owns, and those of another pass")
  func orphans() throws {
    let batch = try fixture.land()
    try ledger.addFindings([fixture.finding(batch, 1, "lost")])
    let kept = try fixture.land(origin: "o2")
    _ = try ledger.openAttempt(batch: kept, kind: .run, run: "R1", planDigest: "p", decodeDigest: "d", at: 1)
    try ledger.addFindings([fixture.finding(kept, 1, "kept")])
    try ledger.discardOrphanFindings(pipeline: "pupils")
    try ledger.discardOrphanFindings(pipeline: "public_assets")
    try fixture.work(batch)
    try ledger.closeAttempt(fixture.closing(kept, 1))
    #expect(try fixture.listing() == ["open kept 1"])
    try ledger.addFindings([fixture.finding(batch, 2, "first pass")])
    try ledger.discardFindings(batch: batch, attempt: 2)
    try fixture.work(batch, ["second pass"])
    #expect(try fixture.listing(.open) == ["open kept 1", "open second pass 1"])
  }
}
