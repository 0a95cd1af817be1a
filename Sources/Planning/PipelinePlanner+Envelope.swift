// SPDX-License-Identifier: Apache-2.0

import Components
import Diagnostics
import Paths
import PipelineFiles

extension PipelinePlanner {
  mutating func envelope(_ spec: WithinSpec?) -> EnvelopePlan? {
    guard let spec, let decoder = plainDecoder(spec.format) else { return nil }
    let type = type(of: decoder)
    let paths = PathReader(decoder: type, prefixes: spec.namespaces.map(\.prefix.value))
    if !type.isMarkup, let first = spec.namespaces.first {
      diagnostics.append(.namespacesWithoutMarkup(first.prefix.position, format: type.description.name))
    }
    var document = DocumentPlanner(paths: paths)
    let errors = spec.errors.compactMap { document.errorCondition($0) }
    diagnostics += document.diagnostics
    let at = paths.readDocumentPath(spec.at, &diagnostics)
    guard let at else { return nil }
    var limits = DecodeLimits()
    limits.textBytes = spec.limit ?? EnvelopePlan.usualLimit
    let (records, value) = at.splitValue
    return EnvelopePlan(
      decoder: decoder,
      decode: DecodePlan(
        namespaces: Dictionary(
          spec.namespaces.map { ($0.prefix.value, $0.uris.map(\.value)) },
          uniquingKeysWith: { first, _ in first }),
        kinds: [RecordKind(records: records, slots: [CaptureSlot(.path(value), take: .first)])],
        documentSlots: document.slots.slots, limits: limits),
      errorConditions: errors, at: spec.at.value)
  }
}
