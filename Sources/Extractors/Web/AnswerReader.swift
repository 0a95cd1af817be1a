// SPDX-License-Identifier: Apache-2.0

import CZlib
import Diagnostics

/// Takes the body of one answer as it comes: undoes its encoding, looks whether it is data, and hands it on.
final class AnswerReader {
  private let target: any AnswerTarget
  /// What we can undo, as `Accept-Encoding` says it.
  static let encodings = "gzip, deflate, zstd"

  private let inflater: (any BodyInflater)?
  private let limit: Int
  private let acceptsHTML: Bool
  private let place: String
  private var first: [UInt8] = []
  private var isBegun = false
  private var bytes = 0
  private var checksum: UInt = 0
  private var sum: UInt = 1

  /// Enough to recognise a web page behind a byte order mark, white space and a comment line.
  private static let sniffed = 512

  init(
    into target: any AnswerTarget, encoding: String?, limit: Int, mostGrowth: Int = 100,
    acceptsHTML: Bool, place: String
  ) throws(StageFailure) {
    self.target = target
    self.limit = limit
    self.acceptsHTML = acceptsHTML
    self.place = place
    switch encoding?.lowercased().filter({ $0 != " " }) {
    case nil, "", "identity": inflater = nil
    case "gzip", "x-gzip":
      inflater = try GzipInflater(limit: limit, mostGrowth: mostGrowth, place: place)
    case "deflate": inflater = DeflateInflater(limit: limit, mostGrowth: mostGrowth, place: place)
    case "zstd": inflater = try ZstdInflater(limit: limit, mostGrowth: mostGrowth, place: place)
    case let other?: throw HTTPDiagnostics.unknownEncoding(other, at: place)
    }
  }

  /// What tells two answers apart.
  var identity: AnswerIdentity { AnswerIdentity(bytes: bytes, checksum: checksum, sum: sum) }

  func take(_ raw: UnsafeRawBufferPointer) throws {
    if let inflater { try inflater.feed(raw) { try data($0) } } else { try data(raw) }
  }

  /// Says that the body is complete. The target is begun then, also for an empty body.
  func finish() throws {
    try inflater?.finish()
    if !isBegun { try begin() }
    try target.finish()
  }

  /// Drops what was handed on of it.
  func discard() {
    if isBegun { target.discard() }
    isBegun = false
  }

  private func data(_ data: UnsafeRawBufferPointer) throws {
    bytes += data.count
    guard bytes <= limit else { throw ExtractDiagnostics.tooLarge(limit: limit, at: place) }
    checksum = crc32_z(checksum, data.baseAddress?.assumingMemoryBound(to: UInt8.self), data.count)
    sum = adler32_z(sum, data.baseAddress?.assumingMemoryBound(to: UInt8.self), data.count)
    if isBegun { return try target.write(data) }
    first += data
    if first.count >= Self.sniffed { try begin() }
  }

  private func begin() throws {
    if !acceptsHTML, HTMLSniffer.isPage(first) { throw HTTPDiagnostics.html(at: place) }
    try target.begin()
    isBegun = true
    if !first.isEmpty { try first.withUnsafeBytes { try target.write($0) } }
    first = []
  }
}

/// Length and two checksums of an answer: enough to see that a page came twice, among thousands.
struct AnswerIdentity: Hashable {
  var bytes: Int
  var checksum: UInt
  var sum: UInt
}

/// Recognises web pages.
enum HTMLSniffer {
  static func isPage(contentType: String?) -> Bool {
    guard let contentType else { return false }
    let type = contentType.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    return type == "text/html" || type == "application/xhtml+xml"
  }

  /// Whether a body begins as a web page does.
  static func isPage(_ bytes: [UInt8]) -> Bool {
    var rest = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    while true {
      rest = rest.drop { $0 == 32 || ($0 >= 9 && $0 <= 13) }
      let text = String(decoding: rest.prefix(64), as: UTF8.self).lowercased()
      if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") { return true }
      // An XML declaration or comment may stand before either.
      guard text.hasPrefix("<?xml") || text.hasPrefix("<!--"), let end = rest.firstIndex(of: 62) else {
        return false
      }
      rest = rest[(end + 1)...]
    }
  }
}
