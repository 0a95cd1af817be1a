// SPDX-License-Identifier: Apache-2.0

/// The first line and the headers of a message.
struct WireHead {
  var first: String
  var headers: [String: String] = [:]

  private static let mostBytes = 1 << 20

  static func read(from stream: any WireStream) -> (head: WireHead, rest: [UInt8])? {
    var bytes: [UInt8] = []
    while true {
      if let end = end(of: bytes) {
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(whereSeparator: \.isNewline)
        guard let first = lines.first else { return nil }
        var head = WireHead(first: String(first))
        for line in lines.dropFirst() {
          let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
          guard parts.count == 2 else { continue }
          head.headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        return (head, Array(bytes[(end + 4)...]))
      }
      guard bytes.count < mostBytes, let piece = stream.receive() else { return nil }
      bytes += piece
    }
  }

  private static func end(of bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    return (0...bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual([13, 10, 13, 10]) }
  }

  /// The body whose first bytes have come; nil when it breaks off.
  func body(beginning rest: [UInt8], from stream: any WireStream, hasBody: Bool) -> [UInt8]? {
    guard hasBody else { return [] }
    var bytes = rest
    if let length = headers["content-length"].flatMap({ Int($0) }) {
      while bytes.count < length {
        guard let piece = stream.receive() else { return nil }
        bytes += piece
      }
      return Array(bytes.prefix(length))
    }
    while let piece = stream.receive() { bytes += piece }
    return headers["transfer-encoding"]?.lowercased() == "chunked" ? Self.joined(bytes) : bytes
  }

  private static func joined(_ chunks: [UInt8]) -> [UInt8]? {
    var body: [UInt8] = []
    var rest = chunks[...]
    while let end = rest.firstIndex(of: 10) {
      let line = String(decoding: rest[..<end], as: UTF8.self).prefix { $0.isHexDigit }
      guard let count = Int(line, radix: 16) else { return nil }
      if count == 0 { return body }
      rest = rest[(end + 1)...]
      guard rest.count >= count + 2 else { return nil }
      body += rest.prefix(count)
      rest = rest.dropFirst(count + 2)
    }
    return nil
  }
}
