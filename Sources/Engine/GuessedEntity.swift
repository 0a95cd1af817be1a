// SPDX-License-Identifier: Apache-2.0

import Components
import Foundation
import Records

/// The entity that `guess` makes of the records, or of one nested list.
struct GuessedEntity {
  struct Field {
    var name: String
    var path: String
    var type: GuessedType
    var isAlwaysThere: Bool
    var isUnique: Bool
  }

  let name: String
  let parent: String?
  private(set) var fields: [Field] = []
  private var lists: [(path: String, entity: GuessedEntity)] = []
  private(set) var key: [String] = []
  private let occurrences: Int

  init(name: String, node: ObservedNode, parent: String?, guess: PipelineGuess, into all: inout [GuessedEntity]) {
    self.name = name
    self.parent = parent
    occurrences = max(node.count, 1)
    var nested: [(String, ObservedNode)] = []
    if node.kind == .leaf { add(node, path: "text()", named: "value") }
    collect(node, path: "", guess, &nested)
    if parent == nil {
      let candidate = fields.first { $0.isUnique && $0.isAlwaysThere && $0.type != .timestamp && $0.type != .date }
      key = candidate.map { [$0.name] } ?? []
    } else {
      fields.insert(
        Field(name: unused("line"), path: "position()", type: .integer, isAlwaysThere: true, isUnique: true), at: 0)
      key = [fields[0].name]
    }
    all.append(self)
    let index = all.count - 1
    for (path, child) in nested {
      var childName = name + "_" + Self.identifier(child.name)
      while all.contains(where: { $0.name == childName }) { childName += "_2" }
      lists.append((path, GuessedEntity(name: childName, node: child, parent: name, guess: guess, into: &all)))
    }
    all[index] = self
  }

  private mutating func collect(
    _ node: ObservedNode, path: String, _ guess: PipelineGuess, _ nested: inout [(String, ObservedNode)]
  ) {
    for child in node.children {
      let step = (path.isEmpty ? "" : path + "/") + guess.step(child)
      if child.mostPerParent > 1 {
        nested.append((step, child))
      } else if child.kind == .branch {
        collect(child, path: step, guess, &nested)
      } else {
        add(child, path: step, named: Self.identifier(child.name), under: Self.identifier(node.name))
      }
    }
  }

  private mutating func add(_ node: ObservedNode, path: String, named wanted: String, under parent: String = "") {
    var name = wanted
    if fields.contains(where: { $0.name == name }), !parent.isEmpty { name = parent + "_" + name }
    fields.append(
      Field(
        name: unused(name), path: path, type: GuessedType(node.values),
        isAlwaysThere: node.count >= occurrences && node.emptyCount == 0,
        isUnique: !node.hasRepeatedValues && node.count > 1))
  }

  private func unused(_ wanted: String) -> String {
    var name = wanted
    var number = 2
    while fields.contains(where: { $0.name == name }) {
      name = "\(wanted)_\(number)"
      number += 1
    }
    return name
  }

  /// ASCII, lower case, words joined by `_`: what the shared schema allows.
  static func identifier(_ name: String) -> String {
    var result = ""
    var previous: Character?
    for character in withoutAccents(name) {
      if character.isASCII, character.isLetter || character.isNumber {
        if character.isUppercase, let previous, previous.isLowercase || previous.isNumber { result += "_" }
        result += character.lowercased()
      } else if !result.isEmpty, !result.hasSuffix("_") {
        result += "_"
      }
      previous = character
    }
    while result.hasSuffix("_") { result.removeLast() }
    if result.isEmpty { result = "value" }
    if result.first?.isNumber == true { result = "n_" + result }
    return String(result.prefix(60))
  }

  private static func withoutAccents(_ name: String) -> String {
    let letters = name.replacing("đ", with: "d").replacing("Đ", with: "D").decomposedStringWithCanonicalMapping
    return String(String.UnicodeScalarView(letters.unicodeScalars.filter { $0.properties.canonicalCombiningClass == .notReordered }))
  }

  // MARK: Text

  func transform(indentation: String) -> String {
    var text = "\(indentation)to: \(name)\n"
    text += settings(indentation)
    text += "\(indentation)map:\n"
    for field in fields { text += "\(indentation)  \(field.name): \(entry(field))\n" }
    if !lists.isEmpty {
      text += "\(indentation)children:\n"
      for (path, entity) in lists {
        let body = entity.transform(indentation: indentation + "    ")
        text += "\(indentation)  - records: \(PipelineGuess.quoted(path))\n" + body
      }
    }
    return text
  }

  private func settings(_ indentation: String) -> String {
    fields.contains { $0.type == .vietnameseDecimal } ? "\(indentation)numbers: vi\n" : ""
  }

  private func entry(_ field: Field) -> String {
    let path = PipelineGuess.quoted(field.path)
    guard let pattern = field.type.datePattern else { return path }
    return "{ from: \(path), dates: \(PipelineGuess.quoted(pattern)) }"
  }

  var schema: String {
    var text = "entity: \(name)\n"
    if let parent { text += "parent: \(parent)\n" }
    if key.isEmpty {
      text += "# No field was there in every record with a value of its own: name the key if there is one.\n# key: []\n"
    } else {
      text += "key: [\(key.joined(separator: ", "))]"
      text += parent == nil ? "   # a guess: it was there in every record of the sample, each time another value\n" : "\n"
    }
    text += "fields:\n"
    for field in fields { text += "  \(field.name): { type: \(field.type.schemaText) }\n" }
    return text
  }
}

/// The type that all sample values of a field fit.
enum GuessedType: Equatable {
  case text, integer, boolean, date, vietnameseDate, timestamp, vietnameseDecimal
  case decimal(scale: Int)

  init(_ values: [String]) {
    let values = values.map { $0.trimmingSpaces }.filter { !$0.isEmpty }
    func all(_ test: (String) -> Bool) -> Bool { !values.isEmpty && values.allSatisfy(test) }
    if all({ $0 == "true" || $0 == "false" }) {
      self = .boolean
    } else if all(Self.isInteger) {
      self = .integer
    } else if all(Self.isDecimal) {
      self = .decimal(scale: max(2, values.map { $0.split(separator: ".").dropFirst().first?.count ?? 0 }.max() ?? 2))
    } else if all(Self.isVietnameseDecimal) {
      self = .vietnameseDecimal
    } else if all({ Self.fits($0, "dddd-dd-dd") }) {
      self = .date
    } else if all({ Self.fits($0, "dd/dd/dddd") }) {
      self = .vietnameseDate
    } else if all({ $0.count >= 19 && Self.fits(String($0.prefix(19)).replacing(" ", with: "T"), "dddd-dd-ddTdd:dd:dd") }) {
      self = .timestamp
    } else {
      self = .text
    }
  }

  var schemaText: String {
    switch self {
    case .text: "text"
    case .integer: "integer"
    case .boolean: "boolean"
    case .date, .vietnameseDate: "date"
    case .timestamp: "timestamp"
    case .decimal(let scale): "\"decimal(18,\(scale))\""
    case .vietnameseDecimal: "\"decimal(18,2)\""
    }
  }

  var datePattern: String? { self == .vietnameseDate ? "dd/MM/yyyy" : nil }

  /// A number without a lost zero: `079` is a code, and stays text.
  private static func isInteger(_ text: String) -> Bool {
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    return !digits.isEmpty && digits.count <= 18 && digits.allSatisfy { $0.isASCII && $0.isNumber }
      && (digits == "0" || digits.first != "0")
  }

  private static func isDecimal(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, isInteger(String(parts[0])) || parts[0] == "0" || parts[0] == "-0" else { return false }
    return parts.count == 1 || (!parts[1].isEmpty && parts[1].count <= 8 && parts[1].allSatisfy { $0.isASCII && $0.isNumber })
  }

  private static func isVietnameseDecimal(_ text: String) -> Bool {
    guard text.contains("."), text.allSatisfy({ $0.isASCII && ($0.isNumber || ".,-".contains($0)) }) else { return false }
    let whole = text.split(separator: ",", omittingEmptySubsequences: false)
    guard whole.count <= 2 else { return false }
    let groups = whole[0].split(separator: ".", omittingEmptySubsequences: false)
    return groups.count > 1 && groups.dropFirst().allSatisfy { $0.count == 3 }
  }

  /// `d` stands for a digit, anything else for itself.
  private static func fits(_ text: String, _ shape: String) -> Bool {
    text.count == shape.count && zip(text, shape).allSatisfy { $1 == "d" ? $0.isASCII && $0.isNumber : $0 == $1 }
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    var result = self[...]
    while result.first?.isWhitespace == true { result.removeFirst() }
    while result.last?.isWhitespace == true { result.removeLast() }
    return String(result)
  }
}
