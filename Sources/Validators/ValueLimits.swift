// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// Bounds and allowed values of a field of fixed width, in the element of its column.
struct ValueLimits<Element: FixedWidthInteger & BitwiseCopyable> {
  private let low: Element?
  private let high: Element?
  /// Ascending.
  private let values: [Element]?

  /// - Returns: nil when the field has none.
  init?(_ field: EntityField, entity: String) throws(StageFailure) {
    func read(_ text: String, _ rule: String) throws(StageFailure) -> Element {
      guard let number = CanonicalText.number(text, field.type), let element = Element(exactly: number) else {
        throw .unreadableRule(rule, text, of: field, entity: entity, "it is no \(field.type)")
      }
      return element
    }
    low = if let text = field.minimum { try read(text, "minimum") } else { nil }
    high = if let text = field.maximum { try read(text, "maximum") } else { nil }
    var values: [Element]?
    for text in field.values ?? [] { values = (values ?? []) + [try read(text, "values")] }
    self.values = values?.sorted()
    if low == nil, high == nil, values == nil { return nil }
  }

  func judge(_ column: FixedColumn<Element>, _ wording: SchemaWording, _ broken: FieldCheck.Broken) {
    let cells = column.storage.pointee.values.base
    let states = column.storage.pointee.states.base
    let rows = column.count
    if let low {
      for row in 0..<rows where cells[row] < low && states[row] == .value {
        broken(row, "minimum") { wording.below(Self.text(row, column, wording)) }
      }
    }
    if let high {
      for row in 0..<rows where cells[row] > high && states[row] == .value {
        broken(row, "maximum") { wording.above(Self.text(row, column, wording)) }
      }
    }
    if let values {
      for row in 0..<rows where states[row] == .value && !Self.contains(values, cells[row]) {
        broken(row, "values") { wording.notAmong(Self.text(row, column, wording)) }
      }
    }
  }

  private static func contains(_ values: [Element], _ wanted: Element) -> Bool {
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      if values[middle] < wanted { low = middle + 1 } else { high = middle }
    }
    return low < values.count && values[low] == wanted
  }

  private static func text(_ row: Int, _ column: FixedColumn<Element>, _ wording: SchemaWording) -> String {
    CanonicalText.string(Int128(column.storage.pointee.values[row]), wording.field.type)
  }
}

/// The canonical text of values of fixed width, as schema files write bounds.
enum CanonicalText {
  /// - Returns: what a column holds for the text, or nil when it is no value of the type.
  static func number(_ text: String, _ type: FieldType) -> Int128? {
    var text = text
    switch type {
    case .integer: return Int128(text)
    case .decimal(_, let scale):
      let reading = text.withUTF8 { DecimalText(group: nil, decimal: ".").read($0) }
      guard let reading, let units = reading.units(scale: scale), units.rest == .none,
        let magnitude = Int128(exactly: units.whole)
      else { return nil }
      return reading.isNegative ? -magnitude : magnitude
    case .boolean: return text == "true" ? 1 : text == "false" ? 0 : nil
    case .date: return CalendarDate(iso: text).map { Int128($0.days) }
    case .timestamp:
      // Canonical text is in UTC, so that a bound without a time of day is midnight there.
      let reading = text.withUTF8 { DatePattern.iso.read($0) }
      return reading?.instant(localMinutes: 0).map { Int128($0.microseconds) }
    case .text, .code, .partialDate: return nil
    }
  }

  static func string(_ number: Int128, _ type: FieldType) -> String {
    switch type {
    case .decimal(_, let scale): ExactDecimal(unscaled: number, scale: scale).description
    case .boolean: number == 0 ? "false" : "true"
    case .date: CalendarDate(days: Int32(truncatingIfNeeded: number)).description
    case .timestamp: Instant(microseconds: Int64(truncatingIfNeeded: number)).description
    case .text, .code, .integer, .partialDate: String(number)
    }
  }
}
