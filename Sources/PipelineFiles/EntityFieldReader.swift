// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Records

/// Reads one line of a schema file's `fields`.
enum EntityFieldReader {
  static func read(
    _ entry: Tree.Entry, of entity: String, _ diagnostics: inout [Diagnostic],
    _ positions: inout [String: Located<String>]
  ) -> EntityField? {
    let name = Located(entry.key, at: entry.keyPosition, length: entry.key.count)
    positions["\(entity).\(entry.key)"] = name
    if !Identifier.isValid(entry.key) || Identifier.reservedFields.contains(entry.key) {
      diagnostics.append(SchemaDiagnostics.badName("field", name))
    }
    var keys = KeyReader(entry.value, area: "schema", subject: "field '\(entry.key)'")
    defer { diagnostics += keys.diagnostics }
    guard keys.diagnostics.isEmpty else { return nil }
    let type = type(&keys, entity, name, &positions)
    var field = EntityField(name: entry.key, type: type ?? .text)
    field.title = keys.text("title")?.value
    field.basis = keys.text("basis")?.value
    _ = keys.text("description")
    field.isRequired = keys.boolean("required") ?? false
    field.personal =
      keys.parsed("personal", "none, basic or sensitive", help: "write none, basic or sensitive") {
        PersonalClass(rawValue: $0)
      }?.value ?? .none
    readReference(&keys, &field, "\(entity).\(entry.key).references", &positions)
    let rules = rules(&keys, &field)
    keys.finish()
    guard let type else { return nil }
    keys.diagnostics += rules.misplaced(in: type) + rules.malformedPattern(type) + rules.misread(type)
    return field
  }

  // MARK: - Type

  private static let names = [
    "text", "integer", "decimal(p,s)", "boolean", "date", "timestamp", "partial_date", "code",
  ]

  private static func type(
    _ keys: inout KeyReader, _ entity: String, _ field: Located<String>,
    _ positions: inout [String: Located<String>]
  ) -> FieldType? {
    let list = keys.text("list")
    guard let written = keys.text("type") else {
      if keys.tree["type"]?.isNull ?? true {
        keys.diagnostics.append(SchemaDiagnostics.missingType(field, names))
      }
      return nil
    }
    guard let type = parse(written.value, list: list?.value ?? "") else {
      keys.diagnostics.append(SchemaDiagnostics.unknownType(written, names))
      return nil
    }
    if case .code = type {
      guard let list else {
        keys.diagnostics.append(SchemaDiagnostics.missingList(written, field: field.value))
        return nil
      }
      positions["\(entity).\(field.value).list"] = list
    } else if let list {
      keys.diagnostics.append(SchemaDiagnostics.listWithoutCode(list, type: type))
    }
    return type
  }

  static func parse(_ text: String, list: String) -> FieldType? {
    switch text {
    case "text": return .text
    case "integer": return .integer
    case "boolean": return .boolean
    case "date": return .date
    case "timestamp": return .timestamp
    case "partial_date": return .partialDate
    case "code": return .code(list: list)
    default:
      guard text.hasPrefix("decimal("), text.hasSuffix(")") else { return nil }
      let parts = text.dropFirst(8).dropLast().split(separator: ",", omittingEmptySubsequences: false)
        .map { Int($0.drop { $0 == " " }) }
      guard parts.count == 2, let precision = parts[0], let scale = parts[1], (1...38).contains(precision),
        (0...precision).contains(scale)
      else { return nil }
      return .decimal(precision: precision, scale: scale)
    }
  }

  // MARK: - Rules

  private static func rules(_ keys: inout KeyReader, _ field: inout EntityField) -> FieldRules {
    var rules = FieldRules()
    rules.pattern = keys.text("pattern")
    rules.minimum = keys.text("minimum")
    rules.maximum = keys.text("maximum")
    rules.lengths = ["min_length", "max_length"].compactMap { key in
      guard let given = keys.find(key) else { return nil }
      return Located(key, at: given.position, length: given.length)
    }
    field.minimumLength = keys.count("min_length", atLeast: 0)
    field.maximumLength = keys.count("max_length", atLeast: 1)
    if let low = field.minimumLength, let high = field.maximumLength, low > high,
      let place = rules.lengths.last
    {
      keys.diagnostics.append(SchemaDiagnostics.emptyRange(place, "min_length \(low)", "max_length \(high)"))
    }
    rules.values = keys.texts("values")
    if let values = rules.values, values.isEmpty, let place = keys.tree["values"] {
      keys.diagnostics.append(SchemaDiagnostics.noValues(place))
    }
    field.pattern = rules.pattern?.value
    field.minimum = rules.minimum?.value
    field.maximum = rules.maximum?.value
    field.values = rules.values?.map(\.value)
    return rules
  }
}

/// The rules of a field as written, held against its type.
private struct FieldRules {
  var pattern: Located<String>?
  var minimum: Located<String>?
  var maximum: Located<String>?
  var lengths: [Located<String>] = []
  var values: [Located<String>]?

  /// Rules that the type has no use for.
  func misplaced(in type: FieldType) -> [Diagnostic] {
    let isText = type.isText
    var found: [Diagnostic] = []
    if !isText {
      if let pattern { found.append(SchemaDiagnostics.misplacedRule("pattern", pattern, type)) }
      found += lengths.map { SchemaDiagnostics.misplacedRule($0.value, $0, type) }
    }
    if isText || type == .boolean {
      if let minimum { found.append(SchemaDiagnostics.misplacedRule("minimum", minimum, type)) }
      if let maximum { found.append(SchemaDiagnostics.misplacedRule("maximum", maximum, type)) }
    }
    return found
  }

  /// A pattern that cannot be meant, with the place inside it.
  func malformedPattern(_ type: FieldType) -> [Diagnostic] {
    guard type.isText, let pattern else { return [] }
    do throws(TextPatternError) {
      _ = try TextPattern(parsing: pattern.value)
      return []
    } catch {
      return [SchemaDiagnostics.malformedPattern(pattern, error)]
    }
  }

  /// Bounds and values that are none of the type.
  func misread(_ type: FieldType) -> [Diagnostic] {
    if type.isText || type == .boolean { return [] }
    let written = [minimum, maximum].compactMap(\.self) + (values ?? [])
    var found = written.filter { TypedBound($0.value, type) == nil }
      .map { SchemaDiagnostics.notOfType($0, type) }
    if found.isEmpty, let minimum, let maximum, let low = TypedBound(minimum.value, type),
      let high = TypedBound(maximum.value, type), high < low
    {
      found.append(
        SchemaDiagnostics.emptyRange(maximum, "minimum \(minimum.value)", "maximum \(maximum.value)"))
    }
    return found
  }
}

extension FieldType {
  /// Held as text, so that patterns and lengths make sense.
  fileprivate var isText: Bool {
    switch self {
    case .text, .code: true
    default: false
    }
  }
}

/// A bound in the canonical text of its type, comparable with others of that type.
private struct TypedBound: Comparable {
  private let number: Int128
  private let text: String

  init?(_ text: String, _ type: FieldType) {
    switch type {
    case .integer:
      guard let number = Int64(text), !text.hasPrefix("+") else { return nil }
      self.number = Int128(number)
      self.text = ""
    case .decimal(let precision, let scale):
      guard let number = TypedBound.unscaled(text, precision, scale) else { return nil }
      self.number = number
      self.text = ""
    case .date, .timestamp, .partialDate:
      guard TypedBound.isDate(text, type) else { return nil }
      number = 0
      self.text = text
    case .text, .code, .boolean: return nil
    }
  }

  static func < (left: TypedBound, right: TypedBound) -> Bool {
    (left.number, left.text) < (right.number, right.text)
  }

  private static func unscaled(_ text: String, _ precision: Int, _ scale: Int) -> Int128? {
    let isNegative = text.hasPrefix("-")
    let parts = text.dropFirst(isNegative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 1 || parts.count == 2, let whole = parts.first, !whole.isEmpty else { return nil }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    guard parts.count == 1 || !fraction.isEmpty, fraction.utf8.count <= scale,
      (whole + fraction).utf8.allSatisfy({ $0 >= 48 && $0 <= 57 })
    else { return nil }
    let digits = whole + fraction + String(repeating: "0", count: scale - fraction.utf8.count)
    guard digits.drop(while: { $0 == "0" }).utf8.count <= precision, let number = Int128(digits) else {
      return nil
    }
    return isNegative ? -number : number
  }

  private static func isDate(_ text: String, _ type: FieldType) -> Bool {
    let day = text.prefix(10)
    let time = text.dropFirst(10)
    if type == .partialDate {
      let padded = day.count == 4 ? "\(day)-01-01" : day.count == 7 ? "\(day)-01" : String(day)
      return time.isEmpty && CalendarDate(isoText: padded) != nil
    }
    guard CalendarDate(isoText: String(day)) != nil else { return false }
    if type == .date { return time.isEmpty }
    return time.isEmpty || (time.hasPrefix("T") && time.hasSuffix("Z") && time.count >= 10)
  }
}

extension CalendarDate {
  /// `yyyy-MM-dd` and nothing else.
  init?(isoText text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == 45, bytes[7] == 45 else { return nil }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ $0.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }
}
