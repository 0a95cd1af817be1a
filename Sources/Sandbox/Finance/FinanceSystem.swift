// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation
import Records

/// How the finance department's system answers.
struct FinanceSystem: SectorSystem {
  static let secrets = ["FINANCE_TOKEN": "sandbox-finance-token"]

  let assets: PublicAssets
  let units: AssetUnits

  init(_ scale: SandboxScale, seed: UInt64) {
    assets = PublicAssets(records: scale.assets, seed: seed)
    units = AssetUnits(records: scale.assetUnits, ProvinceUnits(scale, seed: seed))
  }

  var routes: [SectorRoute] {
    [
      SectorRoute("GET /finance/api/v1/assets", assetPage),
      SectorRoute("GET /finance/api/v1/units", unitPage),
    ]
  }

  /// `/finance/api/v1/units`: the units that declare assets.
  func unitPage(_ request: HTTPRequest) -> HTTPResponse {
    guard isKnown(request) else { return failure(.unauthorized, "Token không hợp lệ") }
    guard let page = PageRequest(request, page: "trang", size: "so_dong", usualSize: 1000) else {
      return wrongPage
    }
    let (total, ordinals) = page.cut(units.records)
    let units = units
    return pieces(
      head: units.head(total: total, page: page.page, size: page.size), foot: units.foot, ordinals
    ) { units.element($0) }
  }

  /// `/finance/api/v1/assets`: the assets.
  func assetPage(_ request: HTTPRequest) -> HTTPResponse {
    guard isKnown(request) else { return failure(.unauthorized, "Token không hợp lệ") }
    guard let page = PageRequest(request, page: "trang", size: "so_dong", usualSize: 1000) else {
      return wrongPage
    }
    var since: CalendarDate?
    if let text = request.query["tu_ngay"], !text.isEmpty {
      since = Self.date(text)
      if since == nil { return failure(.badRequest, "tu_ngay phải có dạng dd/MM/yyyy") }
    }
    let assets = assets
    let (total, ordinals) = page.cut(
      assets.records, where: since.map { day in { assets.isChanged($0, since: day) } })
    return pieces(
      head: assets.head(total: total, page: page.page, size: page.size), foot: assets.foot, ordinals
    ) { assets.element($0) }
  }

  private func isKnown(_ request: HTTPRequest) -> Bool {
    request.headers[.authorization] == "Bearer \(Self.secrets["FINANCE_TOKEN"] ?? "")"
  }

  private var wrongPage: HTTPResponse {
    failure(.badRequest, "trang và so_dong là số từ 1; so_dong tối đa \(PageRequest.largest)")
  }

  private func pieces(
    head: [UInt8], foot: [UInt8], _ ordinals: [Int], element: @escaping @Sendable (Int) -> [UInt8]
  ) -> HTTPResponse {
    let body = StreamedBody {
      var next = -1
      return {
        defer { next += 1 }
        switch next {
        case -1: return head
        case ordinals.count: return foot
        case 0..<ordinals.count: return element(ordinals[next])
        default: return nil
        }
      }
    }
    return HTTPResponse(
      statusCode: .ok, headers: [.contentType: "application/xml; charset=utf-8"],
      body: HTTPBodySequence(from: body, suggestedBufferSize: 1 << 16))
  }

  private func failure(_ status: HTTPStatusCode, _ message: String) -> HTTPResponse {
    HTTPResponse(
      statusCode: status, headers: [.contentType: "application/xml; charset=utf-8"],
      body: Data("<t:Loi xmlns:t=\"urn:vn:taisan:1\">\(message)</t:Loi>\n".utf8))
  }

  static func date(_ text: String) -> CalendarDate? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 3, let day = parts[0], let month = parts[1], let year = parts[2] else { return nil }
    return CalendarDate(year: year, month: month, day: day)
  }
}
