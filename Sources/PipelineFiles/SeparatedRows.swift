// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// The rows of a comma-separated text (RFC 4180) with the place of every cell.
struct SeparatedRows {
  struct Cell {
    var text: String
    var line: Int
    /// In characters, from 1.
    var column: Int
  }

  enum Fault {
    case quoteNeverClosed(line: Int, column: Int)
    case textAfterQuote(line: Int, column: Int)

    func diagnostic(file: String) -> Diagnostic {
      switch self {
      case .quoteNeverClosed(let line, let column):
        Diagnostic(
          id: "codelist.quote-never-closed", "this quote is never closed",
          at: FilePosition(file: file, line: line, column: column),
          help: "close it; a quote inside a quoted cell is written twice")
      case .textAfterQuote(let line, let column):
        Diagnostic(
          id: "codelist.text-after-quote", "text stands between a closing quote and the next comma",
          at: FilePosition(file: file, line: line, column: column),
          help: "put the whole cell in quotes; a quote inside it is written twice")
      }
    }
  }

  private(set) var fault: Fault?
  /// Line of every row after the header that was not empty.
  private(set) var lines: [Int] = []
  private let bytes: [UInt8]
  private var index = 0
  private var line = 1
  private var column = 1
  private var isHeader = true

  init(_ text: String) {
    let bytes = Array(text.utf8)
    self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
  }

  /// The next row; nil at the end and after a fault.
  mutating func next() -> [Cell]? {
    guard index < bytes.count, fault == nil else { return nil }
    let start = line
    var cells: [Cell] = []
    while true {
      guard let cell = cell() else { return nil }
      cells.append(cell)
      guard index < bytes.count, bytes[index] == 44 else { break }
      advance()
    }
    if index < bytes.count { endLine() }
    if cells.count > 1 || !cells[0].text.isEmpty {
      if !isHeader { lines.append(start) }
      isHeader = false
    }
    return cells
  }

  private mutating func cell() -> Cell? {
    let place = (line, column)
    guard index < bytes.count, bytes[index] == 34 else {
      let start = index
      while index < bytes.count, bytes[index] != 44, bytes[index] != 10, bytes[index] != 13 { advance() }
      return Cell(
        text: String(decoding: bytes[start..<index], as: UTF8.self).trimmed, line: place.0, column: place.1)
    }
    advance()
    var text: [UInt8] = []
    while true {
      guard index < bytes.count else {
        fault = .quoteNeverClosed(line: place.0, column: place.1)
        return nil
      }
      let byte = bytes[index]
      if byte == 34 {
        advance()
        guard index < bytes.count, bytes[index] == 34 else { break }
      }
      text.append(byte)
      if byte == 10 { (line, column, index) = (line + 1, 1, index + 1) } else { advance() }
    }
    guard index == bytes.count || [44, 10, 13].contains(bytes[index]) else {
      fault = .textAfterQuote(line: line, column: column)
      return nil
    }
    return Cell(text: String(decoding: text, as: UTF8.self).trimmed, line: place.0, column: place.1)
  }

  private mutating func advance() {
    // Only first bytes of characters count as columns.
    if bytes[index] & 0xC0 != 0x80 { column += 1 }
    index += 1
  }

  private mutating func endLine() {
    if bytes[index] == 13 { index += 1 }
    if index < bytes.count, bytes[index] == 10 { index += 1 }
    line += 1
    column = 1
  }
}

extension String {
  /// Without white space around it.
  var trimmed: String {
    var rest = self[...]
    while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
    while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
    return String(rest)
  }
}
