// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records

/// Decode, transform and validate as one function of (payload bytes, plan, code lists): the same input gives the
/// same chunks, so a replay is exact. Opens neither store nor center; used by `run`, `replay`, `preview` and `test`.
public final class RecordFlow: ChunkSink {
  /// What one pass over a payload gave.
  public struct Result: Sendable {
    public var summary: DecodeSummary
    public var read: Int
    public var filtered: Int
    /// Records that announce a deletion.
    public var deletions: Int
    public var rejected: Int
    /// Records with a value per mapped field (see ``FilledCount``).
    public var filled: [String: Int]
    /// Of the watched field, over the records that passed.
    public var highest: HighestValue?
    /// A rule with `else: stop` was broken.
    public var stop: StageFailure?
    /// Not nil when the chunks handed on are wrong, and the payload must be worked through again with this.
    public var again: EarlierPasses?
  }

  /// What earlier passes over a payload found that must be known from its first record on.
  public struct EarlierPasses: Sendable {
    /// Values that stand behind the records that need them.
    public var late: LateValues?
    /// What validators know of the whole batch, by transform and place of the validator.
    var findings: [[(any BatchFinding)?]] = []

    public init() {}
  }

  private let plan: Plan
  private let facts: PayloadFacts
  private let earlier: EarlierPasses
  private let only: Set<Int64>?
  private let limit: Int?
  private let deliver: (Chunk) throws -> Void
  private let pool: ChunkPool
  private let sessions: RecordSessions
  private var counts = (read: 0, filtered: 0, deletions: 0, rejected: 0)
  private let slice: SliceFields
  private var filled: FilledCount
  private var highest: HighestSeen

  /// - Parameters:
  ///   - only: ordinals to carry on; the others are decoded (rules over the batch need them) and then skipped.
  ///   - limit: records after which decoding ends quietly (`--limit`).
  ///   - earlier: what earlier passes over the same payload found.
  ///   - sessions: those of earlier payloads of the plan, to be used again; by one flow at a time.
  ///   - deliver: takes each finished chunk; it owns the chunk until it gives it back to `pool`.
  public init(
    _ plan: Plan, facts: PayloadFacts, only: Set<Int64>? = nil, limit: Int? = nil,
    earlier: EarlierPasses = EarlierPasses(), pool: ChunkPool,
    sessions: RecordSessions = RecordSessions(), deliver: @escaping (Chunk) throws -> Void
  ) throws(StageFailure) {
    self.plan = plan
    self.facts = facts
    self.earlier = earlier
    self.only = only
    self.limit = limit
    self.pool = pool
    self.deliver = deliver
    self.sessions = sessions
    try sessions.begin(plan, facts)
    for (known, validators) in zip(earlier.findings, sessions.validations) {
      for (finding, validator) in zip(known, validators) { finding.map(validator.recall) }
    }
    slice = SliceFields(plan.load)
    filled = FilledCount(plan.load)
    highest = HighestSeen(plan, landingDate: facts.landingDate)
  }

  /// Works through a payload once.
  ///
  /// - Parameter blocks: gives the payload's bytes piece by piece, nil at the end.
  public func run(_ blocks: () throws -> UnsafeBufferPointer<UInt8>?) throws -> Result {
    let session = try plan.decoder.session(plan.decode, late: earlier.late, into: self)
    let text = PayloadText(plan, into: session)
    do {
      // Between blocks too: a document may be long and have no records.
      while let block = try blocks() {
        try Interruption.check()
        try text.feed(block)
      }
      guard try text.finish() else { return try result(.empty(plan.decode)) }
      var result = try result(
        session.finish(explainedBy: plan.errorConditions, name: facts.name))
      result.again = try again(result.summary)
      return result
    } catch is LimitReached {
      return try result(DecodeSummary(records: counts.read, documentValues: [], filled: []))
    }
  }

  /// What the next pass must know, where this one was not the last.
  private func again(_ summary: DecodeSummary) throws -> EarlierPasses? {
    var passes = earlier
    if let late = summary.late {
      // Records without their late values were judged: what was found of the batch is of no use.
      passes.late = late
      return passes
    }
    var isWanted = false
    var findings: [[(any BatchFinding)?]] = []
    for (transform, validators) in sessions.validations.enumerated() {
      findings.append([])
      for (index, validator) in validators.enumerated() {
        let found = try validator.finish()
        if found != nil { isWanted = true }
        let known = earlier.findings.isEmpty ? nil : earlier.findings[transform][index]
        findings[transform].append(found ?? known)
      }
    }
    passes.findings = findings
    return isWanted ? passes : nil
  }

  private func result(_ summary: DecodeSummary) throws -> Result {
    let stop = sessions.validations.lazy.flatMap { $0 }.compactMap(\.stop).first
    // A rule that our side cannot judge says nothing of the data.
    if let stop, !stop.isOfData { throw stop }
    return Result(
      summary: summary, read: counts.read, filtered: counts.filtered,
      deletions: counts.deletions, rejected: counts.rejected,
      filled: filled.byField, highest: highest.value, stop: stop)
  }

  // MARK: ChunkSink

  public func emptyChunk(kind: Int) -> Chunk { pool.take(kind: kind) }

  public func take(_ chunk: Chunk) throws {
    var isLast = false
    if let limit, counts.read + chunk.rows >= limit {
      isLast = true
      for row in max(0, limit - counts.read)..<chunk.rows { chunk.table.fates[row] = .skipped }
    }
    for session in sessions.transforms[chunk.kind] { session.transform(chunk) }
    for session in sessions.validations[chunk.kind] { session.validate(chunk) }
    if let only {
      for row in 0..<chunk.rows where !only.contains(chunk.positions.ordinals[row]) {
        chunk.table.fates[row] = .skipped
      }
      chunk.failures.removeAll { chunk.table.fates[$0.row] == .skipped }
    }
    slice.check(chunk)
    filled.add(chunk)
    highest.add(chunk)
    for row in 0..<chunk.rows {
      switch chunk.table.fates[row] {
      case .filtered: counts.filtered += 1
      case .deletion: counts.deletions += 1
      case .rejected: counts.rejected += 1
      case .skipped: continue
      default: break
      }
      counts.read += 1
    }
    try deliver(chunk)
    if isLast { throw LimitReached() }
  }
}

/// Ends decoding at `--limit`.
private struct LimitReached: Error {}
