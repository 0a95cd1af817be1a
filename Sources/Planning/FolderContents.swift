// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Records

/// What the pipelines of a folder are planned from, read and parsed.
struct FolderContents: Sendable {
  /// One `*.yaml` of the folder.
  struct PipelineFile: Sendable {
    /// As diagnostics show it.
    var file: String
    /// nil when it is no YAML; why was said where it was read.
    var tree: Tree?
    var text: String
  }

  var pipelines: [PipelineFile] = []
  var entities: [String: EntitySchema] = [:]
  var lists: [String: CodeList] = [:]
  /// Names whose files are there but at fault: what uses them is not reported a second time.
  var unreadableEntities: Set<String> = []
  var unreadableLists: Set<String> = []
  var environment = SettingsEnvironment()
  /// Texts of schema and list files for the plan's digest, by `schema/<entity>` and `codelists/<list>`.
  var usedTexts: [String: String] = [:]
  /// Puts `${env:…}` into the values of a section, and says what is missing.
  var resolve: @Sendable (Tree) -> (tree: Tree, diagnostics: [Diagnostic]) = { ($0, []) }
}
