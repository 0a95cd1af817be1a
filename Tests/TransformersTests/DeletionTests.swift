// SPDX-License-Identifier: Apache-2.0

import Components
import Records
import Testing

@testable import Transformers

@Suite("Deletions in a map")
struct DeletionTests {
  private let values = [
    letValue("status", 0), field("code", 1), field("rev", 2, type: .integer),
    field("size", 3, type: .integer),
  ]
  private let deletion = DeletionPlan(
    condition: StubExpression.equals("status", "gone"), fields: ["code", "rev"])

  private func mapped(
    _ status: [Cell], _ rev: [Cell], _ size: [Cell], filter: StubExpression? = nil
  ) throws -> Mapped {
    let codes = status.indices.map { Cell.value("A\($0)") }
    return try map(values, [status, codes, rev, size], filter: filter, deletion: deletion)
  }

  @Test("marks the records for which the condition is true; unknown is no deletion")
  func marks() throws {
    let mapped = try mapped(["gone", "here", .absent, nil], ["1", "2", "3", "4"], ["5", "6", "7", "8"])
    #expect(mapped.fates == [.deletion, .live, .live, .live])
    #expect(mapped.findings == [])
  }

  @Test("looks only at its key and version")
  func findings() throws {
    let mapped = try mapped(["gone", "gone", "here"], ["1", "x", "3"], ["x", "x", "x"])
    #expect(mapped.fates == [.deletion, .rejected, .rejected])
    #expect(mapped.failures.map { "\($0.row) \($0.field)" } == ["1 rev", "2 size"])
  }

  @Test("a record that the filter leaves out is none")
  func filter() throws {
    let mapped = try mapped(["gone", "gone"], ["1", "2"], ["1", "1"], filter: .equals("code", "A1"))
    #expect(mapped.fates == [.filtered, .deletion])
  }
}
