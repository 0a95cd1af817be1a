// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Lands an answer once it is known to be an envelope with data. A fault, whatever its HTTP status, is never landed.
final class EnvelopeTarget: AnswerTarget {
  private let target: LandingTarget
  private let status: Int
  private let faults: FaultSettings
  private let place: String

  private let scan = EnvelopeScan()
  /// What came before it was known what it is.
  private var held: [UInt8] = []
  private var isLanding = false
  private var tail: [UInt8] = []
  /// The service said that there are no records.
  private(set) var isEmpty = false

  /// A header block larger than this is no header block.
  private static let mostHeld = 1 << 20
  /// Behind the last tag nothing but a comment can stand.
  private static let mostTail = 1024

  init(_ target: LandingTarget, status: Int, faults: FaultSettings, place: String) {
    self.target = target
    self.status = status
    self.faults = faults
    self.place = place
  }

  func begin() throws {}

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    keepTail(bytes)
    if isLanding { return try target.write(bytes) }
    try reading { try scan.feed(bytes) }
    if scan.verdict == .data {
      try land()
      return try target.write(bytes)
    }
    // Of a fault only its text is kept, and that is short.
    guard scan.verdict == .undecided else { return held = [] }
    held += bytes
    if held.count > Self.mostHeld {
      throw SOAPDiagnostics.notAnEnvelope("more than 1 MiB without a body", at: place)
    }
  }

  func finish() throws {
    if isLanding {
      if !endsLikeAnEnvelope {
        throw PassingFailure(failure: SOAPDiagnostics.cutShort("its last tag is missing", at: place))
      }
      return
    }
    if tail.isEmpty { throw passing(SOAPDiagnostics.emptyAnswer(at: place)) }
    try reading { try scan.finish() }
    switch scan.verdict {
    case .fault: try judge(scan.fault)
    case .empty, .undecided: throw SOAPDiagnostics.emptyBody(at: place)
    case .other(let name):
      throw passing(
        SOAPDiagnostics.notAnEnvelope("a document '\(SOAPDiagnostics.shown(name, most: 40))'", at: place))
    case .data:
      // Text of another encoding may be held back to the end.
      try land()
    }
  }

  private func land() throws {
    guard (200..<300).contains(status) else {
      throw passing(SOAPDiagnostics.notAnEnvelope("data that it calls an error", at: place))
    }
    try target.begin()
    isLanding = true
    try held.withUnsafeBytes { if !$0.isEmpty { try target.write($0) } }
    held = []
  }

  func discard() {
    if isLanding { target.discard() }
    isLanding = false
  }

  private func judge(_ fault: SOAPFault) throws {
    let meaning = faults.meaning(fault)
    if meaning == .empty { return isEmpty = true }
    let failure = SOAPDiagnostics.fault(fault, meaning, at: place)
    if meaning == .retry { throw PassingFailure(failure: failure) }
    throw failure
  }

  /// What the answer's status says weighs more than that its body is none.
  private func passing(_ failure: StageFailure) -> any Error {
    if (200..<300).contains(status) { return failure }
    let answered = HTTPDiagnostics.answered(status, at: place)
    return HTTPDiagnostics.isPassing(status) ? PassingFailure(failure: answered) : answered
  }

  private func reading(_ body: () throws -> Void) throws {
    do { try body() } catch let fault as XMLFault {
      let isCut = fault.reason.hasPrefix(XMLFault.endsEarly) && !tail.isEmpty
      if isCut { throw PassingFailure(failure: SOAPDiagnostics.cutShort(fault.reason, at: place)) }
      throw passing(SOAPDiagnostics.notAnEnvelope("what is not well-formed XML (\(fault.reason))", at: place))
    }
  }

  private func keepTail(_ bytes: UnsafeRawBufferPointer) {
    tail += bytes.suffix(Self.mostTail)
    if tail.count > Self.mostTail { tail.removeFirst(tail.count - Self.mostTail) }
  }

  /// Whether the answer came to its end, as far as its last bytes tell; that of another encoding tells nothing.
  private var endsLikeAnEnvelope: Bool {
    guard !tail.contains(0) else { return true }
    let word = Array("Envelope".utf8)
    for start in tail.indices.reversed() where tail[start...].starts(with: word) {
      let rest = tail[(start + word.count)...].drop(while: \.isXMLSpace)
      guard rest.first == UInt8(ascii: ">"), start >= 2 else { continue }
      let before = tail[..<start].reversed().prefix { $0 != UInt8(ascii: "<") }
      return before.last == UInt8(ascii: "/")
    }
    return false
  }
}
