// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationNetworking
import FoundationXML
import Testing

@testable import Sandbox

@Suite("The libraries of the sandbox") struct LibraryTests {
  private func system(_ records: Int, seed: UInt64 = 1) -> LibrarySystem {
    LibrarySystem(SandboxScale(records: records), seed: seed)
  }

  @Test("give every record of a list once, but for one that two pages share, and count them")
  func pages() throws {
    let repository = system(520).catalogue
    var identifiers: [String] = []
    var cursors: [Int] = []
    var query = "verb=ListRecords&metadataPrefix=marcxml"
    while true {
      let page = try OAIPage(repository, query)
      #expect(page.attribute("completeListSize") == "520")
      cursors.append(Int(page.attribute("cursor") ?? "") ?? -1)
      identifiers += page.texts("identifier")
      guard let token = page.texts("resumptionToken").first, !token.isEmpty else { break }
      query = "verb=ListRecords&resumptionToken=\(token)"
    }
    #expect(cursors == [0, 100, 200, 300, 400, 500])
    #expect(identifiers.count == 521 && Set(identifiers).count == 520)
    #expect(identifiers[300] == identifiers[299], "the fourth page begins where the third ended")
  }

  @Test("are well-formed in every record and format, whatever its oddity")
  func wellFormed() throws {
    let system = system(1000)
    for (holdings, format) in [
      (system.catalogue.holdings, "marcxml"), (system.catalogue.holdings, "oai_dc"),
      (system.archive.holdings, "oai_dc"),
    ] {
      for ordinal in 0..<1000 {
        let text = holdings.metadata(ordinal, edition: 1, in: format)
        #expect(throws: Never.self, "\(text)") { try XMLDocument(data: Data(text.utf8)) }
      }
    }
  }

  @Test("have one catalogue record of a thousand without a title, and one with a decomposed one")
  func oddities() {
    let catalogue = Catalogue(records: 1000, seed: 3)
    let texts = (0..<1000).map { catalogue.metadata($0, edition: 1, in: "marcxml") }
    #expect(texts.count { !$0.contains("tag=\"245\"") } == 1)
    #expect(
      texts.count {
        !$0.unicodeScalars.elementsEqual($0.precomposedStringWithCanonicalMapping.unicodeScalars)
      }
        == 1)
    #expect(texts.count { $0.contains(">c1998<") } == 1 && texts.count { $0.contains(">12/2007<") } == 1)
    #expect(texts.count { $0.contains("<![CDATA[") } == 1 && texts.count { $0.contains("&amp;egrave;") } == 1)
    #expect(texts.count { $0.contains("<marc:record xmlns:marc=") } > 300)
  }

  @Test(
    "say what is wrong with a request by the protocol's own codes",
    arguments: [
      ("", "badVerb"), ("verb=Harvest", "badVerb"), ("verb=Identify&verb=Identify", "badVerb"),
      ("verb=Identify&set=sach", "badArgument"), ("verb=ListRecords", "badArgument"),
      ("verb=ListRecords&metadataPrefix=mods", "cannotDisseminateFormat"),
      ("verb=ListRecords&metadataPrefix=marcxml&from=2026-02-31", "badArgument"),
      ("verb=ListRecords&metadataPrefix=marcxml&from=2026-03-01&until=2026-02-01", "badArgument"),
      ("verb=ListRecords&metadataPrefix=marcxml&from=2026-03-01&until=2026-03-01T00:00:00Z", "badArgument"),
      ("verb=ListRecords&metadataPrefix=marcxml&from=2027-01-01", "noRecordsMatch"),
      ("verb=ListRecords&metadataPrefix=marcxml&set=khong-co", "badArgument"),
      ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
      (
        "verb=ListRecords&resumptionToken=marcxml////0/9223372036854775807/9223372036854775806/0",
        "badResumptionToken"
      ),
      ("verb=ListRecords&resumptionToken=x&metadataPrefix=marcxml", "badArgument"),
      ("verb=GetRecord&metadataPrefix=marcxml&identifier=oai:thuvien.example:9999", "idDoesNotExist"),
      ("verb=GetRecord&metadataPrefix=marcxml&identifier=oai:thuvien.example:-1", "idDoesNotExist"),
    ])
  func refusals(query: String, code: String) throws {
    let page = try OAIPage(system(200).catalogue, query)
    #expect(page.errorCode == code)
  }

  @Test("count as they say: one in seconds, the other in days")
  func granularity() throws {
    let system = system(100)
    let second = "verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01T00:00:00Z"
    #expect(try OAIPage(system.catalogue, second).errorCode == nil)
    #expect(try OAIPage(system.archive, second).errorCode == "badArgument")
    let stamps = try OAIPage(system.archive, "verb=ListIdentifiers&metadataPrefix=oai_dc").texts("datestamp")
    #expect(stamps.count > 90 && stamps.allSatisfy { $0.count == 10 })
  }

  @Test("forget a token when the harvest after the next one begins")
  func expiry() throws {
    let repository = system(300).catalogue
    _ = try OAIPage(repository, "verb=Identify")
    let first = try OAIPage(repository, "verb=ListIdentifiers&metadataPrefix=marcxml")
    let query = "verb=ListIdentifiers&resumptionToken=\(try #require(first.texts("resumptionToken").first))"
    _ = try OAIPage(repository, "verb=Identify")
    #expect(try OAIPage(repository, query).errorCode == nil)
    _ = try OAIPage(repository, "verb=Identify")
    #expect(try OAIPage(repository, query).errorCode == "badResumptionToken")
  }

  @Test("lose the first token of each third harvest, once")
  func lostToken() throws {
    let repository = system(300).catalogue
    for _ in 0..<3 { _ = try OAIPage(repository, "verb=Identify") }
    let first = try OAIPage(repository, "verb=ListRecords&metadataPrefix=marcxml")
    let query = "verb=ListRecords&resumptionToken=\(try #require(first.texts("resumptionToken").first))"
    #expect(try OAIPage(repository, query).errorCode == "badResumptionToken")
    #expect(try OAIPage(repository, query).errorCode == nil)
  }

  @Test("change a record, delete it and put it back, each with a new datestamp")
  func lives() {
    let catalogue = Catalogue(records: 200, seed: 5)
    let lives = (0..<12).map { catalogue.life(7, on: $0) }
    let stages = lives.reduce(into: [RecordLife]()) { if $0.last != $1 { $0.append($1) } }
    let phase = stages[0].edition == 1 ? 1 : 0
    #expect(stages[phase...].prefix(3).map(\.isDeleted) == [false, true, false])
    #expect(zip(stages, stages.dropFirst()).allSatisfy { $0.datestamp < $1.datestamp })
    #expect((0..<12).map { catalogue.life(8, on: $0) }.allSatisfy { $0 == catalogue.life(8, on: 0) })
  }

  @Test("give a deleted record without metadata; the archive forgets those of long ago")
  func deletions() throws {
    let system = system(100)
    let marked = try OAIPage(
      system.catalogue, "verb=GetRecord&metadataPrefix=marcxml&identifier=oai:thuvien.example:12")
    #expect(marked.text.contains("status=\"deleted\"") && !marked.text.contains("<metadata>"))
    let forgotten = try OAIPage(
      system.archive, "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:luutru.example:123456789/12")
    #expect(forgotten.errorCode == "idDoesNotExist")
  }

  @Test("give numbers of books that are valid")
  func bookNumbers() {
    func digits(_ text: String) -> [Int] {
      text.filter { $0 != "-" }.map { $0 == "X" ? 10 : $0.wholeNumberValue ?? -1 }
    }
    for serial in 0..<2000 {
      let ten = digits(BookNumber.ten(serial)).enumerated().reduce(0) { $0 + $1.element * (10 - $1.offset) }
      let thirteen = digits(BookNumber.thirteen(serial)).enumerated().reduce(0) {
        $0 + $1.element * ($1.offset % 2 == 0 ? 1 : 3)
      }
      #expect(ten % 11 == 0 && thirteen % 10 == 0)
    }
  }

  @Test("answer a form as they answer a query, and both the same for the same seed")
  func post() async throws {
    let sandbox = try await SandboxServer(records: 30)
    let address = try #require(URL(string: sandbox.url + "/library/oai"))
    var request = URLRequest(url: address)
    request.httpMethod = "POST"
    request.httpBody = Data("verb=ListRecords&metadataPrefix=marcxml&from=2026-06-01T00%3A00%3A00Z".utf8)
    let (form, _) = try await URLSession.shared.data(for: request)
    let query = "?verb=ListRecords&metadataPrefix=marcxml&from=2026-06-01T00:00:00Z"
    let (asked, _) = try await URLSession.shared.data(
      from: try #require(URL(string: query, relativeTo: address)))
    #expect(form == asked && form.count > 10_000)
    await sandbox.stop()
  }

  @Test("send one research task of a thousand twice, and three that say too little")
  func tasks() throws {
    let tasks = ResearchTasks(records: 1000, seed: 1)
    let objects = try (0..<1000).map {
      try #require(
        try JSONSerialization.jsonObject(with: Data(tasks.object($0).utf8)) as? [String: Any])
    }
    let numbers = objects.compactMap { $0["maSoNhiemVu"] as? String }
    #expect(numbers.count == 999 && Set(numbers).count == 998)
    #expect(objects.count { $0["toChucChuTri"] as? String == "" } == 1)
    #expect(objects.count { $0["kinhPhi"] as? String == "hai tỷ đồng" } == 1)
  }
}

/// A repository's answer, read.
private struct OAIPage {
  let text: String
  private let document: XMLDocument

  init(_ repository: OAIRepository, _ query: String) throws {
    let items = query.split(separator: "&").map { item in
      let parts = item.split(separator: "=", maxSplits: 1)
      return (name: String(parts[0]), value: parts.count > 1 ? String(parts[1]) : "")
    }
    var body: [UInt8] = []
    let next = repository.answer(items, at: "http://thuvien.example/oai").body.start()
    while let piece = next() { body += piece }
    text = String(decoding: body, as: UTF8.self)
    document = try XMLDocument(data: Data(body))
  }

  func texts(_ name: String) -> [String] {
    ((try? document.nodes(forXPath: "//*[local-name()='\(name)']")) ?? []).compactMap(\.stringValue)
  }

  /// Of the resumption token.
  func attribute(_ name: String) -> String? {
    (try? document.nodes(forXPath: "//*[local-name()='resumptionToken']/@\(name)"))?.first?.stringValue
  }

  var errorCode: String? {
    (try? document.nodes(forXPath: "//*[local-name()='error']/@code"))?.first?.stringValue
  }
}
