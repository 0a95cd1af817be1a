// SPDX-License-Identifier: Apache-2.0

import FlyingFox
import Foundation

/// How the libraries answer: two repositories by OAI-PMH 2.0, open to everybody.
struct LibrarySystem: SectorSystem {
  static let secrets: [String: String] = [:]

  /// The catalogue counts in seconds and tells for ever what is gone.
  let catalogue: OAIRepository
  /// The archive counts in days and forgets.
  let archive: OAIRepository

  init(_ scale: SandboxScale, seed: UInt64) {
    catalogue = OAIRepository(
      name: "Mục lục Thư viện tỉnh", identifiers: "oai:thuvien.example:", hasSeconds: true,
      isPersistent: true,
      formats: [Self.dublinCore, Self.marc], sets: Catalogue.sets,
      holdings: Catalogue(records: scale.catalogue, seed: seed), pageSize: Self.pageSize(scale.catalogue))
    archive = OAIRepository(
      name: "Kho lưu trữ số KH&CN", identifiers: "oai:luutru.example:123456789/", hasSeconds: false,
      isPersistent: false, formats: [Self.dublinCore], sets: ThesisArchive.sets,
      holdings: ThesisArchive(records: scale.archive, seed: seed), pageSize: Self.pageSize(scale.archive))
  }

  /// A hundred, as most have it; more where the pages would be too many.
  private static func pageSize(_ records: Int) -> Int { min(1000, max(100, records / 100)) }

  private static let dublinCore = OAIRepository.Format(
    prefix: "oai_dc", schema: "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
    namespace: "http://www.openarchives.org/OAI/2.0/oai_dc/")
  private static let marc = OAIRepository.Format(
    prefix: "marcxml", schema: "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd",
    namespace: "http://www.loc.gov/MARC21/slim")

  var routes: [SectorRoute] {
    [(catalogue, "/library/oai"), (archive, "/library/dspace/oai/request")].flatMap { repository, path in
      [
        SectorRoute("GET \(path)") { Self.send(repository, $0.query, $0) },
        SectorRoute("POST \(path)") { request in
          guard let body = try? await request.bodyData else { return HTTPResponse(statusCode: .badRequest) }
          return Self.send(repository, Self.form(body), request)
        },
      ]
    }
  }

  private static func send(
    _ repository: OAIRepository, _ items: [HTTPRequest.QueryItem], _ request: HTTPRequest
  ) -> HTTPResponse {
    let address = "http://\(request.headers[.host] ?? "127.0.0.1")\(request.path)"
    let answer = repository.answer(items.map { (name: $0.name, value: $0.value) }, at: address)
    return HTTPResponse(
      statusCode: .ok, headers: [.contentType: "text/xml; charset=utf-8"],
      body: HTTPBodySequence(from: answer.body, suggestedBufferSize: 1 << 16))
  }

  /// The protocol wants both GET and POST; a form is a query in the body.
  private static func form(_ body: Data) -> [HTTPRequest.QueryItem] {
    var components = URLComponents()
    components.percentEncodedQuery = String(decoding: body, as: UTF8.self).replacing("+", with: "%20")
    return (components.queryItems ?? []).map { .init(name: $0.name, value: $0.value ?? "") }
  }
}
