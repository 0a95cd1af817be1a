// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import Records

/// One pass over a CSV payload: rows become roots, cells their members. Either may be records.
final class CSVSession: DecodingSession {
  /// The header, shared with the resolver of the plan's names.
  private final class HeaderBox {
    var header = CSVHeader()
  }

  private let engine: CaptureEngine
  private let driver: CaptureDriver
  private let box = HeaderBox()
  private let headerPlace: CSVHeader.Place
  private let allowsEmpty: Bool
  private let wantsRecords: Bool
  private let cells: [(row: Int, column: Int, value: ValuePointer)]
  /// Columns that anything can be wanted of, by index in the row.
  private var columns: [(index: Int, column: CSVHeader.Column)] = []
  private var headerCount = 0
  private var tokenizer: CSVTokenizer
  private var hasHeader = false
  private var line: Int64 = 1
  private var offset: Int64 = 0

  init(
    _ plan: DecodePlan, late: LateValues?, into sink: any ChunkSink, headerPlace: CSVHeader.Place,
    tokenizer: CSVTokenizer
  ) throws(StageFailure) {
    for kind in plan.kinds {
      guard kind.records.steps.count <= 1 else {
        throw StageFailure(
          id: "decode.path-not-possible",
          "the record path '\(kind.records)' goes deeper than to the cells of a row",
          help: "leave 'records' out for rows, or name columns by one step, as \"/*[name()!='STT']\"",
          exit: .files)
      }
    }
    let box = box
    engine = try CaptureEngine(
      plan, format: "csv", late: late, into: sink,
      resolve: { (name: String, isAttribute: Bool) throws(StageFailure) -> [NameKey] in
        if isAttribute {
          throw StageFailure(
            id: "decode.no-attributes", "'@\(name)' asks for an attribute, which CSV does not have",
            help: "write the header without '@'; one that begins with '@' is written '\\@\(name)'",
            exit: .files)
        }
        return [box.header.key(name)]
      })
    driver = engine.driver
    cells = engine.wantedCells
    self.headerPlace = headerPlace
    allowsEmpty = plan.allowsEmpty
    wantsRecords = !plan.kinds.isEmpty
    self.tokenizer = tokenizer
    engine.place = { [unowned self] in "line \(line) (offset \(offset))" }
  }

  deinit { tokenizer.deallocate() }

  func feed(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    try tokenizer.feed(bytes) { try take($0) }
  }

  var documentValues: [DocumentValue] { engine.documentValues }

  func finish() throws -> DecodeSummary {
    try tokenizer.finish { try take($0) }
    guard hasHeader || allowsEmpty || !wantsRecords else {
      throw StageFailure(
        id: "decode.missing-header",
        "the payload ends before \(headerPlace), which should name the columns",
        help: "correct 'header_row'; if an empty payload means no records, add 'empty: allowed'", exit: .data)
    }
    return try engine.finish()
  }

  private func take(_ row: CSVRow) throws {
    for cell in cells where cell.row == row.number && cell.column <= row.count {
      engine.set(cell.value, to: row.cell(cell.column - 1))
    }
    if hasHeader {
      if wantsRecords, !row.isBlank { try takeRecord(row) }
    } else if headerPlace.isMet(by: row) {
      try takeHeader(row)
    }
  }

  private func takeHeader(_ row: CSVRow) throws {
    hasHeader = true
    guard wantsRecords else { return }
    try box.header.read(row)
    // A path may ask for any column (`*`); else only the named ones are told to the engine.
    let takesAll = !driver.state.pointee.root.pointee.isSimple
    let root = driver.state.pointee.root
    if root.pointee.isRecordParent {
      // A header alone is a table without rows, which is an answer.
      root.pointee.wasSeen = true
      engine.sawRecordParent()
    }
    headerCount = (box.header.columns.lastIndex { !$0.name.isEmpty } ?? -1) + 1
    columns = box.header.columns.prefix(headerCount).enumerated()
      .filter { takesAll || $0.element.isWanted }.map { ($0.offset, $0.element) }
  }

  private func takeRecord(_ row: CSVRow) throws {
    (line, offset) = (row.line, row.offset)
    let end = row.offset + row.length
    let surplus = (headerCount..<max(row.count, headerCount)).first { !row.isBlank($0) }
    if driver.openRoot(kind: .structure).contains(.position) { driver.begin(at: row.offset, line: row.line) }
    for (index, column) in columns where index < row.count {
      let cell = row.cell(index)
      let wants = column.name.withUnsafeBufferPointer { driver.open(column.key, name: $0, kind: .text) }
      if wants.contains(.position) { driver.begin(at: row.offset, line: row.line) }
      if driver.hasRaw { driver.raw(cell) }
      if driver.wantsText, let base = cell.baseAddress, cell.count > 0 { driver.text(base, cell.count) }
      close(row, at: end, surplus: surplus)
    }
    close(row, at: end, surplus: surplus)
    if driver.hasFailed, let failure = engine.failure { throw failure }
  }

  /// Closes a row or a cell of it. In a row with surplus text the values may have moved: no record of it stands.
  @inline(__always)
  private func close(_ row: CSVRow, at end: Int64, surplus: Int?) {
    guard let surplus else { return driver.close(at: end) }
    engine.close(
      at: end, rule: "csv.surplus-cell", value: String(row.text(surplus).prefix(80)),
      message:
        "the row has text in column \(surplus + 1), beyond the last header (\(headerCount) columns): "
        + "a cell that holds the separator was not quoted")
  }
}
