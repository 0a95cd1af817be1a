// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineFiles

/// Makes plans of pipeline files. Pure: it sees only what was read for it, and opens neither source nor destination.
public struct Planner: Sendable {
  private let catalog: Catalog
  private let contents: FolderContents
  /// Every pipeline of the folder, with what its own file says wrong.
  private let read: [ReadPipeline]

  private struct ReadPipeline: Sendable {
    var file: FolderContents.PipelineFile
    var spec: PipelineSpec?
    var diagnostics: [Diagnostic]

    /// The declared name; of a file that declares none, the file's own.
    var name: String { spec?.name?.value ?? Planner.stem(of: file.file) }
  }

  init(catalog: Catalog, contents: FolderContents) {
    self.catalog = catalog
    self.contents = contents
    read = contents.pipelines.map { file in
      guard let tree = file.tree else { return ReadPipeline(file: file, spec: nil, diagnostics: []) }
      let (spec, diagnostics) = PipelineSpecReader.read(tree, file: file.file, text: file.text)
      return ReadPipeline(file: file, spec: spec, diagnostics: diagnostics)
    }
  }

  /// Names of all pipelines of the folder, sorted.
  public var pipelineNames: [String] { Set(read.map(\.name)).sorted() }

  /// Plans the pipelines asked for.
  ///
  /// - Parameter wanted: names of pipelines or files; empty for all.
  /// - Returns: the plans of those without errors, in the order of their files, and all diagnostics of all of them,
  ///   sorted by place. An unknown pipeline is a diagnostic without a place.
  public func plan(_ wanted: [String] = []) -> (plans: [Plan], diagnostics: [Diagnostic]) {
    var diagnostics: [Diagnostic] = []
    var chosen: Set<Int> = []
    for name in wanted {
      let found = read.indices.filter { read[$0].name == name || Self.names(name, file: read[$0].file.file) }
      if found.isEmpty { diagnostics.append(.unknownPipeline(name, known: pipelineNames)) }
      chosen.formUnion(found)
    }
    if wanted.isEmpty { chosen = Set(read.indices) }
    var plans: [Plan] = []
    for index in chosen.sorted() {
      let (plan, found) = plan(read[index], at: index)
      diagnostics += found
      if let plan { plans.append(plan) }
    }
    return (plans, Self.sorted(diagnostics))
  }

  private func plan(_ pipeline: ReadPipeline, at index: Int) -> (Plan?, [Diagnostic]) {
    var diagnostics = pipeline.diagnostics
    guard let spec = pipeline.spec else { return (nil, diagnostics) }
    if let name = spec.name, let first = read.first(where: { $0.spec?.name?.value == name.value }),
      first.file.file != spec.file
    {
      diagnostics.append(.duplicatePipeline(name, first: first.file.file))
    }
    var planner = PipelinePlanner(spec, catalog: catalog, folder: contents)
    let plan = planner.plan { used in digest(pipeline.file, used) }
    diagnostics += planner.diagnostics
    return (diagnostics.contains { $0.severity == .error } ? nil : plan, diagnostics)
  }

  private func digest(_ file: FolderContents.PipelineFile, _ used: UsedFiles) -> String {
    var digest = PlanDigest()
    digest.add("pipeline", file.text)
    for key in used.entities.map({ "schema/\($0)" }).sorted() + used.lists.map({ "codelists/\($0)" }).sorted() {
      digest.add(key, contents.usedTexts[key] ?? "")
    }
    return digest.hexadecimal
  }

  /// Whether a command-line word means the file: its shown path, or any way to it that ends in the same name.
  private static func names(_ word: String, file: String) -> Bool {
    word == file || (word.hasSuffix(".yaml") && lastPart(of: word) == lastPart(of: file))
  }

  private static func lastPart(of path: String) -> String { String(path.split(separator: "/").last ?? "") }

  private static func stem(of path: String) -> String {
    let last = lastPart(of: path)
    return last.hasSuffix(".yaml") ? String(last.dropLast(5)) : last
  }

  /// By place, those without one first; each once.
  static func sorted(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
    var unique: [Diagnostic] = []
    for diagnostic in diagnostics where !unique.contains(diagnostic) { unique.append(diagnostic) }
    return unique.enumerated().sorted { left, right in
      switch (left.element.position, right.element.position) {
      case (nil, nil): left.offset < right.offset
      case (nil, _): true
      case (_, nil): false
      case (let one?, let other?): one == other ? left.offset < right.offset : one < other
      }
    }.map(\.element)
  }
}
