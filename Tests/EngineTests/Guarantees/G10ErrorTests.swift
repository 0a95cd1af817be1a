// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Store
import Testing

@Suite("G10 Every error can be acted on")
struct G10ErrorTests {
  struct Fault: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var words = ["run", "people"]
    var files: [String: String] = [:]
    var failpoint: String?
    var environment: [String: String] = [:]
    var exit: Int32
    /// What stands on standard error, from its first line on.
    var says: String
  }

  private static let badRow = People.payload([("A1", "Mai", "x", "01/01/2026")])

  static let faults: [Fault] = [
    Fault(
      testDescription: "a document that ends too early", files: ["in/1.xml": "<p>\n<r c='A1'>"], exit: 65,
      says: """
        error: pipeline 'people' failed [decode.not-well-formed]
          at     line 2 (offset 14)
          cause  the document is truncated: it ends with 2 of its elements still open
          state  nothing of this batch was loaded
        help: fetch the payload again; the source or the connection cut it off
        """),
    Fault(
      testDescription: "a record path that matches nothing", files: ["in/1.xml": "<q><r c='A1'/></q>"],
      exit: 65,
      says: "error: pipeline 'people' failed [decode.nothing-matched]"),
    Fault(
      testDescription: "nothing but rejects", files: ["in/1.xml": badRow], exit: 65,
      says: """
        error: pipeline 'people' failed [validate.all-rejected]
          cause  1.xml: all 1 records are rejects
          state  nothing of this batch was loaded
        help: 'terrace rejects --by cause' shows why; mend the source or the pipeline, then 'terrace replay'.
        """),
    Fault(
      testDescription: "more rejects than allowed",
      files: [
        "in/1.xml": badRow,
        "Pipelines/people.yaml": People.pipeline(extra: "validate: [{ rejects: { at_most: 0 } }]"),
      ], exit: 65,
      says: """
        error: pipeline 'people' failed [validate.too-many-rejects]
          at     Pipelines/people.yaml:9:23
          cause  1.xml: 1 of 1 records are rejects, more than allowed
          state  nothing of this batch was loaded
        help: 'terrace rejects --by cause' shows why; mend the source or the pipeline, then 'terrace replay'.
        """),
    Fault(
      testDescription: "a total that differs",
      files: [
        "in/1.xml": "<p n='2'><r c='A1'/></p>",
        "Pipelines/people.yaml": People.pipeline().replacing(
          "records: /p/r", with: "records: /p/r, total: /p/@n"),
      ], exit: 65,
      says: """
        error: pipeline 'people' failed [decode.total-differs]
          at     Pipelines/people.yaml:4:32
          cause  1.xml declares 2 records and holds 1
          state  nothing of this batch was loaded
        help:
        """),
    Fault(
      testDescription: "a file that is not there",
      files: ["Pipelines/people.yaml": People.pipeline(path: "in/none.xml")], exit: 69,
      says: """
        error: pipeline 'people' failed [extract.no-such-file]
          at     in/none.xml
          cause  there is no file 'in/none.xml'
          state  nothing was loaded
        help: put it there, or correct 'path'; a pattern such as '*.xml' may match nothing
        """),
    Fault(
      testDescription: "a misspelt key",
      files: ["Pipelines/people.yaml": People.pipeline().replacing("decode:", with: "decod:")],
      exit: 78, says: "Pipelines/people.yaml:1:1: error: a pipeline needs 'decode' [pipeline.missing-key]"),
    Fault(
      testDescription: "a field that the entity lacks",
      files: ["Pipelines/people.yaml": People.pipeline().replacing("born: b", with: "bron: b")], exit: 78,
      says: """
        Pipelines/people.yaml:8:31: error: 'person' has no field 'bron' [map.unknown-field]
            8 |   map: { code: "@c", name: n, bron: b, updated: u }
              |                               ^~~~
        help: did you mean 'born'?
        """),
    Fault(
      testDescription: "a pipeline that is not there", words: ["run", "peple"], exit: 64,
      says: """
        error: there is no pipeline 'peple' [pipeline.unknown]
        help: did you mean 'people'?
        """),
    Fault(testDescription: "a word that is no command", words: ["rnu"], exit: 64, says: "Error: "),
    Fault(
      testDescription: "an option that is not there", words: ["run", "--fulll"], exit: 64, says: "Error: "),
    Fault(
      testDescription: "a limit of nothing", words: ["run", "--limit", "0"], exit: 64,
      says: "Error: --limit takes a number from 1"),
    Fault(
      testDescription: "a replay of nothing", words: ["replay"], exit: 64, says: "Error: name what to replay"),
    Fault(
      testDescription: "an id that is not there", words: ["show", "J77"], exit: 64,
      says: """
        error: there is no run, batch or reject 'J77' [show.unknown-id]
          state  nothing was begun
        help: 'terrace runs', 'terrace batches' and 'terrace rejects' list them.
        """),
    Fault(
      testDescription: "a disk that fails", failpoint: "landing.sync:1:error", exit: 74,
      says: """
        error: pipeline 'people' failed [store.fault-injected]
          cause  step 'landing.sync' failed because TERRACE_FAILPOINT asks for it
          state  nothing was loaded
        help: unset TERRACE_FAILPOINT
        """),
    Fault(
      testDescription: "a ledger that fails", failpoint: "ledger.commit:1:error", exit: 74,
      says: """
        error: pipeline 'people' failed [store.fault-injected]
          cause  step 'ledger.commit' failed because TERRACE_FAILPOINT asks for it
          state  nothing was loaded
        """),
    Fault(
      testDescription: "a center that is no database",
      files: ["home/center.db": "not a database, but a text of some length"],
      exit: 78, says: "error: pipeline 'people' failed [load.center-not-a-database]"),
    Fault(
      testDescription: "a ledger that is damaged",
      files: ["home/ledger.db": String(repeating: "broken", count: 1000)],
      exit: 74, says: "error: the ledger is damaged: "),
  ]

  @Test("the first lines name id, place, cause, state and what to do", arguments: faults)
  func firstLines(fault: Fault) throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    for (path, text) in fault.files { try bench.write(path, text) }
    let ended = try Program(fault.words, in: bench, failpoint: fault.failpoint).end()
    #expect(ended.exit == fault.exit, "\(ended)")
    #expect(ended.output == "")
    // Which batch it was nobody knows before.
    let lines = ended.errors.split(separator: "\n", omittingEmptySubsequences: false)
    let errors = lines.filter { !$0.hasPrefix("  batch  ") }.joined(separator: "\n")
    #expect(errors.hasPrefix(fault.says), "\(ended.errors)")
    #expect(
      ended.errors.utf8.count < 1500 && ended.errors.split(separator: "\n").count <= 20, "\(ended.errors)")
    if fault.exit == 64 && !fault.says.hasPrefix("error") { return }
    #expect(ended.errors.contains("\nhelp: "), "\(ended.errors)")
    if fault.exit != 78 && fault.exit != 64 {
      #expect(ended.errors.contains("\n  state  "), "\(ended.errors)")
    }
  }

  @Test("with --format json each stands as one document on standard output", arguments: faults)
  func json(fault: Fault) throws {
    let bench = try People.bench([("A1", "Mai", "01/02/1990", "01/01/2026")])
    for (path, text) in fault.files { try bench.write(path, text) }
    let ended = try Program(fault.words + ["--format", "json"], in: bench, failpoint: fault.failpoint).end()
    #expect(ended.exit == fault.exit, "\(ended)")
    let document = try ended.json()
    let run = (document["runs"] as? [[String: Any]])?.first
    let error = try #require((run?["error"] ?? document["error"]) as? [String: Any], "\(ended)")
    for key in ["id", "message", "help"] {
      #expect((error[key] as? String)?.isEmpty == false, "\(key) \(ended)")
    }
    if let run { #expect(run["exit"] as? Int == Int(fault.exit)) }
  }
}
