// SPDX-License-Identifier: Apache-2.0

import Components
import Records
import Testing

@testable import Transformers

@Suite("Damaged codes of digits")
struct DamagedDigitsTests {
  private func restored(_ text: String, _ length: Int) -> String? {
    Array(text.utf8).withUnsafeBufferPointer { DamagedDigits(length: length).restored($0) }
      .map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(
    "gives back what spreadsheets and number columns took",
    arguments: [
      ("2", 2, "02"), ("688", 5, "00688"), ("2085123456", 12, "002085123456"), ("688.0", 5, "00688"),
      ("688,0", 5, "00688"), ("'00688", 5, "00688"), ("'688", 5, "00688"), ("00\u{A0}688", 5, "00688"),
      ("2 085 123 456", 12, "002085123456"), ("2.085123456E+09", 12, "002085123456"),
      ("2.085123456e9", 12, "002085123456"), ("6.880E2", 5, "00688"),
      ("2\u{202F}085123456", 12, "002085123456"),
    ])
  func repaired(_ text: String, _ length: Int, _ code: String) { #expect(restored(text, length) == code) }

  @Test(
    "leaves alone what is whole, what lost digits for good, and what may be something else",
    arguments: [
      ("00688", 5), ("2.08512E+09", 12), ("2E+09", 12), ("123456", 5), ("0", 5), ("000", 5), ("1.000", 5),
      ("1,000", 5), ("68.5", 5), ("-688", 5), ("", 5), ("'", 5), ("688.", 5), ("6.88E", 5), ("6.88E+", 5),
      ("6.88E-2", 5), ("688E2", 5), ("1E9999", 5), ("''688", 5), ("٦٨٨", 5), ("H22", 5),
      (String(repeating: " ", count: 200) + "688", 5),
    ])
  func kept(_ text: String, _ length: Int) { #expect(restored(text, length) == nil) }

  @Test("restores a text where the field's pattern and values then hold, and notes it")
  func pattern() throws {
    let number = EntityField(name: "n", type: .text, pattern: "0(0[1-9]|[1-9][0-9])[0-9]{9}")
    let made = try map(
      [
        field("n", 0) { plan in (plan.field, plan.lostZeros) = (number, 12) },
        field("v", 1) { plan in
          plan.field = EntityField(name: "v", type: .text, values: ["01", "002"])
          plan.lostZeros = 2
        },
      ], [["2085123456", "12", "002085123456", nil], ["1", "2", "002", "01"]])
    #expect(made.cells("n") == ["002085123456", "12", "002085123456", "null"])
    #expect(made.cells("v") == ["01", "2", "002", "01"])
    #expect(
      made.findings == [
        "note 0 lost_zeros n: '2085123456' was read as '002085123456': it had lost zeros or stood as a number",
        "note 0 lost_zeros v: '1' was read as '01': it had lost zeros or stood as a number",
      ])
  }

  @Test("never quotes a personal number")
  func personal() throws {
    let number = EntityField(name: "n", type: .text, pattern: "[0-9]{12}", personal: .basic)
    let made = try map(
      [field("n", 0) { plan in (plan.field, plan.lostZeros) = (number, 12) }], [["2085123456"]])
    #expect(
      made.findings == [
        "note 0 lost_zeros n: the value had lost zeros or stood as a number; they were put back"
      ])
  }
}
