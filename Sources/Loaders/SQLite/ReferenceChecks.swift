// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Everything that the references of one batch are held to.
final class ReferenceChecks {
  private let plan: LoadPlan
  private let batch: LoadBatch
  private let database: SQLiteDatabase
  private let fed: Set<String>
  private let stages: Bool
  /// Rows that the batch does not bring again go at its end.
  private let removesRest: Bool
  private var targets: [EntityReference: ReferenceTarget] = [:]
  private var pending: PendingReferences?
  private var pendingDays: PendingDays?
  private var staged: [String: StagedRows] = [:]
  private var cycles: [String: CycleCheck] = [:]
  private var left: [String: ReferrersLeft] = [:]
  /// By the kind's index.
  private var byKind: [Int: KindChecks] = [:]

  private struct KindChecks {
    /// With the position of the field that refers.
    var cycles: [(field: Int, check: CycleCheck)] = []
    var staged: StagedRows?
    var left: ReferrersLeft?
    /// Positions of the fields that bound the days on which rows are open.
    var bounds: [Int] = []
  }

  /// - Parameter stages: records are put aside for the run's end.
  init(_ plan: LoadPlan, _ batch: LoadBatch, database: SQLiteDatabase, stages: Bool) throws(StageFailure) {
    self.plan = plan
    self.batch = batch
    self.database = database
    self.stages = stages
    removesRest = plan.mode == .replaceSlice && !stages && !batch.isPart
    fed = plan.fedEntities
    if stages {
      for (entity, columns) in watched where !columns.isEmpty {
        staged[entity] = try StagedRows(
          entity, columns.sorted(), batch, pipeline: plan.pipeline, database: database)
      }
    }
  }

  /// Fields of the fed root entities that checks of this plan look at.
  private var watched: [String: Set<String>] {
    var watched: [String: Set<String>] = [:]
    func visit(_ kind: LoadKind) {
      for field in kind.entity.fields where kind.mapped.contains(field.name) {
        guard let reference = field.references, fed.contains(reference.entity) else { continue }
        if field.referenceRules.isAcyclic {
          watched[reference.entity, default: []].formUnion([field.name, reference.field])
        }
        if let open = field.referenceRules.open {
          watched[reference.entity, default: []]
            .formUnion([reference.field, open.from, open.to].compactMap { $0 })
        }
      }
      kind.children.forEach(visit)
    }
    plan.kinds.forEach(visit)
    return watched
  }

  /// Takes on a kind of record; its writer then looks up what its rows refer to.
  func attach(_ writer: TableWriter, kind index: Int) throws(StageFailure) {
    try attachLookups(writer)
    var checks = KindChecks()
    let entity = writer.layout.entity
    checks.staged = staged[entity.name]
    for (position, field) in writer.fields.enumerated()
    where field.referenceRules.isAcyclic && field.references != nil && entity.key.count == 1 {
      checks.cycles.append((position, try cycleCheck(field, of: entity)))
    }
    if plan.mode == .merge || plan.mode == .replaceSlice, !stages {
      checks.left = try referrersLeft(entity)
      let bounds = checks.left?.bounds ?? []
      checks.bounds = writer.fields.indices.filter { bounds.contains(writer.fields[$0].name) }
    }
    byKind[index] = checks
  }

  private func cycleCheck(_ field: EntityField, of entity: EntitySchema) throws(StageFailure) -> CycleCheck {
    let name = "\(entity.name).\(field.name)"
    if let known = cycles[name] { return known }
    let check = try CycleCheck(
      field, of: entity, number: cycles.count, mode: plan.mode, staged: staged[entity.name],
      database: database)
    cycles[name] = check
    return check
  }

  private func referrersLeft(_ entity: EntitySchema) throws(StageFailure) -> ReferrersLeft? {
    if let known = left[entity.name] { return known }
    let check = try ReferrersLeft(
      entity, entities: plan.entities, number: left.count, database: database)
    left[entity.name] = check
    return check
  }

  private func target(_ reference: EntityReference) throws(StageFailure) -> ReferenceTarget {
    if let known = targets[reference] { return known }
    let isFed = fed.contains(reference.entity)
    let target = try ReferenceTarget(
      reference, isFed: isFed, mayLeave: isFed && removesRest, database: database)
    targets[reference] = target
    return target
  }

  private func attachLookups(_ writer: TableWriter) throws(StageFailure) {
    var references: [FieldReference] = []
    for (index, field) in writer.fields.enumerated() {
      guard let reference = field.references else { continue }
      let target = try target(reference)
      if target.isFed, pending == nil { pending = try PendingReferences(database) }
      let open = try OpenCheck(
        field, of: writer, entities: plan.entities, isFed: target.isFed,
        staged: staged[reference.entity], database: database)
      if open?.isDeferred == true, pendingDays == nil { pendingDays = try PendingDays(database) }
      references.append(FieldReference(field: index, target: target, open: open))
    }
    writer.references = references
    for child in writer.children { try attachLookups(child) }
  }

  // MARK: Records

  /// Looks up what a record and its nested rows refer to; puts off what the batch may still bring or change.
  ///
  /// - Parameter note: takes what is only noted.
  /// - Returns: the first reference for which the record stays out.
  func defect(
    _ row: Int, of writer: TableWriter, ordinal: Int64, note: (Failure) -> Void
  ) throws(StageFailure) -> Failure? {
    try defect(row, of: writer, rootRow: row, ordinal, number: nil, note)
  }

  private func defect(
    _ row: Int, of writer: TableWriter, rootRow: Int, _ ordinal: Int64, number: Int?,
    _ note: (Failure) -> Void
  ) throws(StageFailure) -> Failure? {
    for reference in writer.references where writer.readers[reference.field].hasValue(row) {
      let field = writer.fields[reference.field]
      let name = number.map { "\(writer.layout.name)[\($0)].\(field.name)" } ?? field.name
      let found = try look(reference, row, of: writer, ordinal: ordinal, name: name)
      guard var failure = found?.failure else { continue }
      failure.row = rootRow
      if found?.outcome == .reject { return failure }
      failure.kind = .note
      note(failure)
    }
    for child in writer.children where child.refersToOthers {
      var number = 0
      for childRow in child.rows(of: row) where child.isLive(childRow) {
        number += 1
        if let failure = try defect(childRow, of: child, rootRow: rootRow, ordinal, number: number, note) {
          return failure
        }
      }
    }
    return nil
  }

  private func look(
    _ reference: FieldReference, _ row: Int, of writer: TableWriter, ordinal: Int64, name: String
  ) throws(StageFailure) -> (failure: Failure, outcome: ReferenceRules.Outcome)? {
    let field = writer.fields[reference.field]
    let reader = writer.readers[reference.field]
    let scratch = writer.scratch(reference.field)
    func value() -> String? { writer.table.fields.first { $0.name == field.name }?.column.text(row) }
    switch try reference.target.find(reader, row, scratch) {
    case .found: break
    case .mayCome:
      try pending?.add(
        reference.target, ordinal: ordinal, field: name, personal: field.personal,
        field.referenceRules.whenMissing, reader, row, scratch)
    case .missing:
      let missing = reference.target.reference.missing(
        row: 0, field: name, value: value(), personal: field.personal)
      return (missing, field.referenceRules.whenMissing)
    }
    guard let open = reference.open, let days = open.days(row, of: writer) else { return nil }
    if open.isDeferred {
      try pendingDays?.add(open, days, ordinal: ordinal, field: name, reader, row, scratch)
      return nil
    }
    var hasher = KeyHasher()
    reader.hash(row, into: &hasher)
    let closed = try open.closed(hasher.finish(), days) { reader.bind(row, to: $0.handle, at: 1, scratch) }
    return closed.map { (open.failure($0, days, field: name, value: value()), open.rule.otherwise) }
  }

  // MARK: Rows

  /// A record stands for its key: its row was written, was found as it is, or was put aside.
  func placed(_ row: Int, _ ordinal: Int64, _ key: KeyDigest, of kind: RootKind) throws(StageFailure) {
    guard let checks = byKind[kind.index] else { return }
    let place = try checks.staged?.put(row, ordinal, key, of: kind) ?? kind.lastRowid
    for (field, check) in checks.cycles where kind.writer.readers[field].hasValue(row) {
      try check.add(place, ordinal)
    }
  }

  /// A row that a record of the batch had inserted was removed again.
  func takenBack(_ rowid: Int64, of kind: RootKind) throws(StageFailure) {
    for (_, check) in byKind[kind.index]?.cycles ?? [] { try check.remove(rowid) }
  }

  /// A standing row is about to be updated.
  func updating(
    _ row: Int, _ ordinal: Int64, over standing: SQLiteStatement, of kind: RootKind
  ) throws(StageFailure) {
    guard let checks = byKind[kind.index], let left = checks.left else { return }
    let writer = kind.writer
    let isMoved = checks.bounds.contains { field in
      writer.readers[field].differs(row, from: standing.handle, at: Int32(field + 1), writer.scratch(field))
    }
    if isMoved { try left.add(standing.integer(0), ordinal) }
  }

  // MARK: The end

  /// Judges what could not be judged before all records came. Each kind of check sees only what the one before it lets
  /// stand, so that no record is rejected for the sake of one that stays out itself.
  ///
  /// - Parameter isStaged: SQL that is true when `p.value` is put aside for the run's end, by target.
  func judge(_ isStaged: (EntityReference) -> String?) throws(StageFailure) -> ReferenceFindings {
    var findings = try pending?.unresolved(staged: isStaged) ?? ReferenceFindings()
    if !findings.rejected.isEmpty { return findings }
    for (_, check) in cycles.sorted(by: { $0.key < $1.key }) { try check.judge(&findings) }
    if !findings.rejected.isEmpty { return findings }
    try pendingDays?.judge(&findings)
    if !findings.rejected.isEmpty { return findings }
    for (_, check) in left.sorted(by: { $0.key < $1.key }) { try check.judge(&findings) }
    return findings
  }
}

/// A field of a writer that refers to another row.
struct FieldReference {
  /// Position among the writer's fields.
  let field: Int
  let target: ReferenceTarget
  let open: OpenCheck?
}

extension TableWriter {
  fileprivate var refersToOthers: Bool {
    !references.isEmpty || children.contains(where: \.refersToOthers)
  }
}
