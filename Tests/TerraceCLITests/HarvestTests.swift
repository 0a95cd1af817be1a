// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Foundation
import Sandbox
import Testing

/// The pipelines of the libraries as they are shipped, against the sandbox.
@Suite("A library harvested again", .timeLimit(.minutes(2)))
struct HarvestTests {
  private let program: Program
  private let sandbox: SandboxServer

  init() async throws {
    sandbox = try await SandboxServer(records: 130)
    program = try Program()
    let shipped = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Pipelines")
    let folder = program.folder.appending(path: "Pipelines")
    try FileManager.default.copyItem(at: shipped, to: folder)
    let systems = try String(contentsOf: folder.appending(path: "systems.yaml"), encoding: .utf8)
    try program.write(
      "Pipelines/systems.yaml",
      systems.replacing("http://127.0.0.1:\(SandboxServer.usualPort)", with: sandbox.url)
        .replacing("requests_per_minute: 600", with: "requests_per_minute: 60000"))
  }

  private struct Counters: Equatable {
    var inserted = 0
    var updated = 0
    var deleted = 0
    var rejected = 0
  }

  private func harvest(_ pipeline: String) async throws -> Counters {
    let result = try await withCheckedThrowingContinuation { done in
      // The sandbox answers on the threads that tests run on.
      DispatchQueue.global().async { [program] in
        done.resume(with: Result { try program.run("run", pipeline, "--format", "json") })
      }
    }
    #expect(result.exit == 0, "\(result.errors)")
    let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let run = try #require((document?["runs"] as? [[String: Any]])?.first)
    func counter(_ name: String) -> Int { run[name] as? Int ?? -1 }
    return Counters(
      inserted: counter("inserted"), updated: counter("updated"), deleted: counter("deleted"),
      rejected: counter("rejected"))
  }

  /// Records of the center as `identifier edition`, the marked ones left out.
  private func standing(_ identifiers: [String]) throws -> [String] {
    var database: OpaquePointer?
    defer { sqlite3_close(database) }
    let path = program.folder.appending(path: ".terrace/center.db").path()
    try #require(sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK)
    let list = identifiers.map { "'\($0)'" }.joined(separator: ", ")
    let query = """
      SELECT record_id || ' ' || coalesce(edition, '') FROM bibliographic_record
      WHERE _deleted_at IS NULL AND record_id IN (\(list)) ORDER BY record_id
      """
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    try #require(sqlite3_prepare_v2(database, query, -1, &statement, nil) == SQLITE_OK)
    var rows: [String] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      rows.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "∅")
    }
    return rows
  }

  @Test("takes only what is new, marks what is gone, and lets stand again what came back")
  func catalogue() async throws {
    // Of 130 records the 8th, 48th, 88th and 128th are changed, deleted and put back, each every third day.
    let live = [8, 48, 88, 128].map { "oai:thuvien.example:\($0)" }
    var runs: [Counters] = []
    var counts: [Int] = []
    for _ in 0..<9 {
      runs.append(try await harvest("library_records"))
      counts.append(try standing(live).count)
    }
    #expect(runs[0].inserted + runs[0].deleted + runs[0].rejected == 130 && runs[0].deleted == 2)
    let later = runs.dropFirst()
    #expect(later.allSatisfy { $0.inserted == 0 && $0.rejected == 0 })
    // Changed within the first three days, gone within the next three, back within the last.
    #expect(counts[2] == 4 && counts[5] == 0 && counts[8] == 4, "\(counts)")
    #expect(runs[3...5].reduce(0) { $0 + $1.deleted } == 4 && runs[6...8].reduce(0) { $0 + $1.updated } == 4)
    #expect(try standing(live).allSatisfy { $0.hasSuffix("Tái bản lần thứ 3") })
    await sandbox.stop()
  }

  @Test("asks sets one after the other, and takes a work of two sets for one")
  func archive() async throws {
    let first = try await harvest("library_dublin_core")
    let again = try await harvest("library_dublin_core")
    #expect(first.inserted > 100 && again.inserted == 0 && again.rejected == 0)
    await sandbox.stop()
  }
}
