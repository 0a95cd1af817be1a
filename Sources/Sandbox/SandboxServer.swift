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
/// | finance | `/finance/api/v1/units?trang=&so_dong=` | the same |
/// | education | `/education/api/v1/pupils?page=&page_size=[&updated_since=yyyy-MM-dd]` | `X-SystemId`, `X-SecretKey` |
/// | education | `/education/api/v1/schools`, `/education/api/v1/teachers` with the same parameters | the same |
/// | prices | `/prices/api/bao-cao[?ngayCapNhat=yyyy-MM-dd]`, then `/prices/api/bao-cao/chi-tiet?ma=…,…` | `X-SystemId`, `X-SecretKey` |
/// | prices | `/prices/ty-gia.xml` | nothing |
/// | budget | `POST /budget/DanhMuc.asmx`, SOAP 1.1 | nothing |
/// | personnel | `/personnel/api/can-bo?tu=&so_luong=` | `X-Api-Key` |
public final class SandboxServer: Sendable {
  /// The port that `Pipelines/systems.yaml` names.
  public static let usualPort: UInt16 = 8025

  /// What the systems take for secrets, by the names that `Pipelines/systems.yaml` uses.
  public static let secrets = [
    "FINANCE_TOKEN": "sandbox-finance-token", "EDUCATION_SYSTEM": "terrace",
    "EDUCATION_KEY": "sandbox-education-key", "PRICES_SYSTEM": "terrace",
    "PRICES_KEY": "sandbox-prices-key", "PERSONNEL_KEY": "sandbox-personnel-key",
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
    await Self.route(server, records: records, seed: seed)
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

  private static func route(_ server: HTTPServer, records: Int, seed: UInt64) async {
    let finance = FinanceSystem(
      assets: PublicAssets(records: records, seed: seed),
      units: AssetUnits(records: min(records, 3000), seed: seed))
    await server.appendRoute("GET /finance/api/v1/assets") { finance.assetPage($0) }
    await server.appendRoute("GET /finance/api/v1/units") { finance.unitPage($0) }
    let schools = Schools(pupils: records, seed: seed)
    let education = EducationSystem(
      pupils: Pupils(records: records, seed: seed), schools: schools,
      teachers: Teachers(records: records, schools: schools.records, seed: seed))
    await server.appendRoute("GET /education/api/v1/pupils") { education.pupilPage($0) }
    await server.appendRoute("GET /education/api/v1/schools") { education.schoolPage($0) }
    await server.appendRoute("GET /education/api/v1/teachers") { education.teacherPage($0) }
    let prices = PriceSystem(prices: MarketPrices(records: records, seed: seed))
    await server.appendRoute("GET /prices/api/bao-cao") { prices.list($0) }
    await server.appendRoute("GET /prices/api/bao-cao/chi-tiet") { prices.details($0) }
    await server.appendRoute("GET /prices/ty-gia.xml") { _ in PriceSystem.exchangeRates(seed: seed) }
    let budget = BudgetUnits(records: records, seed: seed)
    await server.appendRoute("POST /budget/DanhMuc.asmx") { await budget.answer($0) }
    let personnel = PersonnelSystem(servants: Servants(records: records, seed: seed))
    await server.appendRoute("GET /personnel/api/can-bo") { personnel.answer($0) }
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
