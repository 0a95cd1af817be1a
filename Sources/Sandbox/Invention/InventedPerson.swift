// SPDX-License-Identifier: Apache-2.0

import Records

/// A person who does not exist.
struct InventedPerson: Sendable {
  let isWoman: Bool
  let familyName: String
  let fullName: String
  let birth: CalendarDate
  let ethnicGroup: String
  /// 002, century and sex, year of birth, serial: valid in form, given to nobody by us.
  let personalNumber: String
  let commune: String
  let phone: String

  /// - Parameter years: of birth.
  init(_ draw: Draw, born years: ClosedRange<Int>, serial: Int) {
    isWoman = draw.bits("sex") % 2 == 0
    familyName = draw.pick("family", Self.families)
    let middle = isWoman ? "Thị" : draw.pick("middle", Self.middles)
    fullName = "\(familyName) \(middle) \(draw.pick("given", Self.given))"
    let year = draw.number("year", in: years)
    let (month, day) = (draw.number("month", in: 1...12), draw.number("day", in: 1...28))
    birth = CalendarDate(year: year, month: month, day: day) ?? CalendarDate(days: 0)
    ethnicGroup = draw.pick("group", Self.groups)
    let century = (year >= 2000 ? 2 : 0) + (isWoman ? 1 : 0)
    personalNumber = "002\(century)\(digits(year % 100, 2))\(digits(serial % 1_000_000, 6))"
    commune = draw.pick("home", Places.after)
    phone = "09" + digits(draw.number("phone", in: 0...99_999_999), 8)
  }

  static let families = [
    "Vàng", "Sùng", "Giàng", "Lò", "Nguyễn", "Hoàng", "Thào", "Ly", "Phàn", "Tẩn",
  ]
  static let middles = ["Mí", "Văn", "Seo", "A", "Đức"]
  static let given = ["Sính", "Máy", "Dính", "Lan", "Chứ", "Pà", "Hương", "Nô", "Tuấn", "Vân"]
  static let groups = [
    "Mông", "Tày", "Dao", "Kinh", "Nùng", "Giáy", "La Chí", "Lô Lô", "Pà Thẻn", "Cờ Lao",
  ]
}

/// The day of change of a record, within 2026.
func changeDay(seed: UInt64, record: Int) -> CalendarDate {
  let first = CalendarDate(year: 2026, month: 1, day: 1) ?? CalendarDate(days: 20_454)
  return CalendarDate(
    days: first.days + Int32(Draw(seed: seed, record: record).number("updated", in: 0...320)))
}

/// `2026-06-12T13:31:00+07:00`
func changeMoment(_ draw: Draw, on day: CalendarDate) -> String {
  let hour = digits(draw.number("hour", in: 7...17), 2)
  return "\(day)T\(hour):\(digits(draw.number("minute", in: 0...59), 2)):00+07:00"
}
