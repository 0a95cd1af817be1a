// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// A source on loopback that answers each request by a function of its target, one after the other.
final class HTTPSource: @unchecked Sendable {
  struct Request {
    /// Path and query as sent.
    var target: String
    /// The header lines, in small letters.
    var headers: String
    var body = ""

    /// A parameter of the query, decoded.
    func parameter(_ name: String) -> String? {
      URLComponents(string: target)?.queryItems?.first { $0.name == name }?.value
    }
  }

  struct Answer {
    var status = 200
    var body: String
    var headers: [String] = []
  }

  let port: UInt16
  private let listener: Int32
  private let lock = NSLock()
  private var seen: [Request] = []
  private var answer: (Request) -> Answer

  init(_ answer: @escaping (Request) -> Answer) throws {
    self.answer = answer
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 64) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    guard isListening else { throw Workbench.Problem(description: "cannot listen") }
    Thread.detachNewThread { [self] in
      while case let client = accept(listener, nil, nil), client >= 0 { serve(client) }
      close(listener)
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// What was asked so far; forgets it.
  func takeRequests() -> [Request] {
    lock.withLock {
      defer { seen = [] }
      return seen
    }
  }

  func takeTargets() -> [String] { takeRequests().map(\.target) }

  func change(_ answer: @escaping (Request) -> Answer) { lock.withLock { self.answer = answer } }

  /// `systems.yaml` with this source as `s`, which tries nothing twice.
  var systems: String {
    """
    s:
      base_url: "http://127.0.0.1:\(port)"
      insecure_http: true
      retries: { attempts: 1 }
    """
  }

  private func serve(_ client: Int32) {
    defer { close(client) }
    var bytes = [UInt8](repeating: 0, count: 65536)
    var text = ""
    while !text.contains("\r\n\r\n") {
      let got = read(client, &bytes, bytes.count)
      guard got > 0 else { return }
      text += String(decoding: bytes.prefix(got), as: UTF8.self)
    }
    let target = text.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    let headers = text.lowercased()
    var body = text.split(separator: "\r\n\r\n", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
    let length = headers.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
    while body.utf8.count < length.flatMap({ Int($0.filter(\.isNumber)) }) ?? 0 {
      let got = read(client, &bytes, bytes.count)
      guard got > 0 else { return }
      body += String(decoding: bytes.prefix(got), as: UTF8.self)
    }
    let request = Request(target: target, headers: headers, body: body)
    let answer = lock.withLock {
      seen.append(request)
      return self.answer(request)
    }
    let size = answer.status == 304 ? "" : "Content-Length: \(answer.body.utf8.count)\r\n"
    let head =
      "HTTP/1.1 \(answer.status) X\r\n\(size)Connection: close\r\n"
      + answer.headers.map { $0 + "\r\n" }.joined() + "\r\n"
    let all = Array((head + (answer.status == 304 ? "" : answer.body)).utf8)
    var sent = 0
    while sent < all.count {
      let count = all[sent...].withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      sent += count
    }
  }
}

/// Records of a source, with the day each was last changed.
struct Ward {
  var code: String
  var name: String
  var updated: String

  static let schema = """
    entity: ward
    key: [code]
    fields:
      code: { type: text }
      name: { type: text }
      updated: { type: date }
    """

  static func json(_ wards: [Ward], _ more: String = "") -> String {
    let items = wards.map {
      "{\"code\":\"\($0.code)\",\"name\":\"\($0.name)\",\"updated\":\"\($0.updated)\"}"
    }
    return "{\"data\":[\(items.joined(separator: ","))]\(more)}"
  }

  /// - Parameters:
  ///   - http: lines of the `http` settings behind `system`.
  ///   - decode: more settings of `json`, each behind a comma.
  static func bench(_ source: HTTPSource, _ http: String, decode: String = "", files: [String: String] = [:])
    throws -> Workbench
  {
    let bench = try Workbench([
      "Pipelines/systems.yaml": source.systems, "Pipelines/schema/ward.yaml": schema,
      "Pipelines/wards.yaml": """
      pipeline: wards
      extract:
        http:
          system: s
      \(http.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
      decode:
        json: { records: /data\(decode) }
      transform:
        to: ward
        map: { code: code, name: name, updated: updated }
      load: { center: { mode: merge } }
      """,
    ])
    for (path, text) in files { try bench.write(path, text) }
    return bench
  }
}
