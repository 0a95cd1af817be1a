// SPDX-License-Identifier: Apache-2.0

/// A JSON value that keeps the order its keys were given in.
enum JSONText {
  case null
  case boolean(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSONText])
  case object([(String, JSONText)])

  static func optional(_ text: String?) -> JSONText { text.map(JSONText.string) ?? .null }
  static func optional(_ number: Int64?) -> JSONText { number.map(JSONText.integer) ?? .null }
  static func count(_ number: Int) -> JSONText { .integer(Int64(number)) }

  /// One line without spaces inside values; members of the outermost levels on lines of their own.
  func text(indentation: Int = 0, depth: Int = 3) -> String {
    switch self {
    case .null: return "null"
    case .boolean(let value): return value ? "true" : "false"
    case .integer(let value): return String(value)
    case .number(let value):
      // Milliseconds are enough for durations, and keep the text free of binary tails.
      let thousandths = Int64((value * 1000).rounded())
      let fraction = String(thousandths.magnitude % 1000)
      let padding = String(repeating: "0", count: 3 - fraction.count)
      return "\(thousandths < 0 ? "-" : "")\(thousandths.magnitude / 1000).\(padding)\(fraction)"
    case .string(let value): return Self.quoted(value)
    case .array(let items):
      return Self.block(
        "[", items.map { $0.text(indentation: indentation + 2, depth: depth - 1) }, "]", indentation, depth)
    case .object(let members):
      let texts = members.map {
        Self.quoted($0) + ": " + $1.text(indentation: indentation + 2, depth: depth - 1)
      }
      return Self.block("{", texts, "}", indentation, depth)
    }
  }

  private static func block(
    _ open: String, _ items: [String], _ close: String, _ indentation: Int, _ depth: Int
  ) -> String {
    guard depth > 0, !items.isEmpty else { return open + items.joined(separator: ", ") + close }
    let margin = String(repeating: " ", count: indentation)
    return open + "\n" + items.map { margin + "  " + $0 }.joined(separator: ",\n") + "\n" + margin + close
  }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
