// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation
import Records

/// How the education department's system answers. Wrong parameters are an error in the body of a 200, as
/// there.
struct EducationSystem: Sendable {
  let pupils: Pupils

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    guard request.headers[HTTPHeader("X-SystemId")] == SandboxServer.secrets["EDUCATION_SYSTEM"],
      request.headers[HTTPHeader("X-SecretKey")] == SandboxServer.secrets["EDUCATION_KEY"]
    else { return failure(.unauthorized, code: 101, "X-SystemId hoặc X-SecretKey không đúng") }
    guard let page = PageRequest(request, page: "page", size: "page_size", usualSize: 500) else {
      return failure(.ok, code: 106, "page, page_size không hợp lệ")
    }
    var since: CalendarDate?
    if let text = request.query["updated_since"], !text.isEmpty {
      since = Self.date(text)
      if since == nil { return failure(.ok, code: 106, "updated_since phải có dạng yyyy-MM-dd") }
    }
    let (total, ordinals) = page.cut(pupils.ordinals(since: since))
    let pupils = pupils
    let body = StreamedBody {
      var pieces = PupilPieces(pupils: pupils, page: page, total: total, ordinals: ordinals)
      return { pieces.next() }
    }
    return HTTPResponse(
      statusCode: .ok, headers: [.contentType: "application/json; charset=utf-8"],
      body: HTTPBodySequence(from: body, suggestedBufferSize: 1 << 16))
  }

  private func failure(_ status: HTTPStatusCode, code: Int, _ message: String) -> HTTPResponse {
    HTTPResponse(
      statusCode: status, headers: [.contentType: "application/json; charset=utf-8"],
      body: Data(#"{"status":0,"error_code":\#(code),"message":"\#(message)","data":null}\#n"#.utf8))
  }

  static func date(_ text: String) -> CalendarDate? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2] else { return nil }
    return CalendarDate(year: year, month: month, day: day)
  }
}

/// The texts of one page in order, a school's pupils within the school.
private struct PupilPieces {
  let pupils: Pupils
  let page: PageRequest
  let total: Int
  let ordinals: [Int]
  private var at = -1

  init(pupils: Pupils, page: PageRequest, total: Int, ordinals: [Int]) {
    self.pupils = pupils
    self.page = page
    self.total = total
    self.ordinals = ordinals
  }

  mutating func next() -> [UInt8]? {
    defer { at += 1 }
    if at == -1 { return pupils.head(total: total, page: page.page, size: page.size) }
    if at == ordinals.count { return pupils.foot }
    guard at < ordinals.count else { return nil }
    let school = pupils.school(ordinals[at])
    let isFirst = at == 0 || pupils.school(ordinals[at - 1]) != school
    let isLast = at == ordinals.count - 1 || pupils.school(ordinals[at + 1]) != school
    var piece: [UInt8] =
      isFirst ? Array((at == 0 ? "" : ",").utf8) + pupils.schoolHead(school) : Array(",".utf8)
    piece += pupils.object(ordinals[at])
    if isLast { piece += pupils.schoolFoot }
    return piece
  }
}
