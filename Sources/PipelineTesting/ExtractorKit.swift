// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Examines whether an extractor keeps the promises of ``Extractor``, over a source that does not change meanwhile
/// and has at least one payload to give; two or more examine resuming, and one of more than 4 MiB whether a long
/// response can be cancelled.
///
/// The extractor runs some dozens of times: a server of a test must answer as often.
public struct ExtractorKit {
  private let extractor: any Extractor
  /// Texts that must stand in nothing that is kept or shown.
  private let secrets: [String]
  /// Extractors of broken sources, by what is broken.
  private let broken: KeyValuePairs<String, any Extractor>
  /// Makes a landing zone for one run of the extractor.
  private let landing: () -> MemoryLanding

  /// Most payloads, pauses or steps at which a run is disturbed; of more, the first and the last.
  private static let mostPlaces = 12

  /// - Parameters:
  ///   - secrets: texts the extractor was configured with that must never be kept or shown.
  ///   - broken: the same extractor before sources that fail: each must end with an error that can be acted on.
  ///   - landing: makes a landing zone for one run.
  public init(
    _ extractor: any Extractor, secrets: [String] = [], broken: KeyValuePairs<String, any Extractor> = [:],
    landing: @escaping () -> MemoryLanding
  ) {
    self.extractor = extractor
    self.secrets = secrets
    self.broken = broken
    self.landing = landing
  }

  /// Everything that is broken, as sentences, each once; empty when all promises hold.
  public func violations() -> [String] {
    let first = run(since: nil)
    var found = first.violations("a first run")
    if first.payloads.isEmpty { found.append("a first run landed nothing") }
    let origins = first.payloads.map(\.head.origin)
    if Set(origins).count != origins.count { found.append("two payloads of one run have the same origin") }
    found += repetition(of: first)
    // Of an extractor that fails undisturbed, nothing can be learned by disturbing it.
    if first.failure == nil {
      found += resuming(first) + cancellation(first) + landingFailures(first)
    }
    for (name, extractor) in broken { found += failing(extractor, name) }
    var seen: Set<String> = []
    return found.filter { seen.insert($0).inserted }
  }

  // MARK: - The laws

  private func repetition(of first: Ended) -> [String] {
    var found: [String] = []
    let again = run(since: nil)
    if again.payloads.map(\.head.origin) != first.payloads.map(\.head.origin) {
      found.append("the same source gave other origins")
    }
    if again.payloads.map(\.bytes) != first.payloads.map(\.bytes) {
      found.append("the same source gave other bytes")
    }
    if let checkpoint = first.landing.checkpoint {
      found += run(since: checkpoint).violations("a run from the checkpoint")
    }
    return found
  }

  /// Killed after any payload and started from what is known then, a run brings what is missing.
  private func resuming(_ first: Ended) -> [String] {
    var found: [String] = []
    for count in Self.places(first.payloads.count) {
      // A kill right behind the payload: the landing zone takes nothing more, and no end was said.
      let killed = run(since: nil) { $0.failsAt = first.steps(toEndOf: count) + 1 }
      let known = killed.payloads.last { $0.checkpoint != nil }?.checkpoint
      let rest = run(since: known)
      found += rest.violations("a run after a kill")
      let union = Self.byOrigin(killed.payloads + rest.payloads)
      if union != Self.byOrigin(first.payloads) {
        found.append("after a kill behind payload \(count) the next run did not bring the rest")
      }
      guard let checkpoint = first.payloads[count - 1].checkpoint else { continue }
      let next = run(since: checkpoint)
      if next.payloads.map(\.head.origin) != first.payloads[count...].map(\.head.origin) {
        found.append("the checkpoint of payload \(count) does not go on exactly behind it")
      }
    }
    return found
  }

  private func cancellation(_ first: Ended) -> [String] {
    var found: [String] = []
    let total = first.payloads.count
    for count in [0] + Self.places(total) {
      let ended = run(since: nil) { $0.cancelsAfter = count }
      found += ended.violations(nil)
      if ended.payloads.count > count { found.append("a payload was landed after a cancellation") }
      if count < total, ended.landing.hasFinished { found.append("the end was said after a cancellation") }
    }
    for count in Self.places(total) {
      let ended = run(since: nil) { $0.cancelsWithin = count }
      found += ended.violations(nil)
      if count < total, ended.landing.hasFinished { found.append("the end was said after a cancellation") }
    }
    for count in Self.places(first.landing.pauses.count) {
      let ended = run(since: nil) { $0.cancelsInPause = count }
      found += ended.violations(nil)
      if ended.landing.pauses.count > count { found.append("another pause followed a cancellation") }
      if ended.landing.hasFinished { found.append("the end was said after a cancellation") }
    }
    return found
  }

  /// What the landing zone throws is thrown on, wherever it happens.
  private func landingFailures(_ first: Ended) -> [String] {
    var found: [String] = []
    for step in Self.places(first.landing.steps) {
      let ended = run(since: nil) { $0.failsAt = step }
      found += ended.landing.violations
      switch ended.failure {
      case nil: found.append("a failure of the landing zone was swallowed")
      case .other(let type): found.append("a failure of the landing zone was thrown on as \(type)")
      case .stage(let failure):
        if failure != MemoryLanding.failure {
          found.append("a failure of the landing zone was thrown on as another: \(failure.id)")
        }
      }
    }
    return found
  }

  private func failing(_ extractor: any Extractor, _ name: String) -> [String] {
    let ended = run(since: nil, extractor)
    guard let failure = ended.failure else {
      return ["with \(name) the run ended as if all were well"] + ended.landing.violations
    }
    var found = ended.landing.violations + leaks(ended)
    // What could be taken may be marked as taken; what could not must be asked for again.
    if ended.landing.hasFinished, run(since: ended.landing.checkpoint, extractor).failure == nil {
      found.append("with \(name) the end was said, and a next run leaves out what was not taken")
    }
    switch failure {
    case .other(let type): found.append("something else than a StageFailure was thrown: \(type)")
    case .stage(let failure):
      if failure.help.isEmpty { found.append("\(failure.id) does not say what to do") }
      if failure.message.isEmpty { found.append("\(failure.id) does not say what happened") }
      if failure.exit == .done { found.append("\(failure.id) would end the program as if all were well") }
    }
    return found
  }

  // MARK: - One run

  private enum Thrown {
    case stage(StageFailure)
    case other(String)
  }

  private struct Ended {
    var landing: MemoryLanding
    var failure: Thrown?
    var leaks: [String] = []

    var payloads: [MemoryLanding.Payload] { landing.payloads }

    /// Steps of the landing zone up to the end of a payload, counted from 1.
    func steps(toEndOf payload: Int) -> Int { landing.stepsAtEnd[payload - 1] }

    /// - Parameter name: of a run that must not fail; nil where it may.
    func violations(_ name: String?) -> [String] {
      var found = landing.violations + leaks
      switch failure {
      case .stage(let failure):
        if let name { found.append("\(name) failed: \(failure.message) [\(failure.id)]") }
      case .other(let type): found.append("something else than a StageFailure was thrown: \(type)")
      case nil: break
      }
      return found
    }
  }

  private func run(
    since checkpoint: Checkpoint?, _ other: (any Extractor)? = nil,
    _ prepare: (MemoryLanding) -> Void = { _ in }
  ) -> Ended {
    let landing = landing()
    prepare(landing)
    var ended = Ended(landing: landing)
    do {
      try (other ?? extractor).extract(since: checkpoint, into: landing)
    } catch let failure as StageFailure {
      ended.failure = .stage(failure)
    } catch {
      ended.failure = .other("\(type(of: error))")
    }
    landing.close()
    ended.leaks = leaks(ended)
    return ended
  }

  private func leaks(_ ended: Ended) -> [String] {
    let landing = ended.landing
    var kept = landing.payloads.map { "\($0.head)\($0.checkpoint?.json ?? "")" }
    kept += landing.discarded.map { "\($0)" }
    kept.append(landing.finished?.json ?? "")
    var found: [String] = []
    if secrets.contains(where: { secret in kept.contains { $0.contains(secret) } }) {
      found.append("a secret stands in what is kept of a payload")
    }
    if case .stage(let failure) = ended.failure {
      let shown = [failure.id, failure.message, failure.place ?? "", failure.help, failure.state ?? ""]
      if secrets.contains(where: { secret in shown.contains { $0.contains(secret) } }) {
        found.append("a secret stands in an error: \(failure.id)")
      }
    }
    return found
  }

  private static func byOrigin(_ payloads: [MemoryLanding.Payload]) -> [String: [UInt8]] {
    Dictionary(payloads.map { ($0.head.origin, $0.bytes) }, uniquingKeysWith: { _, later in later })
  }

  /// From 1 to a number, or of many the first and the last.
  private static func places(_ count: Int) -> [Int] {
    guard count > mostPlaces else { return Array(0..<count).map { $0 + 1 } }
    return Array(1...mostPlaces / 2) + Array(count - mostPlaces / 2 + 1...count)
  }
}
