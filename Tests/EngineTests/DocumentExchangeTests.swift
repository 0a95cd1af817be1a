// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Records
import Store
import Testing

/// The shipped pipeline of the document exchange axis, with files in place of the axis.
@Suite("Messages that change earlier documents")
struct DocumentExchangeTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let standings =
    "SELECT agency, year, number, subject IS NOT NULL, standing, replaced_by FROM official_document ORDER BY 1, 2, 3"

  private func bench() throws -> Workbench {
    let bench = try Workbench()
    let pipelines = Self.root.appending(path: "Pipelines")
    for folder in ["schema", "codelists"] {
      for file in try FileManager.default.contentsOfDirectory(
        atPath: pipelines.appending(path: folder).path())
      {
        try bench.write(
          "Pipelines/\(folder)/\(file)", try Data(contentsOf: pipelines.appending(path: "\(folder)/\(file)")))
      }
    }
    let text = try String(contentsOf: pipelines.appending(path: "exchanged_documents.yaml"), encoding: .utf8)
    let extract = try #require(text.range(of: "extract:\n"))
    let decode = try #require(text.range(of: "decode:\n"))
    let files = "extract: { file: { path: \"in/*.json\" } }\n"
    try bench.write(
      "Pipelines/exchanged_documents.yaml", text[..<extract.lowerBound] + files + text[decode.lowerBound...])
    return bench
  }

  /// One run for each message, in this order.
  private func run(_ bench: Workbench, _ messages: [String]) throws -> [RunReport] {
    try messages.enumerated().map { index, message in
      let file = Self.root.appending(path: "Samples/exchanged_documents/\(message).json")
      try bench.write("in/\(index)-\(message).json", try Data(contentsOf: file))
      bench.now += 60
      return try bench.run("exchanged_documents")
    }
  }

  @Test(
    "a document is recalled in whichever order the messages come, and keeps what it says",
    arguments: [
      ["qcvn-new", "qcvn-recall"], ["qcvn-recall", "qcvn-new"], ["qcvn-recall", "qcvn-new", "qcvn-recall"],
    ])
  func recall(order: [String]) throws {
    let bench = try bench()
    #expect(try run(bench, order).map(\.status) == order.map { _ in .loaded })
    #expect(
      try bench.rows(Self.standings) == [
        "H22|2021|123|1|đã thu hồi|∅",
        // Named by the recall, and not come yet.
        "H22|2021|124|0|đã thu hồi|∅",
      ])
    #expect(try bench.rows("SELECT line, receiver FROM document_receiver") == ["1|H22.12", "2|H22.15"])
  }

  @Test("the new message, sent once more behind the recall, undoes nothing, and neither does its replay")
  func again() throws {
    let bench = try bench()
    _ = try run(bench, ["qcvn-new", "qcvn-recall"])
    let new = Self.root.appending(path: "Samples/exchanged_documents/qcvn-new.json")
    let text = try String(contentsOf: new, encoding: .utf8)
    try bench.write("in/9-again.json", text.replacing("giao nhiệm vụ", with: "giao nhiệm vụ lại"))
    bench.now += 60
    let report = try bench.run("exchanged_documents")
    // Its content is of the same second, and the later one stands.
    #expect(report.counters.updated == 1 && report.counters.stale == 1)
    try bench.replay("exchanged_documents", ReplayRequest(.all))
    #expect(
      try bench.rows("SELECT subject, standing FROM official_document WHERE number = '123'") == [
        "V/v giao nhiệm vụ lại (văn bản mẫu)|đã thu hồi"
      ])
  }

  @Test("a replaced document names the one in its place, of which another agency's are none")
  func replace() throws {
    let bench = try bench()
    let report = try #require(try run(bench, ["qcvn-replace"]).first)
    #expect(report.counters.rejected == 1)
    #expect(
      try bench.rows(Self.standings) == [
        "H22|2021|125|0|đã thay thế|000.00.00.H22,2021/09/20,131/UBND-MAU", "H22|2021|131|1|còn hiệu lực|∅",
      ])
  }
}
