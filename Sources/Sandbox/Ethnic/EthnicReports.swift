// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// What communes report each quarter: a table with a row for each indicator and a column for each group, as their
/// spreadsheets save it. With the merger of the communes came a new form, with other columns in another order.
struct EthnicReports: Sendable {
  struct Report: Sendable {
    var period: EthnicPeriod
    var commune: String
    /// Which of the period's reports it is.
    var index: Int
    /// 1 for the first sending; a later one is whole again.
    var sending: Int
    var sent: CalendarDate

    /// `2026-Q1-00715-1`
    var id: String { "\(period.text)-\(commune)-\(sending)" }
  }

  /// Of a cell, about once in a thousand.
  enum Oddity: CaseIterable, Sendable { case word, englishNumber, miscounted, negative }

  let figures: EthnicFigures
  /// How many communes report.
  let communes: Int
  private let mess: Mess<Oddity>

  /// - Parameter records: about so many cells, up to all communes in seven quarters.
  init(_ figures: EthnicFigures, records: Int) {
    self.figures = figures
    communes = min(max(1, records / (Self.quarters.count * 120)), EthnicAreas.before.count)
    mess = Mess(records: records)
  }

  private static let quarters = EthnicPeriod.all(from: 2025).filter { $0.quarter != nil }

  /// The reports that came, the first ones first. Of one a correction came for those only who were here before and ask
  /// for what came since: so a second run has something to replace, whenever it is.
  func reports(isLater: Bool) -> [Report] {
    var reports = Self.quarters.flatMap { period in
      (period.isMerged ? EthnicAreas.after : EthnicAreas.before).prefix(communes).enumerated()
        .map { index, commune in
          Report(
            period: period, commune: commune, index: index, sending: 1,
            sent: CalendarDate(days: period.end.days + 5 + Int32(index % 9)))
        }
    }
    if isLater, var again = reports.last {
      again.sending = 2
      again.sent = CalendarDate(days: again.sent.days + 20)
      reports.append(again)
    }
    return reports
  }

  func report(_ id: String) -> Report? { reports(isLater: true).first { $0.id == id } }

  // MARK: - The table

  /// With a byte order mark, as spreadsheets want it to know UTF-8.
  func table(_ report: Report) -> String {
    "\u{FEFF}" + rows(report).map { $0.joined(separator: ";") }.joined(separator: "\r\n") + "\r\n"
  }

  private func rows(_ report: Report) -> [[String]] {
    let isNew = report.period.isMerged
    let letterhead =
      isNew
      ? [
        ["Biểu số 03/DT-X"], ["Đơn vị báo cáo:", EthnicAreas.names[report.commune] ?? "Ủy ban nhân dân xã"],
        ["BÁO CÁO KẾT QUẢ CÔNG TÁC DÂN TỘC"], ["Kỳ báo cáo:", report.period.words],
        ["Mã xã:", place(report)], ["Ngày lập:", "\(day(report.sent)) 0\(7 + report.sending):30"], [],
      ]
      : [
        ["ỦY BAN NHÂN DÂN XÃ"], ["BÁO CÁO KẾT QUẢ CÔNG TÁC DÂN TỘC"], ["Kỳ báo cáo: \(report.period.words)"],
        ["Mã xã: \(place(report))"], ["Ngày lập: \(day(report.sent))"],
      ]
    let groups = EthnicGroup.all.map { isNew ? $0.name : Self.oldNames[$0.name] ?? $0.name }
    let header =
      isNew
      ? ["TT", "Mã chỉ tiêu", "Chỉ tiêu", "ĐVT", "Kỳ trước", "Tổng số"] + groups + ["Ghi chú"]
      : ["STT", "Chỉ tiêu", "Đơn vị tính"] + groups + ["Tổng số"]
    var rows = letterhead + [header]
    for (index, indicator) in EthnicIndicator.all.enumerated() {
      if let title = Self.titles[indicator.code] {
        rows.append([title.number] + (isNew ? ["", title.name] : [title.name]))
      }
      rows.append(row(report, indicator, index))
    }
    let margin = Array(repeating: "", count: 5)
    return rows + [margin + ["NGƯỜI LẬP BIỂU"] + margin + ["CHỦ TỊCH"]]
  }

  private func row(_ report: Report, _ indicator: EthnicIndicator, _ index: Int) -> [String] {
    let commune = Int(report.commune) ?? 0
    let cells = EthnicGroup.all.indices.map { group -> String in
      let value =
        figures.value(indicator.kind, report.period, area: report.commune, group: group)
        + more(report, indicator, group)
      let time = report.period.year * 4 + (report.period.quarter ?? 4)
      let row = (time * communes + report.index) * EthnicIndicator.all.count + index
      return cell(value, indicator, mess.oddity(row * EthnicGroup.all.count + group), commune)
    }
    let total = figures.value(indicator.kind, report.period, area: report.commune, group: nil)
    let sum = cell(total + more(report, indicator, 0), indicator, nil, 0)
    guard report.period.isMerged else {
      return [String(index + 1), indicator.name, indicator.unit.name] + cells + [sum]
    }
    let remark = commune % 10 == 5 && indicator.kind == .land ? "Số ước" : ""
    return [String(index + 1), indicator.code, indicator.name, indicator.unit.name, sum, sum] + cells + [
      remark
    ]
  }

  /// A correction finds one poor household more in the first group.
  private func more(_ report: Report, _ indicator: EthnicIndicator, _ group: Int) -> Int {
    report.sending > 1 && indicator.kind == .poor && group == 0 ? 100 : 0
  }

  /// What there is nothing of is 0 to most, '-' to some and left blank by others.
  private func cell(_ value: Int, _ indicator: EthnicIndicator, _ oddity: Oddity?, _ commune: Int) -> String {
    let written =
      groupedByDots(value / 100) + (indicator.unit.hasFraction ? ",\(digits(value % 100, 2))" : "")
    switch oddity {
    case .word: return "chưa có"
    case .englishNumber: return "1,234.50"
    case .miscounted: return groupedByDots(value / 100 + 10)
    case .negative: return "-5"
    case nil: break
    }
    guard value == 0 else { return written }
    return commune % 8 == 3 ? "-" : commune % 8 == 5 ? "" : written
  }

  /// Most give the code as it is; others its name, or what a spreadsheet left of it.
  private func place(_ report: Report) -> String {
    let code = Int(report.commune) ?? 0
    switch code / 3 % 5 {
    case 1: return String(code)
    case 2: return "'\(report.commune)"
    case 3:
      return report.period.isMerged ? EthnicAreas.names[report.commune] ?? report.commune : report.commune
    default: return report.commune
    }
  }

  private static let oldNames = ["Mông": "H'Mông", "La Chí": "La Chi", "Cờ Lao": "Cơ Lao"]

  private static let titles = [
    "DS01": (number: "I", name: "DÂN SỐ"), "HN01": (number: "II", name: "GIẢM NGHÈO"),
    "GD01": (number: "III", name: "ĐỜI SỐNG"),
  ]
}
