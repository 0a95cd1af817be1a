// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths

func settings(_ entries: [(String, String)] = []) -> Settings {
  let tree = Tree(
    .mapping(
      entries.map {
        Tree.Entry(key: $0.0, keyPosition: nowhere, value: Tree(.scalar($0.1, isPlain: false), at: nowhere))
      }), at: nowhere)
  return Settings(tree, owner: "decoder")
}

func kind(_ records: String, _ slots: [String], children: [RecordKind] = []) throws -> RecordKind {
  RecordKind(records: try RecordPath(parsing: records), slots: try slots.map(slot), children: children)
}
