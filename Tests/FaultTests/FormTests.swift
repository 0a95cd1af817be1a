// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Sandbox
import Testing

/// The ways to page and sign in below `/forms` of the sandbox, read by `http`.
@Suite("Forms of the sandbox", .timeLimit(.minutes(2)))
struct FormTests {
  struct Form: CustomTestStringConvertible, Sendable {
    var name: String
    var paginate: String
    var testDescription: String { name }

    /// Behind a Link header an answer is often nothing but its records.
    var records: String { name == "link" ? "/" : "/items" }
    var extract: String { "path: /forms/\(name), paginate: { \(paginate) }, most_pages: 30" }
  }

  static let forms = [
    Form(name: "page", paginate: "page: { parameter: page, size_parameter: size, size: 10 }"),
    Form(name: "offset", paginate: "offset: { parameter: offset, size_parameter: limit, size: 10 }"),
    Form(name: "cursor", paginate: "cursor: { path: /next_cursor, parameter: cursor }"),
    Form(name: "next", paginate: "next: { path: /next }"),
    Form(name: "link", paginate: "link: {}"),
    Form(name: "last-id", paginate: "last: { path: id, parameter: after, size_parameter: size, size: 10 }"),
  ]

  @Test("give all their records", arguments: forms)
  func all(_ form: Form) throws {
    let bench = try FaultBench(records: form.records, extract: form.extract)
    let report = try bench.run()
    #expect(report.exit == .done, "\(report.failure?.message ?? "")")
    #expect(try bench.rows().count == FormsSystem.records)
    #expect(bench.front.requests.count == 3)
  }

  @Test("load a record once that comes on two pages", arguments: forms)
  func duplicates(_ form: Form) throws {
    let bench = try FaultBench(records: form.records, extract: form.extract, faults: [.duplicates])
    #expect(try bench.run().exit == .done)
    #expect(try bench.rows().count == FormsSystem.records)
  }

  @Test("lose no record that stays while others go away before it, when a cursor is followed")
  func shifting() throws {
    for form in Self.forms where form.name != "page" && form.name != "offset" {
      let bench = try FaultBench(records: form.records, extract: form.extract, faults: [.shifting])
      #expect(try bench.run().exit == .done)
      let staying = (10...FormsSystem.records).map { "F\(100 + $0)" }
      #expect(Set(staying).isSubset(of: try bench.rows().map { String($0.prefix(4)) }))
    }
  }

  @Test("are left when a page names itself as the next", arguments: forms[2...4])
  func circle(_ form: Form) throws {
    let bench = try FaultBench(records: form.records, extract: form.extract, faults: [.nextItself])
    let report = try bench.run()
    #expect(report.exit == .sourceProtocol && report.failureID == "extract.pages-in-circle")
    #expect(bench.front.requests.count <= 3)
    bench.front.faults = []
    #expect(try bench.run().exit == .done)
    #expect(try bench.rows().count == FormsSystem.records)
  }

  @Test(
    "let in who shows what they ask for, and nobody else",
    arguments: [
      ("basic", "basic: { user: terrace, password: \"${secret:S}\" }"),
      ("digest", "digest: { user: terrace, password: \"${secret:S}\" }"),
      ("query-key", "query: { key: \"${secret:S}\" }"),
      ("bearer", "bearer: { token: \"${secret:S}\" }"),
      ("headers", "header: { X-SystemId: terrace, X-SecretKey: \"${secret:S}\" }"),
    ])
  func signIn(_ form: String, _ authentication: String) throws {
    let bench = try FaultBench(
      extract: "path: /forms/\(form)", system: "  authentication: { \(authentication) }")
    #expect(try bench.run().exit == .done)
    #expect(try bench.rows().count == FormsSystem.records)
    let stranger = try FaultBench(extract: "path: /forms/\(form)")
    #expect(try stranger.run().exit == .permission)
  }

  @Test("give a new token when the old one has run out, which nobody notices")
  func tokens() throws {
    let bench = try FaultBench(
      extract: "path: /forms/oauth2",
      system: "  authentication: { oauth2: { token_url: @URL/forms/token, client_id: terrace, "
        + "client_secret: \"${secret:S}\" } }")
    for number in 1...5 {
      let report = try bench.run()
      #expect(report.exit == .done, "run \(number): \(report.failure?.message ?? "")")
    }
    #expect(try bench.rows().count == FormsSystem.records)
    #expect(bench.front.requests.count { $0.path == "/forms/token" } >= 2)
  }
}
