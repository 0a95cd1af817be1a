// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Engine
import Glibc
import Records
import Store
import Testing

@Suite("G2 Nothing is loaded twice")
struct G2OnceTests {
  @Test(
    "a failure of disk or center at any step is 74 with its cause, and the next run makes it good",
    arguments: Harvest.modes)
  func errors(mode: Harvest.Mode) throws {
    let twin = try mode.bench()
    #expect(try Program.run("run", in: twin).exit == mode.exit)
    let expected = try Twin.state(of: twin)
    var met = 0
    // Steps that cannot fail by themselves pass an injected error over: many in a row are the end.
    var passed = 0
    var step = 1
    while passed < 8 {
      let bench = try mode.bench()
      let first = try Program.run("run", in: bench, failpoint: "any:\(step):error")
      if first.exit == 74 {
        met += 1
        passed = 0
        #expect(first.errors.contains("TERRACE_FAILPOINT asks for it"), "step \(step): \(first)")
        #expect(first.errors.contains("state") && first.errors.contains("help:"), "step \(step): \(first)")
      } else {
        passed += 1
        #expect(first.exit == mode.exit, "step \(step): \(first)")
      }
      let last = try bench.run("people")
      #expect([0, mode.exit].contains(last.exit.rawValue), "step \(step): \(last)")
      let difference = Twin.difference(try Twin.state(of: bench), expected)
      #expect(difference == "", "failed at step \(step)")
      step += mode.isBrief ? 3 : 1
    }
    #expect(met >= (mode.isBrief ? 5 : 15), "only \(met) steps can fail")
  }

  @Test(
    "a run that is told to stop at any step leaves 143 or 130, and the next run makes it good",
    arguments: [(Harvest.modes[0], SIGTERM, Int32(143)), (Harvest.modes[3], SIGINT, Int32(130))])
  func interruptions(mode: Harvest.Mode, signal: Int32, exit: Int32) throws {
    let twin = try mode.bench()
    #expect(try Program.run("run", in: twin).exit == mode.exit)
    let expected = try Twin.state(of: twin)
    var step = 1
    while true {
      let bench = try mode.bench()
      let first = try Program(["run"], in: bench, failpoint: "any:\(step):stop")
      guard first.stops() else { break }
      first.signal(signal)
      first.signal(SIGCONT)
      let clock = ContinuousClock.now
      let ended = try first.end()
      #expect(ended.exit == exit, "step \(step): \(ended)")
      #expect(ContinuousClock.now - clock < .seconds(2), "step \(step)")
      #expect(try [0, mode.exit].contains(bench.run("people").exit.rawValue), "step \(step)")
      let difference = Twin.difference(try Twin.state(of: bench), expected)
      #expect(difference == "", "interrupted at step \(step)")
      step += 3
    }
    #expect(step > 20)
  }

  @Test("the same payloads again, also with --full and by replay, change no row", arguments: Harvest.modes)
  func again(mode: Harvest.Mode) throws {
    let bench = try mode.bench()
    try bench.run("people")
    let rows = "SELECT code, name, born, updated FROM person ORDER BY 1, 2, 3, 4"
    let trips = "SELECT code, line, day FROM trip ORDER BY 1, 2, 3"
    let before = try (bench.rows(rows), bench.rows(trips))
    try bench.run("people")
    for _ in 0..<3 { try bench.replay("people", ReplayRequest(.all)) }
    #expect(try bench.rows(rows) == before.0)
    #expect(try bench.rows(trips) == before.1)
    if mode.load.contains("append") { return }
    try bench.run("people", full: true)
    #expect(try bench.rows(rows) == before.0)
    #expect(try bench.rows(trips) == before.1)
  }
}
