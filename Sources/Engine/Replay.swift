// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records
import Store

/// What to replay of a pipeline.
public struct ReplayRequest: Sendable {
  public enum Scope: Sendable {
    /// Whole batches, by id.
    case batches([String])
    /// Single rejects, by id.
    case rejects([String])
    /// Every batch of the pipeline that was loaded or failed and is still in the landing zone.
    case all
    /// Every failed batch.
    case failed
  }

  public var scope: Scope
  /// Only the records of open rejects.
  public var onlyRejects: Bool
  public var isDryRun: Bool
  /// Replay although newer payloads were purged and cannot be looked at.
  public var isForced: Bool

  public init(_ scope: Scope, onlyRejects: Bool = false, isDryRun: Bool = false, isForced: Bool = false) {
    self.scope = scope
    self.onlyRejects = onlyRejects
    self.isDryRun = isDryRun
    self.isForced = isForced
  }

  /// Whether single records are carried on, not whole batches.
  var isOfRejects: Bool {
    if case .rejects = scope { return true }
    return onlyRejects
  }
}

extension PipelineRunner {
  /// Runs batches again from their landed bytes with today's pipeline file, without calling the source.
  public func replay(_ request: ReplayRequest) -> RunReport {
    session(.replay) { session in try session.replay(request) }
  }
}

extension RunSession {
  func replay(_ request: ReplayRequest) throws {
    let rows = try self.rows(request)
    if plan.load.commitUnit == .run, plan.load.mode == .replace || !request.isOfRejects {
      try replayRuns(of: rows, request)
      return
    }
    for row in rows {
      try Interruption.check()
      let rejects = try self.rejects(of: row, request)
      if let rejects {
        if rejects.isEmpty { continue }
        try requireSameDecoding(row)
      }
      let wasUnsettled = row.status != .loaded
      let outcome = try work(
        landed: row, kind: rejects == nil ? .replay : .rejects, rejects: rejects,
        newerKeys: try newerKeys(than: row, isForced: request.isForced), isDryRun: request.isDryRun)
      if case .loaded = outcome, wasUnsettled, !request.isDryRun {
        try environment.ledger.settleCheckpoint(pipeline: plan.pipeline)
      }
    }
  }

  private func rows(_ request: ReplayRequest) throws -> [BatchRow] {
    let known = try environment.ledger.batches(BatchFilter(pipeline: plan.pipeline)).sorted { $0.id < $1.id }
    let wanted =
      switch request.scope {
      case .batches(let ids): known.filter { ids.contains($0.id) }
      case .rejects(let ids):
        try batches(of: ids, known)
      case .all: known.filter { $0.status != .superseded && $0.status != .waived }
      case .failed: known.filter { $0.status == .failed || $0.status == .landed }
      }
    try requirePayloads(of: wanted)
    return wanted
  }

  func requirePayloads(of rows: [BatchRow]) throws {
    for row in rows where !environment.landing.contains(row.digest) {
      throw StageFailure(
        id: "replay.payload-gone",
        "the payload of batch \(row.id) (\(row.name)) is no longer in the landing zone",
        help: "extract it again: 'terrace run \(plan.pipeline) --full'.", exit: .storage,
        state: "nothing was replayed")
    }
  }

  private func batches(of rejects: [String], _ known: [BatchRow]) throws -> [BatchRow] {
    let wanted = Set(try rejects.compactMap { try environment.ledger.reject($0)?.batch })
    return known.filter { wanted.contains($0.id) }
  }

  /// The rejects of a batch that are replayed, by ordinal; nil replays the whole batch.
  private func rejects(of row: BatchRow, _ request: ReplayRequest) throws -> [Int64: String]? {
    let open = try environment.ledger.rejects(RejectFilter(batch: row.id, notes: false))
    let named: [RejectRow]
    if case .rejects(let ids) = request.scope {
      named = open.filter { ids.contains($0.id) }
    } else if request.onlyRejects {
      named = open
    } else {
      return nil
    }
    return Dictionary(named.map { ($0.record, $0.identity) }) { first, _ in first }
  }

  /// Ordinals name the same records only while records are cut out the same way.
  private func requireSameDecoding(_ row: BatchRow) throws {
    let attempts = try environment.ledger.attempts(batch: row.id)
    guard let digest = attempts.last?.decodeDigest, digest != plan.decodeDigest else { return }
    throw StageFailure(
      id: "replay.decode-changed",
      "the 'decode' section of \(plan.file) changed since batch \(row.id) was decoded, so its rejects cannot be told apart",
      help: "replay the whole batch: 'terrace replay \(row.id)'.", exit: .files, state: "nothing was replayed"
    )
  }

  /// Without a version landing order decides: the keys that batches landed later have loaded make older records stale.
  ///
  /// - Returns: nil when there is nothing newer to look at.
  func newerKeys(than row: BatchRow, isForced: Bool = false) throws -> (@Sendable (KeyDigest) -> Bool)? {
    guard plan.load.version == nil, plan.load.mode == .merge else { return nil }
    let newer = try environment.ledger.loadedAfter(row.id)
    if newer.isEmpty { return nil }
    let keys = NewerKeys()
    for later in newer {
      guard environment.landing.contains(later.digest) else {
        if isForced { continue }
        throw StageFailure(
          id: "replay.newer-payload-gone",
          "batch \(later.id), which landed after \(row.id), is no longer in the landing zone, so its newer rows cannot be told",
          help: "declare 'version' in the load section, or replay with '--force' to let the older rows win.",
          exit: .storage, state: "nothing of \(row.id) was replayed")
      }
      try keys.collect(
        plan, later, environment.landing, except: environment.ledger.recordsKeptOut(ofBatch: later.id))
    }
    return { keys.contains($0) }
  }
}

/// The keys that a pipeline's later batches have loaded.
private final class NewerKeys: @unchecked Sendable {
  private var digests: Set<KeyDigest> = []

  func contains(_ digest: KeyDigest) -> Bool { digests.contains(digest) }

  /// - Parameter keptOut: records that the loader rejected, which nothing before it can tell.
  func collect(
    _ plan: Plan, _ row: BatchRow, _ landing: LandingZone, except keptOut: Set<Int64>
  ) throws {
    let pool = ChunkPool(plan.decode)
    var passes: RecordFlow.EarlierPasses? = RecordFlow.EarlierPasses()
    while let earlier = passes {
      var met: Set<KeyDigest> = []
      let reader = try landing.reader(row.digest)
      let flow = try RecordFlow(plan, facts: try PayloadFacts(row), earlier: earlier, pool: pool) { chunk in
        let key = plan.load.kinds[chunk.kind].entity.key
        let columns = key.compactMap { chunk.table.field($0) }
        for record in 0..<chunk.rows
        where chunk.table.fates[record].isLoaded && !keptOut.contains(chunk.positions.ordinals[record]) {
          var hasher = KeyHasher()
          for column in columns { hasher.combine(column, row: record) }
          met.insert(hasher.finish())
        }
        pool.giveBack(chunk)
      }
      passes = try flow.run { try reader.nextBlock()?.bindMemory(to: UInt8.self) }.again
      if passes == nil { digests.formUnion(met) }
    }
  }
}
