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
    let before = Set(rows.filter { $0[3] == "2025-06-30" }.map { String($0[0]) })
    let after = Set(rows.filter { $0[2] == "2025-07-01" }.map { String($0[0]) })
    #expect(Places.before.allSatisfy(before.contains) && Places.after.allSatisfy(after.contains))
    #expect(before.contains(Places.ended) && !after.contains(Places.ended))
  }
}
