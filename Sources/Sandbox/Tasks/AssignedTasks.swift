// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// Tasks that documents of the exchange axis assign. No task in it exists.
struct AssignedTasks: Sendable {
  /// In a thousand tasks four must be rejected, one is a duplicate; others are loaded with a note.
  enum Oddity: CaseIterable, Sendable {
    case wrongLabel, unknownLabel, emptyObject, textForList, unitInWords, impossibleDay, doneBeforeBegun,
      doneInFuture
    case exactDuplicate, noContent, decomposedContent, onPaper
  }

  let records: Int
  private let messages: DocumentMessages
  private let mess: Mess<Oddity>

  init(records: Int, messages: DocumentMessages) {
    self.records = records
    self.messages = messages
    mess = Mess(records: records)
  }

  /// What the labels of the system are as of; a task that is open then may be late today.
  private static let asOf = CalendarDate(year: 2026, month: 11, day: 1) ?? CalendarDate(days: 20_758)

  func object(_ ordinal: Int) -> String {
    let oddity = mess.oddity(ordinal)
    var task = task(oddity == .exactDuplicate ? ordinal - 1 : ordinal)
    if let oddity { bend(&task, oddity) }
    return task.text
  }

  private func task(_ ordinal: Int) -> JSONMembers {
    let draw = Draw(seed: messages.seed, record: ordinal)
    // Some documents assign several tasks. Of ten messages the first seven always bring a document.
    let place = draw.number("document", in: 0...max(messages.records - 1, 0))
    let document = messages.document(place / 10 * 10 + place % 7)
    let assigned = document.promulgated
    let begun = CalendarDate(days: assigned.days + Int32(draw.number("wait", in: 0...10)))
    let due =
      draw.bits("due") % 4 == 0
      ? nil : CalendarDate(days: begun.days + Int32(draw.number("time", in: 10...90)))
    let end = CalendarDate(days: begun.days + Int32(draw.number("work", in: 1...110)))
    let isDone = end <= Self.asOf && draw.bits("open") % 8 != 0
    let isBegun = begun <= Self.asOf
    var task = JSONMembers()
    task["maNhiemVu"] = quoted("NV-\(assigned.parts.year)-\(digits(ordinal, 6))")
    task["header_messageheader_documentid"] = quoted(document.documentId)
    task["header_messageheader_from_organid"] = quoted(document.agency.old)
    task["header_messageheader_subject"] = quoted(document.subject)
    task["noiDung"] = quoted("\(draw.pick("matter", Self.matters)) (nhiệm vụ mẫu số \(ordinal))")
    task["ngayGiao"] = quoted(slashed(assigned))
    let units = ExchangeAgency.all.dropFirst()
    let lead = draw.number("lead", in: 1...units.count)
    task["donViChuTri"] = quoted(ExchangeAgency.all[lead].code(ordinal % 2 == 0))
    task["tenDonViChuTri"] = quoted(ExchangeAgency.all[lead].name)
    let others = units.filter { $0.new != ExchangeAgency.all[lead].new }
      .prefix(draw.number("units", in: 0...3))
    task["donViPhoiHop"] =
      others.isEmpty ? "null" : "[\(others.map { quoted($0.code(ordinal % 3 == 0)) }.joined(separator: ","))]"
    task["hanXuLy"] = due.map { quoted(slashed($0)) } ?? "null"
    task["ngayBatDau"] = isBegun ? quoted(slashed(begun)) : "null"
    task["ngayHoanThanh"] = isDone ? quoted(slashed(end)) : "null"
    task["trangThai"] = quoted(Self.label(isBegun: isBegun, done: isDone ? end : nil, due: due))
    task["capNhat"] = quoted("\(slashed(isDone ? end : max(assigned, Self.asOf))) 16:30:00")
    return task
  }

  private static func label(isBegun: Bool, done: CalendarDate?, due: CalendarDate?) -> String {
    if let done { return due.map { done > $0 } == true ? "Hoàn thành quá hạn" : "Hoàn thành đúng hạn" }
    if let due, due < asOf { return "Quá hạn" }
    return isBegun ? "Đang thực hiện trong hạn" : "Chưa thực hiện"
  }

  private func bend(_ task: inout JSONMembers, _ oddity: Oddity) {
    switch oddity {
    case .wrongLabel:
      (task["hanXuLy"], task["ngayBatDau"]) = (quoted("2025/09/01"), quoted("2025/06/02"))
      (task["ngayHoanThanh"], task["trangThai"]) = (quoted("2025/09/15"), quoted("Hoàn thành đúng hạn"))
      task["ngayGiao"] = quoted("2025/06/01")
    case .unknownLabel: task["trangThai"] = quoted("Tạm dừng")
    case .emptyObject: task["donViPhoiHop"] = "{}"
    case .textForList: task["donViPhoiHop"] = quoted("H22.12")
    case .unitInWords: task["donViChuTri"] = quoted("Phòng 3")
    case .impossibleDay: task["hanXuLy"] = quoted("2026/02/30")
    case .doneBeforeBegun:
      (task["ngayBatDau"], task["ngayHoanThanh"]) = (quoted("2025/12/02"), quoted("2025/12/01"))
    case .doneInFuture: task["ngayHoanThanh"] = quoted("2099/01/01")
    case .exactDuplicate: break
    case .noContent: task["noiDung"] = quoted("")
    case .decomposedContent: task["noiDung"] = task["noiDung"].decomposedStringWithCanonicalMapping
    case .onPaper: task["header_messageheader_documentid"] = "null"
    }
  }

  private static let matters = [
    "Rà soát hồ sơ", "Báo cáo kết quả", "Xây dựng kế hoạch", "Kiểm tra thực địa", "Tham mưu văn bản",
  ]
}
