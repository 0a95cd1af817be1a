// SPDX-License-Identifier: Apache-2.0

/// The deterministic automaton of a pattern: for each state and class of scalars the next state.
struct StateTable: Sendable {
  private static let maximumStates = 2000
  /// Work of building, in threads followed; past it the pattern is run without a table.
  private static let maximumWork = 500_000

  private let classCount: Int
  private var next: [UInt16] = []
  private var accepts: [Bool] = []

  init?(_ program: PatternProgram, _ classes: ScalarClasses) {
    let steps = program.steps
    classCount = classes.count
    // State 0 is dead. A state's set is closed as in the middle of a text; whether it accepts is asked as at the end.
    var states: [[Int]] = []
    var numbers: [[Int]: UInt16] = [:]
    var scratch = ThreadSet(capacity: steps.count)
    var work = 0

    func add(_ members: [Int], atStart: Bool, to table: inout StateTable) -> UInt16? {
      if states.count >= StateTable.maximumStates || work > StateTable.maximumWork { return nil }
      scratch.removeAll()
      for member in members { scratch.add(member, steps, atStart: atStart, atEnd: true) }
      states.append(members)
      table.accepts.append(scratch.members.contains { steps[$0] == .match })
      table.next += Array(repeating: 0, count: classes.count)
      return UInt16(states.count - 1)
    }

    guard let dead = add([], atStart: false, to: &self) else { return nil }
    numbers[[]] = dead
    scratch.add(program.entry, steps, atStart: true, atEnd: false)
    guard add(scratch.members.sorted(), atStart: true, to: &self) != nil else { return nil }
    var state = 1
    while state < states.count {
      for number in 0..<classes.count {
        scratch.removeAll()
        for member in states[state] {
          if case .scalar(let set, let target) = steps[member], classes.members[set][number] {
            scratch.add(target, steps, atStart: false, atEnd: false)
          }
        }
        let reached = scratch.members.sorted()
        work += states[state].count + reached.count
        if numbers[reached] == nil {
          guard let fresh = add(reached, atStart: false, to: &self) else { return nil }
          numbers[reached] = fresh
        }
        next[state * classes.count + number] = numbers[reached] ?? dead
      }
      state += 1
    }
  }

  func matches(_ bytes: UnsafeBufferPointer<UInt8>, _ classes: ScalarClasses) -> Bool {
    next.withUnsafeBufferPointer { next in
      var state = 1
      var at = 0
      while at < bytes.count {
        let (scalar, width) = UTF8Scalar.read(bytes, at)
        at += width
        state = Int(next[state * classCount + classes.number(of: scalar)])
        if state == 0 { return false }
      }
      return accepts[state]
    }
  }
}
