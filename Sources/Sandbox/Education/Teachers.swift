// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// Teachers of the schools of ``Schools``. No person in it exists.
struct Teachers: Sendable {
  /// In a thousand records three must be rejected, one is a duplicate; others are loaded with a note.
  enum Oddity: CaseIterable, Sendable {
    case decomposedName, yearOnly, oldTitle, otherYear, noSchool, exactDuplicate, unknownGroup, shortNumber
    case doubledNumber, noSubjects
  }

  let records: Int
  let schools: Int
  let seed: UInt64
  private let mess: Mess<Oddity>

  init(records: Int, schools: Int, seed: UInt64) {
    self.records = records
    self.schools = max(schools, 1)
    self.seed = seed
    mess = Mess(records: records)
  }

  /// Whether the record (from 0) changed on a day or later.
  func isChanged(_ ordinal: Int, since day: CalendarDate) -> Bool {
    changeDay(seed: seed, record: source(ordinal)) >= day
  }

  func object(_ ordinal: Int) -> String {
    var teacher = teacher(source(ordinal))
    if let oddity = mess.oddity(ordinal) { bend(&teacher, oddity, ordinal) }
    return teacher.text
  }

  /// A duplicate tells of the teacher before it.
  private func source(_ ordinal: Int) -> Int {
    mess.oddity(ordinal) == .exactDuplicate ? ordinal - 1 : ordinal
  }

  private func person(_ ordinal: Int) -> InventedPerson {
    // Serials apart from those of servants and pupils.
    InventedPerson(Draw(seed: seed &+ 1, record: ordinal), born: 1968...2002, serial: 500_000 + ordinal)
  }

  private func teacher(_ ordinal: Int) -> JSONMembers {
    let draw = Draw(seed: seed &+ 1, record: ordinal)
    let person = person(ordinal)
    var teacher = JSONMembers()
    teacher["ma_giao_vien"] = quoted("021" + digits((ordinal * 7919 + Int(seed % 1000)) % 10_000_000, 7))
    teacher["so_dinh_danh"] = quoted(person.personalNumber)
    teacher["ho_ten"] = quoted(person.fullName)
    teacher["ngay_sinh"] = quoted(day(person.birth))
    teacher["gioi_tinh"] = quoted(person.isWoman ? "Nữ" : "Nam")
    teacher["dan_toc"] = quoted(person.ethnicGroup)
    teacher["truong"] = "{\"ma\":\(quoted(Schools.code(ordinal % schools)))}"
    teacher["chuc_danh"] =
      "{\"ma\":\(quoted(draw.pick("title", ["V.07.03.29", "V.07.02.26", "V.07.04.32"])))}"
    teacher["mon_day"] =
      "[{\"ten\":\"\(draw.pick("subject", ["Toán", "Ngữ văn", "Tin học"]))\"},{\"ten\":\"Hoạt động trải nghiệm\"}]"
    teacher["ngay_tuyen_dung"] = quoted("01/09/\(person.birth.parts.year + 23)")
    teacher["trang_thai"] = quoted(draw.bits("left") % 40 == 0 ? "Nghỉ chế độ" : "Đang làm việc")
    teacher["cap_nhat"] = quoted(changeMoment(draw, on: changeDay(seed: seed, record: ordinal)))
    return teacher
  }

  private func bend(_ teacher: inout JSONMembers, _ oddity: Oddity, _ ordinal: Int) {
    switch oddity {
    case .decomposedName: teacher["ho_ten"] = teacher["ho_ten"].decomposedStringWithCanonicalMapping
    case .yearOnly: teacher["ngay_sinh"] = quoted(String(person(ordinal).birth.parts.year))
    case .oldTitle: teacher["chuc_danh"] = #"{"ma":"15c.210"}"#
    case .otherYear: teacher["ngay_sinh"] = quoted("01/01/\(person(ordinal).birth.parts.year - 1)")
    case .noSchool: teacher["truong"] = "null"
    case .exactDuplicate: break
    case .unknownGroup: teacher["dan_toc"] = quoted("Xá")
    case .shortNumber: teacher["so_dinh_danh"] = quoted("02085123456")
    case .doubledNumber: teacher["so_dinh_danh"] = quoted(person(ordinal - 1).personalNumber)
    case .noSubjects: teacher["mon_day"] = "[]"
    }
  }
}
