// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation
import Records

/// How the price database answers: first which bulletins changed since a day, then the prices of bulletins by their
/// codes. Errors are a field of a 200. Beside it the feed of a bank's exchange rates.
struct PriceSystem: SectorSystem {
  static let secrets = ["PRICES_SYSTEM": "terrace", "PRICES_KEY": "sandbox-prices-key"]

  let prices: MarketPrices
  let seed: UInt64

  init(_ scale: SandboxScale, seed: UInt64) {
    prices = MarketPrices(records: scale.prices, seed: seed)
    self.seed = seed
  }

  var routes: [SectorRoute] {
    [
      SectorRoute("GET /prices/api/bao-cao", list),
      SectorRoute("GET /prices/api/bao-cao/chi-tiet", details),
      SectorRoute("GET /prices/ty-gia.xml") { [seed] _ in Self.exchangeRates(seed: seed) },
    ]
  }

  /// Bulletins one answer gives at most.
  static let mostReports = 50

  /// `/prices/api/bao-cao?ngayCapNhat=yyyy-MM-dd`: codes of the bulletins that changed then or later.
  func list(_ request: HTTPRequest) -> HTTPResponse {
    guard isKnown(request) else { return failure("Lỗi xác thực", .unauthorized) }
    var since: CalendarDate?
    if let text = request.query["ngayCapNhat"], !text.isEmpty {
      since = EducationSystem.date(text)
      if since == nil { return failure("ngayCapNhat phải có dạng yyyy-MM-dd") }
    }
    let prices = prices
    let reports = (0..<prices.reports).filter { report in since.map { prices.changed(report) >= $0 } ?? true }
    return JSONPages.answer(
      head: #"{"response_code":"0","response_desc":"OK","response_data":["#, foot: "]}\n", reports
    ) { report in
      #"{"maBaoCao":\#(quoted(MarketPrices.reportCode(report))),"ngayCapNhat":"\#(prices.changed(report))"}"#
    }
  }

  /// `/prices/api/bao-cao/chi-tiet?ma=BC-2026-000001,BC-2026-000002`: their prices.
  func details(_ request: HTTPRequest) -> HTTPResponse {
    guard isKnown(request) else { return failure("Lỗi xác thực", .unauthorized) }
    let codes = (request.query["ma"] ?? "").split(separator: ",")
    guard !codes.isEmpty, codes.count <= Self.mostReports else {
      return failure("ma phải có từ 1 đến \(Self.mostReports) mã báo cáo")
    }
    let prices = prices
    let reports = codes.compactMap { code in
      code.hasPrefix("BC-2026-") ? Int(code.dropFirst(8)).flatMap { $0 < prices.reports ? $0 : nil } : nil
    }
    guard reports.count == codes.count else { return failure("Không có báo cáo này") }
    return JSONPages.answer(
      head: #"{"response_code":"0","response_desc":"OK","response_data":["#, foot: "]}\n",
      reports.flatMap { Array(prices.ordinals(ofReport: $0)) }
    ) { prices.object($0) }
  }

  private func isKnown(_ request: HTTPRequest) -> Bool {
    request.headers[HTTPHeader("X-SystemId")] == Self.secrets["PRICES_SYSTEM"]
      && request.headers[HTTPHeader("X-SecretKey")] == Self.secrets["PRICES_KEY"]
  }

  private func failure(_ message: String, _ status: HTTPStatusCode = .ok) -> HTTPResponse {
    JSONPages.members(
      status,
      [("response_code", quoted("-1")), ("response_desc", quoted(message)), ("response_data", "null")])
  }

  /// A comment before the root, US dates with a 12-hour clock, commas between thousands, padded names, rates left
  /// empty.
  static func exchangeRates(seed: UInt64) -> HTTPResponse {
    var rows = ""
    for (ordinal, currency) in currencies.enumerated() {
      let draw = Draw(seed: seed, record: ordinal)
      let rate = currency.rate * (9_900 + draw.number("rate", in: 0...200)) / 10_000
      let (buy, transfer, sell) = (
        amount(rate * 99 / 100), amount(rate * 995 / 1000), amount(rate * 101 / 100)
      )
      rows +=
        "  <Exrate CurrencyCode=\"\(currency.code)\" CurrencyName=\"\(currency.name)       \""
        + " Buy=\"\(currency.hasCash ? buy : "")\" Transfer=\"\(transfer)\" Sell=\"\(sell)\"/>\n"
    }
    let text = """
      <?xml version="1.0" encoding="utf-8"?>
      <!-- Chỉ để tham khảo -->
      <ExrateList>
        <DateTime>11/20/2026 5:38:54 PM</DateTime>
      \(rows)  <Source>Ngân hàng mẫu</Source>
      </ExrateList>

      """
    return HTTPResponse(
      statusCode: .ok, headers: [.contentType: "text/xml; charset=utf-8"], body: Data(text.utf8))
  }

  /// Hundredths of a đồng as `25,950.00`.
  private static func amount(_ hundredths: Int) -> String {
    groupedByDots(hundredths / 100).replacingOccurrences(of: ".", with: ",") + "."
      + digits(hundredths % 100, 2)
  }

  /// Rates in hundredths of a đồng.
  private static let currencies: [(code: String, name: String, rate: Int, hasCash: Bool)] = [
    ("USD", "US DOLLAR", 2_615_000, true), ("EUR", "EURO", 3_020_000, true),
    ("CNY", "YUAN RENMINBI", 366_000, true),
    ("JPY", "YEN", 17_150, true), ("KWD", "KUWAITI DINAR", 8_520_000, false), ("LAK", "KIP", 120, false),
  ]
}
