// SPDX-License-Identifier: Apache-2.0

import Components
import PipelineTesting
import Records
import Testing

@testable import Loaders

/// Units below units in memory, and what must be said of a batch of them, worked out the plain way.
private struct GraphModel {
  struct Unit: Equatable {
    var parent: String?
    var opened: String?
    var closed: String?

    /// Whether a unit below is open only while this one is.
    func holds(_ child: Unit) -> Bool {
      let days = [child.opened, child.closed].compactMap { $0 }
      if let opened, days.contains(where: { $0 < opened }) { return false }
      guard let closed else { return true }
      return child.closed != nil && !days.contains { $0 > closed }
    }
  }

  struct Verdict: Equatable {
    var rejected: [Int: String] = [:]
    var notes: [Int: Set<String>] = [:]
  }

  let missing: ReferenceRules.Outcome
  let closed: ReferenceRules.Outcome
  var units: [String: Unit] = [:]

  /// - Parameters:
  ///   - staged: what earlier batches of a run of `replace` put aside; nil in `merge`.
  /// - Returns: the units that the batch's records leave in place of those of their keys.
  func judge(
    _ records: [(code: String, unit: Unit)], staged: [String: Unit]? = nil
  ) -> (verdict: Verdict, brought: [String: Unit]) {
    var verdict = Verdict()
    while true {
      let live = records.indices.filter { verdict.rejected[$0] == nil }
      var winners: [String: Int] = [:]
      for index in live {
        if let earlier = winners[records[index].code], records[earlier].unit == records[index].unit {
          continue
        }
        winners[records[index].code] = index
      }
      let brought = winners.mapValues { records[$0].unit }
      let after = (staged ?? units).merging(brought) { $1 }
      // Rows that a run of `replace` may yet leave out or change are there as long as nothing else is.
      let seen = units.merging(after) { $1 }
      var notes: [Int: Set<String>] = [:]
      let before = verdict.rejected
      for index in live {
        guard let parent = records[index].unit.parent, seen[parent] == nil else { continue }
        if missing == .reject {
          verdict.rejected[index] = "references.unit"
        } else {
          notes[index, default: []].insert("references.unit parent")
        }
      }
      if verdict.rejected != before { continue }
      for (code, index) in winners where Self.leadsBack(code, after) {
        verdict.rejected[index] = "references.cycle"
      }
      if verdict.rejected != before { continue }
      for index in live {
        guard let parent = records[index].unit.parent.flatMap({ seen[$0] }),
          !parent.holds(records[index].unit)
        else { continue }
        if closed == .reject {
          verdict.rejected[index] = "references.closed"
        } else {
          notes[index, default: []].insert("references.closed parent")
        }
      }
      if verdict.rejected != before { continue }
      for (code, index) in winners where staged == nil {
        guard let old = units[code], let new = brought[code],
          (old.opened, old.closed) != (new.opened, new.closed)
        else { continue }
        if after.values.contains(where: { $0.parent == code && !new.holds($0) }) {
          notes[index, default: []].insert("references.closed closed")
        }
      }
      verdict.notes = notes
      return (verdict, brought)
    }
  }

  private static func leadsBack(_ code: String, _ units: [String: Unit]) -> Bool {
    var at = units[code]?.parent
    for _ in units {
      guard let next = at else { return false }
      if next == code { return true }
      at = units[next]?.parent
    }
    return false
  }
}

@Suite("References in random forests with random edges")
struct GraphModelTests {
  private struct Draw {
    var random: SeededRandom

    mutating func day() -> String? {
      random.below(3) > 0 ? nil : "20\(10 + random.below(4))-01-01"
    }

    /// Mostly a forest, for a unit's parent has a lower number; now and then any edge.
    mutating func record(_ count: Int) -> (code: String, unit: GraphModel.Unit) {
      let number = random.below(count)
      let any = random.below(5) == 0
      let parent = any ? random.below(count + 1) : random.below(number + 1) - 1
      let opened = day()
      return (
        "U\(number)",
        GraphModel.Unit(
          parent: parent < 0 || parent == number && !any ? nil : "U\(parent)", opened: opened, closed: day())
      )
    }

    mutating func batch() -> [(code: String, unit: GraphModel.Unit)] {
      let count = 4 + random.below(8)
      return (0..<random.below(14)).map { _ in record(count) }
    }

    mutating func policy() -> ReferenceRules.Outcome { random.below(2) == 0 ? .reject : .note }
  }

  private static func lines(_ records: [(code: String, unit: GraphModel.Unit)]) -> [TestRecord] {
    records.map { code, unit in
      TestRecord([code, unit.parent, unit.opened, unit.closed].map { $0.map { .value($0) } ?? .null })
    }
  }

  private static func verdict(_ outcome: LoadDriver.Outcome) -> GraphModel.Verdict {
    var verdict = GraphModel.Verdict()
    for (ordinal, failures) in outcome.failures {
      let record = Int(ordinal) - 1
      if let rejected = failures.first(where: { $0.kind == .reject }) {
        verdict.rejected[record] = rejected.rule
        continue
      }
      let notes = failures.filter { $0.rule != "duplicate" }
      if !notes.isEmpty { verdict.notes[record] = Set(notes.map { "\($0.rule) \($0.field)" }) }
    }
    return verdict
  }

  @Test("merge judges as a plain check does", arguments: 1...60)
  func merging(seed: Int) throws {
    var draw = Draw(random: SeededRandom(seed: UInt64(seed)))
    var model = GraphModel(missing: draw.policy(), closed: draw.policy())
    let bench = try Bench(.merge, UnitGraph.unit(missing: model.missing, closed: model.closed))
    for number in 1...8 {
      let records = draw.batch()
      let outcome = try bench.load([Self.lines(records)])
      let (expected, brought) = model.judge(records)
      try #require(Self.verdict(outcome) == expected, "seed \(seed), batch \(number): \(records)")
      model.units.merge(brought) { $1 }
    }
  }

  @Test("replace judges by what will stand after the run, as a plain check does", arguments: 1...40)
  func replacing(seed: Int) throws {
    var draw = Draw(random: SeededRandom(seed: UInt64(seed)))
    var model = GraphModel(missing: draw.policy(), closed: draw.policy())
    let bench = try Bench(.replace, UnitGraph.unit(missing: model.missing, closed: model.closed))
    for number in 1...4 {
      var staged: [String: GraphModel.Unit] = [:]
      let batches = (1...3).map { place in
        var batch = bench.batch("B\(number)\(place)")
        batch.run = "R\(number)"
        return batch
      }
      for batch in batches {
        let records = draw.batch()
        let outcome = try bench.load([Self.lines(records)], as: batch)
        let (expected, brought) = model.judge(records, staged: staged)
        try #require(Self.verdict(outcome) == expected, "seed \(seed), run \(number): \(records)")
        staged.merge(brought) { $1 }
      }
      _ = try bench.connection.publish(run: "R\(number)", batches: batches)
      model.units = staged
    }
  }
}
