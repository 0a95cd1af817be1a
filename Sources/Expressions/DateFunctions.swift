// SPDX-License-Identifier: Apache-2.0

import Records

let dateFunctions: [FunctionEntry] = [
  FunctionEntry(
    "year", [Parameter("day", .calendar)], "integer", "The year; of a timestamp, at UTC+7.",
    example: "year(DATE '2026-11-22') → 2026"
  ) { _, call in part(call) { year, _, _ in Int64(year) } },
  FunctionEntry(
    "month", [Parameter("day", .calendar)], "integer",
    "The month, 1 to 12; null where a partial date has none.",
    example: "month(DATE '2026-11-22') → 11"
  ) { _, call in part(call) { _, month, _ in month.map(Int64.init) } },
  FunctionEntry(
    "day", [Parameter("day", .calendar)], "integer",
    "The day of the month; null where a partial date has none.",
    example: "day(DATE '2026-11-22') → 22"
  ) { _, call in part(call) { _, _, day in day.map(Int64.init) } },
  FunctionEntry(
    "make_date", [Parameter("year", .integer), Parameter("month", .integer), Parameter("day", .integer)],
    "date",
    "The day with these parts; the record fails if there is none (31/02).",
    example: "make_date(2026, 11, 22) → 2026-11-22"
  ) { _, call in
    RowNode.dates(call.nodes) { cells, row, run in
      guard let year = Int(exactly: cells[0].integer(row)), let month = Int(exactly: cells[1].integer(row)),
        let day = Int(exactly: cells[2].integer(row)),
        let date = CalendarDate(year: year, month: month, day: day)
      else {
        run.fail(row, "there is no such day")
        return nil
      }
      return date
    }
  },
  FunctionEntry(
    "partial_date",
    [Parameter("year", .integer), Parameter("month", .integer), Parameter("day", .integer)], "partial_date",
    "The day, month or year with these parts, of which day and month may be null; the record fails if there is none.",
    example: "partial_date(1985, 3, null) → 1985-03"
  ) { _, call in
    let parts = call.nodes
    return RowNode.texts(
      [parts[0], orNone(parts[1]), orNone(parts[2])], type: .partialDate
    ) { cells, row, run, out in
      guard
        let text = PartialDateText.canonical(
          year: cells[0].integer(row), month: cells[1].integer(row), day: cells[2].integer(row))
      else {
        run.fail(row, "there is no such day")
        return false
      }
      for byte in text.utf8 { out.append(byte) }
      return true
    }
  },
  FunctionEntry(
    "days_between", [Parameter("start", .moment), Parameter("end", .moment)], "integer",
    "Days from the first to the second; negative if it is earlier.",
    example: "days_between(DATE '2026-01-01', DATE '2026-01-31') → 30"
  ) { _, call in
    RowNode.integers(call.arguments.map { dayNode($0.node) }) { cells, row, _ in
      Int64(cells[1].date(row).days) - Int64(cells[0].date(row).days)
    }
  },
  FunctionEntry(
    "add_days", [Parameter("day", .date), Parameter("days", .integer)], "date", "So many days later.",
    example: "add_days(DATE '2026-01-31', 1) → 2026-02-01"
  ) { _, call in DateShiftNode(date: call.arguments[0].node, days: call.arguments[1].node, isBackwards: false)
  },
  FunctionEntry(
    "add_months", [Parameter("day", .date), Parameter("months", .integer)], "date",
    "So many months later, on the month's last day where it is shorter.",
    example: "add_months(DATE '2026-01-31', 1) → 2026-02-28"
  ) { _, call in
    RowNode.dates(call.nodes) { cells, row, run in
      let (year, month, day) = cells[0].date(row).parts
      let (total, overflow) = Int64(year * 12 + month - 1).addingReportingOverflow(cells[1].integer(row))
      guard !overflow, total >= 12, total < 120_000 else {
        run.fail(row, ArithmeticWording.dateOverflow)
        return nil
      }
      let (newYear, newMonth) = (Int(total) / 12, Int(total) % 12 + 1)
      return CalendarDate(
        year: newYear, month: newMonth, day: min(day, CalendarDate.daysIn(month: newMonth, year: newYear)))
    }
  },
]

/// A number that may be missing, as one that is no month and no day.
private func orNone(_ node: any ExpressionNode) -> any ExpressionNode {
  CoalesceNode(
    values: [node, ConstantNode.integer(PartialDateText.none)], type: .integer)
}

/// The day of a date or timestamp, as a date.
func dayNode(_ node: any ExpressionNode) -> any ExpressionNode {
  guard node.type == .timestamp else { return node }
  return RowNode.dates([node]) { cells, row, _ in
    CalendarDate(days: MomentText.localDays(cells[0].integer(row)))
  }
}

private func part(
  _ call: FunctionCall, _ pick: @escaping @Sendable (_ year: Int, _ month: Int?, _ day: Int?) -> Int64?
) -> any ExpressionNode {
  let node = call.arguments[0].node
  if node.type == .partialDate {
    return RowNode.integers([node]) { cells, row, _ in
      guard let parts = PartialDateText(cells[0].text(row)) else { return nil }
      return pick(parts.year, parts.month, parts.day)
    }
  }
  return RowNode.integers([dayNode(node)]) { cells, row, _ in
    let parts = cells[0].date(row).parts
    return pick(parts.year, parts.month, parts.day)
  }
}
