// SPDX-License-Identifier: Apache-2.0

/// A pattern as tables: one look-up a character. All states are worked out beforehand, so that nothing
/// changes while it runs.
struct PatternAutomaton: Sendable {
  /// A row a state: what holds in it, then the offset of the next state's row for each class. Row 0 is the
  /// state that nothing leads out of.
  private let table: [Int32]
  private let start: Int
  private let isSearch: Bool

  private static let matchesHere: Int32 = 1
  private static let matchesAtEnd: Int32 = 2

  /// - Parameter budget: elementary steps that may be spent.
  /// - Returns: nil when they do not suffice.
  init?(_ program: PatternProgram, isSearch: Bool, budget: Int) {
    let classes = program.classes.count
    let width = classes + 1
    var closure = PatternClosure(program)
    var table = [Int32](repeating: 0, count: width)
    var rows: [[Int]: Int32] = [[]: 0]
    var sets: [[Int]] = [[]]

    func addRow(_ set: [Int], isStart: Bool) -> Int32 {
      let row = Int32(table.count)
      let atEnd = closure.matchesAtEnd(set, of: program, atStart: isStart)
      let flags = (program.hasMatch(set) ? Self.matchesHere : 0) | (atEnd ? Self.matchesAtEnd : 0)
      table.append(flags)
      table.append(contentsOf: repeatElement(0, count: classes))
      sets.append(set)
      return row
    }

    var first: [Int] = []
    closure.start()
    closure.add(program.entry, of: program, to: &first, atStart: true, atEnd: false)
    // The first state alone stands at the begin of the text: it is no other state's equal.
    start = Int(addRow(first.sorted(), isStart: true))
    var state = 1
    while state < sets.count {
      let set = sets[state]
      let isDecided = isSearch && program.hasMatch(set)
      for found in 0..<(isDecided ? 0 : classes) {
        var next: [Int] = []
        closure.start()
        for index in set {
          closure.work += 1
          guard case .one(let members, let behind) = program.steps[index],
            program.classes.members[members * classes + found]
          else { continue }
          closure.add(behind, of: program, to: &next, atStart: false, atEnd: false)
        }
        if isSearch { closure.add(program.entry, of: program, to: &next, atStart: false, atEnd: false) }
        next.sort()
        let row = rows[next] ?? addRow(next, isStart: false)
        rows[next] = row
        table[state * width + 1 + found] = row
        closure.work += next.count + 1
        guard closure.work <= budget, table.count <= budget else { return nil }
      }
      state += 1
    }
    self.table = table
    self.isSearch = isSearch
  }

  func run(_ bytes: UnsafeBufferPointer<UInt8>, _ classes: ScalarClasses) -> Bool {
    table.withUnsafeBufferPointer { table in
      var row = start
      var at = 0
      while let base = bytes.baseAddress, at < bytes.count {
        if isSearch, table[row] & Self.matchesHere != 0 { return true }
        row = Int(table[row + 1 + classes.next(base, &at, bytes.count)])
        if row == 0 { return false }
      }
      return table[row] & Self.matchesAtEnd != 0
    }
  }
}
