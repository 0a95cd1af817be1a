// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation
import Records

/// The statistics of ethnic minorities: the province's as SDMX-JSON, and the tables that communes sent as they are.
/// No interface of this system is published; the first is in the form that statistics offices use among themselves.
struct EthnicSystem: SectorSystem {
  static let secrets = ["ETHNIC_KEY": "sandbox-ethnic-key"]

  let figures: EthnicFigures
  let reports: EthnicReports
  private let records: Int

  init(_ scale: SandboxScale, seed: UInt64) {
    records = scale.ethnicObservations
    figures = EthnicFigures(records: records, seed: seed)
    reports = EthnicReports(figures, records: records)
  }

  var routes: [SectorRoute] {
    [
      SectorRoute("GET /ethnic/sdmx/data/*", data), SectorRoute("GET /ethnic/bao-cao", list),
      SectorRoute("GET /ethnic/bao-cao/tep/*", file),
    ]
  }

  /// `/ethnic/sdmx/data/TINH,CTDT,1.0/all?startPeriod=yyyy-MM-dd&endPeriod=yyyy-MM-dd`: the periods that end within.
  func data(_ request: HTTPRequest) -> HTTPResponse {
    guard isKnown(request) else { return Self.error(.unauthorized, "Khóa không hợp lệ") }
    guard let start = EducationSystem.date(request.query["startPeriod"] ?? "2000-01-01"),
      let end = EducationSystem.date(request.query["endPeriod"] ?? "2099-12-31")
    else { return Self.error(.badRequest, "startPeriod và endPeriod phải có dạng yyyy-MM-dd") }
    let message = EthnicMessage(figures, records: records, from: start, to: end)
    return HTTPResponse(
      statusCode: .ok,
      headers: [.contentType: "application/vnd.sdmx.data+json; charset=utf-8; version=1.0.0"],
      body: HTTPBodySequence(from: message.body, suggestedBufferSize: 1 << 16))
  }

  /// `/ethnic/bao-cao[?tu=yyyy-MM-dd]`: the reports that came on a day or later.
  func list(_ request: HTTPRequest) -> HTTPResponse {
    guard isKnown(request) else { return Self.refused(.unauthorized, "Khóa không hợp lệ") }
    var since: CalendarDate?
    if let text = request.query["tu"], !text.isEmpty {
      since = EducationSystem.date(text)
      if since == nil { return Self.refused(.ok, "tu phải có dạng yyyy-MM-dd") }
    }
    let all = reports.reports(isLater: since != nil)
    // Who was here before is told of what came since, whatever the day is.
    let came = all.filter { report in since.map { report.sent >= $0 || report.sending > 1 } ?? true }
    return JSONPages.answer(head: #"{"ketQua":1,"baoCao":["#, foot: "]}\n", Array(came.indices)) { index in
      "{\"ma\":\(quoted(came[index].id)),\"ngayGui\":\"\(came[index].sent)\"}"
    }
  }

  /// `/ethnic/bao-cao/tep/2026-Q1-00715-1`
  func file(_ request: HTTPRequest) -> HTTPResponse {
    guard isKnown(request) else { return Self.refused(.unauthorized, "Khóa không hợp lệ") }
    guard let report = reports.report(String(request.path.split(separator: "/").last ?? "")) else {
      return Self.refused(.notFound, "Không có báo cáo này")
    }
    return HTTPResponse(
      statusCode: .ok, headers: [.contentType: "text/csv; charset=utf-8"],
      body: Data(reports.table(report).utf8))
  }

  private func isKnown(_ request: HTTPRequest) -> Bool {
    request.headers[HTTPHeader("X-Api-Key")] == Self.secrets["ETHNIC_KEY"]
  }

  private static func error(_ status: HTTPStatusCode, _ title: String) -> HTTPResponse {
    JSONPages.members(status, [("errors", "[{\"code\":\(status.code),\"title\":\(quoted(title))}]")])
  }

  private static func refused(_ status: HTTPStatusCode, _ message: String) -> HTTPResponse {
    JSONPages.members(status, [("ketQua", "0"), ("thongBao", quoted(message))])
  }
}
