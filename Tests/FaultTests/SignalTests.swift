// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Foundation
import Glibc
import Sandbox
import Testing

@Suite("A run that is told to end", .timeLimit(.minutes(1)))
struct SignalTests {
  @Test(
    "while a source hangs or drips ends soon with its code, and the next one does the work",
    arguments: [143, 130] as [Int32], [Fault.hang, .slow])
  func signals(_ exit: Int32, _ fault: Fault) throws {
    let bench = try FaultBench(extract: Things.extract, faults: [fault], origin: Things.json)
    try bench.write(
      "Pipelines/systems.yaml", "source:\n  base_url: \(bench.front.url)\n")
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let process = Process()
    process.executableURL = URL(filePath: tests).deletingLastPathComponent().appending(path: "terrace")
    process.arguments = ["run", "-C", bench.folder, "--home", bench.folder + "/home"]
    process.environment = ["PATH": "/usr/bin:/bin"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    while bench.front.requests.isEmpty, process.isRunning { poll(nil, 0, 5) }
    kill(process.processIdentifier, exit - 128)
    let told = ContinuousClock.now
    process.waitUntilExit()
    #expect(process.terminationStatus == exit)
    #expect(ContinuousClock.now - told < .seconds(3))
    #expect(bench.leftovers() == [])
    bench.front.faults = []
    #expect(try bench.run().exit == .done)
    #expect(try bench.rows() == Things.all)
  }

  @Test("whose source's name cannot be resolved says so")
  func unknownHost() throws {
    let bench = try FaultBench(extract: Things.extract, origin: Things.json)
    try bench.write(
      "Pipelines/systems.yaml",
      "source:\n  base_url: https://nobody.invalid\n  retries: { attempts: 2, first_wait: 1ms }\n")
    let report = try bench.run()
    #expect(report.exit == .unavailable && report.failureID == "extract.unknown-host")
  }
}
