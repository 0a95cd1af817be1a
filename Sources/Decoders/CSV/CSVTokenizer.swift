// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// One row of a CSV text: its cells' text, quotes undone, and where it stands.
struct CSVRow {
  var bytes = GrowableBuffer<UInt8>(capacity: 1024)
  /// End of each cell in `bytes`.
  var ends = GrowableBuffer<Int>(capacity: 64)
  /// Number of the row in the text, from 1, blank ones counted.
  var number = 0
  var offset: Int64 = 0
  /// Bytes of the row without its line end.
  var length: Int64 = 0
  var line: Int64 = 1

  var count: Int { ends.count }

  func cell(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    let start = index == 0 ? 0 : ends[index - 1]
    return UnsafeBufferPointer(start: UnsafePointer(bytes.base + start), count: ends[index] - start)
  }

  /// Nothing but white space in every cell: what spreadsheets leave below and between tables.
  var isBlank: Bool {
    for index in 0..<bytes.count where !CSVRow.isSpace(bytes[index]) { return false }
    return true
  }

  func text(_ index: Int) -> String { String(decoding: cell(index), as: UTF8.self) }

  func isBlank(_ index: Int) -> Bool { cell(index).allSatisfy(CSVRow.isSpace) }

  @inline(__always)
  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte >= 0x09 && byte <= 0x0D }

  func deallocate() {
    bytes.deallocate()
    ends.deallocate()
  }
}

/// Cuts CSV text (RFC 4180, and what offices make of it) into rows; pieces of any size.
///
/// Rows end with CRLF, LF or CR. A quote within an unquoted cell is an ordinary character; after a
/// closing quote only
/// a separator or the end of the row may follow.
struct CSVTokenizer {
  private enum State: UInt8 {
    case rowStart
    /// A carriage return ended the row; a line feed belongs to it.
    case afterReturn
    case cellStart
    case unquoted
    case quoted
    /// A quote within a quoted cell: its end, or the first of two.
    case quote
  }

  let separator: UInt8
  let quote: UInt8
  let textLimit: Int

  private var state = State.rowStart
  private var row = CSVRow()
  private var offset: Int64 = 0
  private var line: Int64 = 1
  private var cellStart = 0
  private var quoteLine: Int64 = 1
  private var quoteOffset: Int64 = 0
  private var wasReturn = false

  /// Cells a row may have; beyond any spreadsheet's.
  static let cellLimit = 16_384
  /// How many times the length of one cell a row may have.
  static let rowFactor = 16

  init(separator: UInt8, quote: UInt8, textLimit: Int) {
    self.separator = separator
    self.quote = quote
    self.textLimit = textLimit
  }

  func deallocate() { row.deallocate() }

  mutating func feed(_ piece: UnsafeBufferPointer<UInt8>, _ take: (CSVRow) throws -> Void) throws {
    for byte in piece {
      try next(byte, take)
      offset += 1
    }
  }

  mutating func finish(_ take: (CSVRow) throws -> Void) throws {
    switch state {
    case .quoted:
      throw StageFailure(
        id: "decode.truncated", "a quoted cell is never closed",
        at: "line \(quoteLine) (offset \(quoteOffset))",
        help: "close the quote, or set 'quote' under 'decode' to the character this source quotes with",
        exit: .data)
    case .rowStart, .afterReturn: break
    case .cellStart, .unquoted, .quote: try endRow(take)
    }
  }

  @inline(__always)
  private mutating func next(_ byte: UInt8, _ take: (CSVRow) throws -> Void) throws {
    switch state {
    case .unquoted: try unquoted(byte, take)
    case .quoted:
      if byte == quote {
        state = .quote
      } else {
        if byte == 0x0A, !wasReturn { line += 1 }
        if byte == 0x0D { line += 1 }
        wasReturn = byte == 0x0D
        try append(byte)
      }
    case .quote:
      if byte == quote {
        wasReturn = false
        try append(byte)
        state = .quoted
      } else if byte == separator || byte == 0x0A || byte == 0x0D {
        try unquoted(byte, take)
      } else {
        throw StageFailure(
          id: "decode.not-well-formed",
          "the payload is not CSV: \(ByteName.of(byte)) follows the closing quote of a cell",
          at: "line \(line) (offset \(offset))",
          help: "a quote within a quoted cell is written twice; set 'quote' under 'decode' if this source "
            + "quotes with another character", exit: .data)
      }
    case .afterReturn:
      state = .rowStart
      if byte != 0x0A { try begin(byte, take) }
    case .rowStart: try begin(byte, take)
    case .cellStart: try cell(byte, take)
    }
  }

  private mutating func begin(_ byte: UInt8, _ take: (CSVRow) throws -> Void) throws {
    // A byte order mark at the very start is passed over; it counts in offsets.
    if (offset == 0 && byte == 0xEF) || (offset == 1 && byte == 0xBB) || (offset == 2 && byte == 0xBF) {
      return
    }
    row.bytes.count = 0
    row.ends.count = 0
    row.number += 1
    row.offset = offset
    row.line = line
    cellStart = 0
    try cell(byte, take)
  }

  private mutating func cell(_ byte: UInt8, _ take: (CSVRow) throws -> Void) throws {
    if byte == quote {
      state = .quoted
      wasReturn = false
      quoteLine = line
      quoteOffset = offset
    } else {
      try unquoted(byte, take)
    }
  }

  @inline(__always)
  private mutating func unquoted(_ byte: UInt8, _ take: (CSVRow) throws -> Void) throws {
    if byte == separator {
      try endCell()
      state = .cellStart
    } else if byte == 0x0A || byte == 0x0D {
      try endRow(take)
      line += 1
      state = byte == 0x0D ? .afterReturn : .rowStart
    } else {
      state = .unquoted
      try append(byte)
    }
  }

  @inline(__always)
  private mutating func append(_ byte: UInt8) throws {
    row.bytes.append(byte)
    if row.bytes.count - cellStart > textLimit || row.bytes.count / Self.rowFactor > textLimit {
      throw tooLong("a cell or row is longer than the limit of \(textLimit) bytes a cell")
    }
  }

  private mutating func endCell() throws {
    row.ends.append(row.bytes.count)
    cellStart = row.bytes.count
    if row.ends.count > Self.cellLimit { throw tooLong("a row has more than \(Self.cellLimit) cells") }
  }

  private mutating func endRow(_ take: (CSVRow) throws -> Void) throws {
    try endCell()
    row.length = offset - row.offset
    try take(row)
  }

  private func tooLong(_ message: String) -> StageFailure {
    StageFailure(
      id: "decode.text-too-long", message, at: "line \(row.line) (offset \(row.offset))",
      help:
        "look for a quote that is opened and never closed; if the source really sends this, raise 'limits' "
        + "under 'decode'", exit: .data)
  }
}
