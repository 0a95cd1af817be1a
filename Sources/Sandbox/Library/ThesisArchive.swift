// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// An archive of theses and reports on a DSpace: Dublin Core only, sets that overlap, three dates each of which only
/// the last tells when a work came out. No work in it exists.
struct ThesisArchive: Holdings {
  /// In a thousand records one must be rejected (it has no title); the others are loaded, some with a note.
  enum Oddity: CaseIterable, Sendable {
    case wrongISBN, handleOnly, noTitle, notIssued, monthAndYear, circaYear, commaName, decomposedTitle
    case htmlEntities, otherLanguage, unknownType, emptyElements, brokenTitle, escapedControl, secondTitle
  }

  let records: Int
  let seed: UInt64
  private let mess: Mess<Oddity>

  init(records: Int, seed: UInt64) {
    self.records = records
    self.seed = seed
    mess = Mess(records: records)
  }

  static let sets = [
    (spec: "com_123456789_1", name: "Luận văn, luận án"),
    (spec: "com_123456789_2", name: "Kết quả nhiệm vụ khoa học và công nghệ"),
    (spec: "com_123456789_3", name: "Ảnh tư liệu"),
  ]

  func isOdd(_ ordinal: Int) -> Bool { mess.oddity(ordinal) != nil }

  func sets(of ordinal: Int) -> [String] {
    // Odd records are of the sets that are harvested.
    if ordinal % 10 == 9, !isOdd(ordinal) { return ["com_123456789_3"] }
    let home = ordinal % 3 == 0 ? "com_123456789_2" : "com_123456789_1"
    return ordinal % 45 == 0 && !isOdd(ordinal) ? ["com_123456789_1", "com_123456789_2"] : [home]
  }

  func metadata(_ ordinal: Int, edition: Int, in format: String) -> String {
    var item = item(ordinal, edition)
    if let oddity = mess.oddity(ordinal) { bend(&item, oddity) }
    return item.xml
  }

  private func item(_ ordinal: Int, _ edition: Int) -> DublinCoreRecord {
    let draw = Draw(seed: seed &+ 77, record: ordinal)
    let words = LibraryWords(draw)
    let isReport = sets(of: ordinal).contains("com_123456789_2")
    let year = draw.number("year", in: 2012...2025)
    var item = DublinCoreRecord()
    item.add("title", "Nghiên cứu \(words.title.prefix(1).lowercased())\(words.title.dropFirst())")
    let author = InventedPerson(draw, born: 1970...2000, serial: ordinal)
    item.add("creator", author.fullName)
    if isReport { item.add("creator", "Sở Khoa học và Công nghệ") }
    let guide = InventedPerson(Draw(seed: seed &+ 78, record: ordinal), born: 1950...1980, serial: ordinal)
    item.add("contributor", guide.fullName)
    item.add("subject", words.subject)
    item.add("subject", words.place)
    item.add(
      "description", "Tóm tắt: \(words.topic.lowercased())\(edition > 1 ? " (bản sửa \(edition - 1))" : "").")
    item.add("publisher", isReport ? "Sở Khoa học và Công nghệ" : "Đại học Thái Nguyên")
    let deposited = "\(year + 1)-03-\(digits(ordinal % 28 + 1, 2))T02:15:00Z"
    item.add("date", deposited)
    item.add("date", deposited)
    item.add("date", String(year))
    item.add("type", isReport ? "Technical Report" : draw.pick("type", ["Thesis", "Luận văn", "Luận án"]))
    item.add("identifier", "https://luutru.example/handle/123456789/\(ordinal + 1)")
    if ordinal % 4 == 0 { item.add("identifier", "ISBN \(BookNumber.thirteen(ordinal + 500_000))") }
    item.add("language", draw.pick("language", ["vi", "vi_VN", "vi_VN", "en"]))
    return item
  }

  private func bend(_ item: inout DublinCoreRecord, _ oddity: Oddity) {
    func date(_ text: String) {
      item.remove("date")
      item.add("date", text)
    }
    switch oddity {
    case .wrongISBN: item.add("identifier", "urn:isbn:9786042123450")
    case .handleOnly:
      item.remove("identifier")
      item.add("identifier", "hdl:123456789/77")
    case .noTitle: item.remove("title")
    case .notIssued: date("2021-03-14T02:15:00Z")
    case .monthAndYear: date("12/2007")
    case .circaYear: date("c1998")
    case .commaName: item.change("creator") { $0 = Catalogue.inverted($0) }
    case .decomposedTitle: item.change("title") { $0 = $0.decomposedStringWithCanonicalMapping }
    case .htmlEntities: item.change("title") { $0 = "Đất &amp; nước: \($0)" }
    case .otherLanguage:
      item.remove("language")
      item.add("language", "other")
    case .unknownType: item.change("type") { $0 = "Learning Object" }
    case .emptyElements:
      item.add("creator", "")
      item.add("subject", "")
      item.add("identifier", "")
      item.add("contributor", "")
    case .brokenTitle: item.change("title") { $0 = "  \($0.replacing(" ở ", with: "\n      ở "))\t" }
    case .escapedControl: item.change("description") { $0 = "&#11;\($0)" }
    case .secondTitle: item.add("title", "A study of a plateau")
    }
  }
}
