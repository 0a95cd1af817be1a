// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Records
import Synchronization
import Testing

@testable import Store

@Suite struct PipelineLockTests {
  let temporary: TemporaryHome
  init() throws { temporary = try TemporaryHome() }

  @Test("is held by one at a time, and says who holds it")
  func held() throws {
    var first: PipelineLock? = try acquired("a")
    guard
      case .held(let holder) = try PipelineLock.acquire("a", in: temporary.home, startedAt: 9, command: "x")
    else {
      return #expect(Bool(false), "two hold it")
    }
    #expect(holder?.process == getpid() && holder?.startedAt == 7 && holder?.command == "terrace run a")
    #expect(PipelineLock.holder("a", in: temporary.home) == holder)
    #expect(PipelineLock.holder("b", in: temporary.home) == nil)
    #expect(try acquired("b") != nil)
    first = nil
    #expect(PipelineLock.holder("a", in: temporary.home) == nil)
    #expect(try acquired("a") != nil)
    withExtendedLifetime(first) {}
  }

  @Test("is given to exactly one of twenty that ask at once")
  func twenty() throws {
    let locks = Mutex<[PipelineLock]>([])
    DispatchQueue.concurrentPerform(iterations: 20) { _ in
      if let lock = try? acquired("a") { locks.withLock { $0.append(lock) } }
    }
    #expect(locks.withLock { $0.count } == 1)
  }

  @Test("is free again at once when the process that held it was killed")
  func killed() throws {
    let file = temporary.home.locksPath + "/a.lock"
    _ = FileManager.default.createFile(atPath: file, contents: nil)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
    process.arguments = [file, "sh", "-c", "echo held; exec sleep 60"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == "held\n")
    #expect(try acquired("a") == nil)
    // `flock` hands the open file on to its child: both must die, as a killed run's children would by
    // themselves.
    let children = "/proc/\(process.processIdentifier)/task/\(process.processIdentifier)/children"
    for child in (try? String(contentsOfFile: children, encoding: .utf8))?.split(separator: " ") ?? [] {
      if let child = Int32(child) { kill(child, SIGKILL) }
    }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    _ = output.fileHandleForReading.readDataToEndOfFile()
    #expect(try acquired("a") != nil)
  }

  @Test(
    "has a file name of its own for any pipeline name",
    arguments: [
      ("public_assets", "public_assets.lock"), ("../x", "%2e%2e%2fx.lock"), ("", ".lock"),
      ("tài", "t%c3%a0i.lock"),
    ])
  func names(pipeline: String, file: String) {
    #expect(PipelineLock.fileName(pipeline) == file)
  }

  @Test("tells long names apart, in names a file can have")
  func longNames() {
    let names = ["a", "b"].map { PipelineLock.fileName(String(repeating: "x", count: 4000) + $0) }
    #expect(names[0] != names[1] && names.allSatisfy { $0.utf8.count < 255 })
  }

  private func acquired(_ pipeline: String) throws -> PipelineLock? {
    let outcome = try PipelineLock.acquire(
      pipeline, in: temporary.home, startedAt: 7, command: "terrace run \(pipeline)")
    guard case .acquired(let lock) = outcome else { return nil }
    return lock
  }
}

@Suite struct HomeTests {
  @Test(
    "refuses a home that others may write to, and says how to close it",
    arguments: ["", "/landing", "/ledger.db"])
  func writableByOthers(inside: String) throws {
    let temporary = try TemporaryHome()
    _ = try Ledger(home: temporary.home)
    chmod(temporary.path + inside, 0o770)
    let found = failure { _ = try Home(temporary.path) }
    #expect(found?.id == "store.writable-by-others" && found?.exit == .permission)
    #expect(found?.help.contains("chmod") == true)
  }

  @Test("closes a home that others could read")
  func readableByOthers() throws {
    let temporary = try TemporaryHome()
    chmod(temporary.path, 0o755)
    _ = try Home(temporary.path)
    #expect(
      try FileManager.default.attributesOfItem(atPath: temporary.path)[.posixPermissions] as? Int == 0o700)
  }

  @Test("makes the folders above it")
  func nested() throws {
    let temporary = try TemporaryHome()
    #expect(try Home(temporary.path + "/x/y/").path == temporary.path + "/x/y/")
    #expect(FileManager.default.fileExists(atPath: temporary.path + "/x/y/landing"))
  }

  @Test("says so when a file stands where the home should be")
  func fileInTheWay() throws {
    let temporary = try TemporaryHome()
    _ = FileManager.default.createFile(atPath: temporary.path + "/x", contents: nil)
    #expect(failure { _ = try Home(temporary.path + "/x") }?.exit == .storage)
  }

  @Test("refuses to begin when less than the reserve is free")
  func freeSpace() throws {
    let temporary = try TemporaryHome()
    try temporary.home.requireFreeSpace(reserve: 1)
    let found = failure { try temporary.home.requireFreeSpace(reserve: .max) }
    #expect(found?.id == "store.disk-nearly-full" && found?.exit == .storage)
  }
}
