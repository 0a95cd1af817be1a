// SPDX-License-Identifier: Apache-2.0

import Diagnostics
import PipelineFiles
import Records

/// What a pipeline uses of the files beside it, found from its spec alone, so that it is known also where the
/// pipeline cannot be planned.
struct UsedFiles {
  /// Entities it feeds, and their parents.
  private(set) var entities: Set<String> = []
  /// Code lists it looks up in.
  private(set) var lists: Set<String> = []
  /// Systems that the `extract` section names.
  private(set) var systems: Set<String> = []

  init(_ spec: PipelineSpec, _ contents: FolderContents) {
    for transform in spec.transforms { add(transform, contents) }
    if let settings = spec.extract?.settings { addSystems(of: settings) }
  }

  /// Names within the folder, sorted.
  var names: [String] {
    let schema = entities.map { "schema/\($0).yaml" }
    return (schema + lists.flatMap { ["codelists/\($0).csv", "codelists/\($0).yaml"] }).sorted()
  }

  private mutating func add(_ transform: TransformSpec, _ contents: FolderContents) {
    var next = transform.to?.value
    while let name = next, entities.insert(name).inserted { next = contents.entities[name]?.parent }
    let entity = transform.to.flatMap { contents.entities[$0.value] }
    for entry in transform.map + transform.lets {
      if let list = entry.lookup?.value { lists.insert(list) }
      if case .code(let list)? = entity?.field(entry.name.value)?.type { lists.insert(list) }
    }
    for child in transform.children { add(child, contents) }
  }

  private mutating func addSystems(of tree: Tree) {
    for item in tree.items ?? [] { addSystems(of: item) }
    for entry in tree.entries ?? [] {
      if entry.key == "system", let name = entry.value.text { systems.insert(name) }
      addSystems(of: entry.value)
    }
  }
}
