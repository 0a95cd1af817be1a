// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A server on loopback that answers each connection with the next answer of its script, byte for byte.
final class ScriptedServer: @unchecked Sendable {
  struct Request {
    var line: String
    /// By lower-case name.
    var headers: [String: String]
    var body: String

    var target: String { line.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
  }

  enum Answer {
    case bytes([UInt8])
    /// Answers, then keeps the connection open and says no more.
    case hang(after: [UInt8])
    /// Answers according to the request.
    case computed((Request) -> [UInt8])

    static func raw(_ text: String) -> Answer { .bytes(Array(text.utf8)) }

    static func ok(_ body: String, _ headers: String...) -> Answer {
      .bytes(ScriptedServer.ok(Array(body.utf8), headers))
    }

    static func status(_ status: Int, _ headers: String...) -> Answer {
      .raw(
        "HTTP/1.1 \(status) X\r\nContent-Length: 2\r\nConnection: close\r\n\(headers.map { $0 + "\r\n" }.joined())\r\nno"
      )
    }
  }

  static func ok(_ body: [UInt8], _ headers: [String]) -> [UInt8] {
    Array(
      "HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\(headers.map { $0 + "\r\n" }.joined())\r\n"
        .utf8) + body
  }

  let port: UInt16
  private let listener: Int32
  private let lock = NSLock()
  private var script: [Answer]
  private var seen: [Request] = []

  init(_ script: [Answer]) throws {
    self.script = script
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener, pointer, length) == 0 && listen(listener, 16) == 0
          && getsockname(listener, pointer, &length) == 0
      }
    }
    guard bound else { throw CocoaError(.fileNoSuchFile) }
    port = UInt16(bigEndian: address.sin_port)
    let thread = Thread { [self] in serve() }
    thread.start()
  }

  var base: String { "http://127.0.0.1:\(port)" }

  var requests: [Request] { lock.withLock { seen } }

  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func serve() {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      if let request = read(connection) {
        let answer: Answer? = lock.withLock {
          seen.append(request)
          return script.isEmpty ? nil : script.removeFirst()
        }
        switch answer {
        case .bytes(let bytes): write(connection, bytes)
        case .computed(let compute): write(connection, compute(request))
        case .hang(let bytes):
          write(connection, bytes)
          var byte: UInt8 = 0
          while recv(connection, &byte, 1, 0) > 0 {}
        case nil:
          write(
            connection,
            Array("HTTP/1.1 599 script over\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8))
        }
      }
      close(connection)
    }
    close(listener)
  }

  private func write(_ connection: Int32, _ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  private func read(_ connection: Int32) -> Request? {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.range(of: "\r\n\r\n") {
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
          let parts = line.split(separator: ":", maxSplits: 1)
          headers[parts[0].lowercased()] =
            parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        let body = String(text[end.upperBound...])
        if body.utf8.count >= Int(headers["content-length"] ?? "0") ?? 0 {
          return Request(line: lines[0], headers: headers, body: body)
        }
      }
      let count = recv(connection, &piece, piece.count, 0)
      guard count > 0 else { return nil }
      bytes += piece[..<count]
    }
  }
}
