// SPDX-License-Identifier: Apache-2.0

/// An answer before it goes over the wire.
public struct WireAnswer: Sendable {
  public var status: Int
  /// Without those that say where the body ends.
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]

  public init(_ type: String, _ body: String, _ headers: [(String, String)] = []) {
    self.init(200, type, body, headers)
  }

  public init(_ status: Int, _ type: String, _ body: String, _ headers: [(String, String)] = []) {
    self.status = status
    self.headers = [("Content-Type", type)] + headers.map { ($0.0, $0.1) }
    self.body = Array(body.utf8)
  }

  private init(_ head: WireHead, body: [UInt8]) {
    let words = head.first.split(separator: " ")
    status = words.count > 1 ? Int(words[1]) ?? 502 : 502
    headers = head.headers.filter {
      !["connection", "content-length", "transfer-encoding"].contains($0.key)
    }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    self.body = body
  }

  /// Asks a server of this machine.
  static func fetch(_ request: WireRequest, port: UInt16) -> WireAnswer {
    guard let socket = PlainSocket(port: port) else { return WireAnswer(502, "text/plain", "no origin\n") }
    defer { socket.closeDescriptor() }
    socket.send(request.bytes)
    guard let (head, rest) = WireHead.read(from: socket),
      let body = head.body(beginning: rest, from: socket, hasBody: true)
    else { return WireAnswer(502, "text/plain", "the origin broke off\n") }
    return WireAnswer(head, body: body)
  }

  /// The status line and headers.
  ///
  /// - Parameter ending: the header that says where the body ends; nil where only the connection's end does.
  func head(_ ending: String?) -> [UInt8] {
    let lines = headers.map { "\($0.name): \($0.value)\r\n" }.joined()
    let last = ending.map { "\($0)\r\n" } ?? ""
    return Array(
      "HTTP/1.1 \(status) \(status < 400 ? "OK" : "No")\r\n\(lines)\(last)Connection: close\r\n\r\n".utf8)
  }

  var bytes: [UInt8] { head("Content-Length: \(body.count)") + body }
}
