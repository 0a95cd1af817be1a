// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// Reports of units on a quarter, as accounting packages write them: XML, a head and lines of which some are sums of
/// others; in the head the sum of those that are none.
struct TreasuryReports: Sendable {
  /// Each is loaded; one of them with a note.
  enum Oddity: CaseIterable, Sendable {
    case unknownChapter, emptyAmount, decomposedName, emptyAlias
  }

  let units: Int
  let seed: UInt64
  private let mess: Mess<Oddity>

  init(units: Int, seed: UInt64) {
    self.units = units
    self.seed = seed
    mess = Mess(records: units)
  }

  func body(_ file: TreasuryFolder.File, _ quarter: TreasuryQuarter) -> StreamedBody {
    StreamedBody { [self] in
      var unit = file.units.lowerBound - 1
      return {
        defer { unit += 1 }
        if unit < file.units.lowerBound { return head(file, quarter) }
        if unit == file.units.upperBound { return Self.foot }
        guard unit < file.units.upperBound else { return nil }
        return Array(element(unit, quarter, file.correction).utf8)
      }
    }
  }

  private func head(_ file: TreasuryFolder.File, _ quarter: TreasuryQuarter) -> [UInt8] {
    let total = file.units.reduce(0) { $0 + report($1, quarter, file.correction).total }
    return Array(
      """
      <?xml version="1.0" encoding="utf-8"?>
      <BudgetReports xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" TotalAmount="\(total)">

      """.utf8)
  }

  private static let foot = Array("</BudgetReports>\n".utf8)

  private struct Report {
    var lines: [(item: Item, amount: Int?)]
    var total: Int { lines.reduce(0) { $0 + ($1.amount ?? 0) } }
  }

  /// A correction has one amount more in its first line and one line less.
  private func report(_ unit: Int, _ quarter: TreasuryQuarter, _ correction: Int) -> Report {
    let items = correction > 0 ? Array(Self.items.dropLast()) : Self.items
    var report = Report(
      lines: items.enumerated().map { index, item in
        let draw = Draw(seed: seed &+ UInt64(quarter.number), record: unit * Self.items.count + index)
        let amount = draw.number("amount", in: 1_000...90_000) * 10_000
        return (item, amount + (index == 0 ? correction * 1_000_000 : 0))
      })
    if mess.oddity(unit) == .emptyAmount { report.lines[1].amount = nil }
    return report
  }

  /// One `Report`. A correction is another one: it has an id of its own.
  func element(_ unit: Int, _ quarter: TreasuryQuarter, _ correction: Int) -> String {
    let owner = BudgetUnits.spendingUnit(unit, seed: seed)
    let oddity = mess.oddity(unit)
    let report = report(unit, quarter, correction)
    let id = Self.id(Draw(seed: seed &+ UInt64(quarter.number), record: unit), correction)
    var text = """
      <Report>
        <RefID>\(id)</RefID>
        <CompanyID>\(owner.code)</CompanyID>
        <ReportID>B01/BCQT</ReportID>
        <ReportPeriod>\(quarter.text)</ReportPeriod>
        <ReportYear>\(quarter.year)</ReportYear>
        <BudgetChapterCode>\(oddity == .unknownChapter ? "498" : owner.chapter)</BudgetChapterCode>
        <TotalAmount>\(report.total)</TotalAmount>
        <Details>

      """
    text += Self.line(0, Item("01", "Kinh phí thực nhận trong kỳ", "I", "", ""), report.total, nil)
    for (index, line) in report.lines.enumerated() {
      text += Self.line(index + 1, line.item, line.amount, oddity)
    }
    return text + "  </Details>\n</Report>\n"
  }

  private struct Item: Sendable {
    var code, name, alias, kind, subkind: String

    init(_ code: String, _ name: String, _ alias: String, _ kind: String, _ subkind: String) {
      (self.code, self.name, self.alias, self.kind, self.subkind) = (code, name, alias, kind, subkind)
    }
  }

  private static let items = [
    Item("02", "Quản lý nhà nước", "1", "340", "341"),
    Item("03", "Đào tạo lại, bồi dưỡng nghiệp vụ", "2", "070", "085"),
    Item("04", "Công nghệ thông tin", "3", "280", "314"),
  ]

  private static func line(_ index: Int, _ item: Item, _ amount: Int?, _ oddity: Oddity?) -> String {
    let name = oddity == .decomposedName ? item.name.decomposedStringWithCanonicalMapping : item.name
    let alias =
      oddity == .emptyAlias ? "<ReportItemAlias/>" : "<ReportItemAlias>\(item.alias)</ReportItemAlias>"
    let kinds =
      item.subkind.isEmpty
      ? ""
      : "<BudgetKindItemID>\(item.kind)</BudgetKindItemID>"
        + "<BudgetSubKindItemID>\(item.subkind)</BudgetSubKindItemID>"
    return
      "    <Detail><ReportItemCode>\(item.code)</ReportItemCode><ReportItemName>\(name)</ReportItemName>\(alias)"
      + "<ReportItemIndex>\(index + 1)</ReportItemIndex>"
      + (amount.map { "<Amount>\($0)</Amount>" } ?? "<Amount xsi:nil=\"true\"/>") + kinds + "</Detail>\n"
  }

  /// A GUID: 32 hexadecimal digits in groups.
  private static func id(_ draw: Draw, _ correction: Int) -> String {
    let again = Draw(seed: draw.seed &+ UInt64(correction) << 32, record: draw.record)
    let text = [again.bits("high"), again.bits("low")].map { bits in
      let text = String(bits, radix: 16)
      return String(repeating: "0", count: 16 - text.utf8.count) + text
    }.joined()
    var groups: [Substring] = []
    var rest = Substring(text)
    for length in [8, 4, 4, 4, 12] {
      groups.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return groups.joined(separator: "-")
  }
}
