// SPDX-License-Identifier: Apache-2.0

/// The type of a field of the shared schema.
public enum FieldType: Hashable, Sendable {
  case text
  case integer
  /// At most `precision` digits (1…38), `scale` of them after the point.
  case decimal(precision: Int, scale: Int)
  case boolean
  case date
  /// An instant, stored in UTC.
  case timestamp
  /// A date whose day, or day and month, may be unknown: `1985`, `1985-03`, `1985-03-07`.
  case partialDate
  /// A code of the named code list.
  case code(list: String)
}

extension FieldType: CustomStringConvertible {
  /// The spelling used in schema files. `code` leaves out its list, which stands in a key of its own.
  public var description: String {
    switch self {
    case .text: "text"
    case .integer: "integer"
    case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
    case .boolean: "boolean"
    case .date: "date"
    case .timestamp: "timestamp"
    case .partialDate: "partial_date"
    case .code: "code"
    }
  }
}
