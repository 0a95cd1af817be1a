// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Engine
import Foundation
import Planning
import Records
import Synchronization
import Testing

@Suite("Pipelines that share a center")
struct SharedCenterTests {
  @Test("one runs to its end while the source of another keeps it waiting in the midst of a payload")
  func drippingSource() throws {
    let bench = try Self.bench()
    let source = DrippingExtractor(
      first: People.payload((0..<30_000).map { ("B\($0)", "Lan", "01/02/1990", "01/01/2026") })
        .replacing("</p>", with: ""),
      rest: "<r c='B99999'><n>Hoa</n></r></p>")
    let report = Mutex<RunReport?>(nil)
    var plan = try bench.plan("others")
    plan.extractor = source
    plan.decode.limits.chunkRows = 1000
    var environment = try bench.environment()
    // Each second is a minute, so that the source is slow at once.
    environment.clock.monotonic = { 60 * ProcessInfo.processInfo.systemUptime }
    let dripping = Thread { [plan, environment] in
      let ended = PipelineRunner(environment, plan).run(RunOptions())
      report.withLock { $0 = ended }
      source.ended.signal()
    }
    dripping.start()
    source.waits.wait()
    let other = try bench.run("people")
    #expect(other.exit == .done, "\(other)")
    #expect(try bench.rows("SELECT code FROM person") == ["A1"])
    source.goesOn.signal()
    source.ended.wait()
    let ended = try #require(report.withLock { $0 })
    #expect(ended.exit == .done && ended.counters.inserted == 30_001, "\(ended)")
    #expect(try bench.rows("SELECT count(*) FROM person") == ["30002"])
  }

  private static func bench() throws -> Workbench {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    try bench.write(
      "Pipelines/others.yaml", People.pipeline().replacing("pipeline: people", with: "pipeline: others"))
    return bench
  }
}

/// Lands one payload: most of it at once, the rest when it is told to.
private final class DrippingExtractor: Extractor {
  static let description = ComponentDescription("dripping", "Drips.", [])

  let first: String
  let rest: String
  let waits = DispatchSemaphore(value: 0)
  let goesOn = DispatchSemaphore(value: 0)
  let ended = DispatchSemaphore(value: 0)

  init(first: String, rest: String) {
    self.first = first
    self.rest = rest
  }

  init(_ settings: Settings) throws(Diagnostic) {
    first = ""
    rest = ""
  }

  var isPaging: Bool { false }

  func extract(since checkpoint: Checkpoint?, into landing: any LandingWriter) throws {
    try landing.begin(PayloadHead(origin: "dripping", name: "dripping"))
    try Array(first.utf8).withUnsafeBytes { try landing.write($0) }
    waits.signal()
    goesOn.wait()
    try Array(rest.utf8).withUnsafeBytes { try landing.write($0) }
    try landing.end(resume: nil)
  }
}
