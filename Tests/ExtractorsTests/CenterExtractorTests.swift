// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineTesting
import Records
import Testing

@testable import Extractors

@Suite("The center as a source")
struct CenterExtractorTests {
  private func extractor() throws -> CenterExtractor {
    let settings: Written = ["query": "select code from unit order by 1"]
    return try CenterExtractor(settings.settings("extractor 'center'"))
  }

  private func landing(_ rows: [String]) -> MemoryLanding {
    let landing = MemoryLanding()
    landing.rowsOfCenter = rows
    return landing
  }

  @Test("keeps what any extractor promises")
  func kit() throws {
    let rows = (0..<500).map { "{\"code\":\"\($0)\"}" }
    let kit = ExtractorKit(try extractor()) { self.landing(rows) }
    #expect(kit.violations() == [])
  }

  @Test("lands the rows as one payload, also when there are none, and says what was never loaded")
  func lands() throws {
    let landing = landing(["{\"code\":\"A\"}", "{\"code\":\"B\"}"])
    try extractor().extract(since: nil, into: landing)
    #expect(
      landing.payloads.map { String(decoding: $0.bytes, as: UTF8.self) } == [
        "{\"code\":\"A\"}\n{\"code\":\"B\"}\n"
      ])
    let empty = self.landing([])
    empty.entitiesNotLoaded = ["unit"]
    try extractor().extract(since: nil, into: empty)
    #expect(empty.payloads.map(\.bytes.count) == [0])
    #expect(empty.notices == ["nothing was loaded into 'unit' yet: the query found it empty"])
  }
}
