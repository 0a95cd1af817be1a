// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Sandbox

@Suite struct SandboxDataTests {
  @Test("has each oddity of the asset system once in a thousand records")
  func assetOddities() {
    let assets = PublicAssets(records: 1000, seed: 1)
    let texts = (0..<1000).map { String(decoding: assets.element($0), as: UTF8.self) }
    let found = { (part: String) in texts.count { Data($0.utf8).range(of: Data(part.utf8)) != nil } }
    #expect(found("31/02/2019") == 1)
    #expect(found("maXa=\"99999\"") == 1)
    #expect(found("<t:HaoMonLuyKe>-<") == 1)
    #expect(found("<t:NguyenGia>9.999,99<") == 1)
    #expect(found("<t:MaTaiSan>hg.") == 1)
    #expect(found("<t:LoaiTaiSan>HH3<") > 1 && found(",12345<") == 1)
    #expect(found("&amp; phụ kiện &lt;mới&gt;") == 1)
    #expect(
      texts.count { text in
        !text.unicodeScalars.elementsEqual(text.precomposedStringWithCanonicalMapping.unicodeScalars)
      } == 1)
    let codes = texts.compactMap { $0.firstMatch(of: #/<t:MaTaiSan>(.*?)</#).map { String($0.1) } }
    #expect(codes.count == 1000 && Set(codes).count == 998, "two assets are sent twice")
  }

  @Test("is clean where there are too few records for oddities", arguments: [1, 20])
  func fewRecords(records: Int) {
    let assets = PublicAssets(records: records, seed: 1)
    let codes = (0..<records).compactMap {
      String(decoding: assets.element($0), as: UTF8.self).firstMatch(of: #/HG\.\d{7}/#).map { String($0.0) }
    }
    #expect(Set(codes).count == records)
  }

  @Test("has objects that are JSON, whatever their oddity")
  func pupilsAreJSON() throws {
    let pupils = Pupils(records: 1000, seed: 1)
    for ordinal in 0..<1000 {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(pupils.object(ordinal))) }
    }
  }

  @Test("gives a record the same bytes whichever page it stands on")
  func independentOfPages() throws {
    let assets = PublicAssets(records: 500, seed: 9)
    let backwards = (0..<500).reversed().map { assets.element($0) }
    #expect((0..<500).map { assets.element($0) } == backwards.reversed())
  }

  @Test("uses only communes that the code list has on their side of the merger")
  func places() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let list = try String(
      contentsOf: folder.appendingPathComponent("Pipelines/codelists/commune.csv"), encoding: .utf8)
    let rows = list.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let before = Set(rows.filter { $0[4] == "2025-06-30" }.map { String($0[0]) })
    let after = Set(rows.filter { $0[3] == "2025-07-01" }.map { String($0[0]) })
    #expect(Places.before.allSatisfy(before.contains) && Places.after.allSatisfy(after.contains))
    #expect(before.contains(Places.ended) && !after.contains(Places.ended))
  }
}

@Suite struct MoreSandboxDataTests {
  @Test("has objects that are JSON in every system, whatever their oddity")
  func json() throws {
    let schools = Schools(pupils: 1000 * Pupils.perSchool, seed: 1)
    let teachers = Teachers(records: 1000, schools: schools.records, seed: 1)
    let servants = Servants(records: 1000, seed: 1)
    let prices = MarketPrices(records: 1000, seed: 1)
    for ordinal in 0..<1000 {
      for text in [
        schools.object(ordinal), teachers.object(ordinal), servants.object(ordinal), prices.object(ordinal),
      ] {
        #expect(throws: Never.self, "\(text)") { try JSONSerialization.jsonObject(with: Data(text.utf8)) }
      }
    }
  }

  @Test("sends one price, one teacher and one servant of a thousand twice, and no other")
  func duplicates() throws {
    func distinct(_ texts: [String], _ keys: [String]) throws -> Int {
      let objects = try texts.map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
      return Set(objects.map { object in keys.map { "\(object[$0] ?? "")" }.joined(separator: "|") }).count
    }
    let all = 0..<1000
    let prices = MarketPrices(records: 1000, seed: 1)
    #expect(try distinct(all.map(prices.object), ["maHangHoa", "diaBan", "loaiGia", "ky"]) == 999)
    let servants = Servants(records: 1000, seed: 1)
    #expect(try distinct(all.map(servants.object), ["soHieu"]) == 999)
    let teachers = Teachers(records: 1000, schools: 25, seed: 1)
    #expect(try distinct(all.map(teachers.object), ["ma_giao_vien"]) == 999)
  }

  @Test("gives asset units codes of their own, each below one that is there")
  func unitTree() {
    let codes = (0..<1000).map(AssetUnits.code)
    #expect(Set(codes).count == 1000)
    #expect(codes.dropFirst().allSatisfy { codes.contains(String($0.dropLast(3))) })
  }

  @Test("has prices whose change and share agree, but for the odd ones")
  func priceArithmetic() throws {
    let prices = MarketPrices(records: 900, seed: 4)
    var wrong = 0
    for ordinal in 0..<900 {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(prices.object(ordinal).utf8)) as? [String: Any])
      func number(_ name: String) -> Double? {
        (object[name] as? String).flatMap {
          Double($0.replacingOccurrences(of: ".", with: "").replacingOccurrences(of: ",", with: "."))
        }
      }
      guard let before = number("giaKyTruoc"), let now = number("giaKyNay"),
        let change = number("mucTangGiam"), let percent = number("tyLeTangGiam"), before > 0
      else {
        wrong += 1
        continue
      }
      if abs(now - before - change) > 0.001 || abs(change / before * 100 - percent) > 0.0051 { wrong += 1 }
    }
    #expect(wrong == 4, "a change that does not match, nothing before, an English number, a blank change")
  }
}
