// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths

/// - Parameter entries: `[a, b]` is a list of texts.
func settings(_ entries: [(String, String)] = []) -> Settings {
  func text(_ text: String) -> Tree { Tree(.scalar(text, isPlain: false), at: nowhere) }
  func value(_ written: String) -> Tree {
    guard written.hasPrefix("[") else { return text(written) }
    return Tree(
      .sequence(written.dropFirst().dropLast().split(separator: ", ").map { text(String($0)) }), at: nowhere)
  }
  let tree = Tree(
    .mapping(entries.map { Tree.Entry(key: $0.0, keyPosition: nowhere, value: value($0.1)) }), at: nowhere)
  return Settings(tree, owner: "decoder")
}

func kind(_ records: String, _ slots: [String], children: [RecordKind] = []) throws -> RecordKind {
  RecordKind(records: try RecordPath(parsing: records), slots: try slots.map(slot), children: children)
}
