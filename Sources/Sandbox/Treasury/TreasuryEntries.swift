// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// The entries of revenue and expenditure as an office exports them: a table with a title above, headers of several
/// lines, a row with the sum behind each unit and one with that of all at the end.
struct TreasuryEntries: Sendable {
  let records: Int
  let units: Int
  let unitsPerOffice: Int
  let seed: UInt64
  private let mess: Mess<TreasuryEntry.Oddity>

  init(records: Int, units: Int, unitsPerOffice: Int, seed: UInt64) {
    self.records = records
    self.units = units
    self.unitsPerOffice = unitsPerOffice
    self.seed = seed
    mess = Mess(records: records)
  }

  /// Ordinals of the entries of a unit in a period. A correction lacks the last one, if there are others.
  func lines(_ unit: Int, _ period: Int, _ correction: Int) -> Range<Int> {
    let books = units * TreasuryPeriod.all.count
    let (usual, more) = (records / books, records % books)
    let book = period * units + unit
    let first = book * usual + min(book, more)
    let count = usual + (book < more ? 1 : 0)
    return first..<first + (correction > 0 && count > 1 ? count - 1 : count)
  }

  /// One entry. A correction has another amount in the first of each unit.
  func entry(_ ordinal: Int, _ unit: Int, _ period: Int, _ correction: Int) -> TreasuryEntry {
    let first = lines(unit, period, 0).lowerBound
    let oddity = mess.oddity(ordinal)
    // A row that stands there twice is the one before it, or behind it where there is none before.
    let isTwice = oddity == .exactDuplicate && lines(unit, period, correction).count > 1
    let line = ordinal - first + (!isTwice ? 0 : ordinal > first ? -1 : 1)
    var entry = TreasuryEntry(
      Draw(seed: seed, record: first + line), document: Draw(seed: seed, record: first + line / 3 * 3),
      unit: BudgetUnits.spendingUnit(unit, seed: seed), period: TreasuryPeriod.all[period],
      number: number(unit, period, line / 3), line: line % 3 + 1)
    if correction > 0, line == 0 { entry.amount += 1_000_000 * correction }
    if let oddity { entry.bend(oddity) }
    return entry
  }

  /// Numbers of an office's documents start again each January.
  private func number(_ unit: Int, _ period: Int, _ document: Int) -> Int {
    let year = TreasuryPeriod.all[period].year
    let month = period - (TreasuryPeriod.all.firstIndex { $0.year == year } ?? 0)
    let mostDocuments = records / (units * TreasuryPeriod.all.count) / 3 + 1
    return (month * unitsPerOffice + unit % unitsPerOffice) * mostDocuments + document + 1
  }

  // MARK: - The table

  func body(_ file: TreasuryFolder.File, period: Int) -> StreamedBody {
    let head = Self.head(file, TreasuryPeriod.all[period])
    return StreamedBody { [self] in
      var unit = file.units.lowerBound - 1
      var total = 0
      return {
        defer { unit += 1 }
        if unit < file.units.lowerBound { return head }
        if unit == file.units.upperBound { return Array(Self.sumRow("Tổng cộng", total).utf8) }
        guard unit < file.units.upperBound else { return nil }
        var text = ""
        var sum = 0
        for ordinal in lines(unit, period, file.correction) {
          let entry = entry(ordinal, unit, period, file.correction)
          text += entry.row
          sum += entry.amount
        }
        total += sum
        return Array(
          (text + Self.sumRow("Cộng đơn vị \(BudgetUnits.spendingUnit(unit, seed: seed).code)", sum)).utf8)
      }
    }
  }

  private static func head(_ file: TreasuryFolder.File, _ period: TreasuryPeriod) -> [UInt8] {
    let empty = String(repeating: ";", count: columns.count - 1)
    let rows = [
      "KHO BẠC NHÀ NƯỚC KHU VỰC MẪU" + empty,
      "BẢNG KÊ CHI TIẾT THU, CHI NGÂN SÁCH NHÀ NƯỚC" + empty,
      "Kỳ: \(period.text);Năm: \(period.year);Kho bạc: \(TreasuryFolder.code(file.office));Đơn vị tính: đồng",
      columns.joined(separator: ";"),
    ]
    return [0xEF, 0xBB, 0xBF] + Array(rows.map { $0 + "\r\n" }.joined().utf8)
  }

  private static let columns = [
    "\"Số\nchứng từ\"", "\"Ngày\nchứng từ\"", "\"Ngày\nhiệu lực\"", "Dòng", "\"Mã\nĐVQHNS\"", "Số tài khoản",
    "\"Cấp\nNS\"", "Chương", "Loại", "Khoản", "Mục", "\"Tiểu\nmục\"", "\"Mã\nnguồn\"", "\"Mã\nCTMT\"",
    "Thu/Chi", "Số tiền", "Diễn giải", "\"Chứng từ\nđiều chỉnh\"",
  ]

  private static func sumRow(_ label: String, _ sum: Int) -> String {
    label + String(repeating: ";", count: 15) + TreasuryEntry.amount(sum) + ";;\r\n"
  }
}
