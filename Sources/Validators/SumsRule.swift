// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Expressions
import Records

/// What is to be told of the groups of one rule, once the batch was seen.
final class JudgedSums {
  /// Broken groups, and those that could not be judged.
  let groups: SumGroups
  fileprivate(set) var isEmpty = true
  fileprivate(set) var broken = 0
  /// Records whose group could not be read.
  let leftOut: Int

  fileprivate init(_ groups: SumGroups, leftOut: Int) {
    self.groups = groups
    self.leftOut = leftOut
  }
}

/// One `sums` rule at work: in a first pass it gathers the groups of a batch, in a later one it tells of them.
final class SumsRule {
  /// Set in a later pass.
  var judged: JudgedSums?
  private let plan: RulePlan
  private let sums: SumsPlan
  private let scales: SumScales
  private let wording: SumsWording
  private let parts: SumTerm
  private let total: SumTerm
  /// What the values of `by` are made of.
  private let groupOrigins: Set<String>
  private let memoryLimit: Int
  private var groups: SumGroups
  private var leftOut = 0
  /// Of `stop`: the first groups that were met again.
  private var shown: [String] = []
  private var firstPlace: String?

  /// - Returns: nil for a rule of another kind.
  init?(_ plan: RulePlan, _ map: MapPlan, memoryLimit: Int) {
    guard case .sums(let sums) = plan.check else { return nil }
    self.plan = plan
    self.sums = sums
    self.memoryLimit = memoryLimit
    scales = SumScales(parts: sums.parts.value.type.scale, total: sums.total.value.type.scale)
    wording = SumsWording(plan, sums, scales, ValueClasses(map))
    parts = SumTerm(sums.parts, origins: map.origins(of: sums.parts.names))
    total = SumTerm(sums.total, origins: map.origins(of: sums.total.names))
    groupOrigins = map.origins(of: sums.by)
    groups = SumGroups(limit: memoryLimit)
  }

  func take(_ chunk: Chunk, _ scope: TableScope, _ failed: FailedValues) throws(StageFailure) {
    let table = chunk.table
    let by = sums.by.compactMap { table.field($0) }
    guard by.count == sums.by.count else { return }
    let parts = self.parts.cells(table, scope) { refuse($0, $1, chunk) }
    let total = self.total.cells(table, scope) { refuse($0, $1, chunk) }
    if let judged {
      try tell(chunk, by, judged, failed)
    } else {
      try gather(chunk, by, parts, total, failed)
    }
  }

  /// A value that cannot be computed keeps its record out, whatever becomes of the group.
  private func refuse(_ row: Int, _ message: String, _ chunk: Chunk) {
    guard chunk.table.isJudged(row) else { return }
    chunk.add(
      Failure(
        row: row, rule: "expression", field: wording.field, value: nil, message: wording.expression(message),
        ruleAt: "\(plan.position)", personal: wording.personal))
  }

  // MARK: The first pass

  private func gather(
    _ chunk: Chunk, _ by: [Column], _ parts: SumCells, _ total: SumCells, _ failed: FailedValues
  ) throws(StageFailure) {
    let table = chunk.table
    let seesFiltered = sums.seesFiltered
    var group: UnsafeMutablePointer<SumGroup>?
    for row in 0..<table.rows {
      let stands = table.isJudged(row)
      guard stands || (seesFiltered && table.fates[row] == .filtered) else { continue }
      let part = stands ? parts.cell(row, failed) : .none
      let whole = total.cell(row, failed)
      if !stands, whole == .none { continue }
      guard let digest = digest(row, by, failed) else {
        leftOut += stands ? 1 : 0
        continue
      }
      // Records of a group mostly stand together.
      if group.map({ $0.pointee.digest != digest }) ?? true { group = try groups.group(digest) }
      guard let group else { continue }
      switch part {
      case .value(let number): group.pointee.add(part: number)
      case .null: group.pointee.addUnknownPart(isUnreadable: false)
      case .unreadable: group.pointee.addUnknownPart(isUnreadable: true)
      case .none: break
      }
      var carriesTotal = false
      switch whole {
      case .value(let number):
        group.pointee.add(total: number)
        carriesTotal = true
      case .unreadable: group.pointee.addUnreadableTotal()
      case .null, .none: break
      }
      if stands {
        group.pointee.add(
          record: chunk.positions.ordinals[row], isLive: table.fates[row] == .live, carriesTotal: carriesTotal
        )
      }
    }
  }

  /// What the records of a group have in common; nil where that cannot be read.
  @inline(__always)
  private func digest(_ row: Int, _ by: [Column], _ failed: FailedValues) -> KeyDigest? {
    var hasher = KeyHasher()
    for column in by { hasher.combine(column, row: row) }
    if failed.isEmpty || by.isEmpty { return hasher.finish() }
    let isUnreadable = by.contains { $0.state(row) != .value } && failed.contains(groupOrigins, row)
    return isUnreadable ? nil : hasher.finish()
  }

  func judge() throws(StageFailure) -> JudgedSums {
    let judged = JudgedSums(SumGroups(limit: memoryLimit), leftOut: leftOut)
    try groups.forEach { group throws(StageFailure) in
      let verdict = group.verdict(scales, requiresTotal: sums.isTotalRequired)
      if verdict == .stands { return }
      judged.isEmpty = false
      if verdict.isBroken { judged.broken += 1 }
      try judged.groups.insert(group)
    }
    groups = SumGroups(limit: memoryLimit)
    return judged
  }

  // MARK: A later pass

  private func tell(
    _ chunk: Chunk, _ by: [Column], _ judged: JudgedSums, _ failed: FailedValues
  ) throws(StageFailure) {
    if judged.isEmpty { return }
    let table = chunk.table
    var last: (digest: KeyDigest, group: SumGroup?)?
    for row in 0..<table.rows where table.isJudged(row) {
      guard let digest = digest(row, by, failed) else { continue }
      if last.map({ $0.digest != digest }) ?? true { last = (digest, try judged.groups.find(digest)) }
      guard let group = last?.group else { continue }
      let verdict = group.verdict(scales, requiresTotal: sums.isTotalRequired)
      let isTold = chunk.positions.ordinals[row] == group.spokesman
      guard isTold || (verdict.isBroken && plan.otherwise == .reject) else { continue }
      let name = wording.name(row, by)
      let facts = wording.facts(group, verdict, leftOut: judged.leftOut)
      chunk.add(
        Failure(
          kind: verdict.isBroken && plan.otherwise != .note ? .reject : .note, row: row, rule: "sums",
          field: wording.field, value: wording.value(group, verdict),
          message: wording.sentence(verdict, name, facts), ruleAt: "\(plan.position)",
          personal: wording.personal))
      guard plan.otherwise == .stop, verdict.isBroken, shown.count < Self.mostShown else { continue }
      shown.append(name.map { "\($0) (\(facts))" } ?? facts)
      firstPlace = firstPlace ?? chunk.positions.place(row)
    }
  }

  private static let mostShown = 3

  /// Of a rule with `else: stop`, when the groups were met again.
  var stop: StageFailure? {
    guard plan.otherwise == .stop, let judged, judged.broken > 0 else { return nil }
    let rest = judged.broken - shown.count
    let groups = sums.by.isEmpty ? "" : " in \(judged.broken) group\(judged.broken == 1 ? "" : "s")"
    return StageFailure(
      id: "validate.stopped",
      "\(wording.head)\(groups): \(shown.joined(separator: "; "))\(rest > 0 ? "; and \(rest) more" : "")",
      at: firstPlace,
      help:
        "the rule at \(plan.position) stops the batch; correct the source or the rule, then replay the batch",
      exit: .data)
  }
}

extension FieldType {
  /// Digits after the point.
  fileprivate var scale: Int {
    if case .decimal(_, let scale) = self { return scale }
    return 0
  }
}
