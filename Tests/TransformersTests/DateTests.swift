// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records
import Testing

@testable import Transformers

@Suite("Dates")
struct DateTests {
  @Test("reads dates by the declared patterns, in order")
  func patterns() throws {
    #expect(
      try read(["29/02/2024", "20240229", " 1/3/1900 ", "29/02/2023", "2024-02-29"], as: .date) {
        $0.dates = ["d/M/yyyy", "yyyyMMdd"]
      } == [
        "2024-02-29", "2024-02-29", "1900-03-01",
        "null < type.date: '29/02/2023' is not a date d/M/yyyy or yyyyMMdd",
        "null < type.date: '2024-02-29' is not a date d/M/yyyy or yyyyMMdd",
      ])
  }

  @Test("puts timestamps without a zone into the local zone")
  func localTime() throws {
    #expect(
      try read(["9/2/2026 5:38:54 PM", "2/9/2026 12:00:00 AM"], as: .timestamp) {
        $0.dates = ["d/M/yyyy h:mm:ss a"]
      }
        == ["2026-02-09T10:38:54Z", "2026-09-01T17:00:00Z"])
    #expect(
      try read(["16/08/2018"], as: .timestamp) { $0.dates = ["dd/MM/yyyy"] } == ["2018-08-15T17:00:00Z"])
  }

  @Test("reads ISO 8601 where no pattern is declared")
  func iso() throws {
    #expect(
      try read(
        [
          "2026-11-22", "2026-11-22T06:30", "2026-11-22T06:30:00Z", "2026-11-22 06:30:00.1234567+07:00",
          "2026-11-22T24:00",
        ],
        as: .timestamp) == [
          "2026-11-21T17:00:00Z", "2026-11-21T23:30:00Z", "2026-11-22T06:30:00Z",
          "2026-11-21T23:30:00.123456Z",
          "null < type.timestamp: '2026-11-22T24:00' is not a timestamp yyyy-MM-ddTHH:mm:ss",
        ])
  }

  @Test("takes the local day of a moment, and the written day of a date with a zone")
  func dateOfMoment() throws {
    #expect(
      try read(["2026-11-21T17:00:00Z", "2026-11-22T23:59:59", "2026-11-22Z", "2026-11"], as: .date) == [
        "2026-11-22", "2026-11-22", "2026-11-22", "null < type.date: '2026-11' is not a date yyyy-MM-dd",
      ])
  }

  @Test("writes partial dates in one form")
  func partial() throws {
    #expect(
      try read(["1985", "03/1985", "07/03/1985", "13/1985"], as: .partialDate) {
        $0.dates = ["dd/MM/yyyy", "MM/yyyy", "yyyy"]
      } == [
        "1985", "1985-03", "1985-03-07",
        "null < type.partial_date: '13/1985' is not a date dd/MM/yyyy or MM/yyyy or yyyy, whole or in part",
      ])
    #expect(try read(["1985-03", "1985"], as: .partialDate) == ["1985-03", "1985"])
  }

  @Test("refuses to begin with a pattern that is none")
  func badPattern() {
    #expect {
      try read([], as: .date) { $0.dates = ["dd/MM/yy"] }
    } throws: { error in
      (error as? StageFailure)?.id == "transform.date-pattern"
    }
  }
}
