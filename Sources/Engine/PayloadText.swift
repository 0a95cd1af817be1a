// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records

/// Stands between payload bytes and a decoding session: every payload becomes UTF-8 before a decoder sees it.
///
/// The encoding is the one the pipeline declares; else the one the payload's own head declares (XML), or betrays
/// (UTF-16); else UTF-8. Where the document stands in a text of the payload, it is taken out here, so that offsets count
/// that text.
final class PayloadText {
  private let plan: Plan
  private let sink: (UnsafeBufferPointer<UInt8>) throws -> Void
  private let envelope: EnvelopeReader?
  private var converter: PayloadTextConverter?

  init(_ plan: Plan, into sink: @escaping (UnsafeBufferPointer<UInt8>) throws -> Void) {
    self.plan = plan
    self.sink = sink
    envelope = plan.envelope.map { EnvelopeReader($0, allowsEmpty: plan.decode.allowsEmpty) }
  }

  convenience init(_ plan: Plan, into session: any DecodingSession) {
    self.init(plan) { try session.feed($0) }
  }

  /// Takes the next bytes. The first piece must hold what the format needs to declare its encoding.
  func feed(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    guard bytes.count > 0 else { return }
    let converter = try self.converter ?? PayloadTextConverter(try Self.encoding(plan, head: bytes))
    self.converter = converter
    try converter.convert(bytes, into: take)
  }

  /// - Returns: whether there was a document; a text within the payload may be missing where that is allowed.
  func finish() throws -> Bool {
    try converter?.finish(into: take)
    guard let envelope else { return true }
    guard let text = try envelope.finish() else { return false }
    try text.withUnsafeBufferPointer(sink)
    return true
  }

  private func take(_ piece: UnsafeBufferPointer<UInt8>) throws {
    if let envelope { try envelope.feed(piece) } else { try sink(piece) }
  }

  private static func encoding(_ plan: Plan, head: UnsafeBufferPointer<UInt8>) throws -> PayloadEncoding {
    if let declared = plan.encoding {
      // Planning has checked the name.
      return PayloadEncoding.named(declared) ?? .utf8
    }
    let detected = PayloadEncoding.detected(head: head)
    // A declaration that reads as ASCII cannot mean UTF-16, whatever it says.
    guard detected == .utf8, let name = (plan.envelope?.decoder ?? plan.decoder).declaredEncoding(head: head)
    else { return detected }
    guard let encoding = PayloadEncoding.named(name) else {
      throw StageFailure(
        id: "decode.unknown-encoding", "the payload declares the encoding '\(name)', which is not known",
        help:
          "declare what it really is with 'encoding' under 'decode' (known: \(PayloadEncoding.names.joined(separator: ", "))).",
        exit: .data)
    }
    return encoding.name.hasPrefix("utf-16") ? .utf8 : encoding
  }

  /// Whether a payload is anything but the document in plain UTF-8, so that offsets do not count its own bytes.
  static func needsConversion(_ plan: Plan, head: UnsafeBufferPointer<UInt8>) throws -> Bool {
    try plan.envelope != nil || encoding(plan, head: head) != .utf8
  }
}
