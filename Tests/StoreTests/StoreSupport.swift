// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Records
import Store

/// A home of its own, removed when it goes away.
final class TemporaryHome: Sendable {
  let path = NSTemporaryDirectory() + "terrace-store-\(UUID().uuidString)"
  let home: Home

  init() throws { home = try Home(path) }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

extension LandingZone {
  func land(_ bytes: [UInt8], pieces: Int = 4096) throws -> LandedPayload {
    let writer = try makeWriter()
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      try bytes[start..<min(start + pieces, bytes.count)].withUnsafeBytes { try writer.append($0) }
    }
    return try writer.finish()
  }

  func bytes(_ digest: String) throws -> [UInt8] { try reader(digest).readAll() }
}

extension PayloadReader {
  func readAll() throws -> [UInt8] {
    var bytes: [UInt8] = []
    while let block = try nextBlock() { bytes.append(contentsOf: block) }
    return bytes
  }
}

/// Bytes that compress about as XML does, the same for the same seed.
func sampleBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var state = seed
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count + 64)
  while bytes.count < count {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    bytes.append(contentsOf: "<TaiSan><Ma>HG.\(state >> 40)</Ma></TaiSan>\n".utf8)
  }
  return Array(bytes.prefix(count))
}

func landingFile(_ home: Home, _ digest: String) -> String {
  "\(home.landingPath)/\(digest.prefix(2))/\(digest.dropFirst(2).prefix(2))/\(digest)"
}

/// A ledger with one run of `public_assets`, and short ways to land and work through batches.
final class LedgerFixture {
  let temporary: TemporaryHome
  let ledger: Ledger
  var clock: Int64 = 1_800_000_000

  init(_ temporary: TemporaryHome? = nil) throws {
    self.temporary = try temporary ?? TemporaryHome()
    ledger = try Ledger(home: self.temporary.home)
  }

  func land(
    _ id: String? = nil, pipeline: String = "public_assets", origin: String = "in/a.xml",
    digest: String = "d1",
    checkpoint: String? = nil
  ) throws -> String {
    let id = try id ?? ledger.newBatchID()
    try ledger.land(
      BatchRow(
        id: id, run: "R1", pipeline: pipeline, origin: origin, name: "a.xml", request: ["trang": "1"],
        digest: digest, bytes: 10, landedAt: clock, landingDate: "2026-11-22", checkpoint: checkpoint))
    return id
  }

  func finding(
    _ batch: String, _ attempt: Int, _ identity: String, record: Int64 = 1, isNote: Bool = false,
    rule: String = "type.date", value: String? = "31/02/2025", pipeline: String = "public_assets"
  ) -> RejectRow {
    RejectRow(
      isNote: isNote, batch: batch, attempt: attempt, pipeline: pipeline, entity: "public_asset",
      record: record,
      offset: record * 100, length: 90, line: record + 1, path: "/DanhSach/TaiSan[\(record)]",
      identity: identity, key: "HG.\(identity)",
      failures: [
        FailureRow(
          rule: rule, field: "in_use_from", value: value, message: "'\(value ?? "")' is no \"day\"\n")
      ])
  }

  func closing(
    _ batch: String, _ attempt: Int, _ outcome: AttemptRow.Outcome = .committed, resolved: [String] = [],
    isWhole: Bool = true, checkpoint: String? = nil, counters: Counters = Counters()
  ) -> AttemptClosing {
    clock += 1
    return AttemptClosing(
      batch: batch, attempt: attempt, outcome: outcome, closedAt: clock, counters: counters,
      filled: ["public_asset.name": 3],
      error: outcome == .failed
        ? ErrorRow(id: "load.rejects", message: "too many", where: nil, help: "look", exit: 65) : nil,
      batchStatus: outcome == .committed ? .loaded : .failed, fault: outcome == .failed ? .data : nil,
      resolved: resolved, isWhole: isWhole, checkpoint: checkpoint)
  }

  /// Opens an attempt, keeps findings with these identities, and closes it. Answers the attempt's number.
  @discardableResult
  func work(
    _ batch: String, _ identities: [String] = [], outcome: AttemptRow.Outcome = .committed,
    resolved: [String] = [], isWhole: Bool = true, checkpoint: String? = nil, plan: String = "p1",
    pipeline: String = "public_assets"
  ) throws -> Int {
    let attempt = try ledger.openAttempt(
      batch: batch, kind: isWhole ? .run : .rejects, run: "R1", planDigest: plan, decodeDigest: "x", at: clock
    )
    try ledger.addFindings(
      identities.enumerated().map {
        finding(batch, attempt, $1, record: Int64($0 + 1), pipeline: pipeline)
      })
    try ledger.closeAttempt(
      closing(batch, attempt, outcome, resolved: resolved, isWhole: isWhole, checkpoint: checkpoint))
    return attempt
  }

  /// `status key seen` of each reject, in order.
  func listing(_ status: RejectRow.Status? = nil, notes: Bool? = nil) throws -> [String] {
    try ledger.rejects(RejectFilter(status: status, notes: notes)).map {
      "\($0.status) \($0.identity) \($0.seen)"
    }
  }
}

func failure(_ body: () throws -> Void) -> StageFailure? {
  do {
    try body()
    return nil
  } catch {
    return error as? StageFailure
  }
}
