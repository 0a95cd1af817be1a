// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Planning
import Records

/// Stands between payload bytes and a decoding session: every payload becomes UTF-8 before a decoder sees it.
///
/// The encoding is the one the pipeline declares; else the one the payload's own head declares (XML), or betrays
/// (UTF-16); else UTF-8.
final class PayloadText {
  private let plan: Plan
  private let sink: (UnsafeBufferPointer<UInt8>) throws -> Void
  private var converter: PayloadTextConverter?

  init(_ plan: Plan, into sink: @escaping (UnsafeBufferPointer<UInt8>) throws -> Void) {
    self.plan = plan
    self.sink = sink
  }

  convenience init(_ plan: Plan, into session: any DecodingSession) {
    self.init(plan) { try session.feed($0) }
  }

  /// Takes the next bytes. The first piece must hold what the format needs to declare its encoding.
  func feed(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    guard bytes.count > 0 else { return }
    let converter = try self.converter ?? PayloadTextConverter(try Self.encoding(plan, head: bytes))
    self.converter = converter
    try converter.convert(bytes, into: sink)
  }

  func finish() throws { try converter?.finish(into: sink) }

  private static func encoding(_ plan: Plan, head: UnsafeBufferPointer<UInt8>) throws -> PayloadEncoding {
    if let declared = plan.encoding {
      // Planning has checked the name.
      return PayloadEncoding.named(declared) ?? .utf8
    }
    let detected = PayloadEncoding.detected(head: head)
    // A declaration that reads as ASCII cannot mean UTF-16, whatever it says.
    guard detected == .utf8, let name = plan.decoder.declaredEncoding(head: head) else { return detected }
    guard let encoding = PayloadEncoding.named(name) else {
      throw StageFailure(
        id: "decode.unknown-encoding", "the payload declares the encoding '\(name)', which is not known",
        help:
          "declare what it really is with 'encoding' under 'decode' (known: \(PayloadEncoding.names.joined(separator: ", "))).",
        exit: .data)
    }
    return encoding.name.hasPrefix("utf-16") ? .utf8 : encoding
  }

  /// Whether a payload is anything but plain UTF-8, so that offsets do not count its own bytes.
  static func needsConversion(_ plan: Plan, head: UnsafeBufferPointer<UInt8>) throws -> Bool {
    try encoding(plan, head: head) != .utf8
  }
}
