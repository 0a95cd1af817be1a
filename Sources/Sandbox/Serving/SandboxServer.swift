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
/// | education | `/education/api/v1/pupils?page=&page_size=[&updated_since=yyyy-MM-dd]` | OAuth2, token of `POST /education/token` |
/// | education | `/education/api/v1/schools`, `/education/api/v1/teachers` with the same parameters | the same |
/// | prices | `/prices/api/bao-cao[?ngayCapNhat=yyyy-MM-dd]`, then `/prices/api/bao-cao/chi-tiet?ma=…,…` | `X-SystemId`, `X-SecretKey` |
/// | prices | `/prices/ty-gia.xml` | nothing |
/// | budget | `POST /budget/DanhMuc.asmx`, SOAP 1.1 | nothing |
/// | personnel | `/personnel/api/can-bo?tu=&so_luong=` | `X-Api-Key` |
/// | library | `/library/oai?verb=…`, OAI-PMH 2.0 with `marcxml` and `oai_dc` | nothing |
/// | library | `/library/dspace/oai/request?verb=…`, OAI-PMH 2.0 with `oai_dc` | nothing |
/// | science | `/science/api/v1/nhiem-vu?trang=&so_dong=[&tu_ngay=dd/MM/yyyy]` | `Authorization: Bearer` |
/// | treasury | `/treasury/thu-muc?loai=csv[&tu=dd/MM/yyyy]`, then `/treasury/tep/…` | Basic |
/// | ethnic | `/ethnic/sdmx/data/TINH,CTDT,1.0/all?startPeriod=&endPeriod=`, SDMX-JSON 1.0 | `X-Api-Key` |
/// | ethnic | `/ethnic/bao-cao[?tu=yyyy-MM-dd]`, then `/ethnic/bao-cao/tep/…` | the same |
/// | exchange | `/exchange/v1/syncReceivedEdocList?fromDate=yyyy/MM/dd&toDate=`, then `/exchange/v1/getEdoc?docId=` | `X-SystemId`, `X-SecretKey` |
/// | exchange | `/exchange/v1/messages?page=&size=[&fromDate=yyyy/MM/dd]` | the same |
/// | tasks | `/tasks/api/v1/nhiem-vu?trang=&so_dong=` | `Authorization: Bearer` |
public final class SandboxServer: Sendable {
  /// The port that `Pipelines/systems.yaml` names.
  public static let usualPort: UInt16 = 8025

  /// What the systems take for secrets, by the names that `Pipelines/systems.yaml` uses.
  public static var secrets: [String: String] {
    kinds.reduce(into: [:]) { all, system in all.merge(system.secrets) { first, _ in first } }
  }

  private static let kinds: [any SectorSystem.Type] = [
    FinanceSystem.self, PriceSystem.self, BudgetSystem.self, EducationSystem.self, PersonnelSystem.self,
    LibrarySystem.self, ScienceSystem.self,
    TreasurySystem.self, EthnicSystem.self,
    ExchangeSystem.self, TasksSystem.self,
  ]

  private static func systems(_ scale: SandboxScale, seed: UInt64) -> [any SectorSystem] {
    [
      FinanceSystem(scale, seed: seed), PriceSystem(scale, seed: seed), BudgetSystem(scale, seed: seed),
      EducationSystem(scale, seed: seed), PersonnelSystem(scale, seed: seed),
      LibrarySystem(scale, seed: seed), ScienceSystem(scale, seed: seed),
      TreasurySystem(scale, seed: seed), EthnicSystem(scale, seed: seed),
      ExchangeSystem(scale, seed: seed), TasksSystem(scale, seed: seed),
    ]
  }

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
  ///   - scale: how many records each system has.
  /// - Throws: when the port is taken.
  public init(port: UInt16 = 0, scale: SandboxScale, seed: UInt64 = 1) async throws {
    let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: port), logger: .disabled)
    for system in Self.systems(scale, seed: seed) {
      for route in system.routes {
        await server.appendRoute(HTTPRoute(stringLiteral: route.pattern), handler: route.answer)
      }
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

  /// The same with as many records in each long list.
  public convenience init(port: UInt16 = 0, records: Int = 1000, seed: UInt64 = 1) async throws {
    try await self.init(port: port, scale: SandboxScale(records: records), seed: seed)
  }

  /// Stops listening and ends open connections.
  public func stop() async {
    await server.stop()
    running.cancel()
  }
}
