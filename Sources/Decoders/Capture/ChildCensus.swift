// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Paths

/// What stands where records should, counted only until the first record: for a record path whose last step is a slip.
struct ChildCensus {
  private struct Entry {
    var name: [UInt8]
    var count: Int
    var isStructure: Bool
  }

  /// Bounded: a payload of ever new names must not fill memory.
  private static let mostEntries = 64

  private var entries: [Entry] = []
  private var last = 0
  /// The path's own last step is there, as a list without items or one that a predicate refuses.
  private var isThere = false

  mutating func sawWanted() { isThere = true }

  mutating func count(_ name: UnsafeBufferPointer<UInt8>, isStructure: Bool, by step: Int = 1) {
    if last >= entries.count || !entries[last].name.elementsEqual(name) {
      guard let at = entries.firstIndex(where: { $0.name.elementsEqual(name) }) else {
        guard entries.count < Self.mostEntries else { return }
        last = entries.count
        return entries.append(Entry(name: Array(name), count: step, isStructure: isStructure))
      }
      last = at
    }
    entries[last].count += step
  }

  /// What to tell of a path without records; nil when an empty list is the likelier reason.
  func notice(_ path: RecordPath, hasPrefixes: Bool) -> String? {
    guard !isThere, !entries.isEmpty, case .child(let step, _) = path.steps.last else { return nil }
    let parts = step.written.split(separator: ":", maxSplits: 1)
    let prefix = hasPrefixes && parts.count == 2 ? "\(parts[0]):" : ""
    let wanted = String(step.written.dropFirst(prefix.count))
    let names = entries.map { String(decoding: $0.name, as: UTF8.self) }
    // Of one or two letters any other would be a slip.
    let near =
      wanted.count < 3
      ? nil : Suggestion.nearest(to: wanted, among: names.filter { $0 != wanted })
    // Single values beside an empty list, as its count, are no records.
    let likely = zip(names, entries).filter { $1.count > 1 || $1.isStructure || $0 == near || $0 == wanted }
    guard !likely.isEmpty else { return nil }
    let shown = likely.sorted { $0.1.count > $1.1.count }.prefix(3)
      .map { "'\($0)' (\(Census.times($1.count)))" }.joined(separator: ", ")
    let above = Self.parent(of: path)
    let text = "\(path.text) matched nothing; \(above.isEmpty ? "the document" : above) has \(shown)"
    guard let meant = near ?? (likely.count == 1 && likely[0].0 != wanted ? likely[0].0 : nil) else {
      return text
    }
    return "\(text): did you mean \(above)/\(prefix)\(meant)?"
  }

  /// The path's text without its last step.
  private static func parent(of path: RecordPath) -> String {
    var depth = 0
    for index in path.text.indices.reversed() {
      switch path.text[index] {
      case "]": depth += 1
      case "[": depth -= 1
      case "/" where depth == 0: return String(path.text[..<index])
      default: break
      }
    }
    return ""
  }
}
