// SPDX-License-Identifier: Apache-2.0

/// Text as it stands in XML.
enum XMLText {
  /// What can stand between tags and in attributes of either quote.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&apos;"
      // A reader would make a line feed of it.
      case "\r": escaped += "&#13;"
      default: if isCharacter(scalar.value) { escaped.unicodeScalars.append(scalar) }
      }
    }
    return escaped
  }

  /// The text with its references put in: those of XML itself, and characters by number.
  static func decoded(_ raw: ArraySlice<UInt8>, at offset: Int) throws(XMLFault) -> String {
    guard raw.contains(UInt8(ascii: "&")) else { return XMLScanner.text(raw) }
    var decoded: [UInt8] = []
    var rest = raw
    while let byte = rest.first {
      let place = offset + (rest.startIndex - raw.startIndex)
      rest.removeFirst()
      guard byte == UInt8(ascii: "&") else {
        decoded.append(byte)
        continue
      }
      let name = XMLScanner.text(rest.prefix(16).prefix { $0 != UInt8(ascii: ";") })
      rest = rest.dropFirst(name.utf8.count)
      guard rest.popFirst() == UInt8(ascii: ";"), let scalar = scalar(name) else {
        throw XMLFault(reason: "'&' begins no reference: write &amp;", offset: place)
      }
      decoded += Array(String(Character(scalar)).utf8)
    }
    return XMLScanner.text(decoded)
  }

  private static func scalar(_ name: String) -> Unicode.Scalar? {
    switch name {
    case "amp": return "&"
    case "lt": return "<"
    case "gt": return ">"
    case "quot": return "\""
    case "apos": return "'"
    default:
      guard name.hasPrefix("#") else { return nil }
      let digits = name.dropFirst()
      let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
      return number.flatMap { isCharacter($0) ? Unicode.Scalar($0) : nil }
    }
  }

  /// Characters of XML 1.0.
  private static func isCharacter(_ value: UInt32) -> Bool {
    value == 9 || value == 10 || value == 13 || (value >= 32 && value != 0xFFFE && value != 0xFFFF)
  }
}
