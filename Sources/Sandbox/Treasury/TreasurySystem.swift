// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation
import Records

/// How the treasury exchanges data: a folder served by a web server. First what stands in it, then the files.
struct TreasurySystem: SectorSystem {
  static let secrets = ["TREASURY_USER": "terrace", "TREASURY_PASSWORD": "sandbox-treasury-password"]

  let folder: TreasuryFolder

  init(_ scale: SandboxScale, seed: UInt64) {
    folder = TreasuryFolder(entries: scale.treasuryEntries, budgetUnits: scale.budgetUnits, seed: seed)
  }

  var routes: [SectorRoute] {
    [
      SectorRoute("GET /treasury/thu-muc", list), SectorRoute("GET /treasury/tep/*", file),
    ]
  }

  /// `/treasury/thu-muc?loai=csv[&tu=dd/MM/yyyy]`: the files that changed on a day or later.
  func list(_ request: HTTPRequest) -> HTTPResponse {
    guard isKnown(request) else { return Self.unauthorized }
    let kind = request.query["loai"] ?? ""
    guard ["", "csv", "xml"].contains(kind) else { return Self.refused("loai là csv hoặc xml") }
    var since: CalendarDate?
    if let text = request.query["tu"], !text.isEmpty {
      since = FinanceSystem.date(text)
      if since == nil { return Self.refused("tu phải có dạng dd/MM/yyyy") }
    }
    let folder = folder
    let files = folder.files(isLater: since != nil).filter { file in
      (kind.isEmpty || kind == (file.isTable ? "csv" : "xml"))
        // Who was here before is told of what came since, whatever the day is.
        && (since.map { file.changed >= $0 || file.correction == 2 } ?? true)
    }
    return JSONPages.answer(
      head: "{\"thuMuc\":\"TRAO_DOI/THU_CHI\",\"tep\":[", foot: "]}\n", Array(files.indices)
    ) { index in
      let file = files[index]
      return
        "{\"ten\":\(quoted(file.name)),\"soBanGhi\":\(folder.records(file)),\"ngaySua\":\"\(day(file.changed))\"}"
    }
  }

  /// `/treasury/tep/ThuChi_2461_2026-03.csv`
  func file(_ request: HTTPRequest) -> HTTPResponse {
    guard isKnown(request) else { return Self.unauthorized }
    let name = request.path.split(separator: "/").last ?? ""
    guard let file = folder.files(isLater: true).first(where: { $0.name == name }) else {
      return Self.page(.notFound, "404 - Không tìm thấy tệp")
    }
    return HTTPResponse(
      statusCode: .ok,
      headers: [.contentType: file.isTable ? "text/csv; charset=utf-8" : "application/xml; charset=utf-8"],
      body: HTTPBodySequence(from: folder.body(file), suggestedBufferSize: 1 << 16))
  }

  private func isKnown(_ request: HTTPRequest) -> Bool {
    let login = "\(Self.secrets["TREASURY_USER"] ?? ""):\(Self.secrets["TREASURY_PASSWORD"] ?? "")"
    return request.headers[.authorization] == "Basic \(Data(login.utf8).base64EncodedString())"
  }

  private static var unauthorized: HTTPResponse {
    var answer = page(.unauthorized, "401 - Chưa đăng nhập")
    answer.headers[HTTPHeader("WWW-Authenticate")] = "Basic realm=\"TRAO_DOI\""
    return answer
  }

  private static func refused(_ message: String) -> HTTPResponse {
    JSONPages.members(.badRequest, [("loi", quoted(message))])
  }

  /// What a web server answers for itself.
  private static func page(_ status: HTTPStatusCode, _ title: String) -> HTTPResponse {
    HTTPResponse(
      statusCode: status, headers: [.contentType: "text/html; charset=utf-8"],
      body: Data(
        "<!DOCTYPE html><html><head><title>\(title)</title></head><body>\(title)</body></html>\n".utf8))
  }
}
