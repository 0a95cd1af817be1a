// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// The messages of a document exchange axis in the order in which they came: from June 2025 on for 400 days, so that
/// the numbers of documents begin anew on the way. Agencies, people and documents in it do not exist.
///
/// Of twenty messages sixteen bring a new document, and one each recalls, replaces, updates an earlier one, or answers
/// that one was received. A twentieth of all goes as edXML, one by one, the rest in pages of JSON, where no answers are.
struct DocumentMessages: Sendable {
  /// In a thousand messages three must be rejected; one is sent twice; others are loaded with a note.
  enum Oddity: CaseIterable, Sendable {
    case recallFirst, foreignRecall, recallOfNothing, sentAgain, uniqueId, unknownPriority, dayThatIsNone
    case decomposedSubject, otherCode, unknownAgency, dueTooEarly
  }

  let records: Int
  let seed: UInt64
  private let mess: Mess<Oddity>

  private static let first = CalendarDate(year: 2025, month: 6, day: 1) ?? CalendarDate(days: 20_240)
  private static let days = 400

  init(records: Int, seed: UInt64) {
    self.records = records
    self.seed = seed
    mess = Mess(records: records)
  }

  // MARK: Time

  /// When a message came: in office hours, later ones later.
  func moment(_ ordinal: Int) -> AxisMoment {
    let spread = ordinal * (Self.days * 86_400) / max(records, 1)
    return AxisMoment(
      seconds: (Int(Self.first.days) + spread / 86_400) * 86_400 + 25_200 + spread % 86_400 * 5 / 12)
  }

  /// The first message of a day or a later one.
  func firstOrdinal(on day: CalendarDate) -> Int {
    var (low, high) = (0, records)
    while low < high {
      let middle = (low + high) / 2
      if moment(middle).day < day { low = middle + 1 } else { high = middle }
    }
    return low
  }

  // MARK: Which message goes which way

  /// Of four hundred messages the first twenty go as edXML, so that each kind goes both ways.
  static let span = 400
  private static let share = 20

  static func goesAsEdXML(_ ordinal: Int) -> Bool { ordinal % span < share }

  /// How many messages before this one come in pages.
  static func inPages(before ordinal: Int) -> Int {
    ordinal / span * (span - share) + max(ordinal % span - share, 0)
  }

  /// The message that comes at a place of the pages.
  static func ordinal(inPages place: Int) -> Int {
    place / (span - share) * span + share + place % (span - share)
  }

  // MARK: Documents

  /// The document that a message brings. Numbers are unique in an agency and a year, and not beyond.
  func document(_ ordinal: Int) -> InventedDocument {
    let draw = Draw(seed: seed, record: ordinal)
    let agency = ExchangeAgency.all[ordinal % ExchangeAgency.all.count]
    let day = moment(ordinal).day
    let newYear = CalendarDate(year: day.parts.year, month: 1, day: 1) ?? day
    let number = String((ordinal - firstOrdinal(on: newYear)) / ExchangeAgency.all.count + 1)
    let signer = InventedPerson(draw, born: 1965...1985, serial: ordinal)
    let hasDue = draw.bits("due") % 3 != 0
    return InventedDocument(
      agency: agency, number: number, promulgated: day,
      dueOn: hasDue ? CalendarDate(days: day.days + Int32(draw.number("days", in: 5...60))) : nil,
      subject: "V/v \(draw.pick("matter", Self.matters)) (văn bản mẫu số \(ordinal))",
      type: draw.pick("type", Self.types), priority: String(draw.number("priority", in: 0...3)),
      steering: String(draw.number("steering", in: 1...3)), signer: signer.fullName,
      documentId: "\(agency.code(writesOldOrder(ordinal))),\(slashed(day)),\(number)/\(agency.notation)")
  }

  private func writesOldOrder(_ ordinal: Int) -> Bool {
    Draw(seed: seed, record: ordinal).bits("order") % 2 == 0
  }

  // MARK: Messages

  func message(_ ordinal: Int) -> DocumentMessage {
    let oddity = mess.oddity(ordinal)
    if oddity == .sentAgain { return message(ordinal - 1) }
    var message = plain(ordinal)
    if let oddity { bend(&message, oddity, ordinal) }
    return message
  }

  private func plain(_ ordinal: Int) -> DocumentMessage {
    guard ordinal >= 20 else { return bringing(ordinal) }
    switch ordinal % 20 {
    case 7: return recall(of: ordinal - 4, at: moment(ordinal), byAnswer: ordinal % 40 == 7)
    case 13:
      var message = bringing(ordinal)
      message.business = .replace
      message.reason = "Bổ sung thời hạn"
      // An agency replaces its own documents: the one five before is of the same.
      message.replaced = [document(ordinal - 5).documentId]
      return message
    case 17: return update(of: ordinal - 3, at: moment(ordinal))
    case 19 where Self.goesAsEdXML(ordinal): return answer(to: ordinal - 1, at: moment(ordinal))
    default: return bringing(ordinal)
    }
  }

  private func bringing(_ ordinal: Int) -> DocumentMessage {
    let document = document(ordinal)
    let isOld = writesOldOrder(ordinal)
    let others = ExchangeAgency.all.filter { $0.new != document.agency.new }
    let draw = Draw(seed: seed, record: ordinal)
    return DocumentMessage(
      sender: (document.agency.code(isOld), document.agency.name),
      receivers: others.prefix(draw.number("receivers", in: 1...3)).map { ($0.code(!isOld), $0.name) },
      moment: moment(ordinal), document: document)
  }

  private func recall(of ordinal: Int, at moment: AxisMoment, byAnswer: Bool) -> DocumentMessage {
    let document = document(ordinal)
    // Named by the other order of its code than that in which it came.
    let other = document.agency.code(!writesOldOrder(ordinal))
    let id = "\(other),\(slashed(document.promulgated)),\(document.code)"
    var message = DocumentMessage(
      sender: (other, document.agency.name), receivers: [], moment: moment, business: .recall,
      reason: "Ban hành nhầm")
    if byAnswer {
      message.answered = [
        DocumentMessage.Named(
          documentId: id, agency: other, code: document.code, promulgated: document.promulgated)
      ]
    } else {
      message.recalled = id
    }
    return message
  }

  private func update(of ordinal: Int, at moment: AxisMoment) -> DocumentMessage {
    var message = bringing(ordinal)
    message.moment = moment
    message.business = .update
    message.reason = "Đính chính trích yếu"
    message.recalled = message.document?.documentId
    message.document?.subject += ", đính chính"
    return message
  }

  private func answer(to ordinal: Int, at moment: AxisMoment) -> DocumentMessage {
    let document = document(ordinal)
    let receiver = ExchangeAgency.all[(ordinal + 1) % ExchangeAgency.all.count]
    return DocumentMessage(
      sender: (receiver.old, receiver.name), receivers: [], moment: moment,
      answered: [
        DocumentMessage.Named(
          documentId: document.documentId, agency: document.agency.old, code: document.code,
          promulgated: document.promulgated)
      ],
      status: Draw(seed: seed, record: ordinal).pick(
        "status", [("01", "đã đến"), ("03", "đã tiếp nhận"), ("05", ""), ("06", "đã xử lý xong")]))
  }

  private func bend(_ message: inout DocumentMessage, _ oddity: Oddity, _ ordinal: Int) {
    switch oddity {
    case .recallFirst:
      // Of a document that comes behind it: the next one that a message brings.
      let later = (ordinal + 1..<ordinal + 4).first { ![7, 13, 17, 19].contains($0 % 20) } ?? ordinal
      message = recall(
        of: later, at: AxisMoment(seconds: moment(later).seconds + 3600), byAnswer: false)
    case .foreignRecall:
      message = recall(of: ordinal - 3, at: moment(ordinal), byAnswer: false)
      message.sender = ("000.00.00.H41", "Cơ quan khác (đơn vị mẫu)")
    case .recallOfNothing:
      message = recall(of: ordinal - 3, at: moment(ordinal), byAnswer: false)
      message.recalled = nil
    case .sentAgain: break
    case .uniqueId:
      message = bringing(ordinal)
      message.document?.documentId = "97056f07-7371-42d0-a039-\(digits(ordinal % 1_000_000, 12))"
    case .unknownPriority:
      message = bringing(ordinal)
      message.document?.priority = "9"
    case .dayThatIsNone:
      message = bringing(ordinal)
      if let document = message.document {
        message.document?.documentId =
          "\(document.agency.old),\(digits(document.promulgated.parts.year, 4))/02/30,\(document.code)"
      }
    case .decomposedSubject:
      message = bringing(ordinal)
      let subject = document(ordinal).subject
      message.document?.subject = subject.decomposedStringWithCanonicalMapping
    case .otherCode:
      message = bringing(ordinal)
      message.document?.number += "a"
    case .unknownAgency:
      message = bringing(ordinal)
      message.sender.code = "VPUB"
    case .dueTooEarly:
      message = bringing(ordinal)
      message.document?.dueOn = CalendarDate(days: moment(ordinal).day.days - 30)
    }
  }

  private static let matters = [
    "giao nhiệm vụ", "báo cáo tiến độ", "xin ý kiến", "rà soát hồ sơ", "tổ chức hội nghị", "chuyển đổi số",
  ]
  private static let types = [("1", "Quyết định"), ("2", "Công văn"), ("3", "Báo cáo"), ("4", "Kế hoạch")]
}
