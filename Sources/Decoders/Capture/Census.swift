// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Paths

/// What a payload holds, counted only until the records' parents are found, to say what is there instead.
struct Census {
  private struct Entry: Hashable {
    var name: String
    var space: UInt
    var level: Int
  }

  /// Bounded: a payload of ever new names must not fill memory.
  private static let mostEntries = 256
  private static let deepestLevel = 8

  private var counts: [Entry: Int] = [:]
  private var root: Entry?

  mutating func count(_ name: UnsafeBufferPointer<UInt8>, space: UInt, level: Int, by step: Int = 1) {
    guard level <= Self.deepestLevel else { return }
    let entry = Entry(name: String(decoding: name, as: UTF8.self), space: space, level: level)
    if root == nil, level == 1 { root = entry }
    if counts[entry] != nil || counts.count < Self.mostEntries { counts[entry, default: 0] += step }
  }

  /// The failure of a record path whose parent the payload does not have.
  func nothingMatched(
    _ path: RecordPath, section: String, namespaces: [String: [String]], spaceName: (UInt) -> String?
  ) -> StageFailure {
    StageFailure(
      id: "decode.nothing-matched",
      "`\(path)` matched nothing; \(whatIsThere(path, namespaces, spaceName))",
      help: "correct '\(section).records'\(section == "decode.xml" ? " or 'decode.xml.namespaces'" : ""); "
        + "if the source leaves the list out when it is empty, add 'empty: allowed'",
      exit: .data)
  }

  private func whatIsThere(
    _ path: RecordPath, _ namespaces: [String: [String]], _ spaceName: (UInt) -> String?
  ) -> String {
    if let root, let likely = likelyPath(path, root, spaceName) {
      return "the document begins with \(described(root, spaceName)): did you mean `\(likely)`?"
    }
    // The wanted names from the record up: the first that is there in another namespace tells most, then the first
    // that is there at all.
    var asWanted: String?
    for step in path.steps.reversed() {
      guard case .child(let name, _) = step else { continue }
      let parts = name.written.split(separator: ":", maxSplits: 1).map(String.init)
      let wanted = namespaces[parts.count == 2 ? parts[0] : "default"] ?? []
      let local = parts.last ?? name.written
      let found = counts.filter { $0.key.name == local || $0.key.name == name.written }
      guard let most = found.max(by: { $0.value < $1.value }) else { continue }
      let text = "the document has \(described(most.key, spaceName)), \(Self.times(most.value))"
      let isThere = found.keys.contains { key in
        spaceName(key.space).map(wanted.contains) ?? wanted.isEmpty
      }
      if !isThere { return text }
      asWanted = asWanted ?? text
    }
    if let asWanted { return asWanted }
    guard let root else { return "the document has no named content" }
    let children = counts.filter { $0.key.level == 2 }
      .sorted { ($1.value, $0.key.name) < ($0.value, $1.key.name) }
      .prefix(3).map { "\(described($0.key, spaceName)), \(Self.times($0.value))" }
    let rest = children.isEmpty ? "" : " with \(children.joined(separator: "; "))"
    return "the document begins with \(described(root, spaceName))\(rest)"
  }

  /// The path with the root that is there, when the wanted root differs from it by a slip only.
  private func likelyPath(_ path: RecordPath, _ root: Entry, _ spaceName: (UInt) -> String?) -> String? {
    guard case .child(let name, _) = path.steps.first, path.text.hasPrefix("/\(name.written)") else {
      return nil
    }
    let prefix =
      spaceName(root.space) == nil
      ? ""
      : name.written.split(separator: ":").dropLast().first
        .map { "\($0):" } ?? ""
    let wanted = name.written.split(separator: ":").last.map(String.init) ?? name.written
    guard wanted.count > 2, root.name != wanted, Suggestion.nearest(to: wanted, among: [root.name]) != nil
    else { return nil }
    return "/\(prefix)\(root.name)\(path.text.dropFirst(name.written.count + 1))"
  }

  private func described(_ entry: Entry, _ spaceName: (UInt) -> String?) -> String {
    if let uri = spaceName(entry.space) { return "`\(entry.name)` in `\(uri)`" }
    return "`\(entry.name)`"
  }

  static func times(_ count: Int) -> String {
    if count == 0 { return "without items" }
    if count == 1 { return "once" }
    var digits = String(count)
    var at = digits.count - 3
    while at > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: at))
      at -= 3
    }
    return "\(digits) times"
  }
}
