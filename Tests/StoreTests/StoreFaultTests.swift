// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Records
import Testing

@testable import Store

/// Fails at the first durable step, then at the second, … until nothing fails; after each failure the same
/// work is done again without faults and must come to the same end.
@Suite struct StoreFaultTests {
  @Test("lands and settles a payload whichever step fails before it is tried again")
  func everyStep() throws {
    let expected = try outcome(after: nil)
    var faults = 0
    while true {
      let schedule = FailPoint.Schedule(step: "any", hit: faults + 1, action: .error)
      let found = try outcome(after: schedule)
      #expect(found == expected, "fault \(faults + 1)")
      if schedule.hits <= faults { break }
      faults += 1
    }
    #expect(faults > 8, "the loop met only \(faults) steps")
  }

  @Test(
    "leaves no unfinished payload when the disk is full",
    arguments: ["landing.create", "landing.write", "landing.sync"])
  func nothingLeft(step: String) throws {
    let temporary = try TemporaryHome()
    let zone = try LandingZone(home: temporary.home)
    let found = failure {
      try FailPoint.withSchedule(FailPoint.Schedule(step: step, hit: 1, action: .error)) {
        _ = try zone.land([1, 2])
      }
    }
    #expect(found?.id == "store.fault-injected")
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.home.landingPath) == [])
  }

  @Test("calls a full disk by its name", arguments: [ENOSPC, EDQUOT, EFBIG])
  func diskFull(code: Int32) {
    let found = StageFailure.storage("write", "/x", code)
    #expect(found.id == "store.disk-full" && found.exit == .storage && found.state != nil)
  }

  @Test("reports a write that the system refuses, and drops the payload")
  func realDiskFull() throws {
    let file = try StoreFile("/dev/full", O_WRONLY)
    let found = failure { try [UInt8](repeating: 1, count: 10).withUnsafeBytes { try file.write($0) } }
    #expect(found?.id == "store.disk-full")
  }

  @Test("reads what TERRACE_FAILPOINT says, and refuses anything else")
  func schedule() {
    let schedule = FailPoint.Schedule("landing.rename:3:kill")
    #expect(schedule?.step == "landing.rename" && schedule?.hit == 3 && schedule?.action == .kill)
    for text in ["", "any", "any:0:kill", "any:1:burn", ":1:kill", "any:x:error", "a:1:kill:more"] {
      #expect(FailPoint.Schedule(text) == nil)
    }
  }

  @Test("counts only the step it names")
  func named() throws {
    let schedule = FailPoint.Schedule(step: "b", hit: 2, action: .error)
    try FailPoint.withSchedule(schedule) {
      try FailPoint.check("a")
      try FailPoint.check("b")
      #expect(throws: InjectedFailure(step: "b")) { try FailPoint.check("b") }
      try FailPoint.check("b")
    }
    #expect(schedule.hits == 3)
  }

  /// Lands one payload and settles it, once with a fault and once without; answers what the store then says.
  private func outcome(after schedule: FailPoint.Schedule?) throws -> [String] {
    let fixture = try LedgerFixture()
    let batch = try fixture.ledger.newBatchID()
    if let schedule { try? FailPoint.withSchedule(schedule) { try work(fixture, batch) } }
    try recover(fixture)
    try work(fixture, batch)
    let zone = try LandingZone(home: fixture.temporary.home)
    let row = try #require(try fixture.ledger.batch(batch))
    try zone.verify(row.digest)
    let temporaries = try FileManager.default.contentsOfDirectory(atPath: fixture.temporary.home.landingPath)
      .filter { $0.hasPrefix(".") }
    #expect(temporaries == [])
    return try ["\(row.status) \(row.attempt)", fixture.ledger.checkpoint(pipeline: "public_assets") ?? ""]
      + fixture.listing()
  }

  private func recover(_ fixture: LedgerFixture) throws {
    for attempt in try fixture.ledger.openAttempts(pipeline: "public_assets") {
      try fixture.ledger.abandonAttempt(batch: attempt.batch, number: attempt.number)
    }
    try fixture.ledger.discardOrphanFindings(pipeline: "public_assets")
  }

  private func work(_ fixture: LedgerFixture, _ batch: String) throws {
    let landed = try LandingZone(home: fixture.temporary.home).land(sampleBytes(1_100_000), pieces: 1 << 20)
    if try fixture.ledger.batch(batch) == nil { _ = try fixture.land(batch, digest: landed.digest) }
    if try fixture.ledger.batch(batch)?.status == .loaded { return }
    try fixture.work(batch, ["k1"], checkpoint: "{}")
  }
}
