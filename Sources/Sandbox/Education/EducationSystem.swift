// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation
import Records

/// How the education department's system answers. Wrong parameters are an error in the body of a 200, as
/// there.
struct EducationSystem: SectorSystem {
  static let secrets = EducationTokens.secrets

  let pupils: Pupils
  let schools: Schools
  let teachers: Teachers
  let tokens: EducationTokens

  init(_ scale: SandboxScale, seed: UInt64) {
    pupils = Pupils(records: scale.pupils, seed: seed)
    schools = Schools(pupils: scale.pupils, seed: seed)
    teachers = Teachers(records: scale.teachers, schools: schools.records, seed: seed)
    tokens = EducationTokens(seed: seed)
  }

  var routes: [SectorRoute] {
    [
      SectorRoute("POST /education/token", tokens.answer),
      SectorRoute("GET /education/api/v1/pupils", pupilPage),
      SectorRoute("GET /education/api/v1/schools", schoolPage),
      SectorRoute("GET /education/api/v1/teachers", teacherPage),
    ]
  }

  /// `/education/api/v1/pupils`: pupils below their schools.
  func pupilPage(_ request: HTTPRequest) -> HTTPResponse {
    page(request) { page, since in
      let pupils = pupils
      let (total, ordinals) = page.cut(
        pupils.records, where: since.map { day in { pupils.isChanged($0, since: day) } })
      let body = StreamedBody {
        var pieces = PupilPieces(pupils: pupils, page: page, total: total, ordinals: ordinals)
        return { pieces.next() }
      }
      return HTTPResponse(
        statusCode: .ok, headers: JSONPages.headers,
        body: HTTPBodySequence(from: body, suggestedBufferSize: 1 << 16))
    }
  }

  /// `/education/api/v1/schools`: schools with their years and classes.
  func schoolPage(_ request: HTTPRequest) -> HTTPResponse {
    page(request) { page, _ in
      let (total, ordinals) = page.cut(schools.records)
      let schools = schools
      return JSONPages.answer(head: head(total, page, "truong"), foot: "]}}\n", ordinals) {
        schools.object($0)
      }
    }
  }

  /// `/education/api/v1/teachers`: teachers.
  func teacherPage(_ request: HTTPRequest) -> HTTPResponse {
    page(request) { page, since in
      let teachers = teachers
      let (total, ordinals) = page.cut(
        teachers.records, where: since.map { day in { teachers.isChanged($0, since: day) } })
      return JSONPages.answer(head: head(total, page, "giao_vien"), foot: "]}}\n", ordinals) {
        teachers.object($0)
      }
    }
  }

  private func head(_ total: Int, _ page: PageRequest, _ list: String) -> String {
    #"{"status":1,"message":"OK","total":\#(total),"page":\#(page.page),"page_size":\#(page.size),"#
      + #""data":{"\#(list)":["#
  }

  private func page(
    _ request: HTTPRequest, _ answer: (PageRequest, CalendarDate?) -> HTTPResponse
  ) -> HTTPResponse {
    guard tokens.isGood(request.headers[.authorization]) else {
      return failure(.unauthorized, code: 101, "Mã xác thực không chính xác")
    }
    guard let page = PageRequest(request, page: "page", size: "page_size", usualSize: 500) else {
      return failure(.ok, code: 106, "page, page_size không hợp lệ")
    }
    var since: CalendarDate?
    if let text = request.query["updated_since"], !text.isEmpty {
      since = Self.date(text)
      if since == nil { return failure(.ok, code: 106, "updated_since phải có dạng yyyy-MM-dd") }
    }
    return answer(page, since)
  }

  private func failure(_ status: HTTPStatusCode, code: Int, _ message: String) -> HTTPResponse {
    JSONPages.members(
      status,
      [("status", "0"), ("error_code", String(code)), ("message", quoted(message)), ("data", "null")])
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
