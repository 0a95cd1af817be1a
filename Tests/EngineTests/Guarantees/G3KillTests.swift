// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Records
import Store
import Testing

@Suite("G3 Kill it anywhere")
struct G3KillTests {
  /// More steps than any of these runs has.
  private static let most = 400

  @Test(
    "a run killed at any step, then run again, comes to what an undisturbed run comes to",
    arguments: Harvest.modes)
  func run(mode: Harvest.Mode) throws {
    let twin = try mode.bench()
    #expect(try Program.run("run", in: twin).exit == mode.exit)
    let expected = try Twin.state(of: twin)
    var step = 1
    while step < Self.most {
      let bench = try mode.bench()
      let first = try Program.run("run", in: bench, failpoint: "any:\(step):kill")
      if first.exit == mode.exit { break }
      #expect(first.exit == -9, "step \(step): \(first)")
      // Every third time the recovery is killed as well.
      if step % 3 == 0 {
        let second = try Program.run("run", in: bench, failpoint: "any:\(1 + step * 5 % 17):kill")
        #expect([-9, 0, mode.exit].contains(second.exit), "step \(step): \(second)")
      }
      let last = try bench.run("people")
      #expect([0, mode.exit].contains(last.exit.rawValue), "step \(step): \(last)")
      let difference = Twin.difference(try Twin.state(of: bench), expected)
      #expect(difference == "", "killed at step \(step)")
      step += 1
    }
    #expect((25..<Self.most).contains(step), "the run has only \(step - 1) steps at which it can be killed")
  }

  @Test("a run that was killed keeps what it had come to")
  func counters() throws {
    let bench = try Harvest.bench(load: "{ mode: merge }", hasBrokenPayload: false)
    #expect(try Program.run("run", in: bench, failpoint: "engine.committed:2:kill").exit == -9)
    try bench.run("people")
    let killed = try #require(try bench.ledger().runs().last)
    #expect(killed.status == .failed && killed.error?.id == "engine.killed")
    // The first two payloads, of which the second was in the center and not yet in the ledger.
    #expect(killed.counters.read == 10 && killed.bytes > 0, "\(killed)")
  }

  @Test(
    "a replay killed at any step, then replayed, comes to what an undisturbed replay comes to",
    arguments: Harvest.modes)
  func replay(mode: Harvest.Mode) throws {
    func replayed(step: Int?) throws -> (bench: Workbench, wasKilled: Bool) {
      let bench = try mode.bench()
      try bench.run("people")
      // What the first run rejected loads now.
      try bench.write("Pipelines/people.yaml", mode.pipeline(dates: "[yyyy-MM-dd, dd/MM/yyyy]"))
      guard let step else {
        _ = try bench.replay("people", ReplayRequest(.all))
        return (bench, false)
      }
      let first = try Program.run("replay", "people", in: bench, failpoint: "any:\(step):kill")
      _ = try bench.replay("people", ReplayRequest(.all))
      return (bench, first.exit == -9)
    }
    let twin = try replayed(step: nil).bench
    _ = try twin.replay("people", ReplayRequest(.all))
    let expected = try Twin.state(of: twin, seen: false)
    var step = 1
    while step < Self.most {
      let (bench, wasKilled) = try replayed(step: step)
      if !wasKilled { break }
      // The second replay of what the first one had done finds it unchanged: so does a replay after the twin's.
      _ = try bench.replay("people", ReplayRequest(.all))
      let difference = Twin.difference(try Twin.state(of: bench, seen: false), expected)
      #expect(difference == "", "killed at step \(step)")
      step += 3
    }
    #expect((9..<Self.most).contains(step), "the replay has only \(step - 1) steps at which it can be killed")
  }
}
