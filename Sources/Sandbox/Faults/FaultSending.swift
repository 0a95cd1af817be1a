// SPDX-License-Identifier: Apache-2.0

import CZlib
import Foundation

/// Sends one answer as a fault would have it.
struct FaultSending {
  let stream: any WireStream
  let request: WireRequest
  /// Where to cut; nil draws a place.
  let cut: Int?
  let draw: Draw
  /// Of the request, from 1.
  let number: Int
  /// Of the different addresses asked for so far, from 1.
  let page: Int
  /// `127.0.0.1:8025`
  let host: String
  let isStopped: () -> Bool

  func send(_ answer: WireAnswer, _ fault: Fault?) {
    switch fault {
    case nil, .duplicates, .shifting, .nextItself: stream.send(answer.bytes)
    case .truncate:
      stream.send(answer.head("Content-Length: \(answer.body.count)") + answer.body.prefix(place(answer)))
    case .truncateClose: stream.send(answer.head(nil) + answer.body.prefix(place(answer)))
    case .truncateChunked: sendChunked(answer)
    case .noAnswer: return
    case .garbage: stream.send(Array("SSH-2.0-OpenSSH_9.2p1\r\n".utf8))
    case .hang: stream.waitForClose()
    case .stall:
      stream.send(
        answer.head("Content-Length: \(answer.body.count)") + answer.body.prefix(answer.body.count / 2))
      stream.waitForClose()
    case .slow: sendSlowly(answer)
    case .reset:
      stream.send(answer.head("Content-Length: \(answer.body.count)") + answer.body.prefix(place(answer)))
      // What was sent must arrive before the reset drops it.
      usleep(20_000)
      stream.resetOnClose()
    case .busy: refuse(429, "Retry-After", "1")
    case .busyDate: refuse(503, "Retry-After", Self.date(secondsFromNow: 1))
    case .busyAbsurd: refuse(503, "Retry-After", "946080000")
    case .forbidden: refuse(401, "WWW-Authenticate", "Bearer error=\"invalid_token\"")
    case .errorPage: stream.send(WireAnswer("text/html; charset=utf-8", Self.signInPage).bytes)
    case .errorPageAsData: stream.send(WireAnswer("application/json", Self.signInPage).bytes)
    case .errorBody: sendError(answer)
    case .poisonPage:
      stream.send(page == 2 ? WireAnswer(500, "text/plain", "NullReferenceException\n").bytes : answer.bytes)
    case .endlessPage: sendWithoutEnd(answer)
    case .endlessPages: sendAnotherPage(answer)
    case .wrongType:
      var other = answer
      other.headers = [("Content-Type", "image/png")]
      stream.send(other.bytes)
    case .gzipBomb: sendCompressed(Self.bomb, whole: true)
    case .gzipCut: sendCompressed(Self.gzip(answer.body), whole: false)
    case .hugeHeader:
      var other = answer
      other.headers.append(("X-Trace", String(repeating: "a", count: 4 << 20)))
      stream.send(other.bytes)
    case .redirectLoop: refuse(302, "Location", request.target)
    case .redirectElsewhere: refuse(302, "Location", "http://127.0.0.2:9/login")
    case .redirectPlain: refuse(302, "Location", "http://\(host)\(request.target)")
    }
  }

  /// Where a body is cut: never behind its last byte.
  private func place(_ answer: WireAnswer) -> Int {
    guard !answer.body.isEmpty else { return 0 }
    return min(cut ?? draw.number("cut", in: 0...answer.body.count - 1), answer.body.count - 1)
  }

  private func sendChunked(_ answer: WireAnswer) {
    var kept = answer.body.prefix(place(answer))
    stream.send(answer.head("Transfer-Encoding: chunked"))
    while !kept.isEmpty {
      let piece = kept.prefix(64)
      stream.send(Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [13, 10])
      kept = kept.dropFirst(64)
    }
  }

  private func sendSlowly(_ answer: WireAnswer) {
    stream.send(answer.head("Content-Length: \(answer.body.count)"))
    for byte in answer.body {
      guard !isStopped(), stream.send([byte]) else { return }
      sleep(1)
    }
  }

  private func refuse(_ status: Int, _ name: String, _ value: String) {
    stream.send(WireAnswer(status, "text/plain", "not now\n", [(name, value)]).bytes)
  }

  private func sendError(_ answer: WireAnswer) {
    let type = answer.headers.first { $0.name.lowercased() == "content-type" }?.value ?? ""
    let body =
      type.contains("xml")
      ? "<Loi ma=\"500\">Hệ thống đang bảo trì</Loi>\n"
      : #"{"status":"error","message":"Hệ thống đang bảo trì","items":null}"# + "\n"
    stream.send(WireAnswer(type, body).bytes)
  }

  private func sendWithoutEnd(_ answer: WireAnswer) {
    stream.send(answer.head(nil) + answer.body.dropLast())
    let blanks = [UInt8](repeating: 32, count: 1 << 16)
    while !isStopped(), stream.send(blanks) {}
  }

  /// The first page again and again; blanks at its end make each one different.
  private func sendAnotherPage(_ answer: WireAnswer) {
    var other = answer
    other.body += [UInt8](repeating: 32, count: number % 1000)
    stream.send(other.bytes)
  }

  /// Makes what takes long to make, before anybody waits for it.
  static func prepare() { _ = bomb }

  private static let bomb = gzip([UInt8](repeating: 32, count: 64 << 20))

  private func sendCompressed(_ gzip: [UInt8]?, whole: Bool) {
    guard let gzip else { return }
    let kept = whole ? gzip[...] : gzip.prefix(gzip.count / 2)
    let answer = WireAnswer("application/json", "", [("Content-Encoding", "gzip")])
    stream.send(answer.head(whole ? "Content-Length: \(gzip.count)" : nil) + kept)
  }

  private static func gzip(_ bytes: [UInt8]) -> [UInt8]? {
    var stream = z_stream()
    // 16 asks for a gzip header instead of zlib's.
    guard
      deflateInit2_(
        &stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { return nil }
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
    let count = input.withUnsafeMutableBufferPointer { input in
      output.withUnsafeMutableBufferPointer { output -> Int? in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        return deflate(&stream, Z_FINISH) == Z_STREAM_END ? Int(stream.total_out) : nil
      }
    }
    return count.map { Array(output[..<$0]) }
  }

  private static let signInPage = """
    <!DOCTYPE html>
    <html><head><title>Đăng nhập</title></head>
    <body><form method="post"><input name="user"><input name="password" type="password"></form></body></html>

    """

  /// As RFC 9110 writes it.
  private static func date(secondsFromNow seconds: Int) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "GMT")
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return formatter.string(from: Date(timeIntervalSinceNow: Double(seconds)))
  }
}
