// SPDX-License-Identifier: Apache-2.0

/// What a token endpoint answered: the texts and numbers of one JSON object (RFC 6749, sections 5.1 and 5.2).
struct TokenAnswer {
  /// Most bytes that are taken for an answer.
  static let limit = 64 << 10
  /// The errors that RFC 6749 and 8707 know; any other word could be a secret that was sent back.
  static let knownErrors: Set<String> = [
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
    "invalid_scope", "invalid_target", "server_error", "temporarily_unavailable", "access_denied",
  ]

  private var texts: [String: String] = [:]
  private var numbers: [String: Double] = [:]

  /// Nil for what is no JSON object.
  init?(_ bytes: [UInt8]) {
    var reader = Reader(bytes)
    guard let members = reader.object() else { return nil }
    for (name, value) in members {
      switch value {
      case .text(let text): texts[name] = text
      case .number(let number): numbers[name] = number
      case .other: break
      }
    }
  }

  var token: String? { texts["access_token"].flatMap { $0.isEmpty ? nil : $0 } }
  /// Whether it is one that goes as `Authorization: Bearer`; said by most, and assumed of the others.
  var isBearer: Bool { texts["token_type"].map { $0.lowercased() == "bearer" } ?? true }
  /// Seconds. Some send the number as a text.
  var lifetime: Double? {
    (numbers["expires_in"] ?? texts["expires_in"].flatMap { Double($0) }).flatMap {
      $0 > 0 && $0 < 1e9 ? $0 : nil
    }
  }
  var error: String? { texts["error"].flatMap { Self.knownErrors.contains($0) ? $0 : nil } }
}

/// Reads one flat JSON object; steps over what is nested.
private struct Reader {
  enum Value {
    case text(String)
    case number(Double)
    /// Nested, true, false or null.
    case other
  }

  private var bytes: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) {
    self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
  }

  mutating func object() -> [String: Value]? {
    guard take("{") else { return nil }
    var members: [String: Value] = [:]
    if take("}") { return members }
    repeat {
      guard let name = text(), take(":"), let value = value() else { return nil }
      members[name] = value
    } while take(",")
    return take("}") ? members : nil
  }

  private mutating func skipSpace() { bytes = bytes.drop { [32, 9, 10, 13].contains($0) } }

  private mutating func take(_ character: Character) -> Bool {
    skipSpace()
    guard bytes.first == character.asciiValue else { return false }
    bytes.removeFirst()
    return true
  }

  private mutating func value() -> Value? {
    skipSpace()
    switch bytes.first {
    case UInt8(ascii: "\""): return text().map(Value.text)
    case UInt8(ascii: "{"), UInt8(ascii: "["): return skipNested() ? .other : nil
    default:
      let word = bytes.prefix { !",}] \t\r\n".utf8.contains($0) }
      bytes = bytes[word.endIndex...]
      let text = String(decoding: word, as: UTF8.self)
      if ["true", "false", "null"].contains(text) { return .other }
      return Double(text).map(Value.number)
    }
  }

  private mutating func skipNested() -> Bool {
    var depth = 0
    while let byte = bytes.first {
      switch byte {
      case UInt8(ascii: "\""):
        guard text() != nil else { return false }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
      bytes.removeFirst()
      if depth == 0 { return true }
    }
    return false
  }

  private mutating func text() -> String? {
    guard take("\"") else { return nil }
    var text: [UInt8] = []
    while let byte = bytes.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escaped = escape() else { return nil }
        text += escaped
      case 0..<32: return nil
      default: text.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> [UInt8]? {
    switch bytes.popFirst() {
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "u"):
      // No token or error needs a pair of surrogates.
      guard bytes.count >= 4, let code = UInt32(String(decoding: bytes.prefix(4), as: UTF8.self), radix: 16),
        let scalar = Unicode.Scalar(code)
      else { return nil }
      bytes = bytes.dropFirst(4)
      return Array(String(scalar).utf8)
    case let byte?: return [byte]
    case nil: return nil
    }
  }
}
