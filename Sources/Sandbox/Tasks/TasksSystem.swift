// SPDX-License-Identifier: Apache-2.0

import FlyingFox

/// The office's list of assigned tasks. No such interface is published: it has the form of the provincial gateway, and
/// edXML's flat keys for what stands in the document.
struct TasksSystem: SectorSystem {
  static let secrets = ["TASKS_TOKEN": "sandbox-tasks-token"]

  let tasks: AssignedTasks

  init(_ scale: SandboxScale, seed: UInt64) {
    tasks = AssignedTasks(
      records: scale.assignedTasks, messages: DocumentMessages(records: scale.documentMessages, seed: seed))
  }

  var routes: [SectorRoute] { [SectorRoute("GET /tasks/api/v1/nhiem-vu", answer)] }

  /// `/tasks/api/v1/nhiem-vu?trang=&so_dong=`
  func answer(_ request: HTTPRequest) -> HTTPResponse {
    guard request.headers[.authorization] == "Bearer \(Self.secrets["TASKS_TOKEN"] ?? "")" else {
      return failure(.unauthorized, "Token không hợp lệ")
    }
    guard let page = PageRequest(request, page: "trang", size: "so_dong", usualSize: 500) else {
      return failure(.ok, "trang và so_dong là số từ 1; so_dong tối đa \(PageRequest.largest)")
    }
    let tasks = tasks
    let (total, ordinals) = page.cut(tasks.records)
    return JSONPages.answer(
      head: "{\"status\":1,\"message\":\"OK\",\"total\":\(total),\"data\":[", foot: "]}\n", ordinals
    ) { tasks.object($0) }
  }

  private func failure(_ status: HTTPStatusCode, _ message: String) -> HTTPResponse {
    JSONPages.members(status, [("status", "0"), ("message", quoted(message)), ("data", "null")])
  }
}
