// SPDX-License-Identifier: Apache-2.0

import Records

/// A second of the exchange axis's clock, which shows local time without a zone.
struct AxisMoment: Comparable, CustomStringConvertible {
  /// Since 1970, at UTC+7.
  var seconds: Int

  var day: CalendarDate { CalendarDate(days: Int32(truncatingIfNeeded: seconds / 86_400)) }

  static func < (left: AxisMoment, right: AxisMoment) -> Bool { left.seconds < right.seconds }

  /// `2026/03/14 17:19:16`
  var description: String {
    let second = seconds % 86_400
    return
      "\(slashed(day)) \(digits(second / 3600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))"
  }
}

/// `2026/03/14`, as edXML writes days.
func slashed(_ day: CalendarDate) -> String {
  let (year, month, day) = day.parts
  return "\(digits(year, 4))/\(digits(month, 2))/\(digits(day, 2))"
}

/// What an official document says of itself.
struct InventedDocument {
  var agency: ExchangeAgency
  var number: String
  var promulgated: CalendarDate
  var dueOn: CalendarDate?
  var subject: String
  var type: (code: String, name: String)
  var priority: String
  var steering: String
  var signer: String
  /// `000.00.12.H22,2026/03/14,45/SMA-VP`
  var documentId: String

  var code: String { "\(number)/\(agency.notation)" }
}

/// An agency that sends documents, by its code in both orders.
struct ExchangeAgency {
  var old: String
  var new: String
  var name: String
  var notation: String

  static let all = [
    ExchangeAgency(
      old: "000.00.00.H22", new: "H22", name: "UBND tỉnh (đơn vị mẫu)", notation: "UBND-MAU"),
    ExchangeAgency(old: "000.00.12.H22", new: "H22.12", name: "Sở mẫu A", notation: "SMA-VP"),
    ExchangeAgency(old: "000.00.15.H22", new: "H22.15", name: "Sở mẫu B", notation: "SMB-TTr"),
    ExchangeAgency(old: "000.01.31.H22", new: "H22.31.01", name: "UBND xã mẫu", notation: "UBND"),
    ExchangeAgency(old: "000.00.00.G22", new: "G22", name: "Văn phòng mẫu", notation: "VPM-TTĐT"),
  ]

  /// Both orders are in circulation.
  func code(_ isOld: Bool) -> String { isOld ? old : new }
}

/// What one message of the axis says, whatever the form it travels in.
struct DocumentMessage {
  enum Business: Int { case new, recall, update, replace }

  /// Where a document that the message is about is named.
  struct Named {
    var documentId: String?
    var agency: String
    var code: String
    var promulgated: CalendarDate
  }

  var sender: (code: String, name: String)
  var receivers: [(code: String, name: String)]
  var moment: AxisMoment
  var business = Business.new
  var reason = ""
  /// nil for a recall, which is no document.
  var document: InventedDocument?
  /// In the business element, by id only.
  var recalled: String?
  /// As those that the message answers.
  var answered: [Named] = []
  var replaced: [String] = []
  /// The receiver's answer about a document, instead of all that.
  var status: (code: String, text: String)?
}
