// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import FlyingSocks
import Foundation
import Records

/// The sector systems on loopback, with made-up data that are the same for the same seed.
///
/// | system | address | signs in with |
/// |---|---|---|
/// | finance | `/finance/api/v1/assets?trang=&so_dong=[&tu_ngay=dd/MM/yyyy]` | `Authorization: Bearer` |
/// | education | `/education/api/v1/pupils?page=&page_size=[&updated_since=yyyy-MM-dd]` | `X-SystemId` … |
public final class SandboxServer: Sendable {
  /// The port that `Pipelines/systems.yaml` names.
  public static let usualPort: UInt16 = 8025

  /// What the systems take for secrets, by the names that `Pipelines/systems.yaml` uses.
  public static let secrets = [
    "FINANCE_TOKEN": "sandbox-finance-token", "EDUCATION_SYSTEM": "terrace",
    "EDUCATION_KEY": "sandbox-education-key",
  ]

  private let server: HTTPServer
  private let running: Task<Void, any Error>
  /// Where the sandbox listens.
  public let port: UInt16

  /// `http://127.0.0.1:<port>`
  public var url: String { "http://127.0.0.1:\(port)" }

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - port: 0 takes any that is free.
  ///   - records: how many each system has.
  /// - Throws: when the port is taken.
  public init(port: UInt16 = 0, records: Int = 1000, seed: UInt64 = 1) async throws {
    let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: port), logger: .disabled)
    await server.appendRoute("GET /finance/api/v1/assets") { request in
      FinanceSystem(assets: PublicAssets(records: records, seed: seed)).answer(request)
    }
    await server.appendRoute("GET /education/api/v1/pupils") { request in
      EducationSystem(pupils: Pupils(records: records, seed: seed)).answer(request)
    }
    self.server = server
    let listening = Task { try await server.waitUntilListening() }
    running = Task {
      do { try await server.run() } catch {
        listening.cancel()
        throw error
      }
    }
    do { try await listening.value } catch {
      // The server's own error says why it does not listen.
      try await running.value
      throw error
    }
    guard case .ip4(_, let port) = await server.listeningAddress else { throw SocketError.disconnected }
    self.port = port
  }

  /// Stops listening and ends open connections.
  public func stop() async {
    await server.stop()
    running.cancel()
  }
}

/// Which records a request asks for.
struct PageRequest {
  static let largest = 10_000

  var page: Int
  var size: Int

  /// Nil when a parameter is not a number from 1, or the page would be too large.
  init?(_ request: HTTPRequest, page: String, size: String, usualSize: Int) {
    func number(_ name: String, _ usual: Int) -> Int? { request.query[name].map { Int($0) } ?? usual }
    guard let page = number(page, 1), let size = number(size, usualSize), page > 0,
      (1...Self.largest).contains(size),
      !page.multipliedReportingOverflow(by: size).overflow
    else { return nil }
    self.page = page
    self.size = size
  }

  func cut<Records: Sequence<Int>>(_ records: Records) -> (total: Int, page: [Int]) {
    let first = (page - 1) * size
    var total = 0
    var cut: [Int] = []
    for record in records {
      if total >= first, total < first + size { cut.append(record) }
      total += 1
    }
    return (total, cut)
  }
}
