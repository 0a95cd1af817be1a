// SPDX-License-Identifier: Apache-2.0

import Components
import Records

extension CSVRecordDecoder {
  public static let acceptsAnyText = true

  public func observe(_ head: UnsafeBufferPointer<UInt8>) -> ObservedNode? { CSVObserver.observe(head) }
}

/// Finds out how a table is written: its separator, the row that names its columns, and what they hold.
enum CSVObserver {
  private struct Enough: Error {}

  private struct Layout {
    var separator: UInt8
    var headerRow: Int
    /// Columns of the header, and of how many of the first rows.
    var columns: Int
    var regularRows: Int
  }

  private static let separators: [UInt8] = [
    UInt8(ascii: ","), UInt8(ascii: ";"), 0x09, UInt8(ascii: "|"),
  ]

  static func observe(_ head: UnsafeBufferPointer<UInt8>) -> ObservedNode? {
    var text = head
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = UnsafeBufferPointer(rebasing: text[3...]) }
    // What begins like markup or JSON and was not read as such is broken, not a table.
    let first = text.first { !($0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0D)) }
    guard let first, first != UInt8(ascii: "<"), first != UInt8(ascii: "{"), first != UInt8(ascii: "["),
      !text.prefix(4096).contains(where: { $0 < 0x09 })
    else { return nil }
    let layouts = separators.compactMap { layout(head, $0) }
    guard
      let best = layouts.max(by: {
        ($0.regularRows * ($0.columns - 1), $0.columns) < ($1.regularRows * ($1.columns - 1), $1.columns)
      })
    else { return nil }
    return observe(head, best)
  }

  /// How the table looks with one separator; nil when it is none.
  private static func layout(_ head: UnsafeBufferPointer<UInt8>, _ separator: UInt8) -> Layout? {
    var rows: [(number: Int, cells: [String])] = []
    read(head, separator) { row in
      if !row.isBlank { rows.append((row.number, (0..<row.count).map { CSVHeader.fold(row.text($0)) })) }
      if rows.count == 50 { throw Enough() }
    }
    let widths = rows.map { row in (row.cells.lastIndex { !$0.isEmpty } ?? -1) + 1 }
    guard let widest = widths.max(), !rows.isEmpty else { return nil }
    if widest == 1 { return lines(rows, separator) }
    // The header is the first row that is nearly as wide as the table and all of it names.
    for (index, row) in rows.enumerated() {
      let named = row.cells.prefix(widths[index]).filter { isName($0) }.count
      guard widths[index] * 2 > widest, named * 10 >= widths[index] * 7, named > 1 else { continue }
      let below = widths[(index + 1)...]
      let regular = below.filter { $0 <= widths[index] && $0 * 2 > widths[index] }.count
      return Layout(
        separator: separator, headerRow: row.number, columns: widths[index], regularRows: regular + 1)
    }
    return nil
  }

  /// A table of one column, if its lines look like one.
  private static func lines(_ rows: [(number: Int, cells: [String])], _ separator: UInt8) -> Layout? {
    guard separator == UInt8(ascii: ","), rows.count >= 3, let header = rows.first?.cells.first,
      isName(header),
      rows.allSatisfy({ ($0.cells.first?.utf8.count ?? 0) <= 80 }), !header.contains(where: \.isWhitespace)
    else { return nil }
    return Layout(separator: separator, headerRow: rows[0].number, columns: 1, regularRows: 0)
  }

  private static func isName(_ cell: String) -> Bool {
    cell.contains(where: \.isLetter) && cell.utf8.count <= 200
  }

  private static func observe(_ head: UnsafeBufferPointer<UInt8>, _ layout: Layout) -> ObservedNode {
    let observer = SampleObserver(mergesMembers: false)
    var names: [[UInt8]] = []
    read(head, layout.separator) { row in
      if row.number == layout.headerRow {
        let cells = (0..<row.count).map { CSVHeader.fold(row.text($0)) }
        // A header that stands twice names no column.
        names = cells.map { cell in cells.filter { $0 == cell }.count == 1 ? Array(cell.utf8) : [] }
      }
      guard row.number > layout.headerRow, !row.isBlank else { return }
      observer.openRoot()
      observer.branch()
      for index in 0..<min(row.count, names.count) where !names[index].isEmpty {
        names[index].withUnsafeBufferPointer { observer.openChild($0) }
        observer.value(row.cell(index))
        observer.close()
      }
      observer.close()
    }
    if observer.root.count == 0 {
      // A header alone still names the columns.
      observer.openRoot()
      for name in names where !name.isEmpty {
        name.withUnsafeBufferPointer { observer.openChild($0) }
        observer.null()
        observer.close()
      }
      observer.branch()
      observer.close()
    }
    var settings: [String] = []
    if layout.separator == 0x09 {
      settings.append("separator: \"\\t\"")
    } else if layout.separator != UInt8(ascii: ",") {
      settings.append("separator: \"\(Character(Unicode.Scalar(layout.separator)))\"")
    }
    if layout.headerRow != 1 { settings.append("header_row: \(layout.headerRow)") }
    return observer.observed(settings: settings)
  }

  /// Hands over rows until the end, an error or as many as are wanted. The last, perhaps cut, row is left
  /// out.
  private static func read(
    _ head: UnsafeBufferPointer<UInt8>, _ separator: UInt8, _ take: (CSVRow) throws -> Void
  ) {
    var tokenizer = CSVTokenizer(separator: separator, quote: UInt8(ascii: "\""), textLimit: 1 << 30)
    defer { tokenizer.deallocate() }
    do {
      try tokenizer.feed(head, take)
      if head.last != 0x0A, head.last != 0x0D { try tokenizer.finish(take) }
    } catch {}
  }
}
