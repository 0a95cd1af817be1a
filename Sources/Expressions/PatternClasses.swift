// SPDX-License-Identifier: Apache-2.0

/// Classes of scalars that a pattern does not tell apart: what its automaton reads instead of scalars.
struct ScalarClasses: Sendable {
  let count: Int
  private let ascii: [UInt16]
  /// First scalars of the intervals in which the class stays the same, ascending, and that class.
  private let starts: [UInt32]
  private let classOfInterval: [UInt16]
  /// For each set, for each class, whether the set holds it.
  let members: [[Bool]]

  /// - Returns: nil where a pattern tells more classes apart than a table can hold.
  init?(_ sets: [ScalarSet]) {
    var cuts: Set<UInt32> = [0]
    for set in sets {
      for range in set.ranges {
        cuts.insert(range.lowerBound)
        if range.upperBound < ScalarSet.last { cuts.insert(range.upperBound + 1) }
      }
    }
    let starts = cuts.sorted()
    var positions = [Int](repeating: 0, count: sets.count)
    var numbers: [[Bool]: UInt16] = [:]
    var signatures: [[Bool]] = []
    var classOfInterval: [UInt16] = []
    for start in starts {
      let signature = sets.indices.map { index in
        let ranges = sets[index].ranges
        while positions[index] < ranges.count, ranges[positions[index]].upperBound < start { positions[index] += 1 }
        return positions[index] < ranges.count && ranges[positions[index]].lowerBound <= start
      }
      if numbers[signature] == nil {
        guard signatures.count < 1000 else { return nil }
        numbers[signature] = UInt16(signatures.count)
        signatures.append(signature)
      }
      classOfInterval.append(numbers[signature] ?? 0)
    }
    self.starts = starts
    self.classOfInterval = classOfInterval
    count = signatures.count
    members = sets.indices.map { index in signatures.map { $0[index] } }
    ascii = (UInt32(0)..<128).map { ScalarClasses.find($0, starts, classOfInterval) }
  }

  @inline(__always)
  func number(of scalar: UInt32) -> Int {
    Int(scalar < 128 ? ascii[Int(scalar)] : ScalarClasses.find(scalar, starts, classOfInterval))
  }

  private static func find(_ scalar: UInt32, _ starts: [UInt32], _ classes: [UInt16]) -> UInt16 {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= scalar { low = middle } else { high = middle }
    }
    return classes[low]
  }
}
