// SPDX-License-Identifier: Apache-2.0

/// Runs a program: as a table of states made beforehand where that stays small, else by following all its threads at
/// once. Either way each scalar is looked at once.
struct Automaton: Sendable {
  private let steps: [PatternProgram.Step]
  private let entry: Int
  private let classes: ScalarClasses
  private let table: StateTable?

  init(_ program: PatternProgram) throws(PatternError) {
    guard let classes = ScalarClasses(program.sets) else {
      throw PatternError(
        offset: 0, message: "the pattern tells too many kinds of characters apart", help: "use fewer different sets")
    }
    self.classes = classes
    steps = program.steps
    entry = program.entry
    table = StateTable(program, classes)
  }

  func matches(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if let table { return table.matches(bytes, classes) }
    return follow(bytes)
  }

  private func follow(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var threads = ThreadSet(capacity: steps.count)
    var next = ThreadSet(capacity: steps.count)
    threads.add(entry, steps, atStart: true, atEnd: bytes.isEmpty)
    var at = 0
    while at < bytes.count {
      let (scalar, width) = UTF8Scalar.read(bytes, at)
      at += width
      let number = classes.number(of: scalar)
      next.removeAll()
      for thread in threads.members {
        if case .scalar(let set, let target) = steps[thread], classes.members[set][number] {
          next.add(target, steps, atStart: false, atEnd: at == bytes.count)
        }
      }
      swap(&threads, &next)
      if threads.members.isEmpty { return false }
    }
    return threads.members.contains { steps[$0] == .match }
  }
}

/// A set of steps in which everything reachable without a scalar is included.
struct ThreadSet {
  private(set) var members: [Int] = []
  private var isMember: [Bool]

  init(capacity: Int) { isMember = Array(repeating: false, count: capacity) }

  mutating func removeAll() {
    for member in members { isMember[member] = false }
    members.removeAll(keepingCapacity: true)
  }

  mutating func add(_ step: Int, _ steps: [PatternProgram.Step], atStart: Bool, atEnd: Bool) {
    var open = [step]
    while let step = open.popLast() {
      if isMember[step] { continue }
      isMember[step] = true
      members.append(step)
      switch steps[step] {
      case .split(let one, let other):
        open.append(other)
        open.append(one)
      case .start(let next): if atStart { open.append(next) }
      case .end(let next): if atEnd { open.append(next) }
      case .scalar, .match: break
      }
    }
  }
}
