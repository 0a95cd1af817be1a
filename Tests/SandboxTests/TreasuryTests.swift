// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation
import FoundationNetworking
import FoundationXML
import Testing

@testable import Sandbox

@Suite("The treasury's folder")
struct TreasuryFolderTests {
  private static let folder = TreasuryFolder(entries: 1000, budgetUnits: 1000, seed: 1)

  private static func bytes(_ file: TreasuryFolder.File, in folder: TreasuryFolder = folder) -> [UInt8] {
    let next = folder.body(file).start()
    var bytes: [UInt8] = []
    while let piece = next() { bytes += piece }
    return bytes
  }

  /// Rows below the header, as cells; no cell of ours that matters is quoted.
  private static func rows(_ file: TreasuryFolder.File) -> [[String]] {
    let text = String(decoding: bytes(file), as: UTF8.self)
    return text.components(separatedBy: "\r\n").dropFirst(4).filter { !$0.isEmpty }
      .map { $0.components(separatedBy: ";") }
  }

  /// `(1.234)`, `1.234-` and `-1.234` as -1234.
  private static func amount(_ text: String) throws -> Int {
    let digits = try #require(Int(text.filter(\.isNumber)), "\(text)")
    return text.contains("-") || text.contains("(") ? -digits : digits
  }

  private static let tables = folder.files(isLater: true).filter(\.isTable)

  @Test("begins each table with the mark of UTF-8, a title and its period, office and money")
  func head() {
    let text = String(decoding: Self.bytes(Self.tables[0]), as: UTF8.self)
    let lines = text.components(separatedBy: "\r\n")
    #expect(Self.bytes(Self.tables[0]).starts(with: [0xEF, 0xBB, 0xBF]))
    #expect(lines[2] == "Kỳ: 06;Năm: 2025;Kho bạc: 2461;Đơn vị tính: đồng")
    #expect(lines[3].hasPrefix("\"Số\nchứng từ\";\"Ngày\nchứng từ\";"))
  }

  @Test("adds up the entries of each unit, and of each table", arguments: tables.map(\.name))
  func sums(_ name: String) throws {
    let file = try #require(Self.tables.first { $0.name == name })
    var (unit, all) = (0, 0)
    for row in Self.rows(file) {
      let amount = try Self.amount(row[15])
      if row[0] == "Tổng cộng" {
        #expect(amount == all)
      } else if row[0].hasPrefix("Cộng đơn vị ") {
        #expect(amount == unit, "\(row[0])")
        (unit, all) = (0, all + unit)
      } else {
        unit += amount
      }
    }
    #expect(unit == 0)
  }

  @Test("holds as many entries as it is said to, one of them twice, and no other key twice")
  func keys() {
    let first = Self.tables.filter { $0.correction == 0 }
    let entries = first.flatMap { file in
      Self.rows(file).filter { !$0[0].contains("ộng") }.map {
        [file.office.description] + $0[0...1] + [$0[3]]
      }
    }
    #expect(entries.count == 1000 && Set(entries).count == 999)
    #expect(first.reduce(0) { $0 + Self.folder.records($1) } == 1000)
  }

  @Test("has each oddity once in a thousand entries")
  func oddities() {
    let text = Self.tables.filter { $0.correction == 0 }
      .map { String(decoding: Self.bytes($0), as: UTF8.self) }.joined()
    for part in [
      ";498;", ";754;", "31/02/2026", "15/03/2024", "9.007.199.254.740.993;", ";'1", ";70;72;", "-;",
    ] {
      // The largest amount stands in no sum of its own.
      #expect(text.components(separatedBy: part).count - 1 == 1, "\(part)")
    }
  }

  @Test("sends a unit of a period again whole: another amount in its first line, one line less")
  func corrections() throws {
    let corrections = Self.tables.filter { $0.correction > 0 }
    #expect(corrections.count == 4, "one before and one after the first call, of each of two offices")
    for file in corrections {
      guard case .entries(let period) = file.content else { continue }
      let whole = try #require(
        Self.tables.first { $0.content == file.content && $0.office == file.office && $0.correction == 0 })
      let unit = file.units.lowerBound
      #expect(file.units.count == 1 && whole.units.contains(unit))
      let before = Self.folder.entries.lines(unit, period, 0)
      let after = Self.folder.entries.lines(unit, period, file.correction)
      #expect(after.lowerBound == before.lowerBound && after.count == before.count - 1)
      #expect(
        Self.rows(file).dropFirst(1).first
          == Self.rows(whole).first {
            $0[4] == Self.rows(file)[1][4] && $0[0] == Self.rows(file)[1][0] && $0[3] == Self.rows(file)[1][3]
          })
    }
  }

  @Test("gives XML whose head says the sum of its reports, and each report that of its lines")
  func reports() throws {
    for file in Self.folder.files(isLater: true) where !file.isTable {
      let root = try #require(try XMLDocument(data: Data(Self.bytes(file))).rootElement())
      var all = 0
      for report in root.elements(forName: "Report") {
        let total = try #require(Int(report.elements(forName: "TotalAmount").first?.stringValue ?? ""))
        let lines = try report.nodes(forXPath: "Details/Detail[BudgetSubKindItemID]/Amount")
        #expect(lines.compactMap { Int($0.stringValue ?? "") }.reduce(0, +) == total)
        all += total
      }
      #expect(root.attribute(forName: "TotalAmount")?.stringValue == String(all))
    }
  }

  @Test("takes chapters and sectors that the code lists have, but for the odd ones")
  func codes() throws {
    let lists = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Pipelines/codelists")
    func codes(_ list: String) throws -> Set<String> {
      let text = try String(contentsOf: lists.appending(path: "\(list).csv"), encoding: .utf8)
      return Set(text.split(separator: "\n").dropFirst().map { String($0.prefix { $0 != "," }) })
    }
    let (chapters, sectors) = (try codes("budget_chapter"), try codes("budget_sector"))
    let rows = Self.tables.flatMap(Self.rows).filter { $0.count > 14 && !$0[7].isEmpty }
    #expect(Set(rows.map { $0[7] }).subtracting(chapters) == ["498"])
    #expect(Set(rows.flatMap { $0[8...9] }).subtracting(sectors) == ["", "70", "72"])
  }

  @Test("is as large as the province without being made first")
  func province() {
    let folder = TreasuryFolder(
      entries: SandboxScale.province.treasuryEntries, budgetUnits: SandboxScale.province.budgetUnits, seed: 1)
    let tables = folder.files(isLater: false).filter { $0.isTable && $0.correction == 0 }
    #expect(tables.count == 240)
    #expect(tables.reduce(0) { $0 + folder.records($1) } == 5_000_000)
    let next = folder.body(tables[239]).start()
    #expect(next() != nil && next() != nil)
  }

  @Test("is empty where there are no entries, and has as many as there are", arguments: [0, 1, 7, 20, 250])
  func small(records: Int) {
    let folder = TreasuryFolder(entries: records, budgetUnits: records, seed: 1)
    let files = folder.files(isLater: false).filter { $0.isTable && $0.correction == 0 }
    #expect(files.reduce(0) { $0 + folder.records($1) } == records)
    #expect((records == 0) == files.isEmpty)
  }
}

/// Over real sockets on loopback.
@Suite("The treasury's web server", .timeLimit(.minutes(1)))
struct TreasuryServerTests {
  private func get(_ sandbox: SandboxServer, _ path: String) async throws -> (Int, String) {
    var request = URLRequest(url: try #require(URL(string: "\(sandbox.url)/treasury/\(path)")))
    let login = "terrace:sandbox-treasury-password"
    request.setValue("Basic \(Data(login.utf8).base64EncodedString())", forHTTPHeaderField: "Authorization")
    let (body, response) = try await URLSession.shared.data(for: request)
    return (try #require(response as? HTTPURLResponse).statusCode, String(decoding: body, as: UTF8.self))
  }

  private func names(_ list: String) throws -> [String] {
    let document = try JSONSerialization.jsonObject(with: Data(list.utf8)) as? [String: Any]
    return (document?["tep"] as? [[String: Any]] ?? []).compactMap { $0["ten"] as? String }
  }

  @Test("lists files as they came, and to who comes again what came since")
  func list() async throws {
    let sandbox = try await SandboxServer(records: 100)
    let all = try names(try await get(sandbox, "thu-muc?loai=csv").1)
    #expect(all.first == "ThuChi_2461_2025-06.csv" && all.count == 13)
    #expect(
      all.firstIndex(of: "ThuChi_2461_2026-01.csv") ?? 99 < all.firstIndex(of: "ThuChi_2461_2026-01_DC1.csv")
        ?? 0)
    #expect(
      try names(try await get(sandbox, "thu-muc?loai=csv&tu=05%2F10%2F2026").1)
        == ["ThuChi_2461_2026-09.csv", "ThuChi_2461_2026-03_DC2.csv"])
    #expect(
      try names(try await get(sandbox, "thu-muc?loai=xml&tu=01%2F01%2F2030").1)
        == ["BaoCao_2461_2026-Q2_DC2.xml"])
    for name in all {
      #expect(try await get(sandbox, "tep/\(name)").1.contains("Tổng cộng;"))
    }
    await sandbox.stop()
  }

  @Test("refuses who has not signed in", arguments: [nil, "Basic eDp5", "Bearer x"])
  func unauthorized(login: String?) {
    let system = TreasurySystem(SandboxScale(records: 10), seed: 1)
    for path in ["/treasury/thu-muc", "/treasury/tep/ThuChi_2461_2026-01.csv"] {
      let request = HTTPRequest(
        method: .GET, version: .http11, path: path, query: [],
        headers: login.map { [.authorization: $0] } ?? [:], body: Data())
      for answer in [system.list(request), system.file(request)] {
        #expect(answer.statusCode == .unauthorized)
        #expect(answer.headers[HTTPHeader("WWW-Authenticate")] == "Basic realm=\"TRAO_DOI\"")
      }
    }
  }

  @Test("refuses parameters that are none, and files that are not there")
  func refusals() async throws {
    let sandbox = try await SandboxServer(records: 10)
    #expect(try await get(sandbox, "thu-muc?tu=2026-01-01").0 == 400)
    #expect(try await get(sandbox, "thu-muc?loai=xls").0 == 400)
    #expect(try await get(sandbox, "tep/khac.csv").0 == 404)
    await sandbox.stop()
  }
}
