// SPDX-License-Identifier: Apache-2.0

import Components
import Glibc
import PipelineTesting
import Testing

@testable import Loaders

@Suite("A process that dies in the middle of a batch")
struct CrashTests {
  private func copy(_ source: String, _ target: String) {
    guard let input = fopen(source, "r"), let output = fopen(target, "w") else { return }
    var bytes = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&bytes, 1, bytes.count, input), count > 0 { fwrite(bytes, 1, count, output) }
    fclose(input)
    fclose(output)
  }

  @Test("leaves the center as it was, though rows had reached the file")
  func hotJournal() throws {
    let bench = try Bench()
    let long = String(repeating: "x", count: 1000)
    try bench.load([(0..<300).map { TestRecord("A\($0) | \(long) | 1") }])
    let database = try SQLiteDatabase(path: bench.center.path)
    try database.execute("PRAGMA cache_size = 1")
    let session = try SQLiteSession(bench.batch(), plan: bench.plan, database: database, keysInMemory: 1000)
    let changed = (0..<300).map { TestRecord("A\($0) | changed | 2") }
    try session.load(TableBuilder.chunk(changed, of: bench.plan.kinds[0]))
    _ = try session.finish()

    // What a kill at this moment would leave on the disk.
    let found = TemporaryCenter()
    copy(bench.center.path, found.path)
    copy(bench.center.path + "-journal", found.path + "-journal")
    var journal = stat()
    #expect(stat(found.path + "-journal", &journal) == 0 && journal.st_size > 1000)
    session.abort()

    #expect(
      try found.rows("SELECT count(*), min(name) = max(name), min(rev), max(rev) FROM asset") == [
        "300 | 1 | 1 | 1"
      ])
    #expect(try found.rows("SELECT batch FROM _terrace_batches") == ["B1"])
    let again = try Bench(in: found)
    #expect(try again.load([changed], as: again.batch("B2", attempt: 2)).counted == "updated 300")
  }
}
