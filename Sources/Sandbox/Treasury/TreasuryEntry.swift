// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// One entry, its cells as they are written. The numbers of accounts are invented after the forms that circular
/// 18/2020/TT-BTC gives them; codes are those of circular 130/2025/TT-BTC.
struct TreasuryEntry: Sendable {
  /// In a thousand records one must be rejected and one is a duplicate; nine are loaded with a note.
  enum Oddity: CaseIterable, Sendable {
    case reversalInParentheses, reversalWithMinusBehind, reversal, unknownChapter, endedChapter, districtLevel
    case hugeAmount, apostrophe, strangerSubItem, strangerSubsector, otherYear, impossibleDate, otherAccount
    case decomposedText, brokenCell, exactDuplicate, capitals, lostZeros
  }

  var number: String
  var documentDate: String
  var effectiveOn: String
  var line: String
  var unit: String
  var account: String
  var level: String
  var chapter: String
  var sector = ""
  var subsector = ""
  var item: String
  var subItem: String
  var source: String
  var programme: String
  var kind: String
  /// Whole đồng; less than nothing in a reversal.
  var amount: Int
  var description: String
  var adjusts = ""
  private var writesNegative: @Sendable (String) -> String = { "-\($0)" }

  /// - Parameters:
  ///   - draw: of the entry.
  ///   - document: of the document that it is a line of.
  init(
    _ draw: Draw, document: Draw, unit: (code: String, chapter: String), period: TreasuryPeriod, number: Int,
    line: Int
  ) {
    let isRevenue = document.number("kind", in: 0...4) == 0
    let effective = CalendarDate(days: period.start.days + Int32(document.number("day", in: 3...27)))
    documentDate = day(CalendarDate(days: effective.days - Int32(document.number("written", in: 0...2))))
    effectiveOn = day(effective)
    self.number = (isRevenue ? "GNT" : "RDT") + digits(number, 7)
    self.line = String(line)
    self.unit = unit.code
    source = draw.pick("source", ["12", "13", "14", "15"])
    programme =
      period.year == 2026 && draw.number("programme", in: 0...9) == 0 ? "10472" : "00000"
    amount = draw.number("amount", in: 100...90_000) * draw.pick("unit", [1, 1_000, 10_000])
    kind = isRevenue ? "Thu" : "Chi"
    if isRevenue {
      // Until the districts ended, they had what households paid.
      let isDistrict = period.year == 2025 && period.number == 6
      chapter = isDistrict ? "757" : draw.pick("payer", ["554", "557", "857"])
      level = isDistrict ? "3" : chapter.hasPrefix("8") ? "4" : "2"
      (item, subItem, description) = draw.pick("revenue", Self.revenues)
      account = "3713.\(level).\(unit.code).\(programme)"
    } else {
      chapter = unit.chapter
      level = chapter.hasPrefix("8") ? "4" : "2"
      (sector, subsector) = draw.pick("sector", Self.sectors[chapter] ?? [("340", "341")])
      (item, subItem, description) = draw.pick("expense", Self.expenses)
      account = "9523.\(level).\(unit.code)"
    }
  }

  mutating func bend(_ oddity: Oddity) {
    switch oddity {
    case .reversalInParentheses: reverse { "(\($0))" }
    case .reversalWithMinusBehind: reverse { "\($0)-" }
    case .reversal: reverse { "-\($0)" }
    case .unknownChapter: chapter = "498"
    case .endedChapter: chapter = "754"
    case .districtLevel: level = "3"
    case .hugeAmount: amount = 9_007_199_254_740_993
    case .apostrophe: unit = "'\(unit)"
    case .strangerSubItem: (item, subItem) = ("6600", "6551")
    case .strangerSubsector: (sector, subsector) = ("070", "341")
    case .otherYear: effectiveOn = "15/03/2024"
    case .impossibleDate: effectiveOn = "31/02/2026"
    case .otherAccount: account = account.replacingOccurrences(of: ".\(level).", with: ".1.")
    case .decomposedText: description = description.decomposedStringWithCanonicalMapping
    case .brokenCell: description += "; hóa đơn \"số 12\"\nkèm theo"
    case .exactDuplicate: break
    case .lostZeros: (sector, subsector, programme) = ("70", "72", "0")
    case .capitals: (kind, description) = (kind.uppercased(), description.uppercased())
    }
  }

  private mutating func reverse(_ write: @escaping @Sendable (String) -> String) {
    amount = -abs(amount)
    adjusts = "\(number)/\(documentDate)"
    description = "Điều chỉnh giảm: " + description
    writesNegative = write
  }

  /// The row with its line end.
  var row: String {
    let amount = amount < 0 ? writesNegative(groupedByDots(-amount)) : groupedByDots(amount)
    return [
      number, documentDate, effectiveOn, line, unit, account, level, chapter, sector, subsector, item,
      subItem,
      source, programme, kind, amount, Self.cell(description), adjusts,
    ].joined(separator: ";") + "\r\n"
  }

  /// `-1.234.567`
  static func amount(_ amount: Int) -> String {
    (amount < 0 ? "-" : "") + groupedByDots(abs(amount))
  }

  private static func cell(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 0x22 || $0 == 0x3B || $0 == 0x0A }) else { return text }
    return "\"\(text.replacingOccurrences(of: "\"", with: "\"\""))\""
  }

  private static let sectors: [String: [(String, String)]] = [
    "412": [("280", "281"), ("280", "282"), ("280", "283"), ("340", "341")],
    "422": [("070", "071"), ("070", "072"), ("070", "073"), ("070", "074"), ("340", "341")],
    "423": [("130", "131"), ("130", "132"), ("340", "341")],
  ]

  private static let expenses = [
    ("6550", "6551", "Mua văn phòng phẩm"), ("6600", "6603", "Cước phí bưu chính"),
    ("6600", "6605", "Cước phí Internet"), ("6650", "6651", "In tài liệu hội nghị"),
    ("6700", "6702", "Phụ cấp công tác phí"), ("6750", "6752", "Thuê nhà làm việc"),
    ("6900", "6907", "Sửa chữa nhà cửa"), ("6950", "6956", "Mua máy tính"),
    ("7000", "7001", "Mua hàng hóa, vật tư chuyên môn"), ("7050", "7053", "Mua phần mềm"),
  ]

  private static let revenues = [
    ("1000", "1001", "Thuế thu nhập từ tiền lương, tiền công"),
    ("1050", "1052", "Thuế thu nhập doanh nghiệp"),
    ("1600", "1601", "Thuế sử dụng đất phi nông nghiệp"), ("1700", "1701", "Thuế giá trị gia tăng"),
  ]
}
