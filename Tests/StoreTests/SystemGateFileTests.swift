// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Foundation
import Records
import Synchronization
import Testing

@testable import Store

@Suite("What all runs share of a system")
struct SystemGateFileTests {
  let temporary: TemporaryHome
  let clock = ManualClock()
  init() throws { temporary = try TemporaryHome() }

  final class ManualClock: Sendable {
    private let seconds = Mutex(1_000_000.0)
    var now: Double { seconds.withLock { $0 } }
    func set(_ now: Double) { seconds.withLock { $0 = now } }
    func advance(_ by: Double) { seconds.withLock { $0 += by } }
  }

  private func gate(
    command: Int32 = 1, _ change: (inout SystemSpec) -> Void = { _ in }
  ) throws -> SystemGateFile {
    var system = SystemSpec(name: "kho bạc/1", baseURL: "https://h")
    change(&system)
    return try SystemGateFile(system, in: temporary.home, command: command, now: { [clock] in clock.now })
  }

  private var stateFile: String { temporary.home.systemsPath + "/kho%20b%e1%ba%a1c%2f1" }

  @Test("lets no more requests through in a minute than allowed, whoever asks, over 200 seeds")
  func pace() throws {
    for seed in UInt64(1)...200 {
      var draw = SplitMix(seed)
      clock.set(1_000_000 + Double(seed) * 10_000)
      let perMinute = Int(draw.next() % 50) + 1
      let gates = try (0..<4).map { _ in try gate { ($0.requestsPerMinute, $0.parallel) = (perMinute, 4) } }
      var moments: [Double] = []
      while moments.count < 60 {
        let one = gates[Int(draw.next() % 4)]
        switch try one.enter() {
        case .granted:
          moments.append(clock.now)
          one.leave(hasAnswered: true)
        case .wait(let seconds):
          #expect(seconds > 0 && seconds <= 60 / Double(perMinute) + 1e-6)
          clock.advance(seconds * (draw.next() % 2 == 0 ? 1 : 0.3))
        }
      }
      let violations = moments.indices.count { first in
        moments[first...].prefix { $0 < moments[first] + 60 - 1e-6 }.count > perMinute
      }
      #expect(violations == 0, "seed \(seed), \(perMinute) a minute")
    }
  }

  @Test("lets only so many call at the same time, and frees what is given back or goes away")
  func places() throws {
    let first = try gate { $0.parallel = 2 }
    var second: SystemGateFile? = try gate { $0.parallel = 2 }
    let third = try gate { $0.parallel = 2 }
    #expect(try first.enter() == .granted && second?.enter() == .granted)
    #expect(try third.enter() == .wait(seconds: 0.2))
    second = nil
    #expect(try third.enter() == .granted)
    #expect(try gate { $0.parallel = 2 }.enter() == .wait(seconds: 0.2))
    first.leave(hasAnswered: true)
    #expect(try gate { $0.parallel = 2 }.enter() == .granted)
    withExtendedLifetime(second) {}
  }

  @Test("frees the place of a process that was killed")
  func killed() throws {
    #expect(try gate().enter() == .granted)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/flock")
    process.arguments = ["--no-fork", stateFile + ".1", "sh", "-c", "echo held; exec sleep 60"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    _ = try output.fileHandleForReading.read(upToCount: 4)
    #expect(try gate().enter() == .wait(seconds: 0.2))
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(try gate().enter() == .granted)
  }

  @Test(
    "lets the command that gave up on a system leave it in peace, and one other at a time ask whether it is back"
  )
  func rest() throws {
    let begun = Int64(clock.now)
    #expect(try gate().condition() == .well)
    try gate().giveUp("the source\tanswered\n503", asked: nil)
    let rest = SystemRest(since: begun, until: begun + 300, reason: "the source answered 503")
    #expect(try gate().condition() == .resting(rest))
    var probe: SystemGateFile? = try gate(command: 2)
    #expect(try probe?.condition() == .doubtful)
    #expect(try gate(command: 3).condition() == .resting(rest))
    probe = nil
    let second = try gate(command: 3)
    #expect(try second.condition() == .doubtful && second.enter() == .granted)
    second.leave(hasAnswered: false)
    try second.giveUp("no connection", asked: nil)
    #expect(
      try gate(command: 3).condition()
        == .resting(SystemRest(since: begun, until: begun + 300, reason: "no connection")))
    clock.advance(300)
    let third = try gate(command: 3)
    #expect(try third.condition() == .doubtful && third.enter() == .granted)
    third.leave(hasAnswered: true)
    #expect(try gate(command: 4).condition() == .well)
    withExtendedLifetime(probe) {}
  }

  @Test("rests as long as the source asks, and never longer than an hour")
  func askedRest() throws {
    for (asked, seconds) in [(1.0, 300), (900, 900), (1e15, 3600)] as [(Double, Int64)] {
      try gate().giveUp("429", asked: asked)
      guard case .resting(let rest) = try gate().condition() else { return #expect(Bool(false)) }
      #expect(rest.until - rest.since == seconds)
    }
  }

  @Test("goes on from nothing when its file is damaged, and when the clock is set back")
  func damage() throws {
    let one = try gate { $0.requestsPerMinute = 1 }
    #expect(try one.enter() == .granted)
    one.leave(hasAnswered: true)
    try one.giveUp("503", asked: nil)
    let whole = try Data(contentsOf: URL(filePath: stateFile))
    for index in whole.indices {
      var damaged = whole
      damaged[index] ^= 0x21
      for bytes in [damaged, whole.prefix(index)] {
        try bytes.write(to: URL(filePath: stateFile))
        let condition = try gate().condition()
        if case .resting(let rest) = condition { #expect(rest.reason == "503", "\(index)") }
      }
    }
    try Data(whole).write(to: URL(filePath: stateFile))
    clock.set(1000)
    #expect(try gate().condition() == .doubtful)
    let later = try gate { $0.requestsPerMinute = 1 }
    #expect(try later.enter() == .granted)
  }

  @Test("waits for a moment, not for ever, when another process does not let go of the file")
  func stopped() throws {
    let waiting = try gate()
    let holder = open(stateFile, O_RDWR)
    flock(holder, LOCK_EX)
    defer { close(holder) }
    #expect(try waiting.enter() == .wait(seconds: 0.02))
    clock.advance(31)
    #expect(throws: StageFailure.self) { try waiting.enter() }
  }
}

/// The same numbers for the same seed.
private struct SplitMix {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
