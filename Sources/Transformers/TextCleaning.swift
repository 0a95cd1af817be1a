// SPDX-License-Identifier: Apache-2.0

import Components
import Records

/// Brings the captured texts of one value into order, in place: encoding, NFC, lists joined, white space,
/// null words, splitting. Trimming only moves where a cell starts and ends; bytes are written for the few
/// cells that change.
///
/// Afterwards a cell is absent, null, a value, `many` or `structure`.
final class TextCleaning {
  private let isTrimmed: Bool
  /// An empty text can only be a text; for every other type it is nothing.
  private let isEmptyNull: Bool
  private let nulls: NullWords
  private let join: [UInt8]
  private let split: [UInt8]
  private let splitTake: CaptureSlot.Take
  private let encoding: LegacyEncoding?
  /// `take: sum`
  private var sum: ItemSum?
  private var scratch = GrowableBuffer<UInt8>(capacity: 256)
  private var joined = GrowableBuffer<UInt8>(capacity: 256)
  private var undone = GrowableBuffer<UInt8>(capacity: 256)

  init(_ plan: ValuePlan, encoding: LegacyEncoding?) {
    isTrimmed = plan.isTrimmed
    isEmptyNull = plan.type != .text
    nulls = NullWords(plan.nulls, takesEmpty: isEmptyNull)
    join = Array((plan.join ?? ", ").utf8)
    split = Array((plan.split ?? "").utf8)
    // Items that are joined again are all wanted.
    splitTake = plan.splitTake == .only && plan.join != nil ? .all : plan.splitTake
    self.encoding = encoding
    sum = plan.sumsItems ? ItemSum(plan.numbers) : nil
  }

  deinit {
    scratch.deallocate()
    joined.deallocate()
    undone.deallocate()
  }

  /// - Returns: whether some cell is `many` or `structure`.
  func clean(_ column: TextColumn) -> Bool {
    if encoding == nil {
      compose(column)
    } else {
      rewriteCells(column) { _ in true }
    }
    var isOdd = trim(column)
    if !split.isEmpty, splitCells(column) { isOdd = true }
    return isOdd
  }

  /// Brings computed texts to NFC, and empty ones to null where the type is not text.
  func cleanResult(_ column: TextColumn) {
    compose(column)
    for row in 0..<column.count where column.state(row) == .value && isEmptyNull {
      if column.bytes(row).isEmpty { column.storage.pointee.states[row] = .null }
    }
  }

  /// Brings a column of values to NFC; nearly always by one look at all its bytes.
  private func compose(_ column: TextColumn) {
    let bytes = column.storage.pointee.bytes
    if ComposedText.isPlain(UnsafeBufferPointer(start: bytes.base, count: bytes.count)) { return }
    rewriteCells(column) { !ComposedText.isPlain($0) }
  }

  private func rewriteCells(_ column: TextColumn, where needsIt: (UnsafeBufferPointer<UInt8>) -> Bool) {
    for row in 0..<column.count {
      let state = column.state(row)
      guard state == .value || state == .many, needsIt(column.bytes(row)) else { continue }
      scratch.count = 0
      decode(column.bytes(row), into: &scratch)
      column.replace(row, with: scratch)
    }
  }

  /// Undoes a legacy encoding and composes.
  private func decode(_ text: UnsafeBufferPointer<UInt8>, into bytes: inout GrowableBuffer<UInt8>) {
    guard let encoding else { return ComposedText.append(text, to: &bytes) }
    undone.count = 0
    encoding.append(charactersOf: text, to: &undone)
    ComposedText.append(UnsafeBufferPointer(start: undone.base, count: undone.count), to: &bytes)
  }

  private func trim(_ column: TextColumn) -> Bool {
    var isOdd = false
    let storage = column.storage
    for row in 0..<column.count {
      let state = storage.pointee.states.base[row]
      if state == .value {
        let base = UnsafePointer(storage.pointee.bytes.base)
        var start = Int(storage.pointee.starts.base[row])
        var end = Int(storage.pointee.ends.base[row])
        TextTrimming.trim(base, &start, &end)
        if isTrimmed {
          storage.pointee.starts.base[row] = UInt32(truncatingIfNeeded: start)
          storage.pointee.ends.base[row] = UInt32(truncatingIfNeeded: end)
        }
        if nulls.contains(base + start, end - start) { storage.pointee.states.base[row] = .null }
      } else if state == .list {
        if sum == nil { joinList(column, row) } else if addUp(column, row) { isOdd = true }
      } else if state == .many || state == .structure {
        isOdd = true
      }
    }
    return isOdd
  }

  private func joinList(_ column: TextColumn, _ row: Int) {
    joined.count = 0
    var items = 0
    TextList.forEach(in: column.bytes(row)) { item, state in
      guard state == .value else { return }
      scratch.count = 0
      decode(item, into: &scratch)
      var start = 0
      var end = scratch.count
      TextTrimming.trim(scratch.base, &start, &end)
      if nulls.contains(scratch.base + start, end - start) { return }
      if items > 0 { join.withUnsafeBufferPointer { joined.append($0) } }
      joined.append(
        0..<scratch.count, of: UnsafeBufferPointer(start: scratch.base, count: scratch.count),
        isTrimmed: isTrimmed)
      items += 1
    }
    column.replace(row, with: joined)
    column.storage.pointee.states[row] = items == 0 ? .null : .value
  }

  /// Makes the cell the sum of its items, for a reader of numbers: null where one of them is. Where one is no number
  /// it stands in the sum's place, and where the sum would be too long all of them do, for the reader to refuse.
  ///
  /// - Returns: whether one of the items is no text.
  private func addUp(_ column: TextColumn, _ row: Int) -> Bool {
    sum?.start()
    joined.count = 0
    var state = CellState.value
    var outcome = ItemSum.Outcome.added
    TextList.forEach(in: column.bytes(row)) { item, itemState in
      guard state == .value, outcome != .notANumber else { return }
      guard itemState == .value else {
        state = itemState == .structure ? .structure : .null
        return
      }
      scratch.count = 0
      decode(item, into: &scratch)
      let text = TextTrimming.trimmed(UnsafeBufferPointer(start: scratch.base, count: scratch.count))
      if text.isEmpty || text.baseAddress.map({ nulls.contains($0, text.count) }) == true {
        state = .null
        return
      }
      let added = sum?.add(text) ?? .added
      if added == .notANumber { joined.count = 0 }
      if outcome == .added || added == .notANumber { outcome = added }
      if joined.count > 0 { for unit in " + ".utf8 { joined.append(unit) } }
      joined.append(text)
    }
    if outcome == .added, var text = sum?.text {
      text.withUTF8 { column.replace(row, with: $0) }
    } else {
      column.replace(row, with: joined)
    }
    column.storage.pointee.states[row] = state
    return state == .structure
  }

  private func splitCells(_ column: TextColumn) -> Bool {
    var isOdd = false
    for row in 0..<column.count where column.state(row) == .value {
      let cell = column.bytes(row)
      guard let base = cell.baseAddress else { continue }
      let items = TextSplitting.items(of: cell, by: split)
      let holds = { (item: Range<Int>) in
        var (start, end) = (item.lowerBound, item.upperBound)
        TextTrimming.trim(base, &start, &end)
        return end > start && !self.nulls.contains(base + start, end - start)
      }
      if takesByPlace {
        // "01/2022 - nay" has two places: its last is null, not the one before it.
        let picked = place(in: items).flatMap { holds($0) ? $0 : nil }
        _ = pick(picked.map { [$0] } ?? [], of: cell, column, row)
      } else if pick(items.filter(holds), of: cell, column, row) {
        isOdd = true
      }
    }
    return isOdd
  }

  private var takesByPlace: Bool {
    switch splitTake {
    case .first, .last, .nth: true
    case .only, .count, .all: false
    }
  }

  private func place(in items: [Range<Int>]) -> Range<Int>? {
    switch splitTake {
    case .last: items.last
    case .nth(let number): number >= 1 && number <= items.count ? items[number - 1] : nil
    default: items.first
    }
  }

  /// Makes the cell what its items come to: those that count, or the one at the place asked for.
  ///
  /// - Returns: whether there are several items where one is expected.
  private func pick(
    _ items: [Range<Int>], of cell: UnsafeBufferPointer<UInt8>, _ column: TextColumn, _ row: Int
  ) -> Bool {
    if splitTake == .count || splitTake == .all {
      joined.count = 0
      if splitTake == .count {
        for unit in String(items.count).utf8 { joined.append(unit) }
      } else {
        for (index, item) in items.enumerated() {
          if index > 0 { join.withUnsafeBufferPointer { joined.append($0) } }
          joined.append(item, of: cell, isTrimmed: isTrimmed)
        }
        if items.isEmpty { column.storage.pointee.states[row] = .null }
      }
      column.replace(row, with: joined)
      return false
    }
    guard let picked = items.first else {
      column.storage.pointee.states[row] = .null
      return false
    }
    if items.count > 1 { column.storage.pointee.states[row] = .many }
    column.narrow(row, to: picked, isTrimmed: isTrimmed)
    return items.count > 1
  }
}

enum TextSplitting {
  /// Where the items between separators stand.
  static func items(of text: UnsafeBufferPointer<UInt8>, by separator: [UInt8]) -> [Range<Int>] {
    var items: [Range<Int>] = []
    var start = 0
    var at = 0
    while at + separator.count <= text.count {
      if text[at] == separator[0], text[at..<at + separator.count].elementsEqual(separator) {
        items.append(start..<at)
        at += separator.count
        start = at
      } else {
        at += 1
      }
    }
    items.append(start..<text.count)
    return items
  }
}
