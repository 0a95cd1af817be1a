// SPDX-License-Identifier: Apache-2.0

/// A pattern as a non-deterministic automaton over Unicode scalars.
struct PatternProgram {
  enum Step: Equatable {
    /// One scalar of the set with this number.
    case scalar(set: Int, next: Int)
    case split(Int, Int)
    case start(next: Int)
    case end(next: Int)
    case match
  }

  private(set) var steps: [Step] = [.match]
  private(set) var entry = 0
  /// The different sets that steps ask for.
  private(set) var sets: [ScalarSet] = []

  /// Most steps a pattern may need; `(a{1000}){1000}` must not eat the memory.
  private static let maximumSteps = 20_000

  init(_ tree: PatternTree) throws(PatternError) {
    entry = try compile(tree, to: 0)
  }

  private mutating func add(_ step: Step) throws(PatternError) -> Int {
    if steps.count >= PatternProgram.maximumSteps {
      throw PatternError(
        offset: 0, message: "the pattern is too large once its repetitions are written out",
        help: "use smaller counts, or check the length apart with 'length'")
    }
    steps.append(step)
    return steps.count - 1
  }

  /// Adds the steps of a tree in front of `next` and answers where they begin.
  private mutating func compile(_ tree: PatternTree, to next: Int) throws(PatternError) -> Int {
    switch tree {
    case .empty: return next
    case .start: return try add(.start(next: next))
    case .end: return try add(.end(next: next))
    case .sequence(let parts):
      var entry = next
      for part in parts.reversed() { entry = try compile(part, to: entry) }
      return entry
    case .alternatives(let branches):
      var entry: Int?
      for branch in branches.reversed() {
        let start = try compile(branch, to: next)
        if let before = entry { entry = try add(.split(start, before)) } else { entry = start }
      }
      return entry ?? next
    case .scalars(let set):
      let number = sets.firstIndex(of: set) ?? sets.count
      if number == sets.count { sets.append(set) }
      return try add(.scalar(set: number, next: next))
    case .repeated(let inner, let minimum, let maximum):
      var entry = next
      if let maximum {
        // Copies that may be left out: each can jump behind all of them.
        for _ in minimum..<max(minimum, maximum) { entry = try add(.split(try compile(inner, to: entry), next)) }
      } else {
        let loop = try add(.split(next, next))
        steps[loop] = .split(try compile(inner, to: loop), next)
        entry = loop
      }
      for _ in 0..<minimum {
        let before = entry
        entry = try compile(inner, to: before)
        if entry == before { break }
      }
      return entry
    }
  }

}
