// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics

/// Reads an answer of a repository as it comes, and lands it when it is a list of records.
final class OAITarget: AnswerTarget {
  let response = OAIResponse()
  private let target: LandingTarget?
  private let status: Int
  private let place: String
  private var held: [UInt8] = []
  private(set) var isLanding = false
  private var isEmpty = true

  private static let mostHeld = 1 << 20

  /// - Parameter target: nil for answers that are only read.
  init(_ target: LandingTarget?, status: Int, place: String) {
    self.target = target
    self.status = status
    self.place = place
  }

  func begin() throws {}

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    isEmpty = isEmpty && bytes.isEmpty
    try reading { try response.feed(bytes) }
    if isLanding {
      try target?.write(bytes)
    } else if target != nil {
      held += bytes
      if response.kind == .records { try land() }
      if held.count > Self.mostHeld { throw unexpected("more than 1 MiB without a list") }
    }
  }

  func finish() throws {
    if isEmpty { throw unexpected("nothing at all") }
    try reading { try response.finish() }
    switch response.kind {
    case .undecided: throw unexpected("neither records nor an error")
    case .other(let name): throw unexpected("a document '\(SOAPDiagnostics.shown(name, most: 40))'")
    case .records: if !isLanding, target != nil { try land() }
    case .identify, .error: break
    }
  }

  func discard() {
    if isLanding { target?.discard() }
    isLanding = false
  }

  private func land() throws {
    try target?.begin()
    isLanding = true
    try held.withUnsafeBytes { try target?.write($0) }
    held = []
  }

  private func reading(_ body: () throws -> Void) throws {
    do { try body() } catch let fault as XMLFault {
      if fault.reason.hasPrefix(XMLFault.endsEarly), !isEmpty, (200..<300).contains(status) {
        throw PassingFailure(failure: OAIDiagnostics.cutShort(fault.reason, at: place))
      }
      throw unexpected("what is not well-formed XML (\(fault.reason), at offset \(fault.offset))")
    }
  }

  /// What the answer's status says weighs more than that its body is none.
  private func unexpected(_ found: String) -> any Error {
    (200..<300).contains(status)
      ? OAIDiagnostics.notOAI(found, at: place) : HTTPDiagnostics.answered(status, at: place)
  }
}
