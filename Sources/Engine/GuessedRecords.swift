// SPDX-License-Identifier: Apache-2.0

import Components

/// Which place of a sample holds the records.
struct GuessedRecords {
  /// A place, and the steps from the document to it, this one included.
  struct Place {
    var node: ObservedNode
    var path: String
    /// Nodes above it, the root first.
    var ancestors: [(node: ObservedNode, path: String)]
  }

  private(set) var chosen: Place
  /// Other lists that no record holds.
  private(set) var others: [Place] = []

  init(_ root: ObservedNode, step: (ObservedNode) -> String) {
    let rootPath = root.name.isEmpty ? "/" : "/" + step(root)
    chosen = Place(node: root, path: rootPath, ancestors: [])
    var lists: [Place] = []
    func visit(_ node: ObservedNode, _ path: String, _ ancestors: [(node: ObservedNode, path: String)]) {
      if node.isList || (ancestors.isEmpty && node.count > 1), node.ownValues > 0 || node.kind == .leaf {
        lists.append(Place(node: node, path: path, ancestors: ancestors))
      }
      for child in node.children where child.kind != .attribute && child.canBeNamed && !node.isMixed {
        if child.entry == .item, node.children.count > 1 { continue }
        visit(child, (path == "/" ? "" : path) + "/" + step(child), ancestors + [(node, path)])
      }
    }
    visit(root, rootPath, [])
    guard let best = Self.best(lists, root) else { return }
    chosen = best
    others = lists.filter { other in
      other.path != best.path && best.path != "/" && !other.path.hasPrefix(best.path + "/")
        && !best.path.hasPrefix(other.path + "/")
        && other.path != "/"
    }
  }

  private static func best(_ lists: [Place], _ root: ObservedNode) -> Place? {
    var best: Place?
    for place in lists where place.node.kind == .branch {
      guard let current = best else {
        best = place
        continue
      }
      let isWithin = place.path.hasPrefix(current.path == "/" ? "/" : current.path + "/")
      // Records that hold many others are rather a heading above them.
      let isBetter =
        isWithin
        ? place.node.count >= 40 * current.node.count
        : place.node.count * place.node.ownValues > current.node.count * current.node.ownValues
      if isBetter { best = place }
    }
    if let found = best, found.path != "/" {
      // One document with some lists in it, as a letter with its receivers, is itself the record.
      let own = root.ownValues
      return own > 3 && own > 2 * found.node.count && !found.ancestors.isEmpty ? nil : found
    }
    if best == nil, root.ownValues == 0 { return lists.max { $0.node.count < $1.node.count } }
    return best
  }
}

extension ObservedNode {
  /// Whether one parent may hold several.
  var isList: Bool { isArray || mostPerParent > 1 || entry != .name }

  /// A key that is empty has no name in a path.
  var canBeNamed: Bool { !name.isEmpty || entry != .name }

  /// Values that one occurrence holds without going through a list.
  var ownValues: Int {
    var sum = 0
    if case .member = entry { sum += 1 }
    for child in children where child.canBeNamed && !child.isList {
      sum += child.kind == .branch ? child.ownValues : 1
    }
    return sum
  }
}
