// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths

func settings(_ entries: [(String, String)] = []) -> Settings {
  let place = FilePosition(file: "x.yaml", line: 1, column: 1)
  let tree = Tree(
    .mapping(
      entries.map {
        Tree.Entry(key: $0.0, keyPosition: place, value: Tree(.scalar($0.1, isPlain: false), at: place))
      }), at: place)
  return Settings(tree, owner: "decoder")
}

/// A slot by path, `count(path)`, `all(path)`, `first(path)`, `last(path)` or `raw(path)`.
func wanted(_ text: String) throws -> CaptureSlot {
  for (word, take) in [("count", CaptureSlot.Take.count), ("all", .all), ("first", .first), ("last", .last)]
  where text.hasPrefix(word + "(") {
    return CaptureSlot(.path(try RecordPath(parsing: String(text.dropFirst(word.count + 1).dropLast()))), take: take)
  }
  if text.hasPrefix("raw(") {
    return CaptureSlot(.path(try RecordPath(parsing: String(text.dropFirst(4).dropLast()))), isRaw: true)
  }
  return CaptureSlot(.path(try RecordPath(parsing: text)))
}

func kind(_ records: String, _ slots: [String], children: [RecordKind] = []) throws -> RecordKind {
  RecordKind(records: try RecordPath(parsing: records), slots: try slots.map(wanted), children: children)
}
