// SPDX-License-Identifier: Apache-2.0

import Foundation
import OwnExtractors
import PipelineTesting
import Terrace
import Testing

/// The root of this package: payloads of the tests are its samples.
private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path()

@Suite("Daily drops")
struct OwnExtractorTests {
  @Test("keeps the promises of an extractor")
  func kit() throws {
    let kit = ExtractorKit(
      try DailyDropExtractor(.written(["folder": "Samples/drops"])),
      broken: ["no folder": try DailyDropExtractor(.written(["folder": "Samples/none"]))]
    ) { MemoryLanding(baseFolder: root) }
    #expect(kit.violations() == [])
  }

  @Test("lands the files of complete drops, oldest first, each with where to go on")
  func lands() throws {
    let landing = MemoryLanding(baseFolder: root)
    try DailyDropExtractor(.written(["folder": "Samples/drops"])).extract(since: nil, into: landing)
    #expect(
      landing.payloads.map(\.head.origin) == [
        "drop:2026-11-20/schools.csv", "drop:2026-11-20/closed.csv", "drop:2026-11-21/schools.csv",
      ])
    #expect(
      landing.payloads.map(\.checkpoint?.json) == [
        #"{"drop":"2026-11-20","files":1}"#, #"{"drop":"2026-11-20","files":2}"#,
        #"{"drop":"2026-11-21","files":1}"#,
      ])
  }

  @Test("keeps the promises with the smallest extractor too")
  func oneFile() throws {
    let kit = ExtractorKit(
      try OneFileExtractor(.written(["path": "Samples/drops/2026-11-20/schools.csv"])),
      broken: ["no file": try OneFileExtractor(.written(["path": "Samples/none.csv"]))]
    ) { MemoryLanding(baseFolder: root) }
    #expect(kit.violations() == [])
  }
}
