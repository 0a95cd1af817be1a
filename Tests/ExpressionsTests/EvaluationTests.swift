// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@testable import Expressions

@Suite("Evaluation")
struct EvaluationTests {
  @Test(
    "computes",
    arguments: [
      ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("-2 - -3", "1"), ("7 % 3", "1"), ("-7 % 3", "-1"),
      ("1.50 + 2", "3.50"), ("0.1 + 0.2", "0.3"), ("1.5 * 1.25", "1.875"), ("1 / 3", "0.333333"),
      ("2 / 3", "0.666667"), ("-2 / 3", "-0.666667"), ("1.00000000 / 3", "0.33333333"), ("div(7, 2)", "3"),
      ("5.5 % 2", "1.5"),
      ("12345678901234567890 + 1", "12345678901234567891"),
      ("99999999999999999999999999999999999998 + 1", "99999999999999999999999999999999999999"),
      ("99999999999999999999999999999999999999 + 1", "!the result has more than 38 digits"),
      ("9223372036854775807 + 1", "!the result does not fit a 64-bit integer"),
      ("1 / 0", "!the divisor is 0"), ("1 % 0", "!the divisor is 0"), ("1.5 % 0", "!the divisor is 0"),
      ("'a' || 'b' || 'c'", "abc"), ("'it''s'", "it's"), ("'a' || null", "null"),
      ("DATE '2026-03-01' - DATE '2026-02-01'", "28"), ("DATE '2026-02-28' + 1", "2026-03-01"),
      ("DATE '9999-12-31' + 1", "!the resulting day is not within the years 1 to 9999"),
      ("1 < 2 AND 'a' < 'b'", "true"), ("1 = 1.0", "true"), ("1 <> 1.01", "true"),
      ("3 BETWEEN 1 AND 3", "true"),
      ("3 NOT BETWEEN 1 AND 3", "false"), ("2 IN (1, 2.0)", "true"), ("2 IN (1, null)", "null"),
      ("2 NOT IN (1, 3)", "true"), ("'a' IN ('b', 'a')", "true"), ("'a' NOT IN ('b', null)", "null"),
      ("null IN (1)", "null"), ("'Đồng Văn' LIKE 'Đ_ng%'", "true"), ("'abc' LIKE '%b'", "false"),
      ("'abcbc' LIKE '%bc'", "true"), ("'' LIKE '%'", "true"), ("'x' NOT LIKE '_'", "false"),
      ("CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END", "b"), ("CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END", "b"),
      ("CASE WHEN false THEN 1 END", "null"), ("CASE WHEN true THEN 1 ELSE 2.5 END", "1.0"),
      ("null IS NULL", "true"), ("1 IS NOT NULL", "true"), ("not true", "false"), ("NOT NOT true", "true"),
      ("TIMESTAMP '2026-01-01T00:30:00+07:00' = DATE '2026-01-01'", "true"),
      ("TIMESTAMP '2026-01-01T00:30:00Z' < TIMESTAMP '2026-01-01 00:30'", "false"),
      ("null", "null"), ("null + 1", "null"), ("null = null", "null"),
    ])
  func computes(_ text: String, _ result: String) {
    #expect(evaluated(text) == result)
  }

  @Test("works on every row, with null as unknown")
  func rows() {
    let scope = SampleScope(
      "cost decimal(18,0): 100 | 50 | null | 7", "wear decimal(18,2): 40.5 | 60 | 3 | absent",
      "n integer: 1 | 0 | 2 | null")
    #expect(evaluated("cost - wear", scope) == "59.50 | -10.00 | null | null")
    #expect(evaluated("wear <= cost", scope) == "true | false | null | null")
    #expect(evaluated("cost / n", scope) == "100.000000 | !the divisor is 0 | null | null")
    #expect(evaluated("n <> 0 AND cost / n > 99", scope) == "true | false | null | null")
    #expect(evaluated("n = 0 OR cost / n > 99", scope) == "true | true | null | null")
    #expect(evaluated("CASE WHEN n <> 0 THEN cost / n END", scope) == "100.000000 | null | null | null")
    #expect(evaluated("present(wear)", scope) == "true | true | true | false")
    #expect(evaluated("coalesce(cost, n, 0)", scope) == "100 | 50 | 2 | 7")
  }

  @Test("gives a column of its own")
  func owned() throws {
    let scope = SampleScope("a integer: 1 | 2")
    let expression = try Expression.compile("a", names: { scope.types[$0] })
    let column = expression.evaluate(rows: 2, scope: scope) { _, _ in }
    column.removeAll()
    #expect(scope.columns["a"]?.count == 2)
  }

  @Test("becomes the wanted type, exactly or not at all")
  func expecting() {
    #expect(evaluated("5 * 0.2", expecting: .integer) == "1")
    #expect(
      evaluated("5 * 0.5", expecting: .decimal(precision: 5, scale: 0))
        == "!the number has more than 0 digits after the point; use round(x, 0)")
    #expect(
      evaluated("123456", expecting: .decimal(precision: 5, scale: 0))
        == "!the number does not fit decimal(5,0)")
    #expect(evaluated("7", expecting: .decimal(precision: 5, scale: 2)) == "7.00")
    #expect(evaluated("DATE '2026-01-01'", expecting: .timestamp) == "2025-12-31T17:00:00Z")
    #expect(evaluated("'1985-03'", expecting: .partialDate) == "1985-03")
    #expect(
      evaluated("1", expecting: .text) == """
        1
        ^ the expression is an integer, but text is wanted [expression.wrong-type]
        """)
  }
}
