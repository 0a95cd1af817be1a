// SPDX-License-Identifier: Apache-2.0

import CSQLite
import Foundation
import Sandbox
import Testing

/// The treasury's pipelines as they are shipped, against the sandbox: a period that is sent again.
@Suite("A period sent again", .timeLimit(.minutes(2)))
struct TreasuryRunTests {
  private let program: Program
  private let sandbox: SandboxServer

  init() async throws {
    sandbox = try await SandboxServer(records: 300)
    program = try Program()
    let shipped = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Pipelines")
    try FileManager.default.copyItem(at: shipped, to: program.folder.appending(path: "Pipelines"))
    let systems = try String(
      contentsOf: program.folder.appending(path: "Pipelines/systems.yaml"), encoding: .utf8)
    try program.write(
      "Pipelines/systems.yaml",
      systems.replacing("http://127.0.0.1:\(SandboxServer.usualPort)", with: sandbox.url)
        .replacing("requests_per_minute: 1200", with: "requests_per_minute: 60000"))
    for (name, value) in SandboxServer.secrets {
      try program.write(".terrace/secrets/\(name)", value)
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o600],
        ofItemAtPath: program.folder.appending(path: ".terrace/secrets/\(name)").path())
    }
  }

  private func run(_ arguments: String...) async throws -> [String: Any] {
    let arguments = arguments + ["--format", "json"]
    let result = try await withCheckedThrowingContinuation { done in
      // The sandbox answers on the threads that tests run on.
      DispatchQueue.global().async { [program] in done.resume(with: Result { try program.run(arguments) }) }
    }
    #expect(result.exit == 0, "\(result.errors)")
    let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    return try #require((document?["runs"] as? [[String: Any]])?.first)
  }

  /// Rows of the center by slice, each as `key amount`.
  private func slices(_ query: String) throws -> [String: Set<String>] {
    var database: OpaquePointer?
    defer { sqlite3_close(database) }
    let path = program.folder.appending(path: ".terrace/center.db").path()
    try #require(sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK)
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    try #require(sqlite3_prepare_v2(database, query, -1, &statement, nil) == SQLITE_OK)
    var slices: [String: Set<String>] = [:]
    while sqlite3_step(statement) == SQLITE_ROW {
      func cell(_ index: Int32) -> String {
        sqlite3_column_text(statement, index).map { String(cString: $0) } ?? "∅"
      }
      slices[cell(0), default: []].insert(cell(1))
    }
    return slices
  }

  private static let entries = """
    SELECT unit_code || ' ' || period || '/' || year, document_no || ' ' || line || ' ' || amount_vnd FROM treasury_entry
    """
  private static let lines = """
    SELECT unit_code || ' ' || period || '/' || year, line || ' ' || item_code || ' ' || coalesce(amount_vnd, '')
    FROM treasury_report JOIN treasury_report_line USING (ref_id)
    """

  @Test("replaces exactly its slice, takes away what is not in it any more, and is not undone by a replay")
  func entries() async throws {
    _ = try await run("run", "treasury_entries")
    let before = try slices(Self.entries)
    let second = try await run("run", "treasury_entries")
    let after = try slices(Self.entries)
    #expect(before.count == 36 && after.count == 36, "three units, twelve periods")
    let changed = before.keys.filter { before[$0] != after[$0] }
    let slice = try #require(changed.first, "nothing was replaced")
    #expect(changed == [slice] && slice.hasSuffix(" 03/2026"))
    let (old, new) = (try #require(before[slice]), try #require(after[slice]))
    #expect(new.count == old.count - 1 && new.subtracting(old).count == 1)
    #expect(second["vanished"] as? Int == 1 && second["updated"] as? Int == 1)
    let third = try await run("run", "treasury_entries")
    #expect(third["status"] as? String == "unchanged")
    let replay = try await run("replay", "treasury_entries")
    #expect(try slices(Self.entries) == after)
    #expect(replay["inserted"] as? Int == 0 && replay["vanished"] as? Int == 0)
    await sandbox.stop()
  }

  @Test("replaces a unit's reports with all their lines, though the new one has an id of its own")
  func reports() async throws {
    _ = try await run("run", "treasury_reports")
    let before = try slices(Self.lines)
    let second = try await run("run", "treasury_reports")
    let after = try slices(Self.lines)
    let changed = before.keys.filter { before[$0] != after[$0] }
    let slice = try #require(changed.first, "nothing was replaced")
    #expect(changed == [slice] && slice.hasSuffix(" Q2/2026"))
    #expect(before[slice]?.count == 4 && after[slice]?.count == 3)
    #expect(second["inserted"] as? Int == 1 && second["vanished"] as? Int == 1)
    await sandbox.stop()
  }
}
