// SPDX-License-Identifier: Apache-2.0

import Components
import Decoders
import Diagnostics
import Paths
import PipelineTesting

/// A kind of record in few words: `kind("/a/b", "@id", "x")`. A slot may begin with a take: `last:x`, `2:x`, `raw:x`.
func kind(_ records: String, _ slots: String..., children: [RecordKind] = []) throws -> RecordKind {
  RecordKind(
    records: try RecordPath(parsing: records), slots: try slots.map(slot), children: children)
}

func slot(_ text: String) throws -> CaptureSlot {
  let takes: [(String, CaptureSlot.Take)] = [
    ("first", .first), ("last", .last), ("count", .count), ("all", .all), ("2", .nth(2)),
  ]
  for (word, take) in takes where text.hasPrefix(word + ":") {
    return CaptureSlot(.path(try RecordPath(parsing: String(text.dropFirst(word.count + 1)))), take: take)
  }
  if text.hasPrefix("raw:") {
    return CaptureSlot(.path(try RecordPath(parsing: String(text.dropFirst(4)))), isRaw: true)
  }
  return CaptureSlot(.path(try RecordPath(parsing: text)))
}

let nowhere = FilePosition(file: "p.yaml", line: 1, column: 1)

func xml(
  _ kinds: RecordKind..., namespaces: [String: [String]] = [:], document: [String] = [],
  limits: (inout DecodeLimits) -> Void = { _ in }, allowsEmpty: Bool = false
) throws -> DecodingKit {
  var bounds = DecodeLimits()
  limits(&bounds)
  let decoder = try XMLDecoder(Settings(Tree(.mapping([]), at: nowhere), owner: "decoder 'xml'"))
  return DecodingKit(
    decoder,
    DecodePlan(
      namespaces: namespaces, kinds: kinds, documentSlots: try document.map(slot), limits: bounds,
      allowsEmpty: allowsEmpty))
}
