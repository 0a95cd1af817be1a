// SPDX-License-Identifier: Apache-2.0

/// The members of one JSON object, as places in its bytes: names are read, values stay as they are, to the digit.
///
/// Values are passed over by their brackets and quotes; whether they are well formed within is for whoever decodes them.
struct JSONMembers {
  /// Brackets within brackets, beyond which no honest message goes.
  private static let mostDepth = 1024

  private let bytes: UnsafeBufferPointer<UInt8>
  private var members: [(name: String, value: Range<Int>)] = []

  /// Nil when the bytes are not one whole object. They must outlive this.
  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    var at = skipSpace(0)
    guard at < bytes.count, bytes[at] == 123 else { return nil }
    at = skipSpace(at + 1)
    if at < bytes.count, bytes[at] == 125 {
      guard skipSpace(at + 1) == bytes.count else { return nil }
      return
    }
    while true {
      guard at < bytes.count, bytes[at] == 34, let nameEnd = endOfText(at) else { return nil }
      let name = JSONText.unescaped(bytes[(at + 1)..<(nameEnd - 1)])
      at = skipSpace(nameEnd)
      guard at < bytes.count, bytes[at] == 58 else { return nil }
      at = skipSpace(at + 1)
      guard let end = endOfValue(at), end > at else { return nil }
      members.append((name, at..<end))
      at = skipSpace(end)
      guard at < bytes.count else { return nil }
      if bytes[at] == 125 {
        guard skipSpace(at + 1) == bytes.count else { return nil }
        return
      }
      guard bytes[at] == 44 else { return nil }
      at = skipSpace(at + 1)
    }
  }

  /// The bytes of a value; of several members with one name the last counts, as with most readers.
  func raw(_ name: String) -> UnsafeBufferPointer<UInt8>? {
    members.last { $0.name == name }.map { UnsafeBufferPointer(rebasing: bytes[$0.value]) }
  }

  /// The value as text, if it is one.
  func text(_ name: String) -> String? {
    guard let raw = raw(name), raw.count >= 2, raw[0] == 34 else { return nil }
    return JSONText.unescaped(raw[1..<(raw.count - 1)])
  }

  /// The members of a value, if it is an object.
  func object(_ name: String) -> JSONMembers? { raw(name).flatMap { JSONMembers($0) } }

  // MARK: - Passing over

  private func skipSpace(_ start: Int) -> Int {
    var at = start
    while at < bytes.count, bytes[at] == 32 || bytes[at] == 9 || bytes[at] == 13 || bytes[at] == 10 {
      at += 1
    }
    return at
  }

  /// Behind the closing quote of the text that begins there.
  private func endOfText(_ start: Int) -> Int? {
    var at = start + 1
    while at < bytes.count {
      switch bytes[at] {
      case 34: return at + 1
      case 92: at += 2
      case 0..<32: return nil
      default: at += 1
      }
    }
    return nil
  }

  private func endOfValue(_ start: Int) -> Int? {
    guard start < bytes.count else { return nil }
    switch bytes[start] {
    case 34: return endOfText(start)
    case 123, 91: return endOfBrackets(start)
    default:
      var at = start
      while at < bytes.count, isOfWord(bytes[at]) { at += 1 }
      return at
    }
  }

  /// Letters, digits and signs: what numbers, `true`, `false` and `null` are made of.
  private func isOfWord(_ byte: UInt8) -> Bool {
    (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 122) || byte == 43 || byte == 45 || byte == 46
      || byte == 69
  }

  private func endOfBrackets(_ start: Int) -> Int? {
    var open: [UInt8] = []
    var at = start
    while at < bytes.count {
      switch bytes[at] {
      case 34:
        guard let end = endOfText(at) else { return nil }
        at = end
        continue
      case 123, 91:
        guard open.count < Self.mostDepth else { return nil }
        // The closing bracket stands two behind the opening one.
        open.append(bytes[at] + 2)
      case 125, 93:
        guard open.popLast() == bytes[at] else { return nil }
        if open.isEmpty { return at + 1 }
      default: break
      }
      at += 1
    }
    return nil
  }
}
