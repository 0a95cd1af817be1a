// SPDX-License-Identifier: Apache-2.0

import Components
import Records
import Testing

@testable import Transformers

@Suite("Numbers")
struct NumberTests {
  private let money = FieldType.decimal(precision: 18, scale: 2)

  @Test("reads Vietnamese amounts exactly")
  func vietnamese() throws {
    #expect(
      try read(["1.234.567,89", "2,34", "-1.234", "(1.234)", "1.234-", "\u{2212}5", "0,50", "12"], as: money)
      {
        $0.numbers = .vi
      } == ["1234567.89", "2.34", "-1234.00", "-1234.00", "-1234.00", "-5.00", "0.50", "12.00"])
  }

  @Test("refuses what is no number of the declared format")
  func refuses() throws {
    #expect(
      try read(["1,234.50", "1.23.456", "abc"], as: money) { $0.numbers = .vi } == [
        "null < type.decimal: '1,234.50' is not a decimal number written 1.234,56",
        "null < type.decimal: '1.23.456' is not a decimal number written 1.234,56",
        "null < type.decimal: 'abc' is not a decimal number written 1.234,56",
      ])
  }

  @Test("multiplies by the unit exactly")
  func unit() throws {
    #expect(
      try read(["1.234,5", "0,001", "0,0001"], as: .decimal(precision: 18, scale: 0)) { plan in
        plan.numbers = .vi
        plan.unitExponent = 3
      } == [
        "1234500", "1",
        "null < type.scale: '0,0001' is not a whole number, and rounding is not declared",
      ])
  }

  @Test("drops trailing zeros behind the field's scale")
  func trailingZeros() throws {
    #expect(try read(["1.50000", "2.000"], as: .decimal(precision: 5, scale: 1)) == ["1.5", "2.0"])
  }

  @Test("rounds away from zero or half up only where that is declared")
  func rounding() throws {
    let cells: [Cell] = ["1.001", "-1.001", "1.005", "1.00499", "-1.005", "1.00"]
    #expect(
      try read(cells, as: money) { $0.rounding = .up } == ["1.01", "-1.01", "1.01", "1.01", "-1.01", "1.00"])
    #expect(
      try read(cells, as: money) { $0.rounding = .halfUp }
        == ["1.00", "-1.00", "1.01", "1.00", "-1.01", "1.00"])
    #expect(
      try read(["1.001"], as: money)
        == ["null < type.scale: '1.001' has more than 2 digits after the point, and rounding is not declared"]
    )
  }

  @Test("refuses more digits than the field has")
  func precision() throws {
    #expect(
      try read(["999.99", "1000", "-1000"], as: .decimal(precision: 5, scale: 2)) == [
        "999.99", "null < type.precision: '1000' does not fit decimal(5,2)",
        "null < type.precision: '-1000' does not fit decimal(5,2)",
      ])
    #expect(
      try read(["99.95"], as: .decimal(precision: 3, scale: 1)) { $0.rounding = .halfUp }
        == ["null < type.precision: '99.95' does not fit decimal(3,1)"])
  }

  @Test("holds 38 digits exactly and not one more")
  func limit() throws {
    let nines = String(repeating: "9", count: 38)
    #expect(
      try read(
        [.value(nines), .value("-" + nines), .value("1" + nines)], as: .decimal(precision: 38, scale: 0))
        == [nines, "-" + nines, "null < type.precision: '1\(nines)' does not fit decimal(38,0)"])
  }

  @Test("reads integers of 64 bits, and their exponents in plain format")
  func integers() throws {
    #expect(
      try read(
        ["007", "-9223372036854775808", "9223372036854775808", "1.0", "1.5", "1e3", "0x1"], as: .integer) == [
          "7", "-9223372036854775808", "null < type.integer: '9223372036854775808' is not an integer", "1",
          "null < type.integer: '1.5' is not an integer", "1000",
          "null < type.integer: '0x1' is not an integer",
        ])
  }

  @Test("reads truth values in any case, by a fixed list")
  func booleans() throws {
    #expect(
      try read(["TRUE", "0", "Có", "KHÔNG", "x", "Đúng", "sai", "N", "Kho\u{302}ng", "2"], as: .boolean) == [
        "true", "false", "true", "false", "true", "true", "false", "false", "false",
        "null < type.boolean: '2' is not a truth value (true or false, 1 or 0, có or không, yes or no)",
      ])
  }

  // MARK: Sums

  private func sum(
    _ cells: [Cell], as type: FieldType = .decimal(precision: 18, scale: 2),
    _ change: @escaping (inout ValuePlan) -> Void = { _ in }
  ) throws -> [String] {
    try read(cells, as: type) { plan in
      plan.sumsItems = true
      plan.numbers = .vi
      change(&plan)
    }
  }

  @Test("adds up the items of a list exactly, of any number of digits after the point")
  func sums() throws {
    #expect(
      try sum([
        .list(["1.234.567", "0,5", " (0,25) "]), .list(["10"]), .list(["0,1", "0,2"]), .list(["-5", "5"]),
      ]) == ["1234567.25", "10.00", "0.30", "0.00"])
    #expect(try sum([.list(["1,5", "1,5"])], as: .integer) == ["3"])
  }

  @Test("makes a sum null where an item is null, empty or a null word, and leaves what is absent absent")
  func nullItems() throws {
    let cells: [Cell] = [.list(["1", nil]), .list(["1", " "]), .list(["-", "1"]), .list([]), .absent, nil]
    #expect(
      try sum(cells) { $0.nulls = ["-"] } == ["null", "null", "null", "0.00", "absent", "null"])
    #expect(try sum([.list(["1", nil]), .absent]) { $0.defaultText = "0" } == ["0.00", "0.00"])
  }

  @Test("rejects a sum for the item that is no number, and for digits that the field does not have")
  func badItems() throws {
    #expect(
      try sum([.list(["1", "hai", "3"])]) == [
        "null < type.decimal: 'hai' is not a decimal number written 1.234,56"
      ])
    #expect(
      try sum([.list(["0,001", "1"])])
        == ["null < type.scale: '1,001' has more than 2 digits after the point, and rounding is not declared"]
    )
    #expect(try sum([.list(["0,004", "0,001"])]) { $0.rounding = .halfUp } == ["0.01"])
  }

  @Test("takes no single item for a sum that is too long to be told")
  func longSums() throws {
    let nines = String(repeating: "9", count: 38)
    let widest = FieldType.decimal(precision: 38, scale: 0)
    let sample = "is not a decimal number written 1.234,56"
    let shown = String("\(nines) + \(nines)".prefix(80))
    #expect(
      try sum([.list([nines, nines])], as: widest) == ["null < type.decimal: '\(shown)' \(sample)"])
    #expect(try sum([.list([nines, "0"])], as: widest) == [nines])
    #expect(
      try sum([.list(["0,\(nines)", "10"])], as: widest) { $0.rounding = .halfUp }
        == ["null < type.decimal: '0,\(nines) + 10' \(sample)"])
    #expect(try sum([.list(["\(nines),5"])], as: widest) { $0.rounding = .up }.first?.contains("<") == true)
    #expect(try sum([.list(["0,4\(nines)"])], as: widest) { $0.rounding = .halfUp } == ["0"])
  }

  @Test("multiplies a sum by its unit once")
  func unitOfSum() throws {
    #expect(
      try sum([.list(["0,5", "0,5"])], as: .decimal(precision: 18, scale: 0)) { $0.unitExponent = 3 }
        == ["1000"])
  }
}
