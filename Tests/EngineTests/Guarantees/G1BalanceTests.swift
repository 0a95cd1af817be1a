// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Engine
import Planning
import Records
import Store
import Testing

@Suite("G1 Nothing vanishes")
struct G1BalanceTests {
  private static let rows = (1...5).map { ("A\($0)", "Mai", "01/02/1990", "01/01/2026") }

  @Test("every batch accounts for every record it read, whatever became of it", arguments: Harvest.modes)
  func balances(mode: Harvest.Mode) throws {
    let bench = try mode.bench()
    try bench.run("people")
    for batch in try bench.ledger().batches() where batch.status == .loaded {
      #expect(batch.counters.isBalanced, "\(batch.name) \(batch.counters)")
      #expect(batch.counters.read == [6, 4, 2, 0][(Int(batch.name.filter(\.isNumber)) ?? 0) - 1])
    }
    // The center's own account is the same.
    let receipts = try bench.rows(
      "SELECT read = inserted + updated + unchanged + stale + duplicate + deleted + filtered + rejected FROM _terrace_batches"
    )
    #expect(receipts == [String](repeating: "1", count: mode.isPaged ? 4 : 3))
  }

  @Test(
    "a loader that loses a record is caught: 70, and nothing of the batch is loaded",
    arguments: ["{ mode: merge }", "{ mode: append }", "{ mode: replace }"])
  func lossIsCaught(load: String) throws {
    let bench = try People.bench(Self.rows, load: load)
    var plan = try bench.plan("people")
    plan.loader = LossyLoader(whole: plan.loader)
    let report = PipelineRunner(try bench.environment(), plan).run(RunOptions())
    #expect(report.exit == .bug)
    #expect(report.error?.id == "load.unbalanced")
    #expect(report.error?.message.contains("5 records were read, but 4 are accounted for") == true)
    #expect(try bench.rows("SELECT count(*) FROM person") == ["0"])
    // The sound loader then loads what had landed.
    try bench.run("people")
    #expect(try bench.rows("SELECT count(*) FROM person") == ["5"])
  }

  @Test("a limited run accounts for what it took")
  func limited() throws {
    let bench = try People.bench(Self.rows)
    try bench.run("people", limit: 2)
    let counters = try #require(try bench.ledger().batches().first).counters
    #expect(counters.read == 2 && counters.inserted == 2 && counters.rejected == 0)
  }

  @Test("a declared total of the run that differs is 65; what is loaded stays, the checkpoint does not move")
  func totalOfRun() throws {
    let bench = try People.bench(Self.rows)
    try bench.write(
      "Pipelines/people.yaml",
      People.pipeline().replacing("records: /p/r", with: "records: /p/r, total: { path: /p/@n, of: run }"))
    let document = People.payload(Self.rows)
    try bench.write("in/1.xml", document.replacing("<p>", with: "<p n='6'>"))
    let report = try bench.run("people")
    #expect(report.exit == .data)
    #expect(report.error?.id == "decode.total-differs")
    #expect(report.declared == 6)
    #expect(try bench.rows("SELECT count(*) FROM person") == ["5"])
    #expect(try bench.ledger().checkpoint(pipeline: "people") == nil)
  }

  @Test("a payload's total is judged before its commit, exactly", arguments: [(4, 65), (5, 0), (6, 65)])
  func totalOfPayload(declared: Int, exit: Int32) throws {
    let bench = try People.bench(Self.rows)
    try bench.write(
      "Pipelines/people.yaml",
      People.pipeline().replacing("records: /p/r", with: "records: /p/r, total: /p/@n"))
    try bench.write("in/1.xml", People.payload(Self.rows).replacing("<p>", with: "<p n='\(declared)'>"))
    #expect(try bench.run("people").exit.rawValue == exit)
    #expect(try bench.rows("SELECT count(*) FROM person") == [exit == 0 ? "5" : "0"])
  }
}

/// Forgets the first record of each chunk, as a defective loader would.
private struct LossyLoader: Loader {
  static let description = ComponentDescription("lossy", "Loses a record.", example: "lossy: {}", [])
  let whole: any Loader

  init(whole: any Loader) { self.whole = whole }
  init(_ settings: Settings) throws(Diagnostic) { preconditionFailure("made in code only") }

  func connect(center: String, plan: LoadPlan) throws(StageFailure) -> any LoadConnection {
    Connection(whole: try whole.connect(center: center, plan: plan))
  }

  private final class Connection: LoadConnection {
    let whole: any LoadConnection

    init(whole: any LoadConnection) { self.whole = whole }
    func committed(batch: String, attempt: Int) throws(StageFailure) -> Counters? {
      try whole.committed(batch: batch, attempt: attempt)
    }
    func begin(_ batch: LoadBatch) throws(StageFailure) -> any LoadSession {
      Session(whole: try whole.begin(batch))
    }
    func publish(run: String, batches: [LoadBatch]) throws(StageFailure) -> [String: Counters] {
      try whole.publish(run: run, batches: batches)
    }
    func rehearse(run: String, batches: [LoadBatch]) throws(StageFailure) -> [String: LoadOutcome] {
      try whole.rehearse(run: run, batches: batches)
    }
    func discardStaged(run: String) throws(StageFailure) { try whole.discardStaged(run: run) }
    func close() { whole.close() }
  }

  private final class Session: LoadSession {
    let whole: any LoadSession

    init(whole: any LoadSession) { self.whole = whole }
    func load(_ chunk: Chunk) throws(StageFailure) {
      chunk.table.fates[0] = .skipped
      try whole.load(chunk)
      chunk.table.fates[0] = .live
    }
    func finish() throws(StageFailure) -> LoadOutcome { try whole.finish() }
    func commit(_ counters: Counters) throws(StageFailure) { try whole.commit(counters) }
    func abort() { whole.abort() }
  }
}
