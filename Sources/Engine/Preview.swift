// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records

/// What a pipeline would make of a payload: some rows, what would be rejected, and which fields were never filled.
/// Writes nothing and moves no checkpoint.
public struct Preview: Sendable {
  public struct PreviewTable: Sendable {
    public var entity: String
    public var columns: [String]
    /// Which columns hold personal values.
    public var personal: [PersonalClass]
    public var rows: [[String?]]
  }

  public struct PreviewReject: Sendable {
    public var record: Int64
    public var line: Int64
    public var path: String
    public var failures: [Failure]
  }

  public var tables: [PreviewTable] = []
  public var rejects: [PreviewReject] = []
  public var notes: [PreviewReject] = []
  public var read = 0
  public var filtered = 0
  /// Records that announce a deletion; they make no rows here.
  public var deleted = 0
  public var rejected = 0
  public var filled: [String: Int] = [:]
  /// Why a run would load nothing of the payload: an error answer or a total that differs, known only when all of
  /// the payload was looked at; or a broken rule with `else: stop`.
  public internal(set) var failure: StageFailure?
  /// What stands where the records should, when the path's last step matched nothing.
  public private(set) var nothingMatched: String?
  /// Records of the decoder, as the payload's own total counts them.
  var decoded = 0
  /// Of the plan's document slots; empty when only the first records were looked at.
  var documentValues: [DocumentValue] = []

  /// Decodes, transforms and validates a payload's bytes.
  ///
  /// - Parameters:
  ///   - rows: how many rows of each table to keep; nil keeps all.
  ///   - blocks: opens the bytes from the start; called again when values stand behind the records that need them.
  public init(
    _ plan: Plan, facts: PayloadFacts, rows: Int?,
    open: () throws -> (() throws -> UnsafeBufferPointer<UInt8>?)
  ) throws {
    try self.init(plan, facts: facts, rows: rows, center: nil, open: open)
  }

  /// - Parameter center: takes the records too, and says what it finds of them.
  init(
    _ plan: Plan, facts: PayloadFacts, rows: Int?, center: EmptyCenter?,
    open: () throws -> (() throws -> UnsafeBufferPointer<UInt8>?)
  ) throws {
    var earlier = RecordFlow.EarlierPasses()
    while true {
      var again: RecordFlow.EarlierPasses?
      try center?.begin()
      self = try Preview(plan, facts, rows, center, try open(), earlier, again: &again)
      if let passes = again {
        earlier = passes
        continue
      }
      guard let center else { return }
      guard let found = try center.finish() else { continue }
      rejected += found.rejected
      notes += found.notes.map {
        PreviewReject(record: $0.ordinal, line: 0, path: "", failures: [$0.failure])
      }
      return
    }
  }

  private init(
    _ plan: Plan, _ facts: PayloadFacts, _ rows: Int?, _ center: EmptyCenter?,
    _ blocks: () throws -> UnsafeBufferPointer<UInt8>?, _ earlier: RecordFlow.EarlierPasses,
    again: inout RecordFlow.EarlierPasses?
  ) throws {
    let collector = PreviewCollector(plan, keep: rows)
    let pool = ChunkPool(plan.decode)
    let flow = try RecordFlow(plan, facts: facts, limit: rows, earlier: earlier, pool: pool) { chunk in
      try center?.load(chunk)
      collector.collect(chunk)
      pool.giveBack(chunk)
    }
    let result = try flow.run(blocks)
    again = result.again
    tables = collector.tables
    rejects = collector.rejects
    notes = collector.notes
    read = result.read
    filtered = result.filtered
    deleted = result.deletions
    rejected = result.rejected
    failure = result.stop
    filled = result.filled
    decoded = result.summary.records
    documentValues = result.summary.documentValues
    nothingMatched = result.summary.nothingMatched
  }
}

/// Copies rows out of chunks as text.
private final class PreviewCollector {
  private let plan: Plan
  private let keep: Int?
  private(set) var tables: [Preview.PreviewTable] = []
  private(set) var rejects: [Preview.PreviewReject] = []
  private(set) var notes: [Preview.PreviewReject] = []

  init(_ plan: Plan, keep: Int?) {
    self.plan = plan
    self.keep = keep
    for kind in plan.load.kinds { addTable(kind, parents: []) }
  }

  /// Kinds of one entity share a table, with the columns of all of them.
  private func addTable(_ kind: LoadKind, parents: [EntityField]) {
    let fields = parents + kind.mapped.compactMap { kind.entity.field($0) }
    let known = tables.firstIndex { $0.entity == kind.entity.name }
    let index = known ?? tables.count
    if known == nil {
      tables.append(Preview.PreviewTable(entity: kind.entity.name, columns: [], personal: [], rows: []))
    }
    for field in fields where !tables[index].columns.contains(field.name) {
      tables[index].columns.append(field.name)
      tables[index].personal.append(field.personal)
    }
    let key = parents + kind.entity.key.compactMap { kind.entity.field($0) }
    for child in kind.children { addTable(child, parents: key) }
  }

  func collect(_ chunk: Chunk) {
    let kind = plan.load.kinds[chunk.kind]
    for row in 0..<chunk.rows where chunk.table.fates[row] == .live { add(chunk.table, row, kind, key: []) }
    collectChildren(chunk.table, kind) { [String?](kind.keyTexts(chunk.table, $0)) }
    let byRow = Dictionary(grouping: chunk.failures, by: \.row)
    for row in byRow.keys.sorted() {
      guard let failures = byRow[row] else { continue }
      let finding = Preview.PreviewReject(
        record: chunk.positions.ordinals[row], line: chunk.positions.lines[row],
        path: chunk.positions.path(row), failures: failures)
      switch chunk.table.fates[row] {
      case .rejected: rejects.append(finding)
      case .live: notes.append(finding)
      default: break
      }
    }
  }

  private func collectChildren(_ table: Table, _ kind: LoadKind, key: (Int) -> [String?]) {
    for (index, child) in kind.children.enumerated() where index < table.children.count {
      let rows = table.children[index]
      var keys: [Int: [String?]] = [:]
      for row in 0..<rows.rows where rows.fates[row] == .live {
        let parent = Int(rows.parents[row])
        guard table.fates[parent] == .live else { continue }
        let parentKey = keys[parent] ?? key(parent)
        keys[parent] = parentKey
        add(rows, row, child, key: parentKey)
      }
      collectChildren(rows, child) { row in key(Int(rows.parents[row])) + child.keyTexts(rows, row) }
    }
  }

  private func add(_ table: Table, _ row: Int, _ kind: LoadKind, key: [String?]) {
    guard let index = tables.firstIndex(where: { $0.entity == kind.entity.name }) else { return }
    if let keep, tables[index].rows.count >= keep { return }
    // The parent's key stands in front, whichever kind made the table.
    let cells = tables[index].columns.dropFirst(key.count).map { name in
      kind.mapped.contains(name) ? table.field(name)?.text(row) : nil
    }
    tables[index].rows.append(key + cells)
  }
}

extension LoadKind {
  fileprivate func keyTexts(_ table: Table, _ row: Int) -> [String?] {
    entity.key.map { table.field($0)?.text(row) }
  }
}
