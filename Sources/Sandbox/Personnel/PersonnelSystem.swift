// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation

/// How the personnel database answers: `/personnel/api/can-bo?tu=&so_luong=`, pages counted by their first record.
struct PersonnelSystem: SectorSystem {
  static let secrets = ["PERSONNEL_KEY": "sandbox-personnel-key"]

  let servants: Servants

  init(_ scale: SandboxScale, seed: UInt64) {
    servants = Servants(records: scale.servants, seed: seed)
  }

  var routes: [SectorRoute] { [SectorRoute("GET /personnel/api/can-bo", answer)] }

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    guard request.headers[HTTPHeader("X-Api-Key")] == Self.secrets["PERSONNEL_KEY"] else {
      return failure(.unauthorized, "Khóa không hợp lệ")
    }
    func number(_ name: String, _ usual: Int) -> Int? { request.query[name].map { Int($0) } ?? usual }
    guard let first = number("tu", 0), let size = number("so_luong", 300), first >= 0,
      (1...PageRequest.largest).contains(size)
    else { return failure(.ok, "tu là số từ 0; so_luong từ 1 đến \(PageRequest.largest)") }
    let servants = servants
    let start = min(first, servants.records)
    return JSONPages.answer(
      head: #"{"status":1,"message":"OK","total":\#(servants.records),"data":{"canBo":["#, foot: "]}}\n",
      Array(start..<min(start + size, servants.records))
    ) { servants.object($0) }
  }

  private func failure(_ status: HTTPStatusCode, _ message: String) -> HTTPResponse {
    JSONPages.members(status, [("status", "0"), ("message", quoted(message)), ("data", "null")])
  }
}
