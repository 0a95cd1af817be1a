// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// The catalogue of the province's library: MARC21 with the punctuation of ISBD at the end of values. No book in it
/// exists.
struct Catalogue: Holdings {
  /// In a thousand records one must be rejected (it has no title); the others are loaded, some with a note.
  enum Oddity: CaseIterable, Sendable {
    case wrongISBN, priceOnly, qualifiedISBN, shortFixedField, htmlEntities, circaYear, monthAndYear
    case bracketedYear, unknownYear, commaName, noTitle, decomposedTitle, escapedControl, cdataTitle
    case gluedLanguages, twoTitles, unknownLanguage, commaClass, corporateAuthor
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
    (spec: "sach", name: "Sách"), (spec: "sach:dia-chi", name: "Sách địa chí"),
    (spec: "luan-an", name: "Luận án"),
    (spec: "tap-chi", name: "Báo, tạp chí"),
  ]

  private enum Kind: String { case book = "sach", thesis = "luan-an", serial = "tap-chi" }

  private func kind(_ ordinal: Int) -> Kind {
    switch ordinal % 10 {
    case 3: .thesis
    case 6: .serial
    default: .book
    }
  }

  func isOdd(_ ordinal: Int) -> Bool { mess.oddity(ordinal) != nil }

  func sets(of ordinal: Int) -> [String] {
    let kind = kind(ordinal)
    return [kind.rawValue] + (kind == .book && ordinal % 4 == 0 ? ["sach:dia-chi"] : [])
  }

  func metadata(_ ordinal: Int, edition: Int, in format: String) -> String {
    if format == "oai_dc" { return dublinCore(ordinal, edition) }
    var record = record(ordinal, edition)
    if let oddity = mess.oddity(ordinal) { bend(&record, oddity, ordinal) }
    return record.xml(hasPrefix: ordinal % 3 == 1)
  }

  // MARK: - One record

  private func year(_ draw: Draw) -> Int { draw.number("year", in: 1985...2026) }

  private func record(_ ordinal: Int, _ edition: Int) -> MARCRecord {
    let draw = Draw(seed: seed, record: ordinal)
    let (words, kind, year) = (LibraryWords(draw), kind(ordinal), year(draw))
    let publisher = draw.pick("publisher", LibraryWords.publishers)
    let author = InventedPerson(draw, born: 1940...1990, serial: ordinal)
    let second = InventedPerson(Draw(seed: seed &+ 1, record: ordinal), born: 1940...1990, serial: ordinal)
    var record = MARCRecord(leader: "00000n\(kind == .serial ? "as" : "am") a2200000 a 4500")
    record.control("001", "HGL" + digits(ordinal + 1, 7))
    record.control("003", "VN-HGTV")
    record.control("005", "202601\(digits(ordinal % 28 + 1, 2))080000.\(edition % 10)")
    let entered = "1501\(digits(ordinal % 28 + 1, 2))"
    record.control("008", "\(entered)s\(year)    vm \(String(repeating: " ", count: 17))vie d")
    switch kind {
    case .serial:
      record.add("022", "  ", [("a", Self.serialNumber(ordinal))])
    case .book, .thesis:
      let number = year < 2007 ? BookNumber.ten(ordinal) : BookNumber.thirteen(ordinal)
      record.add("020", "  ", [("a", number), ("c", "\(draw.number("price", in: 20...250))000đ")])
    }
    if ordinal % 8 == 0 {
      record.add("041", "1 ", [("a", "vie"), ("a", "eng")])
    } else {
      record.add("041", "0 ", [("a", "vie")])
    }
    record.add("082", "04", [("a", words.ddc), ("2", "23")])
    if kind != .serial {
      record.add("100", "1 ", [("a", author.fullName + ","), ("d", "\(author.birth.parts.year)-")])
      if ordinal % 3 == 0 { record.add("700", "1 ", [("a", second.fullName + ","), ("e", "ch.b.")]) }
      if ordinal % 9 == 0 { record.add("710", "2 ", [("a", "Sở Khoa học và Công nghệ")]) }
    }
    record.add(
      "245", "10",
      [
        ("a", "\(words.title) :"),
        ("b", "\(kind == .thesis ? "Luận án tiến sĩ" : "Tập \(ordinal % 7 + 1)") /"),
        ("c", kind == .serial ? "Hội Văn học nghệ thuật." : "\(author.fullName)."),
      ])
    if edition > 1 { record.add("250", "  ", [("a", "Tái bản lần thứ \(edition - 1)")]) }
    // The older rules have 260, the newer ones 264 with a second indicator.
    record.add(
      year < 2015 ? "260" : "264", year < 2015 ? "  " : " 1",
      [("a", "\(publisher.place) :"), ("b", "\(publisher.name),"), ("c", "\(year).")])
    record.add("300", "  ", [("a", "\(draw.number("pages", in: 60...600)) tr. ;"), ("c", "21 cm.")])
    if kind == .thesis { record.add("502", "  ", [("a", "Luận án Tiến sĩ")]) }
    record.add("520", "  ", [("a", "Giới thiệu \(words.topic.lowercased()) ở \(words.place).")])
    record.add("650", " 7", [("a", words.subject), ("z", "Hà Giang"), ("2", "btkkhcn")])
    record.add("653", "  ", [("a", words.subject)])
    if ordinal % 5 == 0 { record.add("651", " 7", [("a", "Hà Giang"), ("2", "btkkhcn")]) }
    if ordinal % 6 == 0 {
      record.add("856", "40", [("u", "https://thuvien.example/toan-van/\(ordinal + 1)?a=1&b=2")])
    }
    if ordinal % 50 == 4 {
      record.add("880", "10", [("6", "245-01/$1"), ("a", "河江誌")])
    }
    return record
  }

  /// Eight digits, the last a check digit or X.
  private static func serialNumber(_ ordinal: Int) -> String {
    let text = digits(1_859_000 + ordinal % 100_000, 7)
    let sum = text.utf8.enumerated().reduce(0) { $0 + Int($1.element - 48) * (8 - $1.offset) }
    let check = (11 - sum % 11) % 11
    return "\(text.prefix(4))-\(text.dropFirst(4))\(check == 10 ? "X" : String(check))"
  }

  private func bend(_ record: inout MARCRecord, _ oddity: Oddity, _ ordinal: Int) {
    func date(_ text: String) {
      record.change("260", "c") { $0 = text }
      record.change("264", "c") { $0 = text }
    }
    func isbn(_ subfields: MARCRecord.Subfields) {
      record.remove("020")
      record.add("020", "  ", subfields)
    }
    switch oddity {
    case .wrongISBN: isbn([("a", "978-604-12-3456-0")])
    case .priceOnly: isbn([("c", "35000đ")])
    case .qualifiedISBN: isbn([("a", "978 604 2 12345 7 (bìa mềm) :"), ("c", "90000đ")])
    case .shortFixedField: record.control("008", "150101s2011")
    case .htmlEntities: record.change("245", "a") { $0 = "C&acirc;y ch&egrave; &amp; \($0)" }
    case .circaYear: date("c1998")
    case .monthAndYear: date("12/2007")
    case .bracketedYear: date("[1998?]")
    case .unknownYear:
      date("[k.n.]")
      record.control("008", String(repeating: "|", count: 40))
    case .commaName: record.change("100", "a") { $0 = Self.inverted($0) }
    case .noTitle: record.remove("245")
    case .decomposedTitle: record.change("245", "a") { $0 = $0.decomposedStringWithCanonicalMapping }
    case .escapedControl: record.change("245", "a") { $0 = "&#x1F;\($0)" }
    case .cdataTitle:
      record.hasCDATA = true
      record.change("245", "a") { $0 = "Đất & nước <\($0)>" }
    case .gluedLanguages:
      record.remove("041")
      record.add("041", "1 ", [("a", "vieeng")])
    case .twoTitles: record.add("245", "10", [("a", "Nhan đề thứ hai")])
    case .unknownLanguage: record.change("041", "a") { $0 = "Tiếng Cờ Lao" }
    case .commaClass: record.change("082", "a") { $0 = "895,922" }
    case .corporateAuthor:
      record.remove("100")
      record.add("110", "2 ", [("a", "Ủy ban nhân dân tỉnh Hà Giang."), ("b", "Văn phòng")])
    }
  }

  /// `Nguyễn, Văn A`: as foreign software inverts names.
  static func inverted(_ name: String) -> String {
    let parts = name.split(separator: " ", maxSplits: 1)
    return parts.count == 2 ? "\(parts[0]), \(parts[1])" : name
  }

  /// The same record as far as Dublin Core goes.
  private func dublinCore(_ ordinal: Int, _ edition: Int) -> String {
    let draw = Draw(seed: seed, record: ordinal)
    var item = DublinCoreRecord()
    item.add("title", LibraryWords(draw).title)
    item.add("creator", InventedPerson(draw, born: 1940...1990, serial: ordinal).fullName)
    item.add("date", String(year(draw)))
    item.add("language", "vi")
    return item.xml
  }
}
