// SPDX-License-Identifier: Apache-2.0

import Components
import Records

extension RowFate {
  /// Whether what is wrong with a row is of interest: all failures of a rejected record are kept, a filtered
  /// or skipped one has none.
  @inline(__always)
  var isJudged: Bool { self == .live || self == .rejected }
}

extension Table {
  /// The same of a row. A deletion names what is gone; that it says nothing else is no failure.
  @inline(__always)
  func isJudged(_ row: Int) -> Bool {
    fates[row].isJudged && (rejectedDeletions.isEmpty || !rejectedDeletions.contains(row))
  }
}

extension Column {
  /// The beginning of a cell for people: at most 80 characters, without U+0000, which terminals and
  /// databases cut text at.
  func excerpt(_ row: Int) -> String? {
    guard case .text(let column) = self else { return text(row) }
    guard column.state(row) == .value else { return nil }
    // 80 characters rarely pass some hundred bytes; a text of a megabyte is not decoded for its beginning.
    let head = UnsafeBufferPointer(rebasing: column.bytes(row).prefix(2048))
    let cut = String(decoding: head, as: UTF8.self).prefix(80)
    guard cut.utf8.contains(0) else { return String(cut) }
    return String(cut.map { $0 == "\0" ? "\u{2400}" : $0 })
  }
}

extension Chunk {
  /// Keeps a record out for what one of its rows broke, or, where its nested rows may be dropped, drops
  /// the row and notes it.
  ///
  /// - Returns: whether a nested row was dropped.
  func reject(
    _ row: Int, of frame: TableFrame, rule: String, field: EntityField, value: String?, message: String
  ) -> Bool {
    let (root, prefix) = frame.place(row)
    let dropped = frame.droppable(row)
    dropped?.table.fates[dropped?.row ?? 0] = .rejected
    add(
      Failure(
        kind: dropped == nil ? .reject : .note, row: root, rule: rule, field: prefix + field.name,
        value: value,
        message: message, personal: field.personal))
    return dropped != nil
  }
}
