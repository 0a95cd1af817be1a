// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// The finance department's asset system: namespaced XML, dates `dd/MM/yyyy`, money in thousands of đồng
/// written `1.234.567,89`.
struct PublicAssets: Sendable {
  /// What offices really send. In a thousand records eight must be rejected, two are duplicates, the rest
  /// loads.
  enum Oddity: CaseIterable, Sendable {
    case decomposedName, impossibleDate, exactDuplicate, olderDuplicate, unknownCommune, endedCommune,
      lostZeros
    case wearAboveCost, belowThreshold, plainNumber, lowerCaseCode, nullWord, usedAfterUpdate, paddedName
    case className, unapproved, partOfADong
  }

  let records: Int
  let seed: UInt64
  private let mess: Mess<Oddity>

  init(records: Int, seed: UInt64) {
    self.records = records
    self.seed = seed
    mess = Mess(records: records)
  }

  /// Whether the record (from 0) changed on a day or later.
  func isChanged(_ ordinal: Int, since day: CalendarDate) -> Bool { shownUpdate(ordinal) >= day }

  /// The day of change that the record's element gives.
  private func shownUpdate(_ ordinal: Int) -> CalendarDate {
    switch mess.oddity(ordinal) {
    case .exactDuplicate: updatedOn(ordinal - 1)
    case .olderDuplicate: Self.older(updatedOn(ordinal - 1))
    default: updatedOn(ordinal)
    }
  }

  private static func older(_ date: CalendarDate) -> CalendarDate { CalendarDate(days: date.days - 400) }

  func head(total: Int, page: Int, size: Int) -> [UInt8] {
    Array(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <t:DanhSach xmlns:t="urn:vn:taisan:1" tongSo="\(total)" trang="\(page)" soDong="\(size)">

      """.utf8)
  }

  let foot = Array("</t:DanhSach>\n".utf8)

  /// One `t:TaiSan` element, with its line end.
  func element(_ ordinal: Int) -> [UInt8] {
    let oddity = mess.oddity(ordinal)
    // A duplicate tells of the asset before it.
    let isDuplicate = oddity == .exactDuplicate || oddity == .olderDuplicate
    var asset = asset(isDuplicate ? ordinal - 1 : ordinal)
    if let oddity { bend(&asset, oddity) }
    var text = "  <t:TaiSan>\n"
    func line(_ name: String, _ value: String) { text += "    <t:\(name)>\(escaped(value))</t:\(name)>\n" }
    line("MaTaiSan", asset.code)
    line("TenTaiSan", asset.name)
    text += "    <t:DonVi ma=\"\(asset.unitCode)\">\(escaped(asset.unitName))</t:DonVi>\n"
    line("LoaiTaiSan", asset.assetClass)
    line("NguonGoc", asset.origin)
    line("NgaySuDung", asset.inUseFrom)
    line("NguyenGia", asset.cost)
    line("HaoMonLuyKe", asset.wear)
    if let rate = asset.wearRate { line("TyLeHaoMon", rate) }
    if let land = asset.land { line("DienTichDat", land) }
    if let floor = asset.floor {
      line("DienTichSan", floor.area)
      line("SoTang", String(floor.storeys))
    }
    line("TrangThaiDuyet", asset.approval)
    text += "    <t:DiaBan maXa=\"\(asset.commune)\"/>\n"
    line("NgayCapNhat", day(asset.updatedOn))
    if !asset.movements.isEmpty {
      text += "    <t:BienDong>\n"
      for movement in asset.movements {
        text += "      <t:But ngay=\"\(day(movement.on))\"><t:LyDo>\(movement.reason)</t:LyDo></t:But>\n"
      }
      text += "    </t:BienDong>\n"
    }
    return Array((text + "  </t:TaiSan>\n").utf8)
  }

  // MARK: - One asset

  private struct Asset {
    var code: String
    var name: String
    var unitCode: String
    var unitName: String
    var assetClass: String
    var inUseFrom: String
    /// Hundredths of a thousand đồng.
    var costHundredths: Int
    var cost: String
    var wear: String
    var origin: String
    /// Percent of a year.
    var wearRate: String?
    /// Square metres.
    var land: String?
    var floor: (area: String, storeys: Int)?
    var approval: String
    var commune: String
    var updatedOn: CalendarDate
    var movements: [(on: CalendarDate, reason: String)]
  }

  private func updatedOn(_ ordinal: Int) -> CalendarDate {
    changeDay(seed: seed, record: ordinal)
  }

  private func asset(_ ordinal: Int) -> Asset {
    let draw = Draw(seed: seed, record: ordinal)
    let kind = draw.pick("kind", Self.kinds)
    let unit = draw.pick("unit", Self.units)
    let updated = updatedOn(ordinal)
    // From 2005 to the end of 2025, so that both sides of the merger occur.
    let used = CalendarDate(days: 12_784 + Int32(draw.number("used", in: 0...7_600)))
    let cost = draw.number("cost", in: kind.cost) * 100 + draw.number("cents", in: 0...99)
    let movements = (0..<draw.number("movements", in: 0...2)).map { index in
      let days = Int32(draw.number(index == 0 ? "first" : "second", in: 0...200) + 200 * index)
      return (
        on: CalendarDate(days: used.days + days), reason: draw.pick(index == 0 ? "why" : "then", Self.reasons)
      )
    }
    return Asset(
      // 7919 and 10⁷ have no common factor: no two ordinals share a code.
      code: "HG." + digits((ordinal * 7919 + Int(seed % 1000)) % 10_000_000, 7),
      name: "\(draw.pick("name", kind.names)) số \(draw.number("house", in: 1...400))",
      unitCode: unit.code, unitName: unit.name, assetClass: kind.code, inUseFrom: day(used),
      costHundredths: cost, cost: thousands(cost),
      wear: thousands(cost / 100 * draw.number("worn", in: 0...100)),
      origin: draw.pick("origin", Self.origins), wearRate: kind.wearRate,
      land: kind.code == "VH1" ? hundredths(draw.number("land", in: 20_000...2_000_000)) : nil,
      floor: kind.code == "HH1"
        ? (hundredths(draw.number("floor", in: 4_000...300_000)), draw.number("storeys", in: 1...5)) : nil,
      approval: kind.code == "HH1" || kind.code == "HH3" || kind.code == "VH1" || cost >= 50_000_000
        ? "đã duyệt" : "không phải duyệt",
      commune: draw.pick("place", used < Places.merger ? Places.before : Places.after), updatedOn: updated,
      movements: movements)
  }

  private func bend(_ asset: inout Asset, _ oddity: Oddity) {
    switch oddity {
    case .decomposedName: asset.name = asset.name.decomposedStringWithCanonicalMapping
    case .impossibleDate: asset.inUseFrom = "31/02/2019"
    case .exactDuplicate: break
    case .olderDuplicate:
      asset.updatedOn = Self.older(asset.updatedOn)
      asset.name += " (cũ)"
    case .unknownCommune: asset.commune = "99999"
    case .endedCommune: (asset.commune, asset.inUseFrom) = (Places.ended, "15/08/2025")
    case .lostZeros: asset.commune = String(asset.commune.drop { $0 == "0" })
    case .wearAboveCost: asset.wear = thousands(asset.costHundredths + 100)
    case .belowThreshold: (asset.cost, asset.wear) = ("9.999,99", "0")
    case .plainNumber: asset.cost = "\(asset.costHundredths / 100).\(digits(asset.costHundredths % 100, 2))"
    case .lowerCaseCode: asset.code = asset.code.lowercased()
    case .nullWord: asset.wear = "-"
    case .usedAfterUpdate: (asset.inUseFrom, asset.commune) = ("01/12/2026", Places.after[0])
    case .paddedName: asset.name = "  \(asset.name) & phụ kiện <mới>\u{A0} "
    case .className: asset.assetClass = "Xe ô tô"
    case .unapproved: (asset.assetClass, asset.approval) = ("HH3", "không phải duyệt")
    case .partOfADong: asset.cost = "\(groupedByDots(asset.costHundredths / 100)),12345"
    }
  }

  private func hundredths(_ number: Int) -> String { "\(number / 100),\(digits(number % 100, 2))" }

  private func thousands(_ hundredths: Int) -> String {
    groupedByDots(hundredths / 100) + "," + digits(hundredths % 100, 2)
  }

  private static let units: [(code: String, name: String)] = [
    ("T02005", "Sở Tài chính"), ("T02007", "Sở Y tế"), ("T02007012", "Trạm Y tế xã Lũng Cú"),
    ("T02006", "Sở Giáo dục và Đào tạo"), ("T02006031", "Trường PTDTBT Tiểu học Lũng Phìn"),
    ("T02024001", "Ủy ban nhân dân phường Hà Giang 1"), ("T02026014", "Ủy ban nhân dân xã Đồng Văn"),
  ]

  /// Costs in thousands of đồng. Rights of use of land do not wear.
  private static let kinds: [(code: String, names: [String], cost: ClosedRange<Int>, wearRate: String?)] = [
    ("HH1", ["Nhà làm việc", "Nhà lớp học", "Nhà công vụ"], 500_000...60_000_000, "4"),
    ("HH2", ["Tường rào", "Bể nước", "Sân bê tông"], 20_000...900_000, "10"),
    ("HH3", ["Xe ô tô 5 chỗ", "Xe ô tô bán tải", "Xe cứu thương"], 450_000...2_500_000, "6,67"),
    ("HH5", ["Máy photocopy", "Máy siêu âm", "Máy chủ", "Máy phát điện"], 12_000...1_800_000, "12,5"),
    ("VH1", ["Quyền sử dụng đất"], 100_000...90_000_000, nil),
    ("VH5", ["Phần mềm kế toán", "Phần mềm quản lý hồ sơ"], 15_000...700_000, "20"),
  ]

  private static let origins = ["a", "b", "Được giao, nhận điều chuyển", "mua sắm", "Nguồn khác"]

  private static let reasons = [
    "Điều chuyển", "Đánh giá lại", "Sửa chữa lớn", "Kiểm kê cuối năm", "Bàn giao sau sắp xếp đơn vị",
  ]
}

/// `dd/MM/yyyy`
func day(_ date: CalendarDate) -> String {
  let (year, month, day) = date.parts
  return "\(digits(day, 2))/\(digits(month, 2))/\(digits(year, 4))"
}

func digits(_ number: Int, _ width: Int) -> String {
  let text = String(number)
  return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
}

private func escaped(_ text: String) -> String {
  guard text.contains(where: { "&<>".contains($0) }) else { return text }
  return text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
    .replacingOccurrences(of: ">", with: "&gt;")
}
