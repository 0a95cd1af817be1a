// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// Examines whether an extractor keeps the promises of ``Extractor``, over a source that does not change meanwhile
/// and has at least one payload to give.
public struct ExtractorKit {
  private let extractor: any Extractor
  /// Texts that must stand in nothing that is kept or shown.
  private let secrets: [String]
  /// Makes a landing zone for one run of the extractor.
  private let landing: () -> MemoryLanding

  public init(_ extractor: any Extractor, secrets: [String] = [], landing: @escaping () -> MemoryLanding) {
    self.extractor = extractor
    self.secrets = secrets
    self.landing = landing
  }

  /// Everything that is broken, as sentences; empty when all promises hold.
  public func violations() -> [String] {
    var found: [String] = []
    let (first, failure) = run(since: nil)
    if let failure { found.append("a first run failed: \(failure)") }
    found += first.violations
    if first.payloads.isEmpty { found.append("a first run landed nothing") }
    found += leaks(first)
    let origins = first.payloads.map(\.head.origin)
    if Set(origins).count != origins.count { found.append("two payloads of one run have the same origin") }

    let (again, _) = run(since: nil)
    if again.payloads.map(\.head.origin) != origins { found.append("the same source gave other origins") }
    if again.payloads.map(\.bytes) != first.payloads.map(\.bytes) {
      found.append("the same source gave other bytes")
    }

    if let checkpoint = first.checkpoint {
      let (next, failure) = run(since: checkpoint)
      if let failure { found.append("a run from the checkpoint failed: \(failure)") }
      found += next.violations
      found += leaks(next)
    }
    found += cancellation()
    return found
  }

  private func cancellation() -> [String] {
    var found: [String] = []
    let (before, _) = run(since: nil) { $0.cancelsAfter = 0 }
    if !before.payloads.isEmpty { found.append("a payload was landed after a cancellation") }
    if before.hasFinished { found.append("the end was said after a cancellation") }
    found += before.violations
    let (within, _) = run(since: nil) { $0.cancelsAfter = 1 }
    if within.payloads.count > 1 { found.append("a second payload was landed after a cancellation") }
    return found + within.violations
  }

  private func run(
    since checkpoint: Checkpoint?, _ prepare: (MemoryLanding) -> Void = { _ in }
  ) -> (landing: MemoryLanding, failure: String?) {
    let landing = landing()
    prepare(landing)
    defer { landing.close() }
    do {
      try extractor.extract(since: checkpoint, into: landing)
      return (landing, nil)
    } catch let failure as StageFailure {
      return (landing, "\(failure.message) [\(failure.id)]")
    } catch {
      return (landing, "something else than a StageFailure was thrown: \(type(of: error))")
    }
  }

  private func leaks(_ landing: MemoryLanding) -> [String] {
    var kept = landing.payloads.map { "\($0.head)\($0.checkpoint?.json ?? "")" }
    kept += landing.discarded.map { "\($0)" }
    kept.append(landing.finished?.json ?? "")
    return secrets.filter { secret in kept.contains { $0.contains(secret) } }.map { _ in
      "a secret stands in what is kept of a payload"
    }
  }
}
