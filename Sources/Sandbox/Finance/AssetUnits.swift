// SPDX-License-Identifier: Apache-2.0

import Records

/// Units that declare assets, with codes of 3, 6, 9 and 12 characters below each other.
struct AssetUnits: Sendable {
  let records: Int
  let seed: UInt64

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
    let draw = Draw(seed: seed, record: ordinal)
    let code = Self.code(ordinal)
    let name =
      switch code.utf8.count {
      case 3: "Ủy ban nhân dân tỉnh"
      case 6: "Sở, ban, ngành số \(ordinal)"
      default: "Đơn vị trực thuộc số \(ordinal)"
      }
    let budget = draw.bits("budget") % 8 == 0 ? "-" : "1" + digits(79_000 + ordinal * 7, 6)
    return Array(
      """
        <t:DonVi><t:MaDonViDKTS>\(code)</t:MaDonViDKTS><t:TenDonVi>\(name)</t:TenDonVi><t:MaQHNS>\(budget)</t:MaQHNS>\
      <t:LoaiDonVi>\(ordinal == 0 ? "tổng hợp" : "đăng ký")</t:LoaiDonVi>\
      <t:DiaBan maXa="\(draw.pick("place", Places.after))"/>\
      <t:NgayCapNhat>\(day(changeDay(seed: seed, record: ordinal)))</t:NgayCapNhat></t:DonVi>

      """.utf8)
  }
}
