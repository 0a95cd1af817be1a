// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineTesting
import Records
import Testing

/// Each law of the kit is shown to be able to fail.
@Suite("The kit for extractors")
struct ExtractorKitTests {
  @Test("finds nothing in an extractor that keeps its promises")
  func lawful() { #expect(violations(nil) == []) }

  @Test("finds what is broken", arguments: Breach.allCases)
  func breaches(_ breach: Breach) {
    let found = violations(breach)
    #expect(found.contains { $0.hasPrefix(breach.sentence) }, "\(breach) gave \(found)")
  }

  @Test("names a long response that goes on after a cancellation")
  func longResponse() {
    let kit = ExtractorKit(Lines(breach: .goesOnWithinPayload, pieces: 6)) { MemoryLanding() }
    #expect(kit.violations() == ["a payload went on for more than 4 MiB after a cancellation"])
    let lawful = ExtractorKit(Lines(breach: nil, pieces: 6)) { MemoryLanding() }
    #expect(lawful.violations() == [])
  }

  private func violations(_ breach: Breach?) -> [String] {
    ExtractorKit(
      Lines(breach: breach), secrets: ["geheim"],
      broken: ["a source that refuses": Lines(breach: breach, refuses: true)]
    ) { MemoryLanding() }.violations()
  }
}

/// What an extractor can do wrong, and the beginning of what the kit says of it.
enum Breach: CaseIterable {
  case landsNothing, repeatsOrigins, changesOrigins, changesBytes, failsFromCheckpoint, checkpointTooFar
  case checkpointTooNear, ignoresCancellation, finishesWhenCancelled, ignoresCancellationInPause
  case goesOnWithinPayload, keepsSecret, saysSecret, leavesOpen, swallowsWriteFailure, swallowsEndFailure
  case wrapsFailure, goesOnAfterFailure, throwsOther, hasNoHelp, hidesRefusal, finishesTwice, hasNoName
  case pausesWithinPayload

  var sentence: String {
    switch self {
    case .landsNothing: "a first run landed nothing"
    case .repeatsOrigins: "two payloads of one run have the same origin"
    case .changesOrigins: "the same source gave other origins"
    case .changesBytes: "the same source gave other bytes"
    case .failsFromCheckpoint: "a run from the checkpoint failed"
    case .checkpointTooFar: "after a kill behind payload 1 the next run did not bring the rest"
    case .checkpointTooNear: "the checkpoint of payload 2 does not go on exactly behind it"
    case .ignoresCancellation: "a payload was begun after a cancellation"
    case .finishesWhenCancelled: "the end was said after a cancellation"
    case .ignoresCancellationInPause: "another pause followed a cancellation"
    case .goesOnWithinPayload: ""
    case .keepsSecret: "a secret stands in what is kept of a payload"
    case .saysSecret: "a secret stands in an error"
    case .leavesOpen: "a payload was neither ended nor dropped"
    case .swallowsWriteFailure, .swallowsEndFailure: "a failure of the landing zone was swallowed"
    case .wrapsFailure: "a failure of the landing zone was thrown on as another"
    case .goesOnAfterFailure: "begin was called after the landing zone had failed"
    case .throwsOther: "something else than a StageFailure was thrown"
    case .hasNoHelp: "lines.refused does not say what to do"
    case .hidesRefusal: "with a source that refuses the run ended as if all were well"
    case .finishesTwice: "the end was said twice"
    case .hasNoName: "a payload has no origin or no name"
    case .pausesWithinPayload: "a payload was left open over a pause"
    }
  }

  /// The one that needs a long payload is shown alone.
  static var allCases: [Breach] {
    [
      .landsNothing, .repeatsOrigins, .changesOrigins, .changesBytes, .failsFromCheckpoint, .checkpointTooFar,
      .checkpointTooNear, .ignoresCancellation, .finishesWhenCancelled, .ignoresCancellationInPause,
      .keepsSecret, .saysSecret, .leavesOpen, .swallowsWriteFailure, .swallowsEndFailure, .wrapsFailure,
      .goesOnAfterFailure, .throwsOther, .hasNoHelp, .hidesRefusal, .finishesTwice, .hasNoName,
      .pausesWithinPayload,
    ]
  }
}

/// Lands three payloads with a checkpoint each and a pause before each, and does one thing wrong.
private final class Lines: Extractor, @unchecked Sendable {
  static let description = ComponentDescription("lines", "Three lines.", [])

  private struct Other: Error {}

  let isPaging = true
  private let breach: Breach?
  private let pieces: Int
  private let refuses: Bool
  private var runs = 0

  init(breach: Breach?, pieces: Int = 1, refuses: Bool = false) {
    self.breach = breach
    self.pieces = pieces
    self.refuses = refuses
  }

  convenience init(_ settings: Settings) throws(Diagnostic) { self.init(breach: nil) }

  func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {
    runs += 1
    if breach == .landsNothing { return }
    if refuses { try refuse() }
    if breach == .failsFromCheckpoint, checkpoint != nil { try refuse() }
    let start = checkpoint.flatMap { Int($0.json) } ?? 0
    do {
      for line in start..<max(start, 3) {
        if landing.isCancelled, breach != .ignoresCancellation, breach != .ignoresCancellationInPause {
          if breach == .finishesWhenCancelled { try landing.finish(resume: Checkpoint(json: "3")) }
          return
        }
        try landing.pause(seconds: 1)
        if landing.isCancelled, breach == .ignoresCancellationInPause { continue }
        if landing.isCancelled, breach != .ignoresCancellation { return }
        try land(line, landing)
      }
    } catch let failure as StageFailure where breach == .wrapsFailure {
      throw StageFailure(id: "lines.wrapped", failure.message, help: "look", exit: .storage)
    }
    if breach == .finishesTwice { try landing.finish(resume: Checkpoint(json: "3")) }
    try landing.finish(resume: Checkpoint(json: "3"))
  }

  private func land(_ line: Int, _ landing: any LandingWriter) throws {
    try landing.begin(head(line))
    if breach == .pausesWithinPayload { try landing.pause(seconds: 1) }
    do {
      for _ in 0..<pieces {
        if landing.isCancelled, breach != .goesOnWithinPayload, breach != .ignoresCancellation {
          return landing.discard()
        }
        try write(line, landing)
      }
    } catch {
      landing.discard()
      switch breach {
      case .swallowsWriteFailure: return
      case .goesOnAfterFailure: try landing.begin(head(line))
      default: throw error
      }
    }
    if breach == .leavesOpen { return }
    do { try landing.end(resume: Checkpoint(json: "\(resume(line))")) } catch {
      if breach != .swallowsEndFailure { throw error }
    }
  }

  private func resume(_ line: Int) -> Int {
    switch breach {
    case .checkpointTooFar: line + 2
    case .checkpointTooNear: line
    default: line + 1
    }
  }

  private func head(_ line: Int) -> PayloadHead {
    var head = PayloadHead(origin: "lines:\(line)", name: "line \(line)")
    switch breach {
    case .repeatsOrigins: head.origin = "lines"
    case .changesOrigins: head.origin += "-\(runs)"
    case .keepsSecret: head.response["token"] = "geheim"
    case .hasNoName: head.name = ""
    default: break
    }
    return head
  }

  private func write(_ line: Int, _ landing: any LandingWriter) throws {
    var bytes = [UInt8](repeating: UInt8(line), count: pieces > 1 ? 1 << 20 : 1)
    if breach == .changesBytes { bytes[0] = UInt8(truncatingIfNeeded: runs) }
    try bytes.withUnsafeBytes { try landing.write($0) }
  }

  private func refuse() throws {
    switch breach {
    case .hidesRefusal: return
    case .throwsOther: throw Other()
    default:
      throw StageFailure(
        id: "lines.refused", "refused \(breach == .saysSecret ? "geheim" : "you")",
        help: breach == .hasNoHelp ? "" : "ask again", exit: .unavailable)
    }
  }
}
