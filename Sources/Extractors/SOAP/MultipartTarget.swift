// SPDX-License-Identifier: Apache-2.0

import Diagnostics

/// Takes the root part out of a `multipart/related` answer (MTOM, SOAP with attachments) and hands on its bytes.
/// Attachments are dropped: records stand in the envelope.
final class MultipartTarget: AnswerTarget {
  private enum Stage {
    /// Before the headers of the first part are complete.
    case head
    case part
    case over
  }

  private let target: EnvelopeTarget
  private let delimiter: [UInt8]
  /// Content-ID of the root part; nil where it is the first.
  private let start: String?
  private let place: String
  private var stage = Stage.head
  private var held: [UInt8] = []

  private static let mostHead = 16 << 10

  /// The target itself for an answer of one part.
  static func wrapping(
    _ target: EnvelopeTarget, contentType: String?, place: String
  ) throws -> any AnswerTarget {
    guard let contentType, contentType.lowercased().hasPrefix("multipart/") else { return target }
    let parameters = ContentType.parameters(contentType)
    guard contentType.lowercased().hasPrefix("multipart/related"), let boundary = parameters["boundary"],
      !boundary.isEmpty, boundary.utf8.count <= 70
    else { throw SOAPDiagnostics.badMultipart("of another kind, or without a boundary", at: place) }
    return MultipartTarget(target, boundary: boundary, start: parameters["start"], place: place)
  }

  private init(_ target: EnvelopeTarget, boundary: String, start: String?, place: String) {
    self.target = target
    self.start = start
    self.place = place
    delimiter = Array("\r\n--\(boundary)".utf8)
    // The first delimiter stands at the beginning of the body, without the line end that others have.
    held = [13, 10]
  }

  func begin() throws { try target.begin() }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard stage != .over else { return }
    held += bytes
    if stage == .head { try head() }
    if stage == .part { try part() }
  }

  func finish() throws {
    if stage != .over {
      let failure = SOAPDiagnostics.cutShort("its last boundary is missing", at: place)
      throw PassingFailure(failure: failure)
    }
    try target.finish()
  }

  func discard() { target.discard() }

  private func head() throws {
    guard let first = find(delimiter, from: 0),
      let end = find(Array("\r\n\r\n".utf8), from: first + delimiter.count)
    else {
      if held.count > Self.mostHead {
        throw SOAPDiagnostics.badMultipart("without the boundary that it announces", at: place)
      }
      return
    }
    let lines = String(decoding: held[(first + delimiter.count)..<end], as: UTF8.self).split(
      separator: "\r\n")
    for line in lines {
      let words = line.split(separator: ":", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
      guard words.count == 2 else { continue }
      switch words[0].lowercased() {
      case "content-id":
        guard start == nil || words[1] == start else {
          throw SOAPDiagnostics.badMultipart("whose first part is not its root", at: place)
        }
      case "content-transfer-encoding":
        guard ["7bit", "8bit", "binary"].contains(words[1].lowercased()) else {
          throw SOAPDiagnostics.badMultipart(
            "whose root part is encoded as '\(words[1].prefix(40))'", at: place)
        }
      default: break
      }
    }
    held.removeFirst(end + 4)
    stage = .part
  }

  private func part() throws {
    let end = find(delimiter, from: 0)
    // What may be the beginning of a delimiter waits.
    let count = end ?? max(0, held.count - delimiter.count)
    if count > 0 { try held[..<count].withUnsafeBytes { try target.write($0) } }
    held.removeFirst(count)
    if end != nil { (stage, held) = (.over, []) }
  }

  private func find(_ word: [UInt8], from start: Int) -> Int? {
    guard held.count >= word.count, start <= held.count - word.count else { return nil }
    return (start...(held.count - word.count)).first {
      held[$0] == word[0] && held[$0...].starts(with: word)
    }
  }
}

/// Reads what a `Content-Type` says behind its type.
enum ContentType {
  /// By lower-case name, without quotes.
  static func parameters(_ text: String) -> [String: String] {
    var parameters: [String: String] = [:]
    var rest = text.drop { $0 != ";" }.dropFirst()
    while !rest.isEmpty {
      let name = rest.prefix { $0 != "=" && $0 != ";" }
      rest = rest[name.endIndex...]
      var value = ""
      if rest.first == "=" {
        rest.removeFirst()
        if rest.first == "\"" {
          rest.removeFirst()
          value = String(rest.prefix { $0 != "\"" })
          rest = rest.dropFirst(value.count + 1)
        } else {
          value = String(rest.prefix { $0 != ";" }.filter { !$0.isWhitespace })
        }
      }
      parameters[name.filter { !$0.isWhitespace }.lowercased()] = value
      rest = rest.drop { $0 != ";" }.dropFirst()
    }
    return parameters
  }
}
