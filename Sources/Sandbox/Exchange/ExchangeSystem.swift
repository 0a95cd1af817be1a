// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation
import Records

/// The province's document exchange axis. A twentieth of its messages is listed and given one by one as edXML within JSON, as
/// programs that call the axis of Lạng Sơn have it; the rest comes in pages of JSON, whose address is assumed.
struct ExchangeSystem: SectorSystem {
  static let secrets = ["EXCHANGE_SYSTEM": "H22.SANDBOX", "EXCHANGE_KEY": "sandbox-exchange-key"]

  let messages: DocumentMessages
  private let mess: Mess<EdXML.Oddity>

  init(_ scale: SandboxScale, seed: UInt64) {
    messages = DocumentMessages(records: scale.documentMessages, seed: seed)
    mess = Mess(records: scale.documentMessages / 20)
  }

  var routes: [SectorRoute] {
    [
      SectorRoute("GET /exchange/v1/syncReceivedEdocList", list),
      SectorRoute("GET /exchange/v1/getEdoc", single), SectorRoute("GET /exchange/v1/messages", pages),
    ]
  }

  // MARK: Answers

  /// `/exchange/v1/syncReceivedEdocList?fromDate=yyyy/MM/dd&toDate=yyyy/MM/dd`
  func list(_ request: HTTPRequest) -> HTTPResponse {
    if let refusal = refusal(request) { return refusal }
    guard let from = Self.day(request.query["fromDate"]), let to = Self.day(request.query["toDate"]) else {
      return failure(.ok, "fromDate và toDate phải có dạng yyyy/MM/dd")
    }
    let end = messages.firstOrdinal(on: CalendarDate(days: to.days + 1))
    let start = min(messages.firstOrdinal(on: from), end)
    let ordinals = (start..<end).filter(DocumentMessages.goesAsEdXML)
    let messages = messages
    return JSONPages.answer(
      head: "{\"success\":true,\"count\":\(ordinals.count),\"data\":[", foot: "]}\n", ordinals
    ) { ordinal in
      let moment = quoted("\(messages.moment(ordinal))")
      return
        "{\"serviceType\":\"eDoc\",\"messageType\":\"edoc\",\"docId\":\(quoted(Self.id(ordinal))),"
        + "\"createdTime\":\(moment),\"updatedTime\":\(moment),\"status\":\"initial\"}"
    }
  }

  /// `/exchange/v1/getEdoc?docId=`
  func single(_ request: HTTPRequest) -> HTTPResponse {
    if let refusal = refusal(request) { return refusal }
    guard let id = request.query["docId"], id.hasPrefix("E"), let ordinal = Int(id.dropFirst()),
      (0..<messages.records).contains(ordinal), DocumentMessages.goesAsEdXML(ordinal), id == Self.id(ordinal)
    else { return failure(.notFound, "Không có gói tin này") }
    let message = messages.message(ordinal)
    let shape = EdXML.Shape(rawValue: ordinal % EdXML.Shape.allCases.count) ?? .standard
    let text = EdXML(shape, oddity: mess.oddity(ordinal - DocumentMessages.inPages(before: ordinal))).text(
      message)
    return JSONPages.members(
      .ok,
      [
        ("success", "true"), ("message", quoted("")),
        (
          "data",
          "{\"docId\":\(quoted(id)),\"from\":\(quoted(message.sender.code)),\"edxml\":\(quoted(text))}"
        ),
      ])
  }

  /// `/exchange/v1/messages?page=&size=[&fromDate=yyyy/MM/dd]`
  func pages(_ request: HTTPRequest) -> HTTPResponse {
    if let refusal = refusal(request) { return refusal }
    guard let page = PageRequest(request, page: "page", size: "size", usualSize: 200) else {
      return failure(.ok, "page và size là số từ 1; size tối đa \(PageRequest.largest)")
    }
    var first = 0
    if let text = request.query["fromDate"], !text.isEmpty {
      guard let from = Self.day(text) else { return failure(.ok, "fromDate phải có dạng yyyy/MM/dd") }
      first = DocumentMessages.inPages(before: messages.firstOrdinal(on: from))
    }
    let skipped = first
    let (total, places) = page.cut(DocumentMessages.inPages(before: messages.records) - skipped)
    let messages = messages
    return JSONPages.answer(
      head: "{\"success\":true,\"count\":\(total),\"data\":[", foot: "]}\n", places
    ) { place in
      let ordinal = DocumentMessages.ordinal(inPages: place + skipped)
      let message = messages.message(ordinal)
      return ordinal / DocumentMessages.span % 2 == 0
        ? MessageJSON.flat(message) : MessageJSON.nested(message)
    }
  }

  private static func id(_ ordinal: Int) -> String { "E" + digits(ordinal, 8) }

  /// `yyyy/MM/dd`
  private static func day(_ text: String?) -> CalendarDate? {
    text.flatMap { CalendarDate(iso: $0.replacingOccurrences(of: "/", with: "-")) }
  }

  private func refusal(_ request: HTTPRequest) -> HTTPResponse? {
    let isKnown =
      request.headers[HTTPHeader("X-SystemId")] == Self.secrets["EXCHANGE_SYSTEM"]
      && request.headers[HTTPHeader("X-SecretKey")] == Self.secrets["EXCHANGE_KEY"]
    return isKnown ? nil : failure(.unauthorized, "Sai SystemId hoặc SecretKey")
  }

  private func failure(_ status: HTTPStatusCode, _ message: String) -> HTTPResponse {
    JSONPages.members(status, [("success", "false"), ("message", quoted(message)), ("data", "null")])
  }
}
