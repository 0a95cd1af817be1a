// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationNetworking
import FoundationXML
import Testing

@testable import Sandbox

/// Over real sockets on loopback.
@Suite(.timeLimit(.minutes(1))) struct SandboxServerTests {
  @Test("serves the asset system's pages with the total of all of them")
  func assets() async throws {
    let sandbox = try await SandboxServer(records: 25, seed: 3)
    var codes: [String] = []
    for page in 1...4 {
      let (status, body) = try await sandbox.assets("trang=\(page)&so_dong=10")
      #expect(status == 200)
      let document = try XMLDocument(data: body)
      #expect(document.rootElement()?.uri == "urn:vn:taisan:1")
      #expect(document.rootElement()?.attribute(forName: "tongSo")?.stringValue == "25")
      codes += try document.nodes(forXPath: "//*[local-name()='MaTaiSan']").compactMap(\.stringValue)
    }
    #expect(codes.count == 25 && Set(codes).count == 25)
    await sandbox.stop()
  }

  @Test("serves the pupil system's pages as JSON, pupils below their schools")
  func pupils() async throws {
    let sandbox = try await SandboxServer(records: 95, seed: 3)
    var codes: [String] = []
    for page in 1...3 {
      let (status, body) = try await sandbox.pupils("page=\(page)&page_size=45")
      #expect(status == 200)
      let answer = try JSONDecoder().decode(PupilAnswer.self, from: body)
      #expect(answer.status == 1 && answer.total == 95)
      codes += (answer.data?.truong ?? []).flatMap(\.hoc_sinh).map(\.code)
    }
    #expect(codes.count == 95 && Set(codes).count == 94, "one is sent twice")
    await sandbox.stop()
  }

  @Test("gives the same bytes for the same seed, and others for another")
  func deterministic() async throws {
    var bodies: [Data] = []
    for seed in [7, 7, 8] as [UInt64] {
      let sandbox = try await SandboxServer(records: 60, seed: seed)
      bodies.append(try await sandbox.assets("so_dong=60").1 + sandbox.pupils("page_size=60").1)
      await sandbox.stop()
    }
    #expect(bodies[0] == bodies[1] && bodies[0] != bodies[2])
  }

  @Test("gives only what changed since a day, and counts only that")
  func since() async throws {
    let sandbox = try await SandboxServer(records: 100)
    let all = try await sandbox.assets("so_dong=100").1.text
    let some = try await sandbox.assets("so_dong=100&tu_ngay=01%2F07%2F2026").1.text
    let none = try await sandbox.pupils("updated_since=2027-01-01").1.text
    #expect(all.hasPart("tongSo=\"100\"") && all.count > some.count)
    let changed = some.matches(of: #/<t:NgayCapNhat>\d\d/(\d\d)/2026</#).map { Int($0.1) ?? 0 }
    #expect(changed.count > 20 && changed.count < 80 && changed.allSatisfy { $0 >= 7 })
    #expect(some.hasPart("tongSo=\"\(changed.count)\""))
    #expect(none.hasPart("\"total\":0") && none.hasPart("\"truong\":[]"))
    await sandbox.stop()
  }

  @Test("refuses a wrong token or key with 401")
  func unauthorised() async throws {
    let sandbox = try await SandboxServer(records: 5)
    #expect(try await sandbox.assets("", headers: ["Authorization": "Bearer x"]).0 == 401)
    #expect(try await sandbox.assets("", headers: [:]).0 == 401)
    #expect(try await sandbox.pupils("", headers: ["Authorization": "Bearer edu.9999999999.x"]).0 == 401)
    #expect(try await sandbox.token(secret: "wrong") == nil)
    await sandbox.stop()
  }

  @Test("answers wrong parameters as each system does: with 400, or with an error in a 200")
  func wrongParameters() async throws {
    let sandbox = try await SandboxServer(records: 5)
    for query in ["trang=0", "so_dong=x", "tu_ngay=31%2F02%2F2026", "trang=9223372036854775807&so_dong=9"] {
      #expect(try await sandbox.assets(query).0 == 400)
    }
    for query in ["page=0", "page_size=-1", "updated_since=2026"] {
      let (status, body) = try await sandbox.pupils(query)
      #expect(status == 200 && body.text.hasPart("\"status\":0,\"error_code\":106"))
    }
    await sandbox.stop()
  }

  @Test("says when its port is taken, and frees it when stopped")
  func port() async throws {
    let first = try await SandboxServer(records: 1)
    await #expect(throws: (any Error).self) { _ = try await SandboxServer(port: first.port, records: 1) }
    await first.stop()
    let second = try await SandboxServer(port: first.port, records: 1)
    #expect(second.port == first.port && second.url == "http://127.0.0.1:\(first.port)")
    await second.stop()
  }

  @Test("streams a large page")
  func large() async throws {
    let sandbox = try await SandboxServer(records: 3000)
    let (status, body) = try await sandbox.assets("so_dong=3000")
    #expect(status == 200 && body.text.matches(of: #/<t:TaiSan>/#).count == 3000)
    #expect(body.text.hasSuffix("</t:DanhSach>\n"))
    await sandbox.stop()
  }
}

private struct PupilAnswer: Decodable {
  struct Schools: Decodable { var truong: [School] }
  struct School: Decodable { var hoc_sinh: [Pupil] }
  struct Pupil: Decodable {
    var code: String
    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Key.self)
      code =
        try (try? values.decode(String.self, forKey: .ma_hoc_sinh))
        ?? String(values.decode(Int.self, forKey: .ma_hoc_sinh))
    }
    enum Key: CodingKey { case ma_hoc_sinh }
  }
  var status: Int
  var total: Int
  var data: Schools?
}

private struct TokenAnswer: Decodable {
  var access_token: String?
}

extension SandboxServer {
  fileprivate func assets(
    _ query: String, headers: [String: String] = ["Authorization": "Bearer sandbox-finance-token"]
  ) async throws -> (Int, Data) { try await fetch("/finance/api/v1/assets?\(query)", headers) }

  fileprivate func pupils(
    _ query: String, headers: [String: String]? = nil
  ) async throws -> (Int, Data) {
    let token = try await headers == nil ? token(secret: "sandbox-education-secret") ?? "" : ""
    return try await fetch(
      "/education/api/v1/pupils?\(query)", headers ?? ["Authorization": "Bearer \(token)"])
  }

  /// Of the education department's gateway; nil when it gives none.
  fileprivate func token(secret: String) async throws -> String? {
    let (_, body) = try await fetch(
      "/education/token", ["Authorization": "Basic " + Data("terrace:\(secret)".utf8).base64EncodedString()],
      form: "grant_type=client_credentials")
    return try JSONDecoder().decode(TokenAnswer.self, from: body).access_token
  }

  private func fetch(
    _ path: String, _ headers: [String: String], form: String? = nil
  ) async throws -> (Int, Data) {
    var request = URLRequest(url: try #require(URL(string: url + path)))
    if let form {
      request.httpMethod = "POST"
      request.httpBody = Data(form.utf8)
    }
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    let (body, response) = try await URLSession.shared.data(for: request)
    return (try #require(response as? HTTPURLResponse).statusCode, body)
  }
}

extension Data {
  fileprivate var text: String { String(decoding: self, as: UTF8.self) }
}

extension String {
  /// Compares bytes: `contains` would take decomposed letters for the composed ones.
  fileprivate func hasPart(_ part: String) -> Bool { Data(utf8).range(of: Data(part.utf8)) != nil }
}
