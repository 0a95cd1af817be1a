// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Sandbox
import Testing

/// Seven things on three pages: what the source would say if all were well.
enum Things {
  static let all = (1...7).map { "T\($0) Vật \($0)" }

  static let extract =
    "path: /things, paginate: { page: { parameter: page, size: 3 } }, most_pages: 20"
    + ", limit_bytes: 4MiB"

  @Sendable static func json(_ request: WireRequest) -> WireAnswer {
    let page = Int(request.query["page"] ?? "1") ?? 1
    let items = Array((1...7).dropFirst((page - 1) * 3).prefix(3)).map {
      #"{"code":"T\#($0)","name":"Vật \#($0)"}"#
    }
    return WireAnswer(
      "application/json",
      #"{"status":"ok","page":\#(page),"items":[\#(items.joined(separator: ","))]}"# + "\n")
  }
}

@Suite("A source that goes wrong", .timeLimit(.minutes(2)))
struct TransportFaultTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var fault: Fault
    var exit: ExitCode
    var id: String?
    /// Of both runs of the fault, tries and all.
    var mostRequests = 2
    var testDescription: String { fault.rawValue }
  }

  static let cases: [Case] = [
    Case(fault: .truncate, exit: .sourceProtocol, id: "extract.cut-short"),
    Case(fault: .truncateChunked, exit: .sourceProtocol, id: "extract.cut-short"),
    Case(fault: .truncateClose, exit: .data, id: "decode.truncated"),
    Case(fault: .noAnswer, exit: .tryAgain, id: "extract.lost"),
    Case(fault: .garbage, exit: .tryAgain, id: "extract.lost"),
    Case(fault: .hang, exit: .tryAgain, id: "extract.lost"),
    Case(fault: .stall, exit: .tryAgain, id: "extract.lost"),
    Case(fault: .slow, exit: .tryAgain, id: "extract.lost"),
    Case(fault: .reset, exit: .sourceProtocol, id: "extract.cut-short"),
    Case(fault: .busy, exit: .tryAgain, id: "extract.busy"),
    Case(fault: .busyDate, exit: .tryAgain, id: "extract.busy"),
    Case(fault: .busyAbsurd, exit: .tryAgain, id: "extract.busy"),
    Case(fault: .forbidden, exit: .permission, id: "extract.forbidden", mostRequests: 1),
    Case(fault: .errorPage, exit: .sourceProtocol, id: "extract.html-instead-of-data", mostRequests: 1),
    Case(fault: .errorPageAsData, exit: .sourceProtocol, id: "extract.html-instead-of-data", mostRequests: 1),
    Case(fault: .errorBody, exit: .data, id: "decode.error-answer"),
    Case(fault: .poisonPage, exit: .tryAgain, id: "extract.busy", mostRequests: 3),
    Case(fault: .endlessPage, exit: .sourceProtocol, id: "extract.too-large", mostRequests: 1),
    Case(fault: .endlessPages, exit: .sourceProtocol, id: "extract.pages-without-end", mostRequests: 20),
    Case(fault: .wrongType, exit: .done, id: nil, mostRequests: 3),
    Case(fault: .gzipBomb, exit: .sourceProtocol, id: "extract.decompression-bomb", mostRequests: 1),
    Case(fault: .gzipCut, exit: .sourceProtocol, id: "extract.broken-compression"),
    Case(fault: .hugeHeader, exit: .tryAgain, id: "extract.lost"),
    Case(fault: .redirectLoop, exit: .sourceProtocol, id: "extract.redirects-without-end", mostRequests: 6),
    Case(fault: .redirectElsewhere, exit: .unavailable, id: "extract.redirect-elsewhere", mostRequests: 1),
  ]

  @Test("is told of, loads nothing wrong, loses nothing, and blocks nothing", arguments: cases)
  func faults(_ expected: Case) throws {
    let bench = try FaultBench(extract: Things.extract, faults: [expected.fault], origin: Things.json)
    let report = try bench.run()
    #expect(report.exit == expected.exit, "\(report.failureID ?? "") \(report.failure?.message ?? "")")
    #expect(report.failureID == expected.id, "\(report.failure?.message ?? "")")
    #expect(report.failure.map { !$0.help.isEmpty && !$0.message.contains("\n") } ?? true)
    #expect(Set(try bench.rows()).isSubset(of: Things.all))
    #expect(bench.front.requests.count <= expected.mostRequests, "\(bench.front.requests.count)")
    #expect(bench.leftovers() == [])

    bench.front.faults = []
    // Within one process a source is left in peace for as long as its Retry-After asks.
    if expected.fault.rawValue.hasPrefix("busy") { try bench.forgetPeace() }
    let next = try bench.run()
    #expect(next.exit == .done, "\(next.failure?.message ?? "")")
    #expect(try bench.rows() == Things.all)
  }

  @Test("asks again from the start while the second page is poison: nothing behind the gap is passed over")
  func gap() throws {
    let bench = try FaultBench(
      extract: Things.extract + ", since: { parameter: from, format: yyyy-MM-dd }", faults: [.poisonPage],
      origin: Things.json)
    #expect(try bench.run().exit == .tryAgain)
    #expect(try bench.rows() == Array(Things.all.prefix(3)), "the page before the gap is loaded")
    bench.front.faults = []
    #expect(try bench.run().exit == .done)
    #expect(bench.front.requests.allSatisfy { $0.query["from"] == nil })
    #expect(try bench.rows() == Things.all)
    #expect(try bench.run().exit == .done)
    #expect(bench.front.requests.last?.query["from"] != nil)
  }

  @Test("keeps to the budget of retries of a run, over all its pages")
  func budget() throws {
    let bench = try FaultBench(
      extract: Things.extract, system: "", faults: [.busy], origin: Things.json)
    try bench.write(
      "Pipelines/systems.yaml",
      "source:\n  base_url: \(bench.front.url)\n"
        + "  retries: { attempts: 50, first_wait: 1ms, longest_wait: 2ms, budget: 4 }\n")
    #expect(try bench.run().exit == .tryAgain)
    #expect(bench.front.requests.count == 5)
  }

  @Test("is survived in any mixture", arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func mixtures(seed: UInt64) throws {
    let faults: [Fault] = [
      .truncate, .truncateClose, .truncateChunked, .noAnswer, .reset, .busy, .errorPage, .errorBody, .gzipCut,
      .wrongType, .wrongType, .wrongType,
    ]
    let bench = try FaultBench(extract: Things.extract, faults: faults, origin: Things.json)
    for number in 1...4 {
      _ = try bench.run()
      #expect(Set(try bench.rows()).isSubset(of: Things.all), "seed \(seed), run \(number)")
    }
    bench.front.faults = []
    #expect(try bench.run().exit == .done, "seed \(seed)")
    #expect(try bench.rows() == Things.all, "seed \(seed)")
  }
}
