// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics

/// Where the body of an answer goes, once its encoding is undone.
protocol AnswerTarget: AnyObject {
  /// Called once, before any byte; not for an answer that turned out to be no data.
  func begin() throws
  func write(_ bytes: UnsafeRawBufferPointer) throws
  /// Called once, when the body is complete: the last chance to say that it is no data.
  func finish() throws
  /// Drops what was begun.
  func discard()
}

extension AnswerTarget {
  func finish() throws {}
}

/// Thrown by a target: what came says that the same request may go well a moment later.
struct PassingFailure: Error {
  /// Why there is no answer, after all tries.
  var failure: StageFailure
}

/// Lands an answer as a payload. Whoever asked ends the payload.
final class LandingTarget: AnswerTarget {
  private let landing: any LandingWriter
  private let head: PayloadHead

  init(_ landing: any LandingWriter, head: PayloadHead) {
    self.landing = landing
    self.head = head
  }

  func begin() throws { try landing.begin(head) }
  func write(_ bytes: UnsafeRawBufferPointer) throws { try landing.write(bytes) }
  func discard() { landing.discard() }
}

/// Keeps a small answer in memory: a token, a list of ids.
final class KeptTarget: AnswerTarget {
  private(set) var bytes: [UInt8] = []
  private let limit: Int
  private let place: String

  /// - Parameter limit: most bytes; the reader's own bound is for payloads, which go to disk.
  init(limit: Int = .max, place: String = "") {
    self.limit = limit
    self.place = place
  }

  func begin() throws { bytes = [] }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.count <= limit - self.bytes.count else {
      throw ExtractDiagnostics.tooLarge(limit: limit, at: place)
    }
    self.bytes += bytes
  }

  func discard() { bytes = [] }
}
