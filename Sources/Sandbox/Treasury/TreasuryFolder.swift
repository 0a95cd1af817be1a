// SPDX-License-Identifier: Apache-2.0

import Records

/// Which files stand in the treasury's folder: of each office one for each period with the entries of all its units, and
/// one for each quarter with their reports. Later files send single units of a period again, whole.
struct TreasuryFolder: Sendable {
  /// A file of the folder.
  struct File: Sendable {
    enum Content: Sendable, Equatable {
      /// Of a period of ``TreasuryPeriod/all``.
      case entries(period: Int)
      /// Of a quarter of ``TreasuryQuarter/all``.
      case reports(quarter: Int)
    }

    var content: Content
    var office: Int
    /// Units whose period it holds.
    var units: Range<Int>
    /// 0 for the first sending, else which correction it is.
    var correction: Int
    var changed: CalendarDate

    var isTable: Bool { if case .entries = content { true } else { false } }

    /// `ThuChi_2461_2026-03.csv`, `BaoCao_2461_2026-Q1_DC1.xml`
    var name: String {
      let book =
        switch content {
        case .entries(let period):
          "ThuChi_\(TreasuryFolder.code(office))_\(TreasuryPeriod.all[period].year)-\(TreasuryPeriod.all[period].text)"
        case .reports(let quarter):
          "BaoCao_\(TreasuryFolder.code(office))_\(TreasuryQuarter.all[quarter].year)-"
            + TreasuryQuarter.all[quarter].text
        }
      return book + (correction == 0 ? "" : "_DC\(correction)") + (isTable ? ".csv" : ".xml")
    }
  }

  let entries: TreasuryEntries
  let reports: TreasuryReports
  let offices: Int
  private let unitsPerOffice: Int

  init(entries count: Int, budgetUnits: Int, seed: UInt64) {
    let known = max(1, budgetUnits / 10 * 9)
    let units = count == 0 ? 0 : min(max(1, count / 96), min(5400, known))
    offices = units == 0 ? 0 : min(20, max(1, units / 5))
    unitsPerOffice = offices == 0 ? 0 : (units + offices - 1) / offices
    entries = TreasuryEntries(records: count, units: units, unitsPerOffice: unitsPerOffice, seed: seed)
    reports = TreasuryReports(units: units, seed: seed)
  }

  /// The code of an office: invented.
  static func code(_ office: Int) -> String { String(2461 + office) }

  /// The files, the longest unchanged first. Of the corrections the second ones stand there only for who was here before
  /// and asks for what came since: so a second run has something to replace, whenever it is.
  func files(isLater: Bool) -> [File] {
    var files: [File] = []
    for office in 0..<offices {
      let units = office * unitsPerOffice..<min((office + 1) * unitsPerOffice, entries.units)
      guard let first = units.first, let last = units.last else { continue }
      for (period, closed) in TreasuryPeriod.all.map(\.closed).enumerated() {
        files.append(
          File(
            content: .entries(period: period), office: office, units: units, correction: 0, changed: closed))
      }
      for (quarter, closed) in TreasuryQuarter.all.map(\.closed).enumerated() {
        files.append(
          File(
            content: .reports(quarter: quarter), office: office, units: units, correction: 0, changed: closed)
        )
      }
      func again(_ content: File.Content, _ unit: Int, _ correction: Int, _ changed: CalendarDate?) {
        guard let changed else { return }
        files.append(
          File(
            content: content, office: office, units: unit..<unit + 1, correction: correction, changed: changed
          ))
      }
      let early = CalendarDate(year: 2026, month: 5, day: 11)
      again(.entries(period: 3), first, 1, early)
      again(.reports(quarter: 0), first, 1, early)
      guard isLater else { continue }
      let late = CalendarDate(year: 2026, month: 11, day: 20)
      again(.entries(period: 5), last, 2, late)
      again(.reports(quarter: 1), last, 2, late)
    }
    return files.sorted { ($0.changed, $0.name) < ($1.changed, $1.name) }
  }

  /// Entries, or reports, of a file.
  func records(_ file: File) -> Int {
    switch file.content {
    case .entries(let period): file.units.reduce(0) { $0 + entries.lines($1, period, file.correction).count }
    case .reports: file.units.count
    }
  }

  /// The file's bytes, piece by piece.
  func body(_ file: File) -> StreamedBody {
    switch file.content {
    case .entries(let period): entries.body(file, period: period)
    case .reports(let quarter): reports.body(file, TreasuryQuarter.all[quarter])
    }
  }
}
