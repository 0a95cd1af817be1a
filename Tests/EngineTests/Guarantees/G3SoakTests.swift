// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// The program killed at random moments instead of at known steps. Short here; `TERRACE_SOAK=100` makes 100 rounds with
/// some three kills each, `TERRACE_SEED` repeats a run as far as moments can be repeated.
@Suite("G3 Kill it at any moment", .serialized)
struct G3SoakTests {
  private static let variables = ProcessInfo.processInfo.environment
  private static let rounds = variables["TERRACE_SOAK"].flatMap { Int($0) } ?? 2
  private static let seed =
    variables["TERRACE_SEED"].flatMap { UInt64($0) } ?? .random(in: 0..<1_000_000)

  @Test("killed at random moments over two states of the source, it comes to what undisturbed runs come to")
  func random() throws {
    var random = SeededRandom(seed: Self.seed)
    var twins: [Twins] = []
    let modes = Harvest.modes.filter { !$0.isPaged }.shuffled(using: &random)
    for mode in modes.prefix(Self.rounds) { twins.append(try Twins(mode)) }
    var kills = 0
    for round in 0..<Self.rounds {
      let twin = twins[round % twins.count]
      let bench = try Source.bench(twin.mode)
      for (state, expected) in twin.states.enumerated() {
        try Source.write(state, twin.mode, to: bench)
        var moments: [Int] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let moment = Int.random(in: 0...expected.milliseconds, using: &random)
          moments.append(moment)
          let program = try Program(["run"], in: bench)
          poll(nil, 0, Int32(moment))
          program.signal(SIGKILL)
          let ended = try program.end()
          #expect([-9, expected.exit].contains(ended.exit), "\(ended)")
          if ended.exit == -9 { kills += 1 }
        }
        let comment: Comment =
          "seed \(Self.seed), round \(round), \(twin.mode.load), state \(state), killed after \(moments) ms"
        let last = try Program.run("run", in: bench)
        #expect([0, expected.exit].contains(last.exit), "\(comment): \(last)")
        let difference = Twin.difference(try Twin.state(of: bench), expected.lines)
        #expect(difference == "", comment)
      }
    }
    #expect(kills > 0, "seed \(Self.seed): nothing was killed in time")
    print("seed \(Self.seed): killed \(kills) times in \(Self.rounds) rounds")
  }

  /// What undisturbed runs come to, after each state of the source.
  private struct Twins {
    struct State {
      var lines: [String]
      var exit: Int32
      var milliseconds: Int
    }

    var mode: Harvest.Mode
    var states: [State] = []

    init(_ mode: Harvest.Mode) throws {
      self.mode = mode
      let bench = try Source.bench(mode)
      for state in 0..<2 {
        try Source.write(state, mode, to: bench)
        let clock = ContinuousClock.now
        let ended = try Program.run("run", in: bench)
        let spent = ContinuousClock.now - clock
        #expect(ended.exit == (mode.isBroken && state == 0 ? 65 : 0), "\(mode.load): \(ended)")
        states.append(
          State(
            lines: try Twin.state(of: bench), exit: ended.exit,
            milliseconds: Int(spent.components.attoseconds / 1_000_000_000_000_000)
              + Int(spent.components.seconds) * 1000))
      }
    }
  }

  /// Payloads of some hundred people: rejects, duplicates, nested rows; in the second state one is changed, one gone,
  /// one mended, one new.
  private enum Source {
    static func bench(_ mode: Harvest.Mode) throws -> Workbench {
      try Workbench([
        "Pipelines/people.yaml": Harvest.pipeline(load: mode.load),
        "Pipelines/schema/person.yaml": Harvest.person, "Pipelines/schema/trip.yaml": Harvest.trip,
      ])
    }

    static func write(_ state: Int, _ mode: Harvest.Mode, to bench: Workbench) throws {
      let broken = "<p><r c='Z1'><n>Na</n></r><r c="
      switch state {
      case 0:
        for file in 1...3 { try bench.write("in/\(file).xml", payload(file, state)) }
        if mode.isBroken { try bench.write("in/4.xml", broken) }
      default:
        try bench.write("in/1.xml", payload(1, state))
        try bench.remove("in/2.xml")
        try bench.write("in/4.xml", payload(4, state))
        try bench.write("in/5.xml", payload(5, state))
      }
    }

    private static func payload(_ file: Int, _ state: Int) -> String {
      var text = "<p>\n"
      for row in 0..<400 {
        // Files overlap by a fifth; every 97th day cannot be read, and some people stand twice.
        let code = file * 320 + row - (row % 61 == 0 ? 1 : 0)
        let born = (row + state) % 97 == 0 ? "31/02/1990" : "01/02/19\(50 + row % 40)"
        text += "<r c='P\(code)'><n>Người \(row % 13 == 0 ? state : 0)</n><b>\(born)</b>"
        text += "<u>0\(1 + file)/01/2026</u>"
        for trip in 0..<(row % 3) { text += "<t l='\(trip)' d='02/03/20\(10 + trip + state)'/>" }
        text += "</r>\n"
      }
      return text + "</p>\n"
    }
  }
}
