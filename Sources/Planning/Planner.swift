// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineFiles

/// Makes plans of pipeline files. Pure: it sees only what was read for it, and opens neither source nor
/// destination.
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

  /// - Parameters:
  ///   - catalog: the components that pipelines may name.
  ///   - folder: what pipelines are planned from.
  ///   - resolver: puts environment variables and secrets into settings.
  public init(catalog: Catalog, folder: PipelineFolder, resolver: ReferenceResolver) {
    self.init(catalog: catalog, contents: FolderContents(folder, resolver))
  }

  init(catalog: Catalog, contents: FolderContents) {
    self.catalog = catalog
    self.contents = contents
    read = contents.pipelines.map { file in
      let (tree, found) = YAMLReader.read(file.text, file: file.file)
      guard let tree else { return ReadPipeline(file: file, spec: nil, diagnostics: found) }
      let (spec, diagnostics) = PipelineSpecReader.read(tree, file: file.file, text: file.text)
      return ReadPipeline(file: file, spec: spec, diagnostics: found + diagnostics)
    }
  }

  /// Names of all pipelines of the folder, sorted.
  public var pipelineNames: [String] { Set(read.map(\.name)).sorted() }

  /// The pipeline that a name, or a file as diagnostics show it, stands for.
  public func pipelineName(_ word: String) -> String? {
    (read.first { $0.name == word } ?? read.first { Self.names(word, file: $0.file.file) })?.name
  }

  /// Plans the pipelines asked for.
  ///
  /// - Parameter wanted: names of pipelines, or files as diagnostics show them (`Pipelines/x.yaml`, `x.yaml`); empty
  ///   for all.
  /// - Returns: the plans of those without errors, in the order of their files, but each behind those that feed what
  ///   it reads of the center or refers to; and all diagnostics of all of them and of the files beside them that they
  ///   use (for all pipelines, of all files), sorted by place. A name that means no pipeline is a diagnostic
  ///   `pipeline.unknown` without a place.
  public func plan(_ wanted: [String] = []) -> (plans: [Plan], diagnostics: [Diagnostic]) {
    var diagnostics: [Diagnostic] = []
    var chosen: Set<Int> = []
    for name in wanted {
      let found = read.indices.filter { read[$0].name == name || Self.names(name, file: read[$0].file.file) }
      if found.isEmpty { diagnostics.append(.unknownPipeline(name, known: pipelineNames)) }
      chosen.formUnion(found)
    }
    if wanted.isEmpty {
      chosen = Set(read.indices)
      diagnostics += contents.findings.values.joined()
    } else {
      diagnostics += contents.findings[""] ?? []
    }
    var plans: [Plan] = []
    for index in chosen.sorted() {
      let (plan, found) = plan(read[index])
      diagnostics += found
      if let plan { plans.append(plan) }
    }
    return (Plan.inOrder(plans), Self.sorted(diagnostics))
  }

  private func plan(_ pipeline: ReadPipeline) -> (Plan?, [Diagnostic]) {
    var diagnostics = pipeline.diagnostics
    guard let spec = pipeline.spec else { return (nil, diagnostics) }
    if let name = spec.name, let first = read.first(where: { $0.spec?.name?.value == name.value }),
      first.file.file != spec.file
    {
      diagnostics.append(.duplicatePipeline(name, first: first.file.file))
    }
    let used = UsedFiles(spec, contents)
    diagnostics += used.names.flatMap { contents.findings[$0] ?? [] }
    diagnostics += used.systems.sorted().flatMap(contents.systemFindings)
    var planner = PipelinePlanner(spec, catalog: catalog, folder: contents)
    let plan = planner.plan(using: used, digest: digest(pipeline.file, used))
    diagnostics += planner.diagnostics
    return (diagnostics.contains { $0.severity == .error } ? nil : plan, diagnostics)
  }

  private func digest(_ file: FolderContents.PipelineFile, _ used: UsedFiles) -> String {
    var digest = PlanDigest()
    digest.add("pipeline", file.text)
    for name in used.names {
      if let text = contents.texts[name] { digest.add(name, text) }
    }
    return digest.hexadecimal
  }

  /// Whether a word means the file: its shown path, or its name alone.
  private static func names(_ word: String, file: String) -> Bool {
    word == file || (word.hasSuffix(".yaml") && word == lastPart(of: file))
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
