// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Components
import Diagnostics
import Testing

@testable import Loaders

@Suite("What SQLite's codes mean")
struct SQLiteFailureTests {
  @Test(
    "each has an id, an exit code, the file and what to do",
    arguments: [
      (SQLITE_BUSY, "load.center-busy", ExitCode.tryAgain), (SQLITE_LOCKED, "load.center-busy", .tryAgain),
      (SQLITE_FULL, "load.center-full", .storage),
      (SQLITE_IOERR | 3 << 8, "load.center-input-output", .storage),
      (SQLITE_READONLY, "load.center-not-allowed", .permission),
      (SQLITE_PERM, "load.center-not-allowed", .permission),
      (SQLITE_CANTOPEN, "load.center-not-opened", .storage),
      (SQLITE_CORRUPT, "load.center-damaged", .storage),
      (SQLITE_NOTADB, "load.center-not-a-database", .files),
      (SQLITE_CONSTRAINT, "load.center-constraint", .files),
      (SQLITE_ERROR, "load.center-statement", .bug),
    ])
  func codes(code: Int32, id: String, exit: ExitCode) {
    let failure = SQLiteFailure.make(code, cause: "cause", doing: "SELECT 1", path: "/data/center.db")
    #expect(failure.id == id)
    #expect(failure.exit == exit)
    #expect(failure.isTransient == (exit == .tryAgain))
    #expect(
      failure.message.contains("/data/center.db") && failure.message.contains("cause")
        || code == SQLITE_NOTADB)
    #expect(!failure.help.isEmpty)
  }

  @Test("a center without room fails the batch and keeps what stood")
  func full() throws {
    let bench = try Bench()
    try bench.load("A | one | 1")
    let database = try SQLiteDatabase(path: bench.center.path)
    try database.execute("PRAGMA max_page_count = 1")
    let session = try SQLiteSession(bench.batch(), plan: bench.plan, database: database, keysInMemory: 10)
    let failure = #expect(throws: StageFailure.self) {
      for number in 0..<200 {
        let long = String(repeating: "x", count: 5000)
        try session.load(KitChunk.one("B\(number) | \(long) | 1"))
      }
    }
    #expect(failure?.id == "load.center-full")
    #expect(failure?.exit == .storage)
    session.abort()
    #expect(try bench.center.rows("SELECT code FROM asset") == ["A"])
  }

  @Test("a session whose transaction ended takes nothing more")
  func ended() throws {
    let bench = try Bench()
    let session = try bench.connection.begin(bench.batch())
    session.abort()
    let failure = #expect(throws: StageFailure.self) { try session.load(KitChunk.one("A | one | 1")) }
    #expect(failure?.id == "load.session-ended")
    #expect(try bench.center.rows("SELECT code FROM asset") == [])
  }
}
