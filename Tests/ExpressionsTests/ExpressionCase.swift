// SPDX-License-Identifier: Apache-2.0

import Expressions
import Records

/// Columns for expressions under test, written as `name type: cell | cell`; a cell is `null`, `absent` or text.
struct SampleScope: ExpressionScope {
  var columns: [String: Column] = [:]
  var types: [String: FieldType] = [:]
  var rows = 1
  var landingDate: CalendarDate { CalendarDate(year: 2026, month: 11, day: 22) ?? CalendarDate(days: 0) }
  var payloadName: String { "tai-san-2026-11.xml" }
  func request(_ name: String) -> String? { name == "nam" ? "2026" : nil }
  func codeList(_ name: String) -> CodeList? { nil }
  func column(_ name: String) -> Column { columns[name] ?? .text(TextColumn()) }

  init(_ lines: String...) {
    for line in lines {
      let parts = line.split(separator: ":", maxSplits: 1)
      let head = parts[0].split(separator: " ")
      let cells = parts[1].split(separator: "|").map { $0.trimmingSpaces() }
      let name = String(head[0])
      let type = SampleScope.type(String(head[1]))
      types[name] = type
      columns[name] = SampleScope.column(type, cells)
      rows = cells.count
    }
  }

  static func type(_ text: String) -> FieldType {
    switch text {
    case "integer": return .integer
    case "boolean": return .boolean
    case "date": return .date
    case "timestamp": return .timestamp
    case "partial_date": return .partialDate
    case "code": return .code(list: "commune")
    case "text": return .text
    default:
      let digits = text.dropFirst("decimal(".count).dropLast().split(separator: ",").map { Int($0) ?? 0 }
      return .decimal(precision: digits[0], scale: digits[1])
    }
  }

  /// Fills a column by evaluating a literal for each cell.
  static func column(_ type: FieldType, _ cells: [String]) -> Column {
    let column = Column.make(for: type)
    for cell in cells {
      let isEmpty = cell == "null" || cell == "absent"
      let state: CellState = cell == "absent" ? .absent : .null
      switch column {
      case .text(let column): isEmpty ? column.appendEmpty(state) : column.append(cell)
      case .integer(let column):
        isEmpty ? column.appendEmpty(state, filler: 7) : column.append(Int64(cell) ?? 0)
      case .decimal(let column, let scale):
        let parts = cell.split(separator: ".")
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        let digits = parts[0] + fraction + String(repeating: "0", count: scale - fraction.count)
        isEmpty ? column.appendEmpty(state, filler: 7) : column.append(Int128(digits) ?? 0)
      case .boolean(let column):
        isEmpty ? column.appendEmpty(state, filler: 1) : column.append(cell == "true" ? 1 : 0)
      case .date(let column): isEmpty ? column.appendEmpty(state, filler: 7) : column.append(day(cell))
      case .timestamp(let column):
        let hour = cell.count > 10 ? Int64(cell.dropFirst(11).prefix(2)) ?? 0 : 0
        let minute = cell.count > 10 ? Int64(cell.dropFirst(14).prefix(2)) ?? 0 : 0
        isEmpty
          ? column.appendEmpty(state, filler: 7)
          : column.append(Int64(day(cell)) * 86_400_000_000 + (hour * 60 + minute) * 60_000_000)
      }
    }
    return column
  }

  private static func day(_ text: String) -> Int32 {
    let parts = text.prefix(10).split(separator: "-").map { Int($0) ?? 0 }
    return parts.count == 3 ? CalendarDate(year: parts[0], month: parts[1], day: parts[2])?.days ?? 0 : 0
  }
}

extension Substring {
  func trimmingSpaces() -> String {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}

/// The result of an expression over a sample's rows: `a | null | !sentence`.
func evaluated(_ text: String, _ scope: SampleScope = SampleScope(), expecting: FieldType? = nil) -> String {
  do throws(ExpressionError) {
    let expression = try Expression.compile(
      text, expecting: expecting, known: scope.types.keys.sorted(), names: { scope.types[$0] })
    var failures: [Int: String] = [:]
    let column = expression.evaluate(rows: scope.rows, scope: scope) { failures[$0] = $1 }
    guard column.count == scope.rows else { return "\(column.count) rows" }
    return (0..<scope.rows).map { row in
      if let sentence = failures[row] { return (column.text(row) ?? "") + "!" + sentence }
      return column.text(row) ?? "null"
    }.joined(separator: " | ")
  } catch {
    return pointed(text, error)
  }
}

/// A finding under its text, with a caret line.
func pointed(_ text: String, _ error: ExpressionError) -> String {
  text + "\n" + String(repeating: " ", count: error.offset) + String(repeating: "^", count: error.length)
    + " "
    + error.message + " [" + error.id + "]"
}
