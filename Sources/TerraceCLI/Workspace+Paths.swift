// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import Engine
import Glibc
import Planning
import Store

extension Workspace {
  /// A path of the command line from the root, without `.` and `..`.
  static func absolutePath(_ path: String) -> String {
    var parts: [Substring] = []
    for part in (path.hasPrefix("/") ? path : workingFolder + "/" + path).split(separator: "/")
    where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  private static var workingFolder: String {
    guard let buffer = getcwd(nil, 0) else { return "" }
    defer { free(buffer) }
    return String(cString: buffer)
  }

  /// The folder that pipeline files named with their paths are in; nil when none is named that way.
  static func folder(of words: [String], usual: String) -> String? {
    let files = words.filter { $0.hasSuffix(".yaml") }
    for file in files where file.contains("/") || access(usual + "/" + file, F_OK) != 0 {
      let path = absolutePath(file)
      if access(path, F_OK) == 0 { return parent(of: path) }
    }
    return nil
  }

  /// A word of the command line as the planner knows it: a path that leads into the pipelines folder becomes the
  /// file's shown name.
  func pipelineWord(_ word: String) -> String {
    guard word.hasSuffix(".yaml"), word.contains("/") else { return word }
    let path = Self.absolutePath(word)
    guard Self.parent(of: path) == pipelinesFolder else { return word }
    let folder = pipelinesFolder.split(separator: "/").last.map(String.init) ?? pipelinesFolder
    return folder + "/" + path.dropFirst(pipelinesFolder.count + 1)
  }

  /// The pipeline that a word of a listing names: one of the folder, by name or file, or one that the ledger knows.
  func pipeline(_ word: String, in ledger: Ledger) throws -> String {
    let planner = files().planner
    if let name = planner.pipelineName(pipelineWord(word)) { return name }
    let known = try ledger.summaries().map(\.pipeline)
    if known.contains(word) { return word }
    throw fail(
      StageFailure(
        id: "pipeline.unknown", "there is no pipeline '\(word)', and nothing in the ledger has that name",
        help: Suggestion.help(for: word, among: Array(Set(planner.pipelineNames + known))), exit: .usage))
  }
}
