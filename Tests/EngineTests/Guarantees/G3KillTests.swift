// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite("G3 Kill it anywhere")
struct G3KillTests {
  /// More steps than any of these runs has.
  private static let most = 400

  @Test("a run killed at any step, then run again, comes to what an undisturbed run comes to", arguments: Harvest.modes)
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
        #expect(second.exit == -9 || second.exit == mode.exit, "step \(step): \(second)")
      }
      let last = try Program.run("run", in: bench)
      #expect([0, mode.exit].contains(last.exit), "step \(step): \(last)")
      let difference = Twin.difference(try Twin.state(of: bench), expected)
      #expect(difference == "", "killed at step \(step)")
      step += 1
    }
    #expect((25..<Self.most).contains(step), "the run has only \(step - 1) steps at which it can be killed")
  }
}
