// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import PipelineFiles
import Records

/// What the pipelines of a folder are planned from.
struct FolderContents: Sendable {
  /// One `*.yaml` of the folder.
  struct PipelineFile: Sendable {
    /// As diagnostics show it.
    var file: String
    var text: String
  }

  var pipelines: [PipelineFile] = []
  var entities: [String: EntitySchema] = [:]
  var lists: [String: CodeList] = [:]
  /// Names whose files are there but at fault: what uses them is not reported a second time.
  var unreadableEntities: Set<String> = []
  var unreadableLists: Set<String> = []
  var environment = SettingsEnvironment()
  /// Texts of the files beside the pipelines, by their names within the folder (`schema/public_asset.yaml`).
  var texts: [String: String] = [:]
  /// What was found wrong beside the pipelines, by the same names; without a file under the empty name.
  var findings: [String: [Diagnostic]] = [:]
  /// What was found wrong with a system.
  var systemFindings: @Sendable (String) -> [Diagnostic] = { _ in [] }
  /// Puts `${env:…}` into the values of a section, and says what is missing.
  var resolve: @Sendable (Tree) -> (tree: Tree, diagnostics: [Diagnostic]) = { ($0, []) }
}

extension FolderContents {
  init(_ folder: PipelineFolder, _ resolver: ReferenceResolver) {
    pipelines = folder.pipelines.map { PipelineFile(file: $0.source.file, text: $0.source.text) }
    entities = folder.schema.entities
    lists = folder.lists
    unreadableEntities = folder.schema.unreadable
    unreadableLists = folder.unreadableLists
    environment = SettingsEnvironment(systems: folder.systems.systems, secret: { resolver.secret($0) })
    let prefix = folder.displayName(of: "")
    for (name, source) in folder.sources { texts[String(name.dropFirst(prefix.count))] = source.text }
    for finding in folder.diagnostics {
      let file = finding.position.map { String($0.file.dropFirst(prefix.count)) } ?? ""
      findings[file, default: []].append(finding)
    }
    // What keeps the file from being read at all stands in the way of each system.
    let each = folder.systems.diagnostics
    let whole = (findings["systems.yaml"] ?? []).filter { !each.contains($0) }
    systemFindings = { [reader = folder.systems] in whole + reader.diagnostics(of: $0) }
    resolve = { resolver.resolve($0) }
  }
}
