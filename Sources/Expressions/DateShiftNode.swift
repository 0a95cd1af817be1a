// SPDX-License-Identifier: Apache-2.0

import Records

/// `date + integer`, `date - integer`, and their sign.
struct DateShiftNode: ExpressionNode {
  let date: any ExpressionNode
  let days: any ExpressionNode
  let isBackwards: Bool
  var type: FieldType { .date }

  func evaluate(_ run: Evaluation) -> Operand {
    RowNode.dates([date, days]) { cells, row, run in
      let days = cells[1].integer(row)
      let (total, overflow) =
        isBackwards
        ? Int64(cells[0].date(row).days).subtractingReportingOverflow(days)
        : Int64(cells[0].date(row).days).addingReportingOverflow(days)
      guard !overflow, let shifted = CalendarDate(within: total) else {
        run.fail(row, ArithmeticWording.dateOverflow)
        return nil
      }
      return shifted
    }.evaluate(run)
  }
}

extension CalendarDate {
  private static let firstDay = CalendarDate(year: 1, month: 1, day: 1)?.days ?? 0
  private static let lastDay = CalendarDate(year: 9999, month: 12, day: 31)?.days ?? 0

  /// The day, unless it is outside the years 1…9999.
  init?(within days: Int64) {
    guard days >= Int64(CalendarDate.firstDay), days <= Int64(CalendarDate.lastDay) else { return nil }
    self.init(days: Int32(days))
  }
}
