// SPDX-License-Identifier: Apache-2.0

/// A request as it came over the wire.
public struct WireRequest: Sendable {
  public var method: String
  /// Path and query.
  public var target: String
  /// By lower-case name.
  public var headers: [String: String]
  public var body: [UInt8]

  public var path: String { String(target.prefix { $0 != "?" }) }

  /// The parameters of the query, decoded.
  public var query: [String: String] {
    guard let mark = target.firstIndex(of: "?") else { return [:] }
    return Self.form(String(target[target.index(after: mark)...]))
  }

  static func form(_ text: String) -> [String: String] {
    var values: [String: String] = [:]
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      values[decoded(parts[0])] = parts.count > 1 ? decoded(parts[1]) : ""
    }
    return values
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2)
      if byte == UInt8(ascii: "%"), digits.count == 2,
        let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? 32 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Nil when the peer goes away before the request is whole, or sends what is none.
  static func read(from stream: any WireStream) -> WireRequest? {
    guard let (head, rest) = WireHead.read(from: stream) else { return nil }
    let words = head.first.split(separator: " ")
    guard words.count >= 2 else { return nil }
    guard let body = head.body(beginning: rest, from: stream, hasBody: head.headers["content-length"] != nil)
    else { return nil }
    return WireRequest(method: String(words[0]), target: String(words[1]), headers: head.headers, body: body)
  }

  var bytes: [UInt8] {
    let kept = headers.filter { !["connection", "content-length", "transfer-encoding"].contains($0.key) }
    let lines = kept.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }.joined()
    let length = body.isEmpty ? "" : "content-length: \(body.count)\r\n"
    return Array("\(method) \(target) HTTP/1.1\r\n\(lines)\(length)connection: close\r\n\r\n".utf8) + body
  }
}
