// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Engine
import Foundation
import Records
import Store
import Testing

@Suite("A harvest")
struct OAIPMHTests {
  /// The first pipeline of docs/OAI-PMH.md.
  static let dublinCore = """
    pipeline: publications
    extract:
      oai_pmh: { system: library, path: /oai, prefix: oai_dc, since: { overlap: 1d } }
    decode:
      xml:
        namespaces:
          o: http://www.openarchives.org/OAI/2.0/
          oai_dc: http://www.openarchives.org/OAI/2.0/oai_dc/
          dc: http://purl.org/dc/elements/1.1/
        records: /o:OAI-PMH/o:ListRecords/o:record
    transform:
      to: publication
      let: { status: "o:header/@status" }
      delete: status = 'deleted'
      map:
        identifier: o:header/o:identifier
        changed_at: o:header/o:datestamp
        title: { from: o:metadata/oai_dc:dc/dc:title, take: first }
        creators: { from: o:metadata/oai_dc:dc/dc:creator, join: "; " }
        published: { from: o:metadata/oai_dc:dc/dc:date, take: first }
    load: { center: { mode: merge, version: changed_at } }
    """

  /// The second.
  static let marc = dublinCore.replacingOccurrences(of: "prefix: oai_dc", with: "prefix: marcxml")
    .replacingOccurrences(
      of:
        "      oai_dc: http://www.openarchives.org/OAI/2.0/oai_dc/\n      dc: http://purl.org/dc/elements/1.1/",
      with: "      m: http://www.loc.gov/MARC21/slim"
    )
    .replacingOccurrences(
      of: "{ from: o:metadata/oai_dc:dc/dc:title, take: first }",
      with: #""o:metadata/m:record/m:datafield[@tag='245']/m:subfield[@code='a']""#
    )
    .replacingOccurrences(
      of: "{ from: o:metadata/oai_dc:dc/dc:creator, join: \"; \" }",
      with:
        #"{ from: "o:metadata/m:record/m:datafield[@tag='100'|'700']/m:subfield[@code='a']", join: "; " }"#
    )
    .replacingOccurrences(
      of: "{ from: o:metadata/oai_dc:dc/dc:date, take: first }",
      with: #""o:metadata/m:record/m:datafield[@tag='260']/m:subfield[@code='c']""#)

  private static let schema = """
    entity: publication
    key: [identifier]
    fields:
      identifier: { type: text }
      changed_at: { type: timestamp }
      title: { type: text, required: true }
      creators: { type: text }
      published: { type: text }
    """

  static func document(_ content: String) -> String {
    "<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><responseDate>2026-01-05T00:00:00Z</responseDate>"
      + "\(content)</OAI-PMH>"
  }

  private static let identify = document(
    "<Identify><granularity>YYYY-MM-DDThh:mm:ssZ</granularity><deletedRecord>persistent</deletedRecord></Identify>"
  )

  private static func header(_ id: String, _ day: Int, _ attributes: String = "") -> String {
    "<header\(attributes)><identifier>oai:x:\(id)</identifier><datestamp>2026-01-0\(day)T00:00:00Z</datestamp></header>"
  }

  private static func book(_ id: String, _ day: Int, _ title: String) -> String {
    "<record>\(header(id, day))<metadata><oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' "
      + "xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>\(title)</dc:title><dc:title>Tên khác</dc:title>"
      + "<dc:creator>Nguyễn A</dc:creator><dc:creator>Trần B</dc:creator><dc:date>c1998</dc:date></oai_dc:dc>"
      + "</metadata></record>"
  }

  private static func gone(_ id: String, _ day: Int) -> String {
    "<record>\(header(id, day, " status='deleted'"))</record>"
  }

  private static func list(_ records: String, token: String = "") -> String {
    document("<ListRecords>\(records)<resumptionToken>\(token)</resumptionToken></ListRecords>")
  }

  /// A repository whose lists are its answers to `ListRecords`, one after the other.
  private final class Repository: @unchecked Sendable {
    private let lock = NSLock()
    private var lists: [String] = []

    func give(_ lists: String...) { lock.withLock { self.lists = lists } }

    func answer(_ request: String) -> String {
      if request.contains("verb=Identify") { return OAIPMHTests.identify }
      return lock.withLock {
        lists.isEmpty ? OAIPMHTests.document("<error code='noRecordsMatch'/>") : lists.removeFirst()
      }
    }
  }

  private func bench(
    _ pipeline: String = dublinCore
  ) throws -> (bench: Workbench, repository: Repository, server: HTTPSource) {
    let repository = Repository()
    let server = try HTTPSource { HTTPSource.Answer(body: repository.answer($0.target)) }
    let bench = try Workbench([
      "Pipelines/publications.yaml": pipeline, "Pipelines/schema/publication.yaml": Self.schema,
      "Pipelines/systems.yaml":
        "library: { base_url: \"http://127.0.0.1:\(server.port)\", retries: { attempts: 1 } }",
    ])
    return (bench, repository, server)
  }

  private static let standing =
    "SELECT identifier, title, creators FROM publication WHERE _deleted_at IS NULL ORDER BY identifier"

  @Test("is what the documentation shows")
  func documented() throws {
    #expect(try Documentation.text("OAI-PMH.md").contains("```yaml\n\(Self.dublinCore)\n```"))
  }

  @Test("is refused where a deletion could mark nothing")
  func mode() throws {
    let (bench, _, _) = try bench(
      Self.dublinCore.replacingOccurrences(of: "mode: merge, version: changed_at", with: "mode: replace"))
    #expect {
      try bench.plan("publications")
    } throws: { "\($0)".contains("'delete' has no meaning in mode 'replace'") }
  }

  @Test("loads page after page, and marks what the repository says is gone")
  func harvest() throws {
    let (bench, repository, server) = try bench()
    repository.give(
      Self.list(Self.book("1", 1, "Một") + Self.book("2", 1, "Hai"), token: "t"),
      Self.list(Self.gone("9", 1) + Self.book("3", 1, "Ba")))
    let first = try bench.run("publications")
    #expect(first.exit == .done && first.counters.inserted == 3 && first.counters.deleted == 1)
    #expect(first.counters.isBalanced && first.counters.rejected == 0)
    #expect(
      try bench.rows(Self.standing)
        == ["1|Một", "2|Hai", "3|Ba"].map { "oai:x:\($0)|Nguyễn A; Trần B" })

    repository.give(Self.list(Self.gone("2", 3) + Self.book("1", 2, "Một, sửa")))
    bench.now += 86_400
    let second = try bench.run("publications")
    #expect(second.counters.deleted == 1 && second.counters.updated == 1 && second.counters.isBalanced)
    #expect(
      try bench.rows("SELECT identifier FROM publication WHERE _deleted_at IS NULL") == [
        "oai:x:1", "oai:x:3",
      ])
    #expect(
      server.takeTargets().last?.contains("from=2026-01-04T00%3A00%3A00Z&until=2026-01-05T00%3A00%3A00Z")
        == true)

    // The same once more is unchanged; nothing at all is a success.
    repository.give(Self.list(Self.gone("2", 3) + Self.gone("9", 1)))
    let third = try bench.run("publications")
    #expect(third.counters.unchanged == 2 && third.counters.deleted == 0 && third.exit == .done)
    #expect(try bench.run("publications").exit == .done)
  }

  @Test("a replay of an older page never brings back what is gone since", arguments: [true, false])
  func replay(hasVersion: Bool) throws {
    let pipeline =
      hasVersion
      ? Self.dublinCore : Self.dublinCore.replacingOccurrences(of: ", version: changed_at", with: "")
    let (bench, repository, _) = try bench(pipeline)
    repository.give(Self.list(Self.book("1", 1, "Một")))
    try bench.run("publications")
    repository.give(Self.list(Self.gone("1", 2) + Self.gone("7", 2)))
    try bench.run("publications")
    let batches = try bench.ledger().batches().map(\.id).sorted()
    let older = try bench.replay("publications", ReplayRequest(.batches([batches[0]])))
    #expect(older.counters.stale == 1 && older.exit == .done, "\(older.counters)")
    #expect(try bench.rows(Self.standing) == [])
    // The deletion itself, replayed, changes nothing.
    let newer = try bench.replay("publications", ReplayRequest(.batches([batches[1]])))
    #expect(newer.counters.unchanged == 2, "\(newer.counters)")
    repository.give(Self.list(Self.book("1", 3, "Một lại")))
    try bench.run("publications")
    #expect(try bench.rows(Self.standing) == ["oai:x:1|Một lại|Nguyễn A; Trần B"])
  }

  @Test("of an announcement only key and version must be readable; else it is a reject")
  func unreadable() throws {
    let (bench, repository, _) = try bench()
    repository.give(
      Self.list(
        Self.gone("1", 1).replacingOccurrences(of: "2026-01-01T00:00:00Z", with: "hôm nay")
          + Self.gone("2", 1).replacingOccurrences(of: "<identifier>oai:x:2</identifier>", with: "")
          + Self.gone("3", 1)))
    let report = try bench.run("publications")
    #expect(report.counters.deleted == 1 && report.counters.rejected == 2 && report.counters.isBalanced)
    let rejects = try bench.ledger().rejects()
    #expect(rejects.flatMap { $0.failures.map(\.field) }.sorted() == ["changed_at", "identifier"])
  }

  @Test("moves the checkpoint only behind a complete list")
  func checkpoint() throws {
    let (bench, repository, _) = try bench()
    repository.give(
      Self.list(Self.book("1", 1, "Một"), token: "t"), Self.document("<error code='badArgument'>x</error>"))
    let broken = try bench.run("publications")
    #expect(broken.exit == .unavailable && broken.error?.id == "oai.refused" && broken.counters.inserted == 1)
    #expect(try bench.ledger().checkpoint(pipeline: "publications") == nil)
    repository.give(Self.list(Self.book("1", 1, "Một")))
    let whole = try bench.run("publications")
    #expect(whole.exit == .done && whole.counters.unchanged == 1)
    #expect(try bench.ledger().checkpoint(pipeline: "publications") == "{\"since\":\"2026-01-05T00:00:00Z\"}")
  }

  @Test("reads MARCXML by tag and code")
  func marcxml() throws {
    let (bench, repository, _) = try bench(Self.marc)
    func field(_ tag: String, _ code: String, _ text: String) -> String {
      "<datafield tag='\(tag)' ind1=' ' ind2=' '><subfield code='\(code)'>\(text)</subfield>"
        + "<subfield code='x'>khác</subfield></datafield>"
    }
    repository.give(
      Self.list(
        "<record>\(Self.header("1", 1))<metadata><record xmlns='http://www.loc.gov/MARC21/slim'>"
          + "<controlfield tag='001'>17</controlfield>" + field("100", "a", "Nguyễn A")
          + field("245", "a", "Đất và nước")
          + field("260", "c", "2007") + field("700", "a", "Trần B") + "</record></metadata></record>"))
    let report = try bench.run("publications")
    #expect(report.exit == .done && report.counters.inserted == 1, "\(String(describing: report.error))")
    #expect(try bench.rows(Self.standing) == ["oai:x:1|Đất và nước|Nguyễn A; Trần B"])
  }
}
