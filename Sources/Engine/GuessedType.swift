// SPDX-License-Identifier: Apache-2.0

import Components
import Foundation

/// The type of a guessed field, and how its source writes it. Text wherever two readings are possible: a
/// guess must
/// not change a value.
struct GuessedType: Equatable {
  var schemaText: String
  /// Keys for the map entry, as `dates: dd/MM/yyyy`.
  var formats: [String] = []

  static let text = GuessedType(schemaText: "text")
  static let integer = GuessedType(schemaText: "integer")

  /// Whether values of this type may identify a row.
  var canBeKey: Bool { self == .text || self == .integer }

  /// - Parameters:
  ///   - words: of the field's name.
  ///   - hasLiterals: the format tells numbers from texts, and this sample does.
  init(_ forms: ObservedForms, words: Set<String>, hasLiterals: Bool) {
    guard forms.count > 0 else {
      self = .text
      return
    }
    let fits = forms.fits
    if fits.contains(.boolean) {
      self.init(schemaText: "boolean")
    } else if fits.contains(.integer) {
      let isCode =
        !words.isDisjoint(with: Self.codeWords) || (forms.shortest == forms.longest && forms.longest >= 5)
      self = forms.isLiteral || (!hasLiterals && !isCode) ? .integer : .text
    } else if let number = Self.number(forms) {
      self = number
    } else if fits.contains(.isoDate) {
      self.init(schemaText: "date")
    } else if fits.contains(.isoTimestamp) {
      self.init(schemaText: "timestamp")
    } else if let pattern = forms.pattern {
      let type = pattern.contains("m") ? "timestamp" : "date"
      self.init(schemaText: type, formats: ["dates: \(GuessText.quoted(pattern))"])
    } else {
      self = .text
    }
  }

  private init(schemaText: String, formats: [String] = []) {
    self.schemaText = schemaText
    self.formats = formats
  }

  /// `1.234` is a thousand and more in one house and little more than one in the other: text, unless the
  /// format
  /// itself says that it is a number.
  private static func number(_ forms: ObservedForms) -> GuessedType? {
    let ways = forms.fits.intersection([.plainNumber, .vietnameseNumber, .englishNumber])
    guard forms.longest <= 30 else { return nil }
    func decimal(_ scale: Int, _ formats: [String] = []) -> GuessedType? {
      guard scale <= 18 else { return nil }
      let precision = scale <= 4 && forms.longest <= 15 ? 18 : scale <= 8 && forms.longest <= 18 ? 28 : 38
      // Digits that no value of the sample has may come later: there is room for as many again.
      guard forms.longest - scale <= precision - max(2, scale) else { return nil }
      return GuessedType(schemaText: "\"decimal(\(precision),\(max(2, scale)))\"", formats: formats)
    }
    if ways.contains(.plainNumber), forms.isLiteral || !ways.contains(.vietnameseNumber) {
      return decimal(forms.pointDigits)
    }
    switch ways {
    case .vietnameseNumber: return decimal(forms.commaDigits, ["numbers: vi"])
    case .englishNumber: return decimal(forms.pointDigits, ["numbers: en"])
    default: return nil
    }
  }

  /// Words of names whose digits are no number.
  static let codeWords: Set<String> = [
    "id", "ma", "code", "key", "uuid", "guid", "ref", "zip", "phone", "tel", "fax", "cccd", "cmnd", "mst",
    "isbn",
    "postal", "dien", "thoai", "sdt", "serial", "account",
  ]
}

/// Texts of guessed files.
enum GuessText {
  /// A YAML scalar that reads back as the text.
  static func quoted(_ text: String) -> String {
    let isPlain =
      text.utf8.allSatisfy { byte in
        (byte >= 0x61 && byte <= 0x7A) || (byte >= 0x41 && byte <= 0x5A) || (byte >= 0x30 && byte <= 0x39)
          || byte == 0x5F || byte == 0x2F || byte == 0x2E || byte == 0x2D || byte == 0x3A || byte == 0x28
          || byte == 0x29 || byte >= 0x80
      }
      && text.unicodeScalars.allSatisfy { $0.isASCII || $0.properties.isAlphabetic }
      && text.utf8.first.map { $0 == 0x2F || ($0 >= 0x41 && $0 != 0x5F) } == true && text.utf8.last != 0x3A
      && !words.contains(text.lowercased())
    if isPlain { return text }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default:
        let isVisible = scalar == " " || !(scalar.properties.isWhitespace || scalar.value < 0x20)
        let isControl =
          scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
          || scalar.properties.generalCategory == .lineSeparator
          || scalar.properties.generalCategory == .unassigned
          || scalar.properties.generalCategory == .privateUse
        if isVisible, !isControl {
          result.unicodeScalars.append(scalar)
        } else {
          let digits = String(scalar.value, radix: 16)
          result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
      }
    }
    return result + "\""
  }

  /// Words that YAML readers take for something else.
  private static let words: Set<String> = [
    "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf",
  ]

  /// One line for a comment.
  static func comment(_ text: String) -> String {
    let line = String(
      text.map { $0.isNewline || $0.unicodeScalars.allSatisfy { $0.value < 0x20 } ? " " : $0 })
    return line.count > 100 ? String(line.prefix(97)) + "…" : line
  }

  /// ASCII, lower case, words joined by `_`: what the shared schema allows, with room for a number behind it.
  static func identifier(_ name: String) -> String {
    var result = ""
    var previous: Character?
    for character in withoutAccents(name) {
      if character.isASCII, character.isLetter || character.isNumber {
        if character.isUppercase, let previous, previous.isLowercase || previous.isNumber, !result.isEmpty,
          !result.hasSuffix("_")
        {
          result += "_"
        }
        result += character.lowercased()
      } else if !result.isEmpty, !result.hasSuffix("_") {
        result += "_"
      }
      previous = character
    }
    result = String(result.prefix(50))
    while result.hasSuffix("_") { result.removeLast() }
    if result.isEmpty { return "value" }
    return result.first?.isNumber == true ? "n_" + result : result
  }

  private static func withoutAccents(_ name: String) -> String {
    let letters = name.replacing("đ", with: "d").replacing("Đ", with: "D")
      .decomposedStringWithCanonicalMapping
    let bases = letters.unicodeScalars.filter { $0.properties.canonicalCombiningClass == .notReordered }
    return String(String.UnicodeScalarView(bases))
  }
}
