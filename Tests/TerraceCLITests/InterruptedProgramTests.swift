// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("terrace run, interrupted")
struct InterruptedProgramTests {
  @Test("ends the program that it runs, with all that this started", arguments: [SIGTERM, SIGINT])
  func ends(_ signal: Int32) throws {
    let program = try Program([
      "Pipelines/people.yaml": """
      pipeline: people
      extract: { command: { run: [sh, tap.sh] } }
      decode: { ndjson: {} }
      transform: { to: person, map: { code: code } }
      load: { center: { mode: merge } }
      """,
      "Pipelines/schema/person.yaml": "entity: person\nkey: [code]\nfields: { code: { type: text } }\n",
      "tap.sh":
        "sleep 300 & echo $! > ids.new; echo $$ >> ids.new; mv ids.new ids; echo '{\"code\":\"A\"}'; wait",
    ])
    let process = Process()
    process.executableURL = try Program.executable()
    process.arguments = ["run"]
    process.currentDirectoryURL = program.folder
    process.environment = ["PATH": "/usr/bin:/bin"]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let file = program.folder.appending(path: "ids")
    try #require(waits { FileManager.default.fileExists(atPath: file.path()) })
    let ids = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { Int32($0) }
    #expect(ids.count == 2 && ids.allSatisfy(isAtWork))
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    #expect(process.terminationStatus == 128 + signal)
    #expect(waits { !ids.contains(where: isAtWork) })
    let runs = try program.run("batches")
    #expect(!runs.output.contains("people"), "nothing of it was landed")
  }

  private func waits(_ condition: () -> Bool) -> Bool {
    for _ in 0..<2000 {
      if condition() { return true }
      usleep(10_000)
    }
    return false
  }

  /// A zombie that nobody reaped is not at work.
  private func isAtWork(_ id: Int32) -> Bool {
    guard let facts = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else { return false }
    let state = facts.split(separator: ")").last?.split(separator: " ").first
    return state != "Z" && state != "X"
  }
}
