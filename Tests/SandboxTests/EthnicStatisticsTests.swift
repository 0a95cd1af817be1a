// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

@testable import Sandbox

@Suite struct EthnicStatisticsTests {
  private static let start = CalendarDate(year: 2025, month: 1, day: 1) ?? CalendarDate(days: 0)
  private static let end = CalendarDate(year: 2026, month: 12, day: 31) ?? CalendarDate(days: 0)

  private static func message(records: Int) async throws -> [String: Any] {
    let figures = EthnicFigures(records: records, seed: 1)
    let body = EthnicMessage(figures, records: records, from: start, to: end).body
    var bytes: [UInt8] = []
    for try await byte in body { bytes.append(byte) }
    let whole = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    return try #require(whole["data"] as? [String: Any])
  }

  /// Observations by the ids that their places stand for; of each what the message holds of it.
  private static func observations(_ data: [String: Any]) throws -> [[String]: Any] {
    let structure = try #require(data["structure"] as? [String: Any])
    let dimensions = try #require(structure["dimensions"] as? [String: [[String: Any]]])
    func ids(_ of: String) throws -> [[String]] {
      try #require(dimensions[of]).map { dimension in
        try #require(dimension["values"] as? [[String: String]]).compactMap { $0["id"] }
      }
    }
    let (places, times) = (try ids("series"), try ids("observation"))
    var found: [[String]: Any] = [:]
    for set in try #require(data["dataSets"] as? [[String: Any]]) {
      for (key, series) in set["series"] as? [String: [String: Any]] ?? [:] {
        let path = key.split(separator: ":").enumerated().map { places[$0.offset][Int($0.element) ?? 99] }
        for (time, observation) in series["observations"] as? [String: Any] ?? [:] {
          found[path + [times[0][Int(time) ?? 99]]] = observation
        }
      }
    }
    return found
  }

  @Test("sends about as many observations as asked for", arguments: [1000, 20_000, 60_000])
  func count(records: Int) async throws {
    let data = try await Self.message(records: records)
    let count = try Self.observations(data).count
    #expect(count > records / 2 && count <= records, "\(count)")
  }

  @Test("has totals that are the sums of groups and of communes, but for the odd ones")
  func sums() async throws {
    let observations = try Self.observations(try await Self.message(records: 5000))
    func value(_ path: [String]) -> Double? { (observations[path] as? [Any])?.first as? Double }
    var wrong = 0
    let totals = observations.keys.filter { $0[3] == "_T" && $0[4] != "PT" }
    for path in totals {
      let groups = observations.keys.filter {
        $0[0] == path[0] && $0[1] == path[1] && $0[2] == path[2] && $0[3] != "_T" && $0[5] == path[5]
      }
      let parts = groups.map(value)
      guard let total = value(path), !parts.contains(nil) else { continue }
      if abs(parts.reduce(0) { $0 + ($1 ?? 0) } - total) > 0.001 { wrong += 1 }
    }
    #expect(totals.count > 200 && wrong > 0 && wrong <= 5 * 4, "\(wrong) of \(totals.count)")
  }

  @Test("has areas that the code list has at the end of the period")
  func areas() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let list = try String(
      contentsOf: folder.appendingPathComponent("Pipelines/codelists/commune.csv"), encoding: .utf8)
    let rows = list.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let province = try #require(rows[0].firstIndex(of: "province"))
    let (from, to) = (
      try #require(rows[0].firstIndex(of: "valid_from")), try #require(rows[0].firstIndex(of: "valid_to"))
    )
    #expect(
      EthnicAreas.before
        == rows.filter { $0[to] == "2025-06-30" && $0[province] == "02" }.map { String($0[0]) })
    #expect(EthnicAreas.after == rows.filter { $0[from] == "2025-07-01" }.map { String($0[0]) })
  }

  @Test("asks no commune of one side of the merger for figures of the other")
  func merger() async throws {
    let observations = try Self.observations(try await Self.message(records: 2000))
    for path in observations.keys {
      let isMerged = path[5] >= "2025-Q3" || path[5] == "2025"
      #expect(path[2] != (isMerged ? "02" : "08"), "\(path)")
    }
  }

  @Test(
    "changes the form of the communes' tables with the merger, and sends one again to those who come back")
  func forms() throws {
    let reports = EthnicReports(EthnicFigures(records: 1000, seed: 1), records: 1000)
    let first = try #require(reports.reports(isLater: false).first)
    let last = try #require(reports.reports(isLater: false).last)
    #expect(reports.table(first).contains("STT;Chỉ tiêu;Đơn vị tính;Kinh;"))
    #expect(reports.table(last).contains("TT;Mã chỉ tiêu;Chỉ tiêu;ĐVT;Kỳ trước;Tổng số;Kinh;"))
    let again = try #require(reports.reports(isLater: true).last)
    #expect(again.commune == last.commune && again.period == last.period && again.sending == 2)
    #expect(reports.table(again) != reports.table(last))
    #expect(reports.report(again.id)?.sending == 2 && reports.report("2026-Q1-99999-1") == nil)
  }
}
