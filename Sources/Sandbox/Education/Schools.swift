// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// Schools with their years, classes and rooms, nested as the education department's system sends them. The pupils
/// of ``Pupils`` go to them: school n holds the pupils from ``Pupils/perSchool`` × n on.
struct Schools: Sendable {
  /// In a thousand schools two must be rejected; two are loaded with a note.
  enum Oddity: CaseIterable, Sendable {
    case decomposedName, unknownLevel, endedCommune, wrongBudgetCode, noClasses, gradeThirteen
  }

  let records: Int
  let seed: UInt64
  private let mess: Mess<Oddity>

  /// - Parameter pupils: of all schools.
  init(pupils: Int, seed: UInt64) {
    records = (pupils + Pupils.perSchool - 1) / Pupils.perSchool
    self.seed = seed
    mess = Mess(records: records)
  }

  static func code(_ school: Int) -> String { "02" + digits(school, 5) }

  /// The name that pupils' records give it too.
  static func name(_ school: Int, seed: UInt64) -> String {
    let draw = Draw(seed: seed, record: school)
    return "Trường \(draw.pick("level", ["PTDTBT Tiểu học", "Tiểu học", "PTDTBT THCS"])) "
      + draw.pick("school", ["Lũng Cú", "Lũng Phìn", "Xín Mần", "Du Già", "Minh Tân", "Bản Nhùng"])
  }

  func object(_ ordinal: Int) -> String {
    var school = school(ordinal)
    if let oddity = mess.oddity(ordinal) { bend(&school, oddity) }
    return school.text
  }

  private func school(_ ordinal: Int) -> JSONMembers {
    let draw = Draw(seed: seed, record: ordinal)
    let name = Self.name(ordinal, seed: seed)
    let isLower = name.contains("Tiểu học")
    var school = JSONMembers()
    school["ma_truong"] = quoted(Self.code(ordinal))
    school["ten_truong"] = quoted(name)
    school["cap_hoc"] = "{\"ma\":\"\(isLower ? 2 : 3)\",\"ten\":\"\(isLower ? "tiểu học" : "THCS")\"}"
    school["noi_tru"] = name.contains("PTDTBT") ? "true" : "false"
    school["dia_chi"] =
      "{\"ma_xa\":\(quoted(draw.pick("home", Places.after))),\"thon\":\(quoted(draw.pick("village", Pupils.villages)))}"
    school["ma_qhns"] = quoted(
      ProvinceUnits.budgetCode(ProvinceUnits.budgetOrdinal(ofSchool: ordinal)))
    school["lien_he"] = "{\"dien_thoai\":\"0219\(digits(draw.number("phone", in: 0...999_999), 6))\"}"
    school["cap_nhat"] = quoted(changeMoment(draw, on: changeDay(seed: seed, record: ordinal)))
    let years = ["2025-2026", "2026-2027"].map { year in
      let classes = (isLower ? 1...5 : 6...9).map { grade in
        schoolClass(draw, grade: grade, year: year)
      }
      return "{\"ten\":\"\(year)\",\"lop\":[\(classes.joined(separator: ","))]}"
    }
    school["nam_hoc"] = "[\(years.joined(separator: ","))]"
    school["co_so_vat_chat"] =
      "[{\"loai\":\"Phòng học\",\"so_luong\":\(draw.number("rooms", in: 5...20)),\"dien_tich\":\(draw.number("area", in: 200...900)).5},"
      + "{\"loai\":\"Phòng nội trú\",\"so_luong\":\(draw.number("beds", in: 0...12)),\"dien_tich\":null}]"
    return school
  }

  private func schoolClass(_ draw: Draw, grade: Int, year: String) -> String {
    let pupils = 15 + Int(draw.bits("class") >> UInt64(grade)) % 20
    let site = grade <= 2 ? ",\"diem_truong\":{\"ten\":\"Séo Lủng\"}" : ""
    return
      "{\"ma\":\"\(grade)A\",\"ten\":\"Lớp \(grade)A\",\"khoi\":\(grade),\"si_so\":\(abs(pupils))\(site)}"
  }

  private func bend(_ school: inout JSONMembers, _ oddity: Oddity) {
    switch oddity {
    case .decomposedName: school["ten_truong"] = school["ten_truong"].decomposedStringWithCanonicalMapping
    case .unknownLevel: school["cap_hoc"] = #"{"ma":"9","ten":"liên cấp"}"#
    case .endedCommune: school["dia_chi"] = "{\"ma_xa\":\(quoted(Places.ended))}"
    case .wrongBudgetCode: school["ma_qhns"] = quoted("5079715")
    case .noClasses: school["nam_hoc"] = "[]"
    case .gradeThirteen:
      school["nam_hoc"] = #"[{"ten":"2026-2027","lop":[{"ma":"13A","ten":"Lớp 13A","khoi":13,"si_so":20}]}]"#
    }
  }
}
