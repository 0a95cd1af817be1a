// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// The education department's pupil system: JSON, pupils below their schools, personal and sensitive fields.
/// No person in it exists.
struct Pupils: Sendable {
  /// In a thousand records eight must be rejected, one is a duplicate, five are loaded with a note or null.
  enum Oddity: CaseIterable, Sendable {
    case decomposedName, impossibleDate, yearOnly, exactDuplicate, numericCode, unknownEthnicGroup,
      ethnicAlias
    case sexAlias, unknownSex, shortPersonalNumber, gradeInWords, markAboveTen, unknownCommune, noGuardians
    case doubledName, emptyObject, numberWithoutZeros, communeWithoutZeros
  }

  static let perSchool = 40

  let records: Int
  let seed: UInt64
  private let mess: Mess<Oddity>

  init(records: Int, seed: UInt64) {
    self.records = records
    self.seed = seed
    mess = Mess(records: records)
  }

  /// Whether the record (from 0) changed on a day or later.
  func isChanged(_ ordinal: Int, since day: CalendarDate) -> Bool {
    updatedOn(isDuplicate(ordinal) ? ordinal - 1 : ordinal) >= day
  }

  func head(total: Int, page: Int, size: Int) -> [UInt8] {
    Array(
      #"{"status":1,"message":"OK","total":\#(total),"page":\#(page),"page_size":\#(size),"data":{"truong":["#
        .utf8)
  }

  let foot = Array("]}}\n".utf8)

  func school(_ ordinal: Int) -> Int { ordinal / Self.perSchool }

  func schoolHead(_ school: Int) -> [UInt8] {
    Array(
      #"{"ma_truong":"\#(Schools.code(school))","ten_truong":\#(quoted(Schools.name(school, seed: seed))),"hoc_sinh":["#
        .utf8)
  }

  let schoolFoot = Array("]}".utf8)

  /// One pupil as a JSON object.
  func object(_ ordinal: Int) -> [UInt8] {
    var pupil = pupil(isDuplicate(ordinal) ? ordinal - 1 : ordinal)
    if let oddity = mess.oddity(ordinal) { bend(&pupil, oddity, ordinal) }
    return Array(pupil.text.utf8)
  }

  /// A pupil is sent twice within a school.
  private func isDuplicate(_ ordinal: Int) -> Bool {
    mess.oddity(ordinal) == .exactDuplicate && ordinal % Self.perSchool != 0
  }

  // MARK: - One pupil

  private func updatedOn(_ ordinal: Int) -> CalendarDate {
    changeDay(seed: seed, record: ordinal)
  }

  private func pupil(_ ordinal: Int) -> JSONMembers {
    let draw = Draw(seed: seed, record: ordinal)
    let grade = draw.number("grade", in: 1...9)
    let isGirl = draw.bits("sex") % 2 == 0
    let born = CalendarDate(
      year: 2026 - 6 - grade, month: draw.number("month", in: 1...12), day: draw.number("day", in: 1...28))
    var pupil = JSONMembers()
    pupil["ma_hoc_sinh"] = quoted("02" + digits((ordinal * 7919 + Int(seed % 1000)) % 100_000_000, 8))
    pupil["ho_ten"] = quoted(
      "\(draw.pick("family", InventedPerson.families)) \(isGirl ? "Thị" : draw.pick("middle", InventedPerson.middles)) "
        + draw.pick("given", InventedPerson.given))
    pupil["ngay_sinh"] = quoted(born.map(day) ?? "")
    pupil["gioi_tinh"] = quoted(isGirl ? "Nữ" : "Nam")
    pupil["dan_toc"] = quoted(draw.pick("group", InventedPerson.groups))
    let number = Self.number(ordinal, isGirl: isGirl, grade: grade)
    pupil["so_dinh_danh"] = draw.bits("registered") % 10 == 0 ? "null" : quoted(number)
    let commune = quoted(draw.pick("home", Places.after))
    pupil["noi_o"] = #"{"ma_xa":\#(commune),"thon":\#(quoted(draw.pick("village", Self.villages)))}"#
    pupil["lop"] = #"{"ten":"\#(grade)\#(draw.pick("class", ["A", "B", "C"]))","khoi":\#(grade)}"#
    pupil["khuyet_tat"] = draw.bits("disabled") % 50 == 0 ? quoted("Khiếm thính") : "null"
    pupil["trang_thai"] = quoted(draw.bits("left") % 40 == 0 ? "Chuyển trường" : "Đang học")
    pupil["cap_nhat"] = quoted(changeMoment(draw, on: updatedOn(ordinal)))
    pupil["ket_qua"] = "[" + (1...2).map { result(draw, half: $0) }.joined(separator: ",") + "]"
    pupil["nguoi_giam_ho"] = guardian(draw)
    return pupil
  }

  /// Province of registration 002, century and sex 2 or 3, year, serial.
  private static func number(_ ordinal: Int, isGirl: Bool, grade: Int) -> String {
    "002" + (isGirl ? "3" : "2") + digits((20 - grade) % 100, 2) + digits(ordinal % 1_000_000, 6)
  }

  private func guardian(_ draw: Draw) -> String {
    let name = quoted(draw.pick("family", InventedPerson.families) + " Văn Chá")
    return #"[{"quan_he":"\#(draw.pick("kin", ["Bố", "Mẹ", "Ông"]))","ho_ten":\#(name),"#
      + #""dien_thoai":"09\#(digits(draw.number("phone", in: 0...99_999_999), 8))"}]"#
  }

  private func result(_ draw: Draw, half: Int) -> String {
    let mark = draw.number(half == 1 ? "first mark" : "second mark", in: 35...100)
    return #"{"nam_hoc":"2025-2026","hoc_ky":\#(half),"diem_tb":\#(mark / 10).\#(mark % 10),"#
      + #""hanh_kiem":"\#(mark > 65 ? "Tốt" : "Đạt")"}"#
  }

  private func bend(_ pupil: inout JSONMembers, _ oddity: Oddity, _ ordinal: Int) {
    let name = pupil["ho_ten"]
    switch oddity {
    case .decomposedName: pupil["ho_ten"] = name.decomposedStringWithCanonicalMapping
    case .impossibleDate: pupil["ngay_sinh"] = quoted("31/02/2015")
    case .yearOnly: pupil["ngay_sinh"] = quoted("2015")
    case .exactDuplicate: break
    case .numericCode:
      // An office's spreadsheet took the code for a number: the zero in front is gone.
      pupil["ma_hoc_sinh"] = String(pupil["ma_hoc_sinh"].dropFirst(2).dropLast())
    case .unknownEthnicGroup: pupil["dan_toc"] = quoted("Xá")
    case .ethnicAlias: pupil["dan_toc"] = quoted("Cao Lan")
    case .sexAlias: pupil["gioi_tinh"] = quoted("F")
    case .unknownSex: pupil["gioi_tinh"] = quoted("x")
    case .shortPersonalNumber: pupil["so_dinh_danh"] = quoted("0221500123")
    case .gradeInWords: pupil["lop"] = #"{"ten":"Năm A","khoi":"năm"}"#
    case .markAboveTen:
      pupil["ket_qua"] = #"[{"nam_hoc":"2025-2026","hoc_ky":1,"diem_tb":11.0,"hanh_kiem":"Tốt"}]"#
    case .unknownCommune: pupil["noi_o"] = #"{"ma_xa":"99999","thon":"Tả Lủng"}"#
    case .noGuardians: pupil["nguoi_giam_ho"] = "null"
    case .doubledName: pupil["ho_ten"] = quoted("  Giàng  Thị\tMáy ")
    case .emptyObject: pupil["lop"] = "{}"
    // Numbers for a spreadsheet: the zeros in front are gone.
    case .numberWithoutZeros:
      let draw = Draw(seed: seed, record: ordinal)
      let isGirl = draw.bits("sex") % 2 == 0
      let number = Self.number(ordinal, isGirl: isGirl, grade: draw.number("grade", in: 1...9))
      pupil["so_dinh_danh"] = String(number.dropFirst(2))
    case .communeWithoutZeros: pupil["noi_o"] = #"{"ma_xa":715,"thon":"Thèn Pả"}"#
    }
  }

  static let villages = ["Thèn Pả", "Lô Lô Chải", "Séo Lủng", "Bản Mạ", "Nà Khoang"]
}
