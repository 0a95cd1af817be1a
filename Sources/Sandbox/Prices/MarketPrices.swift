// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// Prices by goods, area, kind and month, numbers as texts written `1.234,5`.
struct MarketPrices: Sendable {
  /// In a thousand records five must be rejected, one is a duplicate, the rest loads, four of them with a note.
  enum Oddity: CaseIterable, Sendable {
    case decomposedName, thousands, unknownKind, changeMismatch, percentOfNothing, englishNumber, endedCommune
    case monthThirteen, exactDuplicate, unknownMoney, kindInCapitals, blankChange, goodsWithoutDots
  }

  let records: Int
  let seed: UInt64
  private let mess: Mess<Oddity>

  init(records: Int, seed: UInt64) {
    self.records = records
    self.seed = seed
    mess = Mess(records: records)
  }

  /// A bulletin holds the prices of one area and month.
  static let perReport = 25

  var reports: Int { (records + Self.perReport - 1) / Self.perReport }

  /// `BC-2026-000012`
  static func reportCode(_ report: Int) -> String { "BC-2026-" + digits(report, 6) }

  func ordinals(ofReport report: Int) -> Range<Int> {
    let first = report * Self.perReport
    return min(first, records)..<min(first + Self.perReport, records)
  }

  /// The day on which a bulletin changed last.
  func changed(_ report: Int) -> CalendarDate { changeDay(seed: seed, record: report) }

  func object(_ ordinal: Int) -> String {
    let oddity = mess.oddity(ordinal)
    var price = price(oddity == .exactDuplicate ? ordinal - 1 : ordinal)
    if let oddity { bend(&price, oddity) }
    return price.text
  }

  private func price(_ ordinal: Int) -> JSONMembers {
    let draw = Draw(seed: seed, record: ordinal)
    let report = ordinal / Self.perReport
    let goods = Self.goods[ordinal % Self.perReport % Self.goods.count]
    // Where a bulletin has more lines than there are goods, the rest are further sorts of the same.
    let sort = ordinal % Self.perReport / Self.goods.count
    let area = Places.after[report % Places.after.count]
    let month = 1 + report / Places.after.count % 10
    let year = 2026 - report / Places.after.count / 10
    let before = draw.number("before", in: goods.price) * 10
    let now = before + draw.number("change", in: -before / 200...before / 100) * 5
    var price = JSONMembers()
    price["nhom"] = quoted(goods.group)
    price["maHangHoa"] = quoted("\(goods.code)\(digits(sort + 1, 2))")
    price["tenHangHoaDichVu"] = quoted(goods.name)
    price["dacDiemKTKT"] = quoted(sort == 0 ? "Loại phổ biến" : "Loại \(sort + 1)")
    price["donViTinh"] = quoted(goods.measure)
    price["loaiGia"] = quoted(goods.group == "V" ? "Giá kê khai" : "Giá bán lẻ")
    price["diaBan"] = quoted(area)
    price["ky"] = quoted("\(digits(month, 2))/\(year)")
    price["giaKyTruoc"] = quoted(written(before))
    price["giaKyNay"] = quoted(written(now))
    price["mucTangGiam"] = quoted(written(now - before))
    price["tyLeTangGiam"] = quoted(percent(now - before, of: before))
    price["nguonThongTin"] = quoted("Trực tiếp điều tra, thu thập")
    price["ghiChu"] = "null"
    let (y, m, d) = changed(report).parts
    price["capNhat"] = quoted("\(y)\(digits(m, 2))\(digits(d, 2))083015")
    return price
  }

  private func bend(_ price: inout JSONMembers, _ oddity: Oddity) {
    switch oddity {
    case .decomposedName:
      price["tenHangHoaDichVu"] = price["tenHangHoaDichVu"].decomposedStringWithCanonicalMapping
    case .thousands:
      price["donViTien"] = quoted("Nghìn đồng")
      (price["giaKyTruoc"], price["giaKyNay"]) = (quoted("85,5"), quoted("86,25"))
      (price["mucTangGiam"], price["tyLeTangGiam"]) = (quoted("0,75"), quoted("0,88"))
    case .unknownKind: price["loaiGia"] = quoted("Giá chợ phiên")
    case .changeMismatch: price["mucTangGiam"] = quoted("1")
    case .percentOfNothing: price["giaKyTruoc"] = quoted("0")
    case .englishNumber: price["giaKyNay"] = quoted("25,950.00")
    case .endedCommune: price["diaBan"] = quoted(Places.ended)
    case .monthThirteen: price["ky"] = quoted("13/2026")
    case .exactDuplicate: break
    case .unknownMoney: price["donViTien"] = quoted("USD")
    case .kindInCapitals: price["loaiGia"] = quoted("GIÁ BÁN LẺ")
    case .blankChange: (price["mucTangGiam"], price["tyLeTangGiam"]) = (quoted(""), "null")
    case .goodsWithoutDots: price["maHangHoa"] = quoted("010001")
    }
  }

  /// Tenths of a đồng as `8.700,5`.
  private func written(_ tenths: Int) -> String {
    let (whole, rest) = (abs(tenths) / 10, abs(tenths) % 10)
    return (tenths < 0 ? "-" : "") + groupedByDots(whole) + (rest == 0 ? "" : ",\(rest)")
  }

  /// Two digits after the comma, half away from zero.
  private func percent(_ change: Int, of before: Int) -> String {
    let hundredths = (abs(change) * 20_000 / before + 1) / 2
    return "\(change < 0 && hundredths > 0 ? "-" : "")\(hundredths / 100),\(digits(hundredths % 100, 2))"
  }

  private static let goods:
    [(code: String, group: String, name: String, measure: String, price: ClosedRange<Int>)] =
      [
        ("01.00", "I", "Thóc tẻ thường", "đ/kg", 7_500...11_000),
        ("01.01", "I", "Gạo tẻ ngon", "đ/kg", 15_000...24_000),
        ("01.02", "I", "Thịt lợn thăn", "đ/kg", 110_000...160_000),
        ("01.03", "I", "Ngô hạt", "đ/kg", 6_500...9_500),
        ("04.00", "II", "Chè búp khô", "đ/kg", 120_000...400_000),
        ("05.00", "III", "Xi măng PCB40", "đ/bao 50 kg", 70_000...95_000),
        ("05.01", "III", "Thép xây dựng phi 6-8", "đ/kg", 14_000...19_000),
        ("06.00", "IV", "Xăng E5 RON 92", "đ/lít", 18_000...25_000),
        ("09.00", "V", "Trông giữ xe máy", "đ/lượt", 3_000...10_000),
      ]
}

/// `1234567` as `1.234.567`.
func groupedByDots(_ number: Int) -> String {
  var whole = String(number)
  var grouped = ""
  while whole.utf8.count > 3 {
    grouped = "." + whole.suffix(3) + grouped
    whole.removeLast(3)
  }
  return whole + grouped
}
