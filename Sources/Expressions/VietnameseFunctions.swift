// SPDX-License-Identifier: Apache-2.0

import Records

let vietnameseFunctions: [FunctionEntry] = [
  FunctionEntry(
    "without_accents", [Parameter("text", .text)], "text",
    "Without diacritics, đ as d: for matching names that were typed without them.",
    example: "without_accents('Đồng Văn') → 'Dong Van'"
  ) { _, call in
    RowNode.texts(call.nodes) { cells, row, _, out in
      VietnameseText.appendWithoutAccents(cells[0].text(row), to: &out)
      return true
    }
  },
  FunctionEntry(
    "fold_tone", [Parameter("text", .text)], "text",
    "With the tone of oa, oe and uy at the end of a syllable on the first vowel (Thuận Hoà and Thuận Hòa become equal; Quý stays).",
    example: "fold_tone('Uỷ ban xã Thuận Hoà') → 'Ủy ban xã Thuận Hòa'"
  ) { _, call in
    RowNode.texts(call.nodes) { cells, row, _, out in
      VietnameseText.appendToneFolded(cells[0].text(row), to: &out)
      return true
    }
  },
  test(
    "is_cccd",
    "Whether the text is a personal identification number: 12 digits, a province of 63, century 0 to 3. There is no check digit.",
    example: "is_cccd('002085123456') → true", source: cardStructure
  ) { PersonalNumber($0) != nil },
  FunctionEntry(
    "cccd_province", [Parameter("number", .text)], "text",
    "The two-digit code of the province of birth registration, as before the mergers of 2025; null if it is no such number.",
    example: "cccd_province('002085123456') → '02'", source: cardStructure
  ) { _, call in
    RowNode.texts(call.nodes) { cells, row, _, out in
      let bytes = cells[0].text(row)
      guard PersonalNumber(bytes) != nil else { return false }
      out.append(bytes[1])
      out.append(bytes[2])
      return true
    }
  },
  FunctionEntry(
    "cccd_sex", [Parameter("number", .text)], "text", "'male' or 'female'; null if it is no such number.",
    example: "cccd_sex('002303000123') → 'female'", source: cardStructure
  ) { _, call in
    RowNode.texts(call.nodes) { cells, row, _, out in
      guard let number = PersonalNumber(cells[0].text(row)) else { return false }
      var word = number.isFemale ? "female" : "male"
      word.withUTF8 { out.append(contentsOf: $0) }
      return true
    }
  },
  FunctionEntry(
    "cccd_birth_year", [Parameter("number", .text)], "integer",
    "The year of birth; null if it is no such number.",
    example: "cccd_birth_year('002303000123') → 2003", source: cardStructure
  ) { _, call in
    RowNode.integers(call.nodes) { cells, row, _ in
      PersonalNumber(cells[0].text(row)).map { Int64($0.birthYear) }
    }
  },
  test(
    "is_cmnd",
    "Whether the text is the number of an old identity card (CMND): 9 digits. The same person may stand under it and under a personal identification number.",
    example: "is_cmnd('073123456') → true",
    source: "personnel form 2C (TT 06/2023/TT-BNV)"
  ) { $0.count == 9 && MomentText.number($0, 0..<9) != nil },
  test(
    "tax_code_valid",
    "Whether the text is a tax code: 10 digits with their check digit, a branch behind it (-001 to -999), or a personal identification number.",
    example: "tax_code_valid('0100109106') → true", source: "TT 105/2020/TT-BTC", CodeChecks.isTaxCode),
  test(
    "isbn_valid",
    "Whether the text is an ISBN of 10 or 13 digits with its check digit; hyphens and blanks may stand between.",
    example: "isbn_valid('978-604-2-12345-7') → true", source: "ISO 2108", PublicationNumbers.isISBN),
  FunctionEntry(
    "isbn13", [Parameter("text", .text)], "text",
    "An ISBN as 13 digits without hyphens, so that both forms of one number are equal; null if it is none.",
    example: "isbn13('0-306-40615-2') → '9780306406157'", source: "ISO 2108"
  ) { _, call in
    RowNode.texts(call.nodes) { cells, row, _, out in
      PublicationNumbers.appendISBN13(cells[0].text(row), to: &out)
    }
  },
  test(
    "issn_valid",
    "Whether the text is an ISSN: 8 digits with their check digit, which may be X; a hyphen may stand between.",
    example: "issn_valid('0378-5955') → true", source: "ISO 3297", PublicationNumbers.isISSN),
  FunctionEntry(
    "agency_code", [Parameter("code", .text)], "text",
    "An agency's code in its normal form: the older order turned round, groups of zeros dropped; null if it is none.",
    example: "agency_code('000.00.12.H22') → 'H22.12'",
    source: "QĐ 20/2020/QĐ-TTg; older form: QCVN 102:2016, TT 01/2018/TT-VPCP art. 19"
  ) { _, call in
    RowNode.texts(call.nodes) { cells, row, _, out in
      CodeChecks.appendAgencyCode(cells[0].text(row), to: &out)
    }
  },
  test(
    "budget_unit_code_valid",
    "Whether the text can be the code of a unit with budget relations: 7 digits, the first 1, 2, 3, 7 or 8. There is no check digit.",
    example: "budget_unit_code_valid('1079715') → true", source: "TT 185/2015/TT-BTC art. 5",
    CodeChecks.isBudgetUnit),
]

/// The decree was not read: the structure is as published libraries and descriptions agree on it.
private let cardStructure = "structure as in the package vn-ident 0.1.0; the decree was not read"

private func test(
  _ name: String, _ summary: String, example: String, source: String? = nil,
  _ check: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> Bool
) -> FunctionEntry {
  FunctionEntry(name, [Parameter("text", .text)], "boolean", summary, example: example, source: source) {
    _, call in
    RowNode.truths(call.nodes) { cells, row, _ in check(cells[0].text(row)) }
  }
}
