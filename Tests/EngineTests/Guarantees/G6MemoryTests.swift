// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Store
import Testing

@Suite("G6 Memory is flat")
struct G6MemoryTests {
  @Test(
    "the peak of a run does not depend on the size of the document",
    .disabled(if: Sanitizer.isAtWork, "the memory is the sanitizer's as well"), arguments: ["xml", "json"])
  func peak(format: String) throws {
    let small = try peak(format, megabytes: 2)
    let large = try peak(format, megabytes: 16)
    #expect(small > 10_000, "the memory of the program was not seen: \(small) KiB")
    // Buffers fill up over the first megabytes; what grows with the document would show eightfold.
    #expect(Double(large) < Double(small) * 1.35, "\(small) KiB for 2 MB, \(large) KiB for 16 MB")
  }

  @Test("nor on the number of its records, beyond those whose keys are held in memory")
  func records() throws {
    let small = try peak(records: 45_000)
    let large = try peak(records: 200_000)
    // Keys alone would show (1.17 with all of them in memory): 48 bytes and a slot for each. How full queues are differs too.
    #expect(Double(large) < Double(small) * 1.13, "\(small) KiB for 45,000 records, \(large) KiB for 200,000")
  }

  private func peak(records: Int) throws -> Int {
    // Wide rows from short records: the center's page cache is full in both runs.
    let wide = String(repeating: "rộng ", count: 90)
    let bench = try Workbench([
      "Pipelines/schema/person.yaml": People.schema + "\n  wide: { type: text }",
      "Pipelines/people.yaml": People.pipeline(path: "in/1.csv")
        .replacing("xml: { records: /p/r }", with: "csv: {}")
        .replacing("code: \"@c\"", with: "code: c, wide: { value: \"\(wide)\" }"),
    ])
    var document = Data("c,n,b,u\n".utf8)
    for index in 0..<records { document += "A\(index),Mai,01/02/1990,01/01/2026\n".utf8 }
    try bench.write("in/1.csv", document)
    let ended = try Program(["run"], in: bench).endWatchingMemory()
    #expect(ended.exit == 0, "\(ended)")
    #expect(try bench.rows("SELECT count(*) FROM person") == ["\(records)"])
    return ended.peak
  }

  private func peak(_ format: String, megabytes: Int) throws -> Int {
    let filler = String(repeating: "khoảng đất ven suối ", count: 40)
    let bench = try Workbench(["Pipelines/schema/person.yaml": People.schema])
    var document = Data()
    let count = megabytes * 1_000_000 / 1000
    if format == "xml" {
      try bench.write("Pipelines/people.yaml", People.pipeline(path: "in/1.xml"))
      document += "<p>".utf8
      for index in 0..<count {
        document += "<r c='A\(index)'><n>Mai</n><b>01/02/1990</b><u>01/01/2026</u><x>\(filler)</x></r>\n".utf8
      }
      document += "</p>".utf8
    } else {
      try bench.write(
        "Pipelines/people.yaml",
        People.pipeline(path: "in/1.json").replacing("xml: { records: /p/r }", with: "json: { records: /r }")
          .replacing("\"@c\"", with: "c"))
      document += #"{"r":["#.utf8
      for index in 0..<count {
        let comma = index == 0 ? "" : ","
        document +=
          #"\#(comma){"c":"A\#(index)","n":"Mai","b":"01/02/1990","u":"01/01/2026","x":"\#(filler)"}"#.utf8
      }
      document += "]}".utf8
    }
    try bench.write("in/1.\(format)", document)
    let ended = try Program(["run"], in: bench).endWatchingMemory()
    #expect(ended.exit == 0, "\(ended)")
    #expect(try bench.rows("SELECT count(*) FROM person") == ["\(count)"])
    return ended.peak
  }
}
