// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Sandbox
import Testing

@Suite("A body cut at any byte", .timeLimit(.minutes(2)))
struct TruncationTests {
  private static let rows = ["A1 Quản Bạ", "A2 Yên Minh"]

  private static let bodies: [(FaultBench.Format, WireAnswer)] = [
    (
      .json,
      WireAnswer(
        "application/json",
        #"{"items":[{"code":"A1","name":"Quản Bạ"},{"code":"A2","name":"Yên Minh"}]}"# + "\n")
    ),
    (
      .xml,
      WireAnswer(
        "application/xml", "<ds><r code=\"A1\"><n>Quản Bạ</n></r><r code=\"A2\"><n>Yên Minh</n></r></ds>\n")
    ),
  ]

  @Test(
    "is found out or harmless, and the next run has everything",
    arguments: [FaultBench.Format.json, .xml], [Fault.truncate, .truncateClose, .truncateChunked])
  func everyByte(_ format: FaultBench.Format, _ fault: Fault) throws {
    let answer = try #require(Self.bodies.first { $0.0 == format }).1
    let bench = try FaultBench(
      format, extract: "path: /all", system: "  requests_per_minute: 1000000", origin: { _ in answer })
    for place in 0..<answer.body.count {
      try bench.forget()
      bench.front.cutAt = place
      bench.front.faults = [fault]
      let report = try bench.run()
      let rows = try bench.rows()
      if report.exit == .done {
        #expect(rows == Self.rows, "cut at \(place) of \(answer.body.count)")
      } else {
        #expect(rows == [], "cut at \(place) of \(answer.body.count)")
      }
      // Where a length is announced the transport knows, whatever is missing.
      if fault != .truncateClose { #expect(report.exit == .sourceProtocol, "cut at \(place)") }
    }
    bench.front.faults = []
    #expect(try bench.run().exit == .done)
    #expect(try bench.rows() == Self.rows)
  }
}
