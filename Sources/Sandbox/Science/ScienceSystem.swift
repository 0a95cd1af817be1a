// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation
import Records

/// How the science department's list of research tasks answers. No such interface is published: it has the form of
/// the provincial gateway, whose errors are a field of a 200.
struct ScienceSystem: SectorSystem {
  static let secrets = ["SCIENCE_TOKEN": "sandbox-science-token"]

  let tasks: ResearchTasks

  init(_ scale: SandboxScale, seed: UInt64) {
    tasks = ResearchTasks(records: scale.researchTasks, seed: seed)
  }

  var routes: [SectorRoute] { [SectorRoute("GET /science/api/v1/nhiem-vu", answer)] }

  /// `/science/api/v1/nhiem-vu?trang=&so_dong=[&tu_ngay=dd/MM/yyyy]`
  func answer(_ request: HTTPRequest) -> HTTPResponse {
    guard request.headers[.authorization] == "Bearer \(Self.secrets["SCIENCE_TOKEN"] ?? "")" else {
      return failure("Token không hợp lệ", .unauthorized)
    }
    guard let page = PageRequest(request, page: "trang", size: "so_dong", usualSize: 100) else {
      return failure("trang và so_dong là số từ 1; so_dong tối đa \(PageRequest.largest)")
    }
    var since: CalendarDate?
    if let text = request.query["tu_ngay"], !text.isEmpty {
      since = FinanceSystem.date(text)
      if since == nil { return failure("tu_ngay phải có dạng dd/MM/yyyy") }
    }
    let tasks = tasks
    let (total, ordinals) = page.cut(
      tasks.records, where: since.map { day in { tasks.updatedOn($0) >= day } })
    return JSONPages.answer(
      head: #"{"response_code":"0","response_desc":"OK","tong_so":\#(total),"response_data":["#, foot: "]}\n",
      ordinals
    ) { tasks.object($0) }
  }

  private func failure(_ message: String, _ status: HTTPStatusCode = .ok) -> HTTPResponse {
    JSONPages.members(
      status,
      [("response_code", quoted("-1")), ("response_desc", quoted(message)), ("response_data", "null")])
  }
}
