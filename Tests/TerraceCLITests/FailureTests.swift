// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("Commands that cannot begin")
struct FailureTests {
  @Test(
    "print one JSON document with the error and leave with its code when the home cannot be made",
    arguments: ["run", "status", "runs", "batches", "rejects", "replay --failed", "checkpoint people"])
  func homeIsAFile(_ command: String) throws {
    let program = try Program(["home": "not a folder", "Pipelines/systems.yaml": ""])
    let words = command.split(separator: " ").map(String.init)
    let ended = try program.run(words + ["--home", "home", "--format", "json"])
    #expect(ended.exit == 74, "\(ended.errors)")
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any])
    let error = try #require(document["error"] as? [String: Any])
    #expect((error["id"] as? String)?.hasPrefix("store.") == true)
    #expect((error["help"] as? String)?.isEmpty == false)
    #expect(ended.errors.contains("home"), "\(ended.errors)")
  }

  @Test("say so when the ledger is damaged, and leave with 74", arguments: ["runs", "status", "run"])
  func damagedLedger(_ command: String) throws {
    let program = try Program([
      "home/ledger.db": String(repeating: "no database\n", count: 1000), "Pipelines/systems.yaml": "",
    ])
    let ended = try program.run(command, "--home", "home")
    #expect(ended.exit == 74 && ended.output.isEmpty, "\(ended)")
    #expect(ended.errors.contains("[store.ledger-damaged]"), "\(ended.errors)")
  }
}
