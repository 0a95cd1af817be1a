// SPDX-License-Identifier: Apache-2.0

/// What a pattern says, parsed.
indirect enum PatternNode {
  case empty
  case one(ScalarSet)
  case sequence([PatternNode])
  case choice([PatternNode])
  case repeated(PatternNode, least: Int, most: Int?)
  case start
  case end
}

/// A pattern as a nondeterministic automaton (Thompson's construction), counted repetitions written out.
struct PatternProgram: Sendable {
  enum Step: Sendable {
    /// Takes one character of a set.
    case one(set: Int, next: Int)
    case split(Int, Int)
    case start(next: Int)
    case end(next: Int)
    case match
  }

  static let sizeLimit = 4096

  private(set) var steps: [Step] = [.match]
  private(set) var entry = 0
  let classes: ScalarClasses

  init(_ node: PatternNode) throws(TextPatternError) {
    var builder = Builder()
    entry = try builder.emit(node, then: 0)
    steps = builder.steps
    classes = ScalarClasses(builder.sets)
  }

  private struct Builder {
    var steps: [Step] = [.match]
    var sets: [ScalarSet] = []
    private var setIndexes: [ScalarSet: Int] = [:]
    private var visits = 0

    /// Writes a node in front of what follows it.
    ///
    /// - Returns: index of its first step.
    mutating func emit(_ node: PatternNode, then next: Int) throws(TextPatternError) -> Int {
      // Repeated nodes without steps of their own (`(){9}{9}…`) must count too.
      visits += 1
      guard visits <= PatternProgram.sizeLimit * 2 else { throw Self.tooLarge() }
      switch node {
      case .empty: return next
      case .one(let set):
        let known = setIndexes[set] ?? sets.count
        if known == sets.count {
          setIndexes[set] = known
          sets.append(set)
        }
        return try append(.one(set: known, next: next))
      case .start: return try append(.start(next: next))
      case .end: return try append(.end(next: next))
      case .sequence(let nodes):
        var entry = next
        for node in nodes.reversed() { entry = try emit(node, then: entry) }
        return entry
      case .choice(let nodes):
        var entry = try emit(nodes[nodes.count - 1], then: next)
        for node in nodes.dropLast().reversed() {
          entry = try append(.split(try emit(node, then: next), entry))
        }
        return entry
      case .repeated(let node, let least, let most):
        return try emitRepeated(node, least, most, then: next)
      }
    }

    private mutating func emitRepeated(_ node: PatternNode, _ least: Int, _ most: Int?, then next: Int)
      throws(TextPatternError) -> Int
    {
      var entry = next
      if let most {
        for _ in least..<most { entry = try append(.split(try emit(node, then: entry), next)) }
      } else {
        entry = try append(.match)
        steps[entry] = .split(try emit(node, then: entry), next)
      }
      for _ in 0..<least { entry = try emit(node, then: entry) }
      return entry
    }

    private mutating func append(_ step: Step) throws(TextPatternError) -> Int {
      guard steps.count < PatternProgram.sizeLimit else { throw Self.tooLarge() }
      steps.append(step)
      return steps.count - 1
    }

    private static func tooLarge() -> TextPatternError {
      TextPatternError(
        offset: 0,
        message:
          "the pattern is longer than \(PatternProgram.sizeLimit) steps once its counts are written out",
        help: "lower the counts in {…}; 'min_length' and 'max_length' bound the length of a value")
    }
  }
}

/// The steps reachable without taking a character. Reused from call to call.
struct PatternClosure {
  private var marks: [UInt32]
  private var generation: UInt32 = 0
  private var pending: [Int] = []
  /// Elementary steps taken.
  var work = 0

  init(_ program: PatternProgram) { marks = Array(repeating: 0, count: program.steps.count) }

  /// Begins a new set.
  mutating func start() {
    generation += 1
  }

  /// Adds what can be reached from a step to the set: steps that take a character, the match, and, unless
  /// at the end, steps that wait for it.
  mutating func add(
    _ first: Int, of program: PatternProgram, to set: inout [Int], atStart: Bool, atEnd: Bool
  ) {
    pending.append(first)
    while let index = pending.popLast() {
      work += 1
      if marks[index] == generation { continue }
      marks[index] = generation
      switch program.steps[index] {
      case .split(let one, let other):
        pending.append(other)
        pending.append(one)
      case .start(let next):
        if atStart { pending.append(next) }
      case .end(let next):
        if atEnd { pending.append(next) } else { set.append(index) }
      case .one, .match: set.append(index)
      }
    }
  }

  /// Whether a set is a match once the text has ended.
  mutating func matchesAtEnd(_ set: [Int], of program: PatternProgram, atStart: Bool) -> Bool {
    var reached: [Int] = []
    start()
    for index in set { add(index, of: program, to: &reached, atStart: atStart, atEnd: true) }
    return program.hasMatch(reached)
  }
}

extension PatternProgram {
  func hasMatch(_ set: [Int]) -> Bool {
    set.contains { if case .match = steps[$0] { true } else { false } }
  }

  /// Follows all ways through the program at once: for patterns whose tables would be too large.
  ///
  /// - Parameter steps: grows by at most the length of the text times the size of the program.
  func simulate(_ bytes: UnsafeBufferPointer<UInt8>, isSearch: Bool, steps taken: inout Int) -> Bool {
    var closure = PatternClosure(self)
    defer { taken += closure.work }
    var current: [Int] = []
    var following: [Int] = []
    closure.start()
    closure.add(entry, of: self, to: &current, atStart: true, atEnd: false)
    var at = 0
    while let base = bytes.baseAddress, at < bytes.count {
      if isSearch, hasMatch(current) { return true }
      if current.isEmpty { return false }
      let found = classes.next(base, &at, bytes.count)
      following.removeAll(keepingCapacity: true)
      closure.start()
      for index in current {
        closure.work += 1
        guard case .one(let set, let next) = steps[index], classes.members[set * classes.count + found] else {
          continue
        }
        closure.add(next, of: self, to: &following, atStart: false, atEnd: false)
      }
      if isSearch { closure.add(entry, of: self, to: &following, atStart: false, atEnd: false) }
      swap(&current, &following)
    }
    return closure.matchesAtEnd(current, of: self, atStart: bytes.isEmpty)
  }
}
