// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// What a center holds after each batch, worked out the plain way.
struct LoaderModel {
  struct Row: Equatable {
    var cells: [String?]
    var lines: [String: String?]
    var tags: [String?]
    var batch: String
    var isDeleted = false
  }

  enum Outcome { case inserted, updated, unchanged, stale, duplicate, deleted, rejected }

  let isAppend: Bool
  let replacesSlices: Bool
  let hasVersion: Bool
  private(set) var rows: [String: Row] = [:]
  /// Keys of the records that each batch loaded.
  private var keysByBatch: [String: Set<String>] = [:]
  /// By slice, the unit that had the last word on it.
  private var owners: [String: String] = [:]
  /// Keys of the records that the batch or run at work loaded.
  private var placed: Set<String> = []

  init(mode: LoadPlan.Mode, hasVersion: Bool) {
    isAppend = mode == .append
    replacesSlices = mode == .replaceSlice
    self.hasVersion = hasVersion
  }

  func keysLoaded(after batch: String) -> Set<String> {
    keysByBatch.reduce(into: []) { keys, entry in
      if entry.key > batch { keys.formUnion(entry.value) }
    }
  }

  mutating func load(_ batch: String, _ records: [TestRecord], isReplay: Bool) -> Counters {
    if isAppend, isReplay { rows = rows.filter { $0.value.batch != batch } }
    let newer = isReplay && !hasVersion && !isAppend && !replacesSlices ? keysLoaded(after: batch) : []
    var rejected = Set(records.indices.filter { Self.isDefect(records[$0]) })
    while true {
      var trial = self
      var counters = trial.settle(batch, records, rejected, newer, isReplay)
      if replacesSlices {
        let kept = records.indices.filter { !rejected.contains($0) }.map { records[$0] }
        counters.vanished = trial.take(slicesOf: kept, batch)
      }
      let dangling = records.indices.filter { index in
        guard !rejected.contains(index), records[index].fate != .deletion,
          let twin = records[index].cells[KitSchema.twinField].text
        else { return false }
        return trial.rows[twin] == nil
      }
      if dangling.isEmpty {
        self = trial
        return counters
      }
      rejected.formUnion(dangling)
    }
  }

  private static func isDefect(_ record: TestRecord) -> Bool {
    let lines = record.children[0].map { $0.cells[0] }
    let unit = record.cells[KitSchema.unitField].text
    if record.fate == .deletion { return record.cells[0].text == nil }
    return record.cells[0].text == nil || Set(lines).count != lines.count || unit == "U9"
  }

  private func version(_ record: TestRecord) -> String {
    // '.' sorts before 'Z', so fractions are written out to compare as text.
    guard hasVersion, let text = record.cells[KitSchema.versionField].text else { return "" }
    return text.contains(".") ? text : String(text.dropLast()) + ".0Z"
  }

  private func version(_ row: Row) -> String {
    version(TestRecord(row.cells.map { $0.map { .value($0) } ?? .null }))
  }

  /// Of the records of one key, the index that stands.
  private func winners(_ records: [TestRecord], _ rejected: Set<Int>) -> [String: Int] {
    var winners: [String: Int] = [:]
    for index in records.indices where !rejected.contains(index) {
      guard let key = records[index].cells[0].text else { continue }
      if let earlier = winners[key], version(records[earlier]) > version(records[index]) { continue }
      winners[key] = index
    }
    return winners
  }

  private mutating func settle(
    _ batch: String, _ records: [TestRecord], _ rejected: Set<Int>, _ newer: Set<String>, _ isReplay: Bool
  ) -> Counters {
    var counters = Counters()
    counters.rejected = rejected.count
    let winners = winners(records, rejected)
    counters.duplicate = records.count - rejected.count - winners.count
    for (key, index) in winners {
      let outcome = place(key, records[index], batch, isOvertaken: newer.contains(key), isReplay, &counters)
      switch outcome {
      case .inserted: counters.inserted += 1
      case .updated: counters.updated += 1
      case .unchanged: counters.unchanged += 1
      case .stale: counters.stale += 1
      case .deleted: counters.deleted += 1
      case .rejected: counters.rejected += 1
      case .duplicate: counters.duplicate += 1
      }
    }
    keysByBatch[batch] = Set(winners.keys)
    return counters
  }

  private mutating func place(
    _ key: String, _ record: TestRecord, _ batch: String, isOvertaken: Bool, _ isReplay: Bool,
    _ counters: inout Counters
  ) -> Outcome {
    let standing = rows[key]
    if record.fate == .deletion { return delete(key, record, batch, isOvertaken: isOvertaken, isReplay) }
    if replacesSlices { return place(key, record, batch, batch, &counters) }
    if isAppend, standing != nil { return .rejected }
    let (row, written) = Self.merged(record, over: standing, batch)
    if let standing {
      var same = row
      same.batch = standing.batch
      if same == standing { return .unchanged }
      if isOvertaken || loses(record, batch, to: standing, isReplay) { return .stale }
    } else if isOvertaken {
      return .stale
    }
    rows[key] = row
    counters.children += written
    return standing == nil ? .inserted : .updated
  }

  // MARK: Slices

  private mutating func place(
    _ key: String, _ record: TestRecord, _ batch: String, _ unit: String, _ counters: inout Counters
  ) -> Outcome {
    let standing = rows[key]
    if isStale(record, over: standing, unit) { return .stale }
    placed.insert(key)
    let (row, written) = Self.merged(record, over: standing, batch)
    var same = row
    same.batch = standing?.batch ?? ""
    if same == standing { return .unchanged }
    rows[key] = row
    counters.children += written
    return standing == nil ? .inserted : .updated
  }

  /// Whether a later unit had the last word on the slice of a record, or on that of the row with its key.
  private func isStale(_ record: TestRecord, over standing: Row?, _ unit: String) -> Bool {
    let slices = [record.cells[KitSchema.sliceField].text, standing?.cells[KitSchema.sliceField]]
    return slices.contains { slice in slice.flatMap { owners[$0] }.map { $0 > unit } ?? false }
  }

  /// Removes what the slices of records held before and now do not.
  private mutating func take(slicesOf records: [TestRecord], _ unit: String) -> Int {
    defer { placed = [] }
    var vanished = 0
    for slice in Set(records.compactMap { $0.cells[KitSchema.sliceField].text }) {
      if let owner = owners[slice], owner > unit { continue }
      owners[slice] = unit
      let gone = rows.filter { $0.value.cells[KitSchema.sliceField] == slice && !placed.contains($0.key) }
      for key in gone.keys { rows[key] = nil }
      vanished += gone.count
    }
    return vanished
  }

  /// The slices of a whole run in place of those that stand.
  mutating func replaceSlices(_ batches: [(String, [TestRecord])]) -> [String: Counters] {
    let unit = batches[0].0
    var (result, staged, all) = stage(batches)
    for (key, group) in Dictionary(grouping: staged, by: \.key) {
      let best = group.reduce(group[0]) { version($1.record) >= version($0.record) ? $1 : $0 }
      for loser in group where loser.batch != best.batch { result[loser.batch]?.duplicate += 1 }
      var counters = result[best.batch] ?? Counters()
      switch place(key, best.record, best.batch, unit, &counters) {
      case .inserted: counters.inserted += 1
      case .updated: counters.updated += 1
      case .unchanged: counters.unchanged += 1
      default: counters.stale += 1
      }
      result[best.batch] = counters
    }
    if let last = batches.last?.0 { result[last]?.vanished = take(slicesOf: all, unit) }
    return result
  }

  private func loses(_ record: TestRecord, _ batch: String, to standing: Row, _ isReplay: Bool) -> Bool {
    guard hasVersion else { return false }
    let (new, old) = (version(record), version(standing))
    return new < old || (new == old && (isReplay ? standing.batch != batch : standing.batch > batch))
  }

  private mutating func delete(
    _ key: String, _ record: TestRecord, _ batch: String, isOvertaken: Bool, _ isReplay: Bool
  ) -> Outcome {
    guard var row = rows[key] else {
      if isOvertaken { return .stale }
      if !hasVersion { return .unchanged }
      var cells = [String?](repeating: nil, count: record.cells.count)
      cells[0] = key
      cells[KitSchema.versionField] = record.cells[KitSchema.versionField].text
      rows[key] = Row(cells: cells, lines: [:], tags: [], batch: batch, isDeleted: true)
      return .deleted
    }
    if row.isDeleted, !hasVersion || version(record) == version(row) { return .unchanged }
    if isOvertaken || loses(record, batch, to: row, isReplay) { return .stale }
    if hasVersion { row.cells[KitSchema.versionField] = record.cells[KitSchema.versionField].text }
    (row.batch, row.isDeleted) = (batch, true)
    rows[key] = row
    return .deleted
  }

  /// The row that a record makes of a standing one, and how many child rows that writes.
  private static func merged(_ record: TestRecord, over standing: Row?, _ batch: String) -> (Row, Int) {
    var cells = record.cells.map(\.text)
    if record.cells[KitSchema.nameField] == .absent {
      cells[KitSchema.nameField] = standing?.cells[KitSchema.nameField] ?? nil
    }
    var written = 0
    var lines: [String: String?] = [:]
    for line in record.children[0] {
      let key = line.cells[0].text ?? ""
      let old = standing?.lines[key]
      let remark = line.cells[1] == .absent ? old ?? nil : line.cells[1].text
      if old != .some(remark) { written += 1 }
      lines[key] = .some(remark)
    }
    let tags = record.children[1].map { $0.cells[0].text }
    if standing?.tags != tags { written += tags.count }
    return (Row(cells: cells, lines: lines, tags: tags, batch: batch), written)
  }

  /// A whole run in place of the rows.
  mutating func replace(_ batches: [(String, [TestRecord])]) -> [String: Counters] {
    var (result, staged, _) = stage(batches)
    var fresh: [String: Row] = [:]
    for (key, group) in Dictionary(grouping: staged, by: \.key) {
      let best = group.reduce(group[0]) { version($1.record) >= version($0.record) ? $1 : $0 }
      for loser in group where loser.batch != best.batch { result[loser.batch]?.duplicate += 1 }
      var (row, written) = Self.merged(best.record, over: rows[key], best.batch)
      if let standing = rows[key] {
        var same = row
        same.batch = standing.batch
        if same == standing {
          result[best.batch]?.unchanged += 1
          written = 0
          row = standing
        } else {
          result[best.batch]?.updated += 1
        }
      } else {
        result[best.batch]?.inserted += 1
      }
      result[best.batch]?.children += written
      fresh[key] = row
    }
    if let last = batches.last?.0 { result[last]?.vanished = rows.keys.filter { fresh[$0] == nil }.count }
    rows = fresh
    return result
  }

  private typealias Staged = [(batch: String, key: String, record: TestRecord)]

  /// What each batch of a run puts aside, and all records that were not rejected.
  private func stage(_ batches: [(String, [TestRecord])]) -> ([String: Counters], Staged, [TestRecord]) {
    var result: [String: Counters] = [:]
    var staged: Staged = []
    var all: [TestRecord] = []
    for (batch, records) in batches {
      var rejected = Set(records.indices.filter { Self.isDefect(records[$0]) })
      while true {
        let keys = Set(winners(records, rejected).keys).union(staged.map(\.key)).union(rows.keys)
        let dangling = records.indices.filter { index in
          guard !rejected.contains(index), let twin = records[index].cells[KitSchema.twinField].text else {
            return false
          }
          return !keys.contains(twin)
        }
        if dangling.isEmpty { break }
        rejected.formUnion(dangling)
      }
      let winners = winners(records, rejected)
      var counters = Counters()
      counters.rejected = rejected.count
      counters.duplicate = records.count - rejected.count - winners.count
      result[batch] = counters
      staged += winners.map { (batch, $0.key, records[$0.value]) }
      all += records.indices.filter { !rejected.contains($0) }.map { records[$0] }
    }
    return (result, staged, all)
  }

  /// Expected rows of each table, columns between bars.
  var tables: [String: [String]] {
    var tables: [String: [String]] = ["asset": [], "asset_line": [], "asset_tag": []]
    for (key, row) in rows {
      let cells = row.cells.map { $0 ?? "NULL" } + [row.batch, "assets"] + (row.isDeleted ? ["deleted"] : [])
      tables["asset"]?.append(cells.joined(separator: " | "))
      for (line, remark) in row.lines {
        tables["asset_line"]?.append("\(key) | \(line) | \(remark ?? "NULL")")
      }
      for tag in row.tags { tables["asset_tag"]?.append("\(key) | \(tag ?? "NULL")") }
    }
    return tables
  }
}
