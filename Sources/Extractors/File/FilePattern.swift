// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Glibc

/// A path in which `*` stands for any part of a name, `?` for one character and `**` for any folders.
/// Names that begin with a dot are matched only by a pattern that does.
struct FilePattern: Sendable, Equatable {
  private let components: [String]
  private let isAbsolute: Bool
  /// Whether it names one file.
  let isLiteral: Bool

  init(_ text: String) {
    isAbsolute = text.hasPrefix("/")
    components = text.split(separator: "/").map(String.init).filter { $0 != "." }
    isLiteral = !text.contains { $0 == "*" || $0 == "?" }
  }

  /// The file it names where it has no wildcards.
  var literal: String { (isAbsolute ? "/" : "") + components.joined(separator: "/") }

  /// Every match, as written relative to the base folder, sorted. Folders are not matched.
  ///
  /// - Throws: a ``StageFailure`` when the part before the first wildcard is no folder, or one cannot be listed.
  func matches(in baseFolder: String) throws(StageFailure) -> [String] {
    let literal = components.dropLast().prefix { !$0.contains { $0 == "*" || $0 == "?" } }
    let start = (isAbsolute ? "/" : "") + literal.joined(separator: "/")
    let folder = absolute(start, in: baseFolder)
    var facts = stat()
    guard stat(folder, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
      throw ExtractDiagnostics.noSuchFolder(start.isEmpty ? baseFolder : start)
    }
    var found: Set<String> = []
    try collect(start, Array(components.dropFirst(literal.count)), baseFolder, &found)
    return found.sorted()
  }

  /// Where a match is on disk.
  func absolute(_ match: String, in baseFolder: String) -> String {
    isAbsolute ? match : match.isEmpty ? baseFolder : "\(baseFolder)/\(match)"
  }

  private func collect(
    _ folder: String, _ rest: [String], _ baseFolder: String, _ found: inout Set<String>
  ) throws(StageFailure) {
    guard let first = rest.first else { return }
    let entries = try list(folder, in: baseFolder)
    let join = { (name: String) in folder.isEmpty ? name : folder == "/" ? "/\(name)" : "\(folder)/\(name)" }
    if first == "**" {
      try collect(folder, Array(rest.dropFirst()), baseFolder, &found)
      // Links are not followed downwards: they could lead round in a circle.
      for entry in entries where entry.kind == .folder && !entry.name.hasPrefix(".") {
        try collect(join(entry.name), rest, baseFolder, &found)
      }
      if rest.count == 1 {
        for entry in entries where entry.kind == .other && !entry.name.hasPrefix(".") {
          if !isFolder(join(entry.name), in: baseFolder) { found.insert(join(entry.name)) }
        }
      }
      return
    }
    for entry in entries where Self.matches(entry.name, first) {
      if rest.count > 1 {
        if entry.kind != .other || isFolder(join(entry.name), in: baseFolder) {
          try collect(join(entry.name), Array(rest.dropFirst()), baseFolder, &found)
        }
      } else if entry.kind == .other, !isFolder(join(entry.name), in: baseFolder) {
        found.insert(join(entry.name))
      }
    }
  }

  private struct Entry {
    enum Kind { case folder, other }
    var name: String
    var kind: Kind
  }

  private func list(_ folder: String, in baseFolder: String) throws(StageFailure) -> [Entry] {
    guard let handle = opendir(absolute(folder, in: baseFolder)) else {
      throw ExtractDiagnostics.unreadable(
        folder, String(cString: strerror(errno)), isPermission: errno == EACCES)
    }
    defer { closedir(handle) }
    var entries: [Entry] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
      }
      if name == "." || name == ".." { continue }
      var kind = Int32(entry.pointee.d_type) == Int32(DT_DIR) ? Entry.Kind.folder : .other
      if Int32(entry.pointee.d_type) == Int32(DT_UNKNOWN) {
        var facts = stat()
        let path = absolute(folder.isEmpty ? name : "\(folder)/\(name)", in: baseFolder)
        if lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR { kind = .folder }
      }
      entries.append(Entry(name: name, kind: kind))
    }
    return entries
  }

  private func isFolder(_ match: String, in baseFolder: String) -> Bool {
    var facts = stat()
    return stat(absolute(match, in: baseFolder), &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
  }

  /// Whether a name fits a pattern of `*` and `?`. Linear in their product: one retreat point is enough.
  static func matches(_ name: String, _ pattern: String) -> Bool {
    if name.hasPrefix("."), !pattern.hasPrefix(".") { return false }
    let name = Array(name)
    let pattern = Array(pattern)
    var at = 0
    var next = 0
    var star: (pattern: Int, name: Int)?
    while at < name.count {
      if next < pattern.count, pattern[next] == "*" {
        star = (next, at)
        next += 1
      } else if next < pattern.count, pattern[next] == "?" || pattern[next] == name[at] {
        next += 1
        at += 1
      } else if let retreat = star {
        star = (retreat.pattern, retreat.name + 1)
        next = retreat.pattern + 1
        at = retreat.name + 1
      } else {
        return false
      }
    }
    return pattern[next...].allSatisfy { $0 == "*" }
  }
}
