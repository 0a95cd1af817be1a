// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation
import Records

/// How the finance department's system answers.
struct FinanceSystem: Sendable {
  let assets: PublicAssets

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    guard request.headers[.authorization] == "Bearer \(SandboxServer.secrets["FINANCE_TOKEN"] ?? "")" else {
      return failure(.unauthorized, "Token không hợp lệ")
    }
    guard let page = PageRequest(request, page: "trang", size: "so_dong", usualSize: 1000) else {
      return failure(.badRequest, "trang và so_dong là số từ 1; so_dong tối đa \(PageRequest.largest)")
    }
    var since: CalendarDate?
    if let text = request.query["tu_ngay"], !text.isEmpty {
      since = Self.date(text)
      if since == nil { return failure(.badRequest, "tu_ngay phải có dạng dd/MM/yyyy") }
    }
    let (total, ordinals) = page.cut(assets.ordinals(since: since))
    let assets = assets
    let body = StreamedBody {
      var next = -1
      return {
        defer { next += 1 }
        switch next {
        case -1: return assets.head(total: total, page: page.page, size: page.size)
        case ordinals.count: return assets.foot
        case 0..<ordinals.count: return assets.element(ordinals[next])
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
