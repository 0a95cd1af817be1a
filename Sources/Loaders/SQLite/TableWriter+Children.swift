// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// A record is one atom with its children: all of this works on the child rows below one parent row.
extension TableWriter {
  /// What keeps the rows below a parent row from being told apart: an empty or repeated key.
  func defect(below parentRow: Int, rootRow: Int) -> Failure? {
    seen.count = 0
    var number = 0
    let rows = rows(of: parentRow)
    for row in rows where isLive(row) {
      number += 1
      for child in children {
        if let failure = child.defect(below: row, rootRow: rootRow) { return failure }
      }
      if keys.isEmpty { continue }
      var hasher = KeyHasher()
      for key in keys {
        guard readers[key].hasValue(row) else {
          return Failure(
            row: rootRow, rule: "required", field: "\(layout.name)[\(number)].\(fields[key].name)",
            value: nil,
            message: "a key field of '\(layout.name)' has no value")
        }
        readers[key].hash(row, into: &hasher)
      }
      if rows.count > 1, !isNew(hasher.finish(), among: rows.count) {
        let names = keys.map { fields[$0].name }.joined(separator: ", ")
        let field = fields[keys[0]]
        return Failure(
          row: rootRow, rule: "key.child", field: "\(layout.name)[\(number)].\(field.name)",
          value: keyText(row), message: "two rows of '\(layout.name)' in one record share the key (\(names))",
          personal: field.personal)
      }
    }
    return nil
  }

  /// Adds a key to those of the same parent. Few keys are compared one by one; many go through a set.
  private func isNew(_ key: KeyDigest, among count: Int) -> Bool {
    if count > 32 {
      if seen.count == 0 { manySeen.removeAll(keepingCapacity: true) }
      seen.count = 1
      return manySeen.insert(key).inserted
    }
    for index in 0..<seen.count where seen.base[index] == key { return false }
    seen.append(key)
    return true
  }

  func hash(below parentRow: Int, into hasher: inout ContentHasher) {
    var count: UInt64 = 0
    for row in rows(of: parentRow) where isLive(row) {
      count += 1
      for field in 0..<fields.count { readers[field].hash(row, into: &hasher) }
      for child in children { child.hash(below: row, into: &hasher) }
    }
    hasher.mix(count)
  }

  /// Whether the rows below a parent row differ from the standing ones: compared by key, or in order where
  /// there is none. Writes nothing.
  func differs(below parentRow: Int) throws(StageFailure) -> Bool {
    keys.isEmpty ? try differsInOrder(parentRow) : try differsByKey(parentRow)
  }

  private func differsByKey(_ parentRow: Int) throws(StageFailure) -> Bool {
    var count = 0
    for row in rows(of: parentRow) where isLive(row) {
      count += 1
      guard let standing = try findStanding(row) else { return true }
      let isOther = differs(row, from: standing)
      standing.reset()
      if isOther { return true }
      for child in children {
        if try child.differs(below: row) { return true }
      }
    }
    return try standingCount(of: parentRow) != count
  }

  private func differsInOrder(_ parentRow: Int) throws(StageFailure) -> Bool {
    let standing = try standingRows(of: parentRow)
    for row in rows(of: parentRow) where isLive(row) {
      guard try standing.step() else { return true }
      if differs(row, from: standing) {
        standing.reset()
        return true
      }
    }
    let isMore = try standing.step()
    standing.reset()
    return isMore
  }

  /// Writes the rows below a parent row that did not stand before.
  ///
  /// - Returns: how many rows were written, those of nested lists included.
  func insertAll(below parentRow: Int) throws(StageFailure) -> Int {
    var written = 0
    for row in rows(of: parentRow) where isLive(row) {
      _ = try insert(row)
      written += 1
      for child in children { written += try child.insertAll(below: row) }
    }
    return written
  }

  /// Makes the standing rows below a parent row what the record says. With a key, rows that do not differ are
  /// left as they are; without one the rows are replaced together.
  func replaceAll(below parentRow: Int) throws(StageFailure) -> Int {
    if keys.isEmpty {
      guard try differsInOrder(parentRow) else { return 0 }
      try deleteStanding(of: parentRow)
      return try insertAll(below: parentRow)
    }
    var written = 0
    var kept = Set<Int64>()
    for row in rows(of: parentRow) where isLive(row) {
      if let standing = try findStanding(row) {
        kept.insert(standing.integer(0))
        if differs(row, from: standing) {
          try update(row, over: standing)
          written += 1
        } else {
          standing.reset()
        }
        for child in children { written += try child.replaceAll(below: row) }
      } else {
        _ = try insert(row)
        kept.insert(database.lastRowid)
        written += 1
        for child in children { written += try child.insertAll(below: row) }
      }
    }
    for rowid in try standingRowids(of: parentRow) where !kept.contains(rowid) {
      try deleteBelow(rowid)
      try deleteRow(rowid)
    }
    return written
  }

  /// Removes what stands in nested lists below one standing row.
  private func deleteBelow(_ rowid: Int64) throws(StageFailure) {
    let identity = layout.identity.map(quoted).joined(separator: ", ")
    for child in children {
      try child.deleteWhere(
        "(\(identity)) IN (SELECT \(identity) FROM \(quoted(layout.name)) WHERE _rowid_ = \(rowid))")
    }
  }

  private func deleteWhere(_ condition: String) throws(StageFailure) {
    try database.execute("DELETE FROM \(quoted(layout.name)) WHERE \(condition)")
    for child in children { try child.deleteWhere(condition) }
  }

  /// Removes all that stands in the nested lists below a root row.
  func clear(belowRoot rootRow: Int) throws(StageFailure) {
    for child in children {
      try child.deleteStanding(ofRoot: rootRow, self)
      try child.clearNested(ofRoot: rootRow, self)
    }
  }

  private func clearNested(ofRoot rootRow: Int, _ root: TableWriter) throws(StageFailure) {
    for child in children {
      try child.deleteStanding(ofRoot: rootRow, root)
      try child.clearNested(ofRoot: rootRow, root)
    }
  }

  /// The own key of a row as text.
  func keyText(_ row: Int) -> String {
    keys.map { key in table.fields.first { $0.name == fields[key].name }?.column.text(row) ?? "" }
      .joined(separator: "/")
  }

  /// Live rows below a parent row.
  func liveCount(below parentRow: Int) -> Int {
    rows(of: parentRow).reduce(0) { $0 + (isLive($1) ? 1 : 0) }
  }
}
