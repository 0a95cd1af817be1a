// SPDX-License-Identifier: Apache-2.0

/// Puts values in an order in which each stands after those it uses.
struct ValueOrder {
  /// For each value, in the order written, the values it uses. Names that are no value here are passed over.
  private let uses: [String: [String]]
  private(set) var ordered: [String] = []
  /// Each circle found: `a` uses `b` uses … uses `a`, without the repeated end.
  private(set) var cycles: [[String]] = []
  private var done: Set<String> = []

  init(_ values: [(name: String, uses: [String])]) {
    uses = Dictionary(values.map { ($0.name, $0.uses) }) { first, _ in first }
    var trail: [String] = []
    for value in values { visit(value.name, &trail) }
  }

  private mutating func visit(_ name: String, _ trail: inout [String]) {
    guard let needed = uses[name], !done.contains(name) else { return }
    if let start = trail.firstIndex(of: name) {
      cycles.append(Array(trail[start...]))
      return
    }
    trail.append(name)
    for other in needed { visit(other, &trail) }
    trail.removeLast()
    if done.insert(name).inserted { ordered.append(name) }
  }
}
