// SPDX-License-Identifier: Apache-2.0

import Records

/// Units that declare assets, with codes of 3, 6, 9 and 12 characters below each other.
struct AssetUnits: Sendable {
  /// All are loaded; what is wrong shows beside the list of budget units. In a thousand records each comes once.
  enum Oddity: CaseIterable, Sendable {
    /// The budget code of another unit, none that was ever issued, a name that was changed there.
    case codeOfAnother, noSuchCode, oldName
    /// The same name in capitals, which is no conflict.
    case capitals
  }

  let records: Int
  let units: ProvinceUnits
  private let mess: Mess<Oddity>

  init(records: Int, _ units: ProvinceUnits) {
    self.records = records
    self.units = units
    mess = Mess(records: records)
  }

  func head(total: Int, page: Int, size: Int) -> [UInt8] {
    Array(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <t:DanhSachDonVi xmlns:t="urn:vn:taisan:1" tongSo="\(total)" trang="\(page)" soDong="\(size)">

      """.utf8)
  }

  let foot = Array("</t:DanhSachDonVi>\n".utf8)

  /// The province, then its departments, then what is below them.
  static func code(_ ordinal: Int) -> String {
    if ordinal == 0 { return "T02" }
    if ordinal <= departments { return "T02" + digits(ordinal, 3) }
    let below = ordinal - departments - 1
    return "T02" + digits(below % departments + 1, 3) + digits(below / departments % 999 + 1, 3)
  }

  private static let departments = 30

  func element(_ ordinal: Int) -> [UInt8] {
    let draw = Draw(seed: units.seed, record: ordinal)
    let code = Self.code(ordinal)
    let budget = units.budgetOrdinal(ofAssetUnit: ordinal)
    var name = budget.map { units.name($0) } ?? "Đơn vị trực thuộc số \(ordinal)"
    var budgetCode = "-"
    if let budget, draw.bits("budget") % 8 != 0 { budgetCode = ProvinceUnits.budgetCode(budget) }
    switch mess.oddity(ordinal) {
    case .codeOfAnother: budgetCode = ProvinceUnits.budgetCode((budget ?? 9) / 10 * 10)
    case .noSuchCode: budgetCode = "1999" + digits(ordinal % 1000, 3)
    case .oldName: name = "Trung tâm mẫu số \(ordinal)"
    case .capitals: name = name.uppercased()
    case nil: break
    }
    return Array(
      """
        <t:DonVi><t:MaDonViDKTS>\(code)</t:MaDonViDKTS><t:TenDonVi>\(name)</t:TenDonVi><t:MaQHNS>\(budgetCode)</t:MaQHNS>\
      <t:LoaiDonVi>\(ordinal == 0 ? "tổng hợp" : "đăng ký")</t:LoaiDonVi>\
      <t:DiaBan maXa="\(draw.pick("place", Places.after))"/>\
      <t:NgayCapNhat>\(day(changeDay(seed: units.seed, record: ordinal)))</t:NgayCapNhat></t:DonVi>

      """.utf8)
  }
}
