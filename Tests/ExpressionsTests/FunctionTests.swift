// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@testable import Expressions

@Suite("Functions")
struct FunctionTests {
  static let needScope: Set<String> = ["present", "cell"]

  @Test("documents every function with an example that is true", arguments: FunctionCatalog.all)
  func examples(_ function: FunctionDescription) throws {
    guard !FunctionTests.needScope.contains(function.name) else { return }
    let parts = function.example.components(by: " → ")
    var wanted = parts[1]
    if wanted.hasPrefix("'") { wanted = String(wanted.dropFirst().dropLast()) }
    #expect(evaluated(parts[0]) == wanted)
    #expect(function.signature.hasPrefix(function.name + "("))
    #expect(function.summary.hasSuffix("."))
  }

  @Test(
    "handles what stands at the edges",
    arguments: [
      ("round(2.5)", "3"), ("round(-2.5)", "-3"), ("round(2, 3)", "2"), ("round(0.05, 1)", "0.1"),
      ("floor(1.5)", "1"),
      ("ceil(-1.5)", "-1"), ("ceil(-0.5)", "0"),
      ("abs(-9223372036854775807 - 1)", "!the result does not fit a 64-bit integer"),
      ("substring('Đồng Văn', 6)", "Văn"), ("substring('abc', 0, 2)", "a"), ("substring('abc', 2, 9)", "bc"),
      ("substring('abc', -9223372036854775807, 3)", ""), ("substring('abc', 9223372036854775807, 3)", ""),
      ("substring('abc', 9, 1)", ""),
      ("substring('abc', -9223372036854775807 - 1, 0)", ""), ("left('ế', 1)", "ế"), ("left('abc', -1)", ""),
      ("right('Đồng', 2)", "ng"),
      ("right('a', 9223372036854775807)", "a"), ("replace('aaa', '', 'x')", "aaa"),
      ("replace('', 'a', 'b')", ""),
      ("replace('aaa', 'a', '')", ""), ("split_part('a/b/c', '/', -1)", "c"),
      ("split_part('a', '/', 2)", "null"),
      ("split_part('a', '', 1)", "a"), ("split_part('a/b', '/', 0)", "null"),
      ("lpad('123456', 5, '0')", "12345"),
      ("lpad('a', 5, '')", "a"), ("lpad('a', 5, 'ế-')", "ế-ế-a"),
      ("lpad('a', 100000)", "!lpad fills up to at most 10000 characters"), ("lpad('a', 3)", "  a"),
      ("concat(null)", ""), ("min(1, null)", "null"), ("max(1, 2.5, 2)", "2.5"), ("nullif(1, 2)", "1"),
      ("nullif(null, 1)", "null"), ("coalesce(null, null)", "null"), ("coalesce(1, 1/0)", "1.000000"),
      ("contains('abc', '')", "true"), ("starts_with('a', 'ab')", "false"), ("ends_with('ab', 'b')", "true"),
      ("trim('\u{A0} a b\u{3000}')", "a b"), ("trim('  ')", ""), ("upper('straße ﬁ ơưđ')", "STRASSE FI ƠƯĐ"),
      ("lower('İ')", "i̇"), ("length('')", "0"), ("length('e\u{302}\u{301}')", "1"), ("'e' || '\u{301}'", "é"),
      ("make_date(2026, 2, 31)", "!there is no such day"),
      ("partial_date(1985, null, null)", "1985"), ("partial_date(1985, 3, 7)", "1985-03-07"),
      ("partial_date(1985, 13, null)", "!there is no such day"),
      ("partial_date(1985, null, 7)", "!there is no such day"), ("partial_date(null, 3, 7)", "null"),
      ("partial_date(2023, 2, 29)", "!there is no such day"),
      ("add_months(DATE '2026-03-31', -1)", "2026-02-28"),
      ("add_months(DATE '2024-02-29', 12)", "2025-02-28"),
      (
        "add_months(DATE '2026-01-01', 9223372036854775807)",
        "!the resulting day is not within the years 1 to 9999"
      ),
      ("date(TIMESTAMP '2026-01-01T20:00:00Z')", "2026-01-02"),
      ("date('31/01/2026' || '')", "!the text is no day yyyy-MM-dd"),
      ("year(TIMESTAMP '2025-12-31T20:00:00Z')", "2026"),
      ("days_between(DATE '2026-01-02', TIMESTAMP '2026-01-01T20:00:00Z')", "0"),
      ("decimal('1.005', 2)", "!the number has more than 2 digits after the point"),
      ("decimal('1.500', 1)", "1.5"),
      ("decimal('', 2)", "!the text is no number"), ("decimal('.', 2)", "!the text is no number"),
      ("decimal('1e5', 2)", "!the text is no number"), ("decimal('-.5', 1)", "-0.5"),
      ("decimal('999999999999999999999999999999999999999', 0)", "!the result has more than 38 digits"),
      ("integer('9223372036854775808')", "!the result does not fit a 64-bit integer"),
      ("integer('-9223372036854775808')", "-9223372036854775808"), ("integer(3.0)", "3"),
      ("integer(3.5)", "!the number is not whole; use round(x), floor(x) or ceil(x)"), ("text(1.50)", "1.50"),
      ("text(true)", "true"), ("request('thang')", "null"),
      ("fold_tone('HOÀ khoẻ thuỷ quý hoàng QUỲ')", "HÒA khỏe thủy quý hoàng QUỲ"),
      ("fold_tone('Thuận Hòa')", "Thuận Hòa"),
      ("without_accents('Ủy ban Đường ơ ắ ß 😀')", "Uy ban Duong o a ß 😀"),
      ("is_cccd('003085123456')", "false"), ("is_cccd('00208512345')", "false"),
      ("is_cccd('00208512345x')", "false"),
      ("cccd_sex('002085123456')", "male"), ("cccd_birth_year('002085123456')", "1985"),
      ("cccd_province('x')", "null"),
      ("tax_code_valid('0100109107')", "false"), ("tax_code_valid('0100109106-001')", "true"),
      ("tax_code_valid('0100109106001')", "true"), ("tax_code_valid('0100109106-000')", "false"),
      ("isbn_valid('0-306-40615-2')", "true"), ("isbn_valid('080442957X')", "true"),
      ("isbn_valid('9786042123450')", "false"),
      ("isbn13('0-306-40615-2')", "9780306406157"), ("isbn13('080442957X')", "9780804429573"),
      ("isbn13('978 604 2 12345 7')", "9786042123457"), ("isbn13('0306406153')", "null"),
      ("issn_valid('2434-561X')", "true"), ("issn_valid('03785955')", "true"),
      ("issn_valid('0378-5956')", "false"), ("issn_valid('X3785955')", "false"),
      ("issn_valid('0378-595')", "false"),
      ("trim(' [c1998?] ; ', '[]()c?;')", "1998"), ("trim('Đ : ', ':')", "Đ"), ("trim('ệaệ', 'ệ')", "a"),
      ("normalize_space('\t a\n \u{A0} b  c ')", "a b c"), ("normalize_space('  ')", ""),
      ("trim(',,', ',')", ""), ("trim('a', '')", "a"),
      ("isbn_valid('')", "false"), ("agency_code('H22.12')", "H22.12"), ("agency_code('H22')", "H22"),
      ("agency_code('000.00.00.H22')", "H22"), ("agency_code('h22')", "null"),
      ("agency_code('H22..1')", "null"),
      ("agency_code('012.34')", "null"), ("budget_unit_code_valid('4079715')", "false"),
      ("matches('00688', '\\d{5}')", "true"), ("matches('006888', '\\d{5}')", "false"),
    ])
  func edges(_ text: String, _ result: String) {
    #expect(evaluated(text) == result)
  }

  @Test("reads partial dates as far as they go")
  func partialDates() {
    let scope = SampleScope("born partial_date: 1985 | 1985-03 | 1985-03-07 | null")
    #expect(evaluated("year(born)", scope) == "1985 | 1985 | 1985 | null")
    #expect(evaluated("month(born)", scope) == "null | 3 | 3 | null")
    #expect(evaluated("date(born)", scope) == "null | null | 1985-03-07 | null")
    #expect(evaluated("born < '1985-03'", scope) == "true | false | false | null")
  }

  @Test("names the cells of a CSV payload")
  func cells() throws {
    let expression = try Expression.compile("trim(cell(3, 2)) || cell(3,2)", names: { _ in nil })
    #expect(expression.names == ["cell(3,2)"])
  }
}

extension String {
  func components(by separator: String) -> [String] {
    var parts: [String] = []
    var rest = self[...]
    while let range = rest.firstRange(of: separator) {
      parts.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    return parts + [String(rest)]
  }
}
