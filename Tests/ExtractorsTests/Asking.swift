// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineTesting
import Records

@testable import Extractors

/// Asks a system through the `http` extractor.
enum Asking {
  static func system(_ base: String, _ change: (inout SystemSpec) -> Void = { _ in }) -> SystemSpec {
    var system = SystemSpec(name: "finance", baseURL: base)
    (system.timeouts.connect, system.timeouts.firstByte, system.timeouts.stall) = (5, 5, 5)
    system.timeouts.whole = 20
    system.retries.attempts = 1
    change(&system)
    return system
  }

  /// Lands into `landing` and gives the failure, if there is one.
  static func run(
    _ system: SystemSpec, _ written: [(String, Written)] = [], into landing: MemoryLanding = MemoryLanding(),
    _ change: (inout RequestClock) -> Void = { _ in }
  ) throws -> StageFailure? {
    var extractor = try HTTPExtractor(
      Written.map([("system", "finance"), ("path", "/data")] + written)
        .settings("extractor 'http'", systems: [system]))
    extractor.clock.chance = { 0.5 }
    change(&extractor.clock)
    do {
      try extractor.extract(since: nil, into: landing)
    } catch let failure as StageFailure { return failure }
    return nil
  }
}
