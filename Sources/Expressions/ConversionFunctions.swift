// SPDX-License-Identifier: Apache-2.0

import Records

let conversionFunctions: [FunctionEntry] = [
  FunctionEntry(
    "decimal", [Parameter("value", .any), Parameter("scale", .integerLiteral)], "decimal",
    "A number or a plain text (-1234.50) as a decimal; exact: the record fails where digits would be lost.",
    example: "decimal('12.5', 2) → 12.50"
  ) { checker, call in
    let value = call.arguments[0]
    let places = call.integerLiteral(1) ?? 0
    guard places >= 0, places <= 38 else {
      checker.report(
        call.arguments[1].span, "wrong-arguments", "a decimal cannot have \(places) digits after the point",
        help: "give 0 to 38")
      return nil
    }
    let scale = Int(places)
    let type = FieldType.decimal(precision: 38, scale: scale)
    if value.type.isTextual, !value.isNull {
      return RowNode.decimals([value.node], precision: 38, scale: scale) { cells, row, run in
        NumberText.decimal(cells[0].text(row), scale: scale, run, row)
      }
    }
    if value.type.isNumeric || value.isNull { return Coercion.coerced(value.node, to: type) }
    checker.report(
      value.span, "wrong-type", "decimal cannot convert \(value.type.withArticle)",
      help: "give a number or a text")
    return nil
  },
  FunctionEntry(
    "integer", [Parameter("value", .any)], "integer",
    "A whole number or a plain text (-1234) as an integer; the record fails where it is not whole.",
    example: "integer('0042') → 42"
  ) { checker, call in
    let value = call.arguments[0]
    if value.type.isTextual, !value.isNull {
      return RowNode.integers([value.node]) { cells, row, run in
        guard let number = NumberText.decimal(cells[0].text(row), scale: 0, run, row) else { return nil }
        if Int64(exactly: number) == nil { run.fail(row, ArithmeticWording.integerOverflow) }
        return Int64(exactly: number)
      }
    }
    if value.type.isNumeric || value.isNull { return Coercion.coerced(value.node, to: .integer) }
    checker.report(
      value.span, "wrong-type", "integer cannot convert \(value.type.withArticle)",
      help: "give a number or a text; for a date use year(x), month(x), day(x)")
    return nil
  },
  FunctionEntry(
    "text", [Parameter("value", .any)], "text",
    "The value as it is written in the center: 1234.50, 2026-11-22, true.",
    example: "text(DATE '2026-11-22') → '2026-11-22'"
  ) { _, call in TextOfNode.make(call.arguments[0].node) },
  FunctionEntry(
    "date", [Parameter("value", .any)], "date",
    "The day of a timestamp at UTC+7, or of a text yyyy-MM-dd (the record fails if it is none). A partial date without its day is null.",
    example: "date('2026-11-22') → 2026-11-22"
  ) { checker, call in
    let value = call.arguments[0]
    switch value.type {
    case _ where value.isNull: return ConstantNode.null(.date)
    case .date, .timestamp: return dayNode(value.node)
    case .partialDate:
      return RowNode.dates([value.node]) { cells, row, _ in MomentText.date(cells[0].text(row)) }
    case .text, .code:
      if let text = call.textLiteral(0), MomentText.date(text) == nil {
        checker.report(
          value.span, "not-a-date", "'\(text)' is no day of the calendar",
          help: "write year, month and day, as date('2026-01-31')")
        return nil
      }
      return RowNode.dates([value.node]) { cells, row, run in
        let date = MomentText.date(cells[0].text(row))
        if date == nil { run.fail(row, "the text is no day yyyy-MM-dd") }
        return date
      }
    default:
      checker.report(
        value.span, "wrong-type", "date cannot convert \(value.type.withArticle)",
        help: "give a text yyyy-MM-dd or a timestamp; for numbers use make_date(y, m, d)")
      return nil
    }
  },
]

/// Numbers written plainly: an optional sign, digits, at most one point.
enum NumberText {
  static func decimal(_ bytes: UnsafeBufferPointer<UInt8>, scale: Int, _ run: Evaluation, _ row: Int)
    -> Int128?
  {
    var at = 0
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative || bytes.first == UInt8(ascii: "+") { at = 1 }
    var value: Int128 = 0
    var places: Int?
    var digits = 0
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      if byte == UInt8(ascii: "."), places == nil {
        places = 0
        continue
      }
      guard byte >= 48, byte <= 57 else {
        run.fail(row, "the text is no number")
        return nil
      }
      digits += 1
      if let before = places {
        if before == scale {
          if byte == 48 { continue }
          run.fail(row, "the number has more than \(scale) digits after the point")
          return nil
        }
        places = before + 1
      }
      guard let longer = appended(value, byte) else {
        run.fail(row, ArithmeticWording.decimalOverflow)
        return nil
      }
      value = longer
    }
    guard digits > 0 else {
      run.fail(row, "the text is no number")
      return nil
    }
    let (scaled, overflow) = value.multipliedReportingOverflow(by: DecimalLimits.power(scale - (places ?? 0)))
    if overflow || scaled > DecimalLimits.largest {
      run.fail(row, ArithmeticWording.decimalOverflow)
      return nil
    }
    return isNegative ? -scaled : scaled
  }

  @inline(__always)
  private static func appended(_ value: Int128, _ digit: UInt8) -> Int128? {
    let (product, overflow) = value.multipliedReportingOverflow(by: 10)
    if overflow { return nil }
    let (sum, tooLarge) = product.addingReportingOverflow(Int128(digit - 48))
    return tooLarge ? nil : sum
  }
}
