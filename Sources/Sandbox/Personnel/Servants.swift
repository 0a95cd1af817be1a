// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// The home department's personnel database: birth dates in three parts, periods as text, personal and sensitive
/// fields. No person in it exists.
struct Servants: Sendable {
  /// In a thousand records five must be rejected, one is a duplicate; others are loaded with a note.
  enum Oddity: CaseIterable, Sendable {
    case yearOnly, capitals, impossibleDay, commaCoefficient, stepAboveSteps, exactDuplicate, otherYear,
      otherSex
    case newAgencyOrder, agencyInWords, shortCard, unknownGroup, doubledNumber, relativeWithoutKin,
      wordCoefficient
    case decomposedName, otherProvince, oldCardAsNumber
  }

  let records: Int
  let seed: UInt64
  private let mess: Mess<Oddity>

  init(records: Int, seed: UInt64) {
    self.records = records
    self.seed = seed
    mess = Mess(records: records)
  }

  func object(_ ordinal: Int) -> String {
    let oddity = mess.oddity(ordinal)
    var servant = servant(oddity == .exactDuplicate ? ordinal - 1 : ordinal)
    if let oddity { bend(&servant, oddity, ordinal) }
    return servant.text
  }

  private func person(_ ordinal: Int) -> InventedPerson {
    InventedPerson(Draw(seed: seed, record: ordinal), born: 1968...2002, serial: ordinal)
  }

  private func servant(_ ordinal: Int) -> JSONMembers {
    let draw = Draw(seed: seed, record: ordinal)
    let person = person(ordinal)
    let agency = draw.pick("agency", ProvinceUnits.agencies)
    let (year, month, day) = person.birth.parts
    var servant = JSONMembers()
    servant["soHieu"] = quoted("HG-" + digits((ordinal * 7919 + Int(seed % 1000)) % 1_000_000, 6))
    servant["soDinhDanh"] = quoted(person.personalNumber)
    servant["soCMND"] = year < 2000 ? quoted("07" + digits((ordinal * 97) % 10_000_000, 7)) : "null"
    servant["hoTen"] = quoted(person.fullName)
    servant["tenGoiKhac"] = quoted("")
    servant["ngaySinh"] = quoted(String(day))
    servant["thangSinh"] = quoted(String(month))
    servant["namSinh"] = quoted(String(year))
    servant["noiSinh"] = quoted("Tỉnh Hà Giang")
    servant["gioiTinh"] = quoted(person.isWoman ? "Nữ" : "Nam")
    servant["danToc"] = quoted(person.ethnicGroup)
    servant["tonGiao"] = quoted("Không")
    servant["noiO"] = "{\"maXa\":\(quoted(person.commune))}"
    servant["dienThoai"] = quoted(person.phone)
    servant["donVi"] = "{\"ma\":\(quoted(agency.code)),\"ten\":\(quoted(agency.name))}"
    servant["maChucDanh"] = quoted(draw.pick("title", Self.titles))
    let step = draw.number("step", in: 1...7)
    servant["bacLuong"] = quoted("\(step)/9")
    servant["heSo"] = quoted(coefficient(step))
    let joined = year + 24 + draw.number("party", in: 0...8)
    let isMember = draw.bits("member") % 3 == 0 && joined < 2025
    servant["ngayVaoDang"] = isMember ? quoted("03/02/\(joined)") : "null"
    servant["ngayChinhThuc"] = isMember ? quoted("03/02/\(joined + 1)") : "null"
    servant["capNhat"] = quoted(changeMoment(draw, on: changeDay(seed: seed, record: ordinal)))
    let begun = year + 23
    servant["congTac"] =
      "[{\"thoiGian\":\"09/\(begun) - 12/\(begun + 5)\",\"donVi\":\(quoted(agency.name)),\"chucVu\":\"Chuyên viên\"},"
      + "{\"thoiGian\":\"01/\(begun + 6) - nay\",\"donVi\":\(quoted(agency.name)),\"chucVu\":\"\(draw.pick("post", Self.posts))\"}]"
    servant["daoTao"] =
      "[{\"thoiGian\":\"\(year + 18) - \(year + 22)\",\"coSo\":\"\(draw.pick("school", Self.schools))\","
      + "\"chuyenNganh\":\"\(draw.pick("field", Self.fields))\",\"vanBang\":\"Cử nhân\"}]"
    servant["luong"] =
      "["
      + (1...step).map { at in
        "{\"thangNam\":\"\(digits(at % 12 + 1, 2))/\(2026 - 3 * (step - at))\",\"maNgach\":\(servant["maChucDanh"]),"
          + "\"bac\":\"\(at)/9\",\"heSo\":\"\(coefficient(at))\"}"
      }.joined(separator: ",") + "]"
    servant["giaDinh"] =
      "[{\"moiQuanHe\":\"Mẹ\",\"hoTen\":\"\(person.familyName) Thị Mẫu\",\"namSinh\":\"\(year - 24)\"}]"
    return servant
  }

  /// The steps of grade A1: 2.34 and a third more each.
  private func coefficient(_ step: Int) -> String {
    let hundredths = 234 + 33 * (step - 1)
    return "\(hundredths / 100).\(digits(hundredths % 100, 2))"
  }

  private func bend(_ servant: inout JSONMembers, _ oddity: Oddity, _ ordinal: Int) {
    switch oddity {
    case .yearOnly: (servant["ngaySinh"], servant["thangSinh"]) = (quoted(""), "null")
    case .capitals: servant["hoTen"] = servant["hoTen"].uppercased()
    case .impossibleDay: (servant["ngaySinh"], servant["thangSinh"]) = (quoted("31"), quoted("02"))
    case .commaCoefficient: servant["heSo"] = quoted("2,34")
    case .stepAboveSteps: servant["bacLuong"] = quoted("10/9")
    case .exactDuplicate: break
    case .otherYear: servant["namSinh"] = quoted(String(person(ordinal).birth.parts.year - 1))
    case .otherSex: servant["gioiTinh"] = quoted(person(ordinal).isWoman ? "Nam" : "Nữ")
    case .newAgencyOrder: servant["donVi"] = #"{"ma":"H22.12","ten":"Sở mẫu A"}"#
    case .agencyInWords: servant["donVi"] = #"{"ma":"Phòng 3","ten":"Phòng 3"}"#
    case .shortCard: servant["soCMND"] = quoted("7312345")
    case .unknownGroup: servant["danToc"] = quoted("Xá")
    case .doubledNumber: servant["soDinhDanh"] = quoted(person(ordinal - 1).personalNumber)
    case .relativeWithoutKin: servant["giaDinh"] = #"[{"hoTen":"không rõ"}]"#
    case .wordCoefficient: servant["heSo"] = quoted("hai phẩy ba")
    case .otherProvince: servant["noiSinh"] = quoted("Tỉnh Cao Bằng")
    case .oldCardAsNumber: (servant["soDinhDanh"], servant["soCMND"]) = (quoted("073999999"), "null")
    case .decomposedName: servant["hoTen"] = servant["hoTen"].decomposedStringWithCanonicalMapping
    }
  }

  private static let titles = ["01.003", "01.002", "V.07.03.29", "V.07.02.26", "V.08.05.13"]
  private static let posts = ["Chuyên viên", "Phó trưởng phòng", "Trưởng phòng", "Giáo viên"]
  private static let schools = ["Đại học Thái Nguyên", "Học viện Hành chính", "Đại học Sư phạm"]
  private static let fields = ["Kế toán", "Luật", "Sư phạm", "Nông nghiệp"]
}
