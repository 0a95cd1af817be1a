// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// Research tasks of the province and protocol tasks. No task in it exists.
struct ResearchTasks: Sendable {
  /// In a thousand records three must be rejected, one is a duplicate; others are loaded with a note.
  enum Oddity: CaseIterable, Sendable {
    case lowerCaseNumber, plainLetter, openPeriod, durationOnly, reversedPeriod, exactDuplicate,
      noOrganisation
    case fundingInWords, ownFunds, resultTooEarly, unknownStatus, decomposedName, looseNumber, emptyNumber
  }

  let records: Int
  let seed: UInt64
  private let mess: Mess<Oddity>

  init(records: Int, seed: UInt64) {
    self.records = records
    self.seed = seed
    mess = Mess(records: records)
  }

  func updatedOn(_ ordinal: Int) -> CalendarDate { changeDay(seed: seed, record: source(ordinal)) }

  func object(_ ordinal: Int) -> String {
    var task = task(source(ordinal))
    if let oddity = mess.oddity(ordinal) { bend(&task, oddity, ordinal) }
    return task.text
  }

  /// A duplicate tells of the task before it.
  private func source(_ ordinal: Int) -> Int {
    mess.oddity(ordinal) == .exactDuplicate ? ordinal - 1 : ordinal
  }

  private func number(_ ordinal: Int, _ year: Int) -> String {
    // What the groups of a protocol task's number mean no source says; here they run on.
    if ordinal % 5 == 0 {
      return
        "NĐT/\(digits(ordinal / 10_000 % 100, 2))/\(digits(ordinal / 100 % 100, 2))/\(digits(ordinal % 100, 2))"
    }
    return "ĐTKHCN.HG-\(digits(ordinal, 3))/\(year)"
  }

  private func task(_ ordinal: Int) -> JSONMembers {
    let draw = Draw(seed: seed, record: ordinal)
    let words = LibraryWords(draw)
    let leader = InventedPerson(draw, born: 1960...1990, serial: ordinal)
    let year = draw.number("begin", in: 2016...2025)
    let end = year + draw.number("length", in: 1...3)
    let isOver = end < 2026
    var task = JSONMembers()
    task["maSoNhiemVu"] = quoted(number(ordinal, year))
    task["tenNhiemVu"] = quoted("Nghiên cứu \(words.title)")
    task["toChucChuTri"] = quoted(draw.pick("organisation", Self.organisations))
    task["chuNhiem"] = quoted("\(draw.pick("degree", ["TS.", "ThS.", "PGS.TS."])) \(leader.fullName)")
    task["thoiGian"] = quoted("\(digits(draw.number("month", in: 1...12), 2))/\(year) - 12/\(end)")
    task["kinhPhi"] = quoted("\(groupedByDots(draw.number("millions", in: 200...6_000))),5")
    task["ketQua"] = isOver ? quoted(draw.pick("result", ["Đạt", "Xuất sắc", "Đạt", "Không đạt"])) : "null"
    task["trangThai"] = quoted(isOver ? "Đã nghiệm thu" : "Đang thực hiện")
    task["ngayCapNhat"] = quoted(day(changeDay(seed: seed, record: ordinal)))
    return task
  }

  private func bend(_ task: inout JSONMembers, _ oddity: Oddity, _ ordinal: Int) {
    switch oddity {
    case .lowerCaseNumber: task["maSoNhiemVu"] = quoted("nđt/09/98/\(digits(ordinal % 100, 2))")
    case .plainLetter: task["maSoNhiemVu"] = quoted("NDT/09/97/\(digits(ordinal % 100, 2))")
    case .openPeriod: task["thoiGian"] = quoted("05/2025 - nay")
    case .durationOnly: task["thoiGian"] = quoted("24 tháng")
    case .reversedPeriod: task["thoiGian"] = quoted("12/2024 - 01/2023")
    case .exactDuplicate: break
    case .noOrganisation: task["toChucChuTri"] = quoted("")
    case .fundingInWords: task["kinhPhi"] = quoted("hai tỷ đồng")
    case .ownFunds: task["kinhPhi"] = quoted("Tự túc")
    case .resultTooEarly: (task["ketQua"], task["trangThai"]) = (quoted("Đạt"), quoted("Đang thực hiện"))
    case .unknownStatus: task["trangThai"] = quoted("Chờ bổ sung hồ sơ")
    case .decomposedName: task["tenNhiemVu"] = task["tenNhiemVu"].decomposedStringWithCanonicalMapping
    case .looseNumber: task["maSoNhiemVu"] = quoted("NĐT.57.KOR/19")
    case .emptyNumber: task["maSoNhiemVu"] = "null"
    }
  }

  private static let organisations = [
    "Trung tâm Ứng dụng tiến bộ khoa học mẫu", "Viện nghiên cứu mẫu", "Trường Đại học mẫu", "Công ty mẫu A",
  ]
}
